"""How cost and memory grow: a harvest of 1,000 to 100,000 calls, and planning for 1,000 to 100,000 contacts.

`python -m tests.bench.growth` measures both, each size in a process of its own, keeps the figures beside the
stored ones and draws docs/growth-calls.svg and docs/growth-contacts.svg. `calls 1000` or `contacts 1000` measures
one size.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import structlog

from callwatch.wiring import Wiring
from tests.bench import data, saved
from tests.bench.databases import OnSqlite
from tests.bench.measure import cpu, expect, peak, say, timed
from tests.bench.picture import Curve, draw
from tests.bench.planning import Office
from tests.bench.results import REFERENCE
from tests.conftest import ROOT

SIZES = (1_000, 10_000, 100_000)
CALLS = 1_000
"""New calls that the contacts are told of."""
KEPT = REFERENCE.with_name("growth.json")
LONGEST = 3 * 3600


class Point(msgspec.Struct, frozen=True):
    """One size: CPU seconds of all of it, and the peak of the process in MB."""

    what: str
    size: int
    cpu: float
    memory: float


class Source:
    """Pages that are made as they are asked for; `spent` are the CPU seconds which that took."""

    def __init__(self, number: int) -> None:
        self._number, self.spent = number, 0.0

    def __iter__(self) -> Iterator[saved.Page]:
        pages = data.streamed(self._number)
        while True:
            before = cpu()
            page = next(pages, None)
            self.spent += cpu() - before
            if page is None:
                return
            yield page


def calls(number: int) -> Point:
    """All new, through all stages into SQLite."""
    with tempfile.TemporaryDirectory(prefix="cw-bench-") as folder:
        url, wiring, pages = OnSqlite(Path(folder)).new(), Wiring(), Source(number)
        wiring.workshop(saved.NAME)
        spent = timed(lambda: expect(saved.harvest(wiring, pages, url), new=number))
        return Point("calls", number, round(spent - pages.spent, 2), round(peak()))


def contacts(number: int) -> Point:
    """Told of a thousand new calls, which are harvested in another process."""
    with tempfile.TemporaryDirectory(prefix="cw-bench-") as folder:
        office = Office(OnSqlite(Path(folder)), number, CALLS)
        work = office.work(0)
        return Point("contacts", number, round(timed(work), 2), round(peak()))


MEASURES = {"calls": calls, "contacts": contacts}


def apart(what: str, size: int) -> Point:
    """One size in a process of its own. Raises RuntimeError when that fails."""
    command = [sys.executable, "-m", "tests.bench.growth", what, str(size)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=LONGEST, check=False)
    if done.returncode:
        raise RuntimeError(f"{what} {size} failed:\n{done.stderr.decode()[-3000:]}")
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Point)


def drawn(points: list[Point]) -> dict[str, str]:
    """By name of the file, the pictures."""
    units = {"calls": "1,000 calls", "contacts": "1,000 contacts"}
    titles = {
        "calls": "Harvest of new calls: read, normalised, classified, stored (SQLite)",
        "contacts": f"Planning of {CALLS:,} new calls for contacts (SQLite)",
    }
    found = {}
    for what, unit in units.items():
        mine = [point for point in points if point.what == what]
        cost = Curve(f"CPU seconds per {unit}", [(p.size, p.cpu / p.size * 1_000) for p in mine])
        memory = Curve("peak memory, MB", [(p.size, p.memory) for p in mine])
        found[f"growth-{what}.svg"] = draw(titles[what], f"{what} (logarithmic)", [cost, memory])
    return found


def main(given: list[str]) -> None:
    """Measure one size, or all of them."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    if given:
        what, size = given
        sys.stdout.write(json.dumps(msgspec.to_builtins(MEASURES[what](int(size)))) + "\n")
        return
    points = []
    for what in MEASURES:
        for size in SIZES:
            points.append(apart(what, size))
            say(f"{what} {size:,}: {points[-1].cpu} s of CPU, {points[-1].memory:.0f} MB")
    KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(points), indent=1) + b"\n")
    for name, picture in drawn(points).items():
        (ROOT / "docs" / name).write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

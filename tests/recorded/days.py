"""Real days of the Funding & Tenders portal, served by the stand-in one after the other, and what callwatch says.

`python -m tests.recorded.days` prints a table: documents a day, and the events of each kind.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec

from callwatch.demo.standin.server import StandIn
from pipeline.harvest import RunReport
from pipeline.models import Event, EventKind
from pipeline.store import Store, events
from tests.recorded import snapshots

ROOT = Path(__file__).resolve().parents[2]


class Day(NamedTuple):
    """One snapshot: when it was taken, what it held, the report of its harvest and the events it brought."""

    at: datetime
    grants: list[dict]
    report: RunReport
    events: list[Event]


After = Callable[[datetime, datetime, str], None]
"""What is done between two harvests: from the one, until the next (or for ever), with the database's address."""


def play(recorded: Path, folder: Path, after: After = lambda begin, end, database: None) -> list[Day]:
    """Harvest every snapshot into one database in `folder`; `after` each harvest there is time for something."""
    database, played, told = f"sqlite:///{folder / 'days.db'}", [], 0
    with StandIn([]) as portal:
        taken = [snapshots.load(path) for path in snapshots.days(recorded)]
        following = [*(at for at, _ in taken[1:]), datetime.max.replace(tzinfo=UTC)]
        for (at, grants), following_at in zip(taken, following, strict=True):
            portal.replace(snapshots.raw_items(grants))
            report = _harvest(portal.base_url, database, at)
            with Store.open(database) as store, store.read() as conn:
                everything = [event for _, event in events.since(conn)]
            played.append(Day(at, grants, report, everything[told:]))
            told = len(everything)
            after(at, following_at, database)
    return played


def _harvest(base_url: str, database: str, at: datetime) -> RunReport:
    given = {"CALLWATCH_EU_FUNDING_TENDERS_BASE_URL": base_url, "CALLWATCH_DATABASE_URL": database}
    command = [sys.executable, "-m", "tests.recorded.one_harvest", at.isoformat()]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return msgspec.json.decode(done.stdout, type=RunReport)


def table(played: list[Day]) -> str:
    """A line a day: grants in the snapshot, verdict, events by kind."""
    lines = [f"{'day':<12}{'grants':>7}  {'verdict':<10}" + "".join(f"{kind.value:>26}" for kind in EventKind)]
    for day in played:
        counts = Counter(event.kind for event in day.events)
        cells = "".join(f"{counts[kind] or '.':>26}" for kind in EventKind)
        lines.append(f"{day.at:%Y-%m-%d}  {len(day.grants):>7}  {day.report.verdict.value:<10}{cells}")
    return "\n".join(lines)


if __name__ == "__main__":
    with TemporaryDirectory() as scratch:
        sys.stdout.write(table(play(ROOT.parent / "shared" / "data", Path(scratch))) + "\n")

"""Measures callwatch: `make bench`. Ends with 0 unless something is broken; a goal that is missed is printed.

CPU seconds of the process that harvests (user and system), medians of several runs; the portal is a process of its
own. Beside each figure stands what the machine can do at best with the same data at the same time (limits.py):
machines differ, and one machine differs from minute to minute; ratios stay.
"""

from __future__ import annotations

import logging
import os
import resource
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import structlog

from callwatch.wiring import Wiring
from tests.bench import bases, data, harvest_once, mails, planning, portal, saved
from tests.bench.harvest_once import cpu
from tests.bench.limits import Limits
from tests.bench.table import Figure, say, shown

CALLS, MANY, RUNS = 1_000, 12_000, 5
Found = dict[str, Any]


def main() -> int:
    """Measure everything and print the table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with TemporaryDirectory(prefix="callwatch-bench-") as folder:
        home = Path(folder)
        say(f"{CALLS} calls as saved pages, {RUNS} times ...")
        figures, least = from_pages(home)
        say(f"{CALLS} calls over HTTP, {RUNS} times ...")
        figures += whole(home, least)
        say(f"{CALLS} calls with Swedish copies, 3 times ...")
        figures += copies(home)
        say(f"{MANY} calls over HTTP ...")
        figures += many(home)
        say("10,000 contacts and 1,000 new calls planned; digests of 50 calls as mails ...")
        figures += [planning_figure(home), *mails.figures(), start()]
        figures += bases.figures()
    say(f"\n{shown(figures)}\n\n{machine()}")
    return 0


def machine() -> str:
    """What the figures depend on."""
    tuned = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
    build = "" if tuned else ", built without profile-guided optimisation (slower)"
    return f"Python {sys.version.split()[0]}{build}; {os.cpu_count()} processors."


def from_pages(home: Path) -> tuple[list[Figure], tuple[float, float]]:
    """Without network, ours and the limit in turns; also the limit's CPU seconds for new and for known calls."""
    pages = data.pages(data.calls(CALLS))
    wiring, limits = Wiring(), Limits()
    spent = [in_turns(home, number, wiring, limits, pages) for number in range(RUNS)]
    ours_new, least_new, ours_same, least_same = (median(column) for column in zip(*spent, strict=True))
    figures = [
        rate("new calls from saved pages", ours_new, least_new),
        rate("unchanged calls from saved pages", ours_same, least_same),
        classifying(wiring, limits, home / "pages-0.db"),
    ]
    return figures, (least_new, least_same)


def in_turns(
    home: Path, number: int, wiring: Wiring, limits: Limits, pages: list[saved.Page]
) -> tuple[float, float, float, float]:
    """CPU seconds for new calls, ours and the limit, and for unchanged ones, ours and the limit."""
    bodies = [body for _, body in pages]
    database = home / f"pages-{number}.db"
    saved.prepare(database)
    known: dict[str, str] = {}
    least_new = timed(lambda: known.update(limits.changed(bodies, home / f"limit-{number}.db")))
    new = timed(lambda: expect(saved.harvest(wiring, pages, database), new=CALLS))
    least_same = timed(lambda: limits.unchanged(bodies, known))
    same = timed(lambda: expect(saved.harvest(wiring, pages, database), unchanged=CALLS))
    return new, least_new, same, least_same


def expect(report: Any, **counts: int) -> None:
    """A run that was quick because it did nothing is no measurement."""
    for name, wanted in counts.items():
        found = report[name] if isinstance(report, dict) else getattr(report, name)
        if found != wanted:
            raise RuntimeError(f"{found} {name} calls instead of {wanted}: this would measure something else")


def classifying(wiring: Wiring, limits: Limits, database: Path) -> Figure:
    """Calls a second with the shipped profiles, beside one pass over the text with 300 terms.

    Grown calls speak of more than real ones do, whose 5 KB of text give about six region labels.
    """
    calls = saved.stored(database)
    labels = sum(len(wiring.classifier.classify(call).s3) for call in calls) / len(calls)
    ours = median(timed(lambda: each(wiring.classifier.classify, calls)) for _ in range(RUNS))
    least = median(timed(lambda: each(limits.terms_in, (call.text for call in calls))) for _ in range(RUNS))
    per_second = len(calls) / ours
    return Figure(
        f"classify ({labels:.1f} region labels a call)",
        f"{per_second:,.0f}/s",
        f"{len(calls) / least:,.0f}/s",
        f"{least / ours:.2f}",
        "3,000/s",
        per_second >= 3_000,
    )


def each(work: Callable[[Any], object], values: Iterable[Any]) -> None:
    """Do it for every value and keep nothing."""
    for value in values:
        work(value)


def whole(home: Path, least: tuple[float, float]) -> list[Figure]:
    """Cold and unchanged harvests of 1,000 calls over HTTP."""
    with portal.serving(CALLS) as address:
        runs = [twice(address, home / f"whole-{number}.db", CALLS) for number in range(RUNS)]
    cold, same = (median(run[i]["cpu"] for run in runs) for i in (0, 1))
    memory = median(run[0]["rss"] for run in runs)
    told = max(run[1]["events"] for run in runs)
    return [
        seconds(f"{CALLS} calls, cold harvest", cold, least[0], 1.0),
        seconds(f"{CALLS} calls, unchanged harvest", same, least[1], 0.3),
        Figure("events of the unchanged harvest", str(told), goal="0", reached=told == 0),
        Figure(f"peak memory, {CALLS} calls", f"{memory:.0f} MB", goal="200 MB", reached=memory < 200),
        Figure(
            "  settings, profiles and classifier, once", f"{median(run[0]['start'] for run in runs):.2f} s CPU"
        ),
    ]


def copies(home: Path) -> list[Figure]:
    """The same with a Swedish copy of each topic."""
    documents = len(data.calls(CALLS, copies=True))
    with portal.serving(CALLS, copies=True) as address:
        runs = [twice(address, home / f"copies-{number}.db", CALLS) for number in range(3)]
    what = f"{CALLS} calls as {documents} documents (Swedish copies)"
    return [
        Figure(f"{what}, cold", seconds_of(run[0]["cpu"] for run in runs)),
        Figure(f"{what}, unchanged", seconds_of(run[1]["cpu"] for run in runs)),
    ]


def many(home: Path) -> list[Figure]:
    """12,000 calls: more than the portal serves of one query."""
    with portal.serving(CALLS) as address:
        small = twice(address, home / "small.db", CALLS)
    with portal.serving(MANY) as address:
        large = twice(address, home / "many.db", MANY)
    figures = [
        Figure(
            f"{MANY} calls, cold harvest", f"{large[0]['cpu']:.1f} s CPU, all {large[0]['new']:,}", reached=True
        ),
        Figure(f"{MANY} calls, unchanged harvest", f"{large[1]['cpu']:.1f} s CPU, {large[1]['events']} events"),
    ]
    for i, what in enumerate(("cold", "unchanged")):
        more = large[i]["rss"] - small[i]["rss"]
        figures.append(
            Figure(
                f"peak memory, {MANY} calls, {what}",
                f"{large[i]['rss']:.0f} MB",
                f"{small[i]['rss']:.0f} MB at {CALLS}",
                f"{more:+.0f} MB",
                "flat: +50 MB",
                more < 50,
            )
        )
    return figures


def planning_figure(home: Path) -> Figure:
    """All contacts matched and told of all calls that suit them, written into the outbox."""
    spent, messages, told = planning.planned(home / "pages-0.db")
    what = f"{planning.CONTACTS} contacts x {CALLS} new calls planned: {messages} messages, {told} calls in them"
    return Figure(what, seconds_of([spent]), goal="5 s", reached=spent <= 5)


def start() -> Figure:
    """What a person waits for who only asks for help."""
    ours = median(child("-m", "callwatch", "--help") for _ in range(RUNS))
    least = median(child("-c", "pass") for _ in range(RUNS))
    return seconds("callwatch --help", ours, least, 0.3)


def twice(address: str, database: Path, calls: int) -> tuple[Found, Found]:
    """A cold and an unchanged harvest, with the number of events the second one made."""
    cold = harvest_once.run(address, database)
    expect(cold, new=calls)
    before = events(database)
    same = harvest_once.run(address, database)
    expect(same, unchanged=calls)
    same["events"] = events(database) - before
    database.unlink()
    return cold, same


def events(database: Path) -> int:
    with closing(connect(database)) as connection:
        return int(connection.execute("SELECT count(*) FROM events").fetchone()[0])


def timed(work: Callable[[], object]) -> float:
    before = cpu()
    work()
    return cpu() - before


def child(*arguments: str) -> float:
    """CPU seconds of a Python of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rate(what: str, ours: float, least: float) -> Figure:
    """Calls a second; the goal is half of the limit."""
    return Figure(
        what,
        f"{CALLS / ours:,.0f}/s",
        f"{CALLS / least:,.0f}/s",
        f"{least / ours:.2f}",
        "0.50 of the limit",
        least / ours >= 0.5,
    )


def seconds(what: str, ours: float, least: float, goal: float) -> Figure:
    """CPU seconds; the goal is a number of them."""
    return Figure(what, seconds_of([ours]), f"{least:.3f} s", f"{least / ours:.2f}", f"{goal} s", ours <= goal)


def seconds_of(spent: Iterable[float]) -> str:
    return f"{median(spent):.2f} s CPU"


if __name__ == "__main__":
    sys.exit(main())

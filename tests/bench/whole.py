"""Whole harvests, as `callwatch harvest` does them, each in a process of its own; the portal is another one.

The CPU seconds are those beyond the start of the process. The limit is that of all stages together, without any
network: see limits.py.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import text

from pipeline.store import Store
from tests.bench import data, harvest_once, portal
from tests.bench.databases import Databases, OnSqlite, both
from tests.bench.figure import Figure
from tests.bench.limits import Limits
from tests.bench.measure import LEAST, cpu, expect

CALLS, MANY = 1_000, 12_000
GOALS = (0.5, 0.15)
LIMITS = ("decode, hash, text, 300 terms, one row of sqlite3 a call", "cut out, hash, look up")
FLAT = 50.0
"""MB by which a harvest of 12,000 calls may exceed one of 1,000."""
Found = dict[str, Any]


def harvesting(number: int) -> list[Figure]:
    """Cold and unchanged harvests of 1,000 calls over HTTP, on both kinds of database."""
    with (
        tempfile.TemporaryDirectory(prefix="cw-bench-") as folder,
        both(Path(folder)) as databases,
        portal.serving(CALLS) as address,
    ):
        return [one for kind in databases for one in harvested(kind, address, Path(folder), number)]


class Turn(NamedTuple):
    """A cold and an unchanged harvest with their limits, in CPU seconds."""

    found: tuple[Found, Found]
    limits: tuple[float, float]


def harvested(databases: Databases, address: str, home: Path, number: int) -> Iterator[Figure]:
    """On one kind of database."""
    bodies, limits = [body for _, body in data.pages(data.calls(CALLS))], Limits()
    turns = []
    for n in range(number):
        found = twice(address, databases, CALLS)
        turns.append(Turn(found, least(limits, bodies, home / f"limit-{databases.key}-{n}.db")))
    yield from (beside(databases, turns, at) for at in (0, 1))


def least(limits: Limits, bodies: list[bytes], file: Path) -> tuple[float, float]:
    """CPU seconds of the limits; that for unchanged calls is too quick to be timed once."""
    before = cpu()
    known = limits.changed(bodies, file)
    begun, times = cpu(), 0
    while cpu() - begun < LEAST:
        limits.unchanged(bodies, known)
        times += 1
    return begun - before, (cpu() - begun) / times


def beside(databases: Databases, turns: list[Turn], at: int) -> Figure:
    """Cold (0) or unchanged (1), beside the limit."""
    spent, limits = [turn.found[at]["cpu"] for turn in turns], [turn.limits[at] for turn in turns]
    goal = GOALS[at] if databases.key == "sqlite" else None
    return Figure(
        key=f"harvest {('cold', 'same')[at]} {databases.key}",
        what=f"harvest of {CALLS:,} {('new', 'unchanged')[at]} calls, {databases.name}",
        values=tuple(spent),
        limits=tuple(limits),
        least=LIMITS[at],
        clock=min(*spent, *limits) if at == 0 else min(*spent, LEAST),
        memory=median(turn.found[at]["rss"] for turn in turns),
        whole=True,
        count=CALLS,
        goal=f"{goal} s" if goal else "",
        reached=median(spent) <= goal if goal else None,
    )


def copying(number: int) -> list[Figure]:
    """The same with a Swedish copy of each topic."""
    documents = len(data.calls(CALLS, copies=True))
    with (
        tempfile.TemporaryDirectory(prefix="cw-bench-") as folder,
        portal.serving(CALLS, copies=True) as address,
    ):
        sqlite = OnSqlite(Path(folder))
        runs = [twice(address, sqlite, CALLS) for _ in range(number)]
    what = f"harvest of {CALLS:,} calls in {documents:,} documents (Swedish copies)"
    return [alone("copies cold", f"{what}, cold", runs, 0), alone("copies same", f"{what}, unchanged", runs, 1)]


def growing(_: int) -> list[Figure]:
    """12,000 calls, once: more than the portal serves of one query. What has to stay flat is memory."""
    with tempfile.TemporaryDirectory(prefix="cw-bench-") as folder:
        sqlite = OnSqlite(Path(folder))
        with portal.serving(CALLS) as address:
            small = twice(address, sqlite, CALLS)
        with portal.serving(MANY) as address:
            large = twice(address, sqlite, MANY)
    found = []
    for at, what in ((0, "cold"), (1, "unchanged")):
        more = large[at]["rss"] - small[at]["rss"]
        figure = alone(f"many {what}", f"harvest of {MANY:,} calls, {what}", [large], at, count=MANY)
        note, flat = f"{more:+.0f} MB against {CALLS:,} calls", more < FLAT
        found.append(msgspec.structs.replace(figure, note=note, goal=f"+{FLAT:.0f} MB", reached=flat))
    return found


def alone(key: str, what: str, runs: list[tuple[Found, Found]], at: int, count: int = CALLS) -> Figure:
    """A figure without a limit."""
    cost, memory = tuple(run[at]["cpu"] for run in runs), median(run[at]["rss"] for run in runs)
    return Figure(key=key, what=what, values=cost, memory=memory, whole=True, count=count)


def twice(address: str, databases: Databases, calls: int) -> tuple[Found, Found]:
    """A cold and an unchanged harvest. Raises RuntimeError if there is an event where nothing has changed."""
    url = databases.new()
    cold = harvest_once.run(address, url)
    expect(cold, new=calls)
    before = events(url)
    same = harvest_once.run(address, url)
    expect(same, unchanged=calls)
    expect({"events": events(url) - before}, events=0)
    return cold, same


def events(url: str) -> int:
    with Store.open(url, upgrade=False) as store, store.read() as conn:
        return int(conn.execute(text("SELECT count(*) FROM events")).scalar_one())

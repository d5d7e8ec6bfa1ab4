"""A portal over several days, harvested once a day or whenever one likes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from callwatch.demo import items, sample
from callwatch.demo.edits import Item, call_of, fields
from callwatch.demo.nextday import Happening, Move, next_day
from callwatch.demo.standin.server import StandIn
from pipeline.models import EventKind
from tests.harvest.commands import Callwatch, Done

NOW = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
TODAY = NOW.date()
START = date(2026, 1, 15)
TOLD = {
    Happening.BROUGHT_FORWARD: EventKind.DEADLINE_BROUGHT_FORWARD,
    Happening.EXTENDED: EventKind.DEADLINE_EXTENDED,
    Happening.OPENED: EventKind.OPENED,
    Happening.NEW: EventKind.NEW,
    Happening.BUDGET: EventKind.BUDGET_CHANGED,
}
"""What readers are told the next morning; the other moves are noise, or told later."""


class Days:
    """A portal, the commands that watch it, and what happened on it. Day 0 is today, at nine in the morning."""

    def __init__(self, portal: StandIn, callwatch: Callwatch, records: list[Item]) -> None:
        self.portal, self.callwatch, self.records = portal, callwatch, records
        self.day = 0
        self.moves: list[Move] = []

    @property
    def now(self) -> datetime:
        """The time of the day's harvest."""
        return NOW + timedelta(days=self.day)

    def harvest(self, *arguments: str, hours: float = 0, **given: Any) -> Done:
        """Harvest the portal as it is, `hours` after nine."""
        at = self.now + timedelta(hours=hours)
        return self.callwatch.harvest(self.portal.base_url, *arguments, at=at, **given)

    def show(self, records: list[Item]) -> None:
        """The portal lists these from now on."""
        self.records = records
        self.portal.replace(records)

    def next(self, play: bool = True) -> list[Move]:
        """The next morning, with a night in which something happened unless not `play`."""
        self.day += 1
        night = next_day(self.records, self.now.date()) if play else None
        if night is None:
            return []
        self.show(night.records)
        self.moves += night.moves
        return night.moves

    def without(self, reference: str) -> list[Item]:
        """What the portal lists but for one call."""
        return [item for item in self.records if call_of(item) != reference]

    def edited(self, reference: str, change: Callable[[Item], None]) -> list[Item]:
        """What the portal lists, with every row of one call changed."""
        found = [clone(item) for item in self.records]
        for item in found:
            if call_of(item) == reference:
                change(item)
        return found


def clone(item: Item) -> Item:
    """An item whose fields may be set."""
    return {**item, "metadata": {**fields(item)}}


@contextmanager
def days(callwatch: Callwatch, records: list[Item] | None = None) -> Iterator[Days]:
    """A portal that lists `records`, or the sample."""
    given = sample.records(TODAY) if records is None else records
    with StandIn(given) as portal:
        yield Days(portal, callwatch, given)


def topics(number: int, *, first: int = 1, **changes: Any) -> list[Item]:
    """So many open topics TRIAL-0001 and on, each for 90 days to come."""
    given = {"start": START, "deadlines": [TODAY + timedelta(days=90)], **changes}
    return [items.topic(f"TRIAL-{n:04d}", **given) for n in range(first, first + number)]


def expected(moves: list[Move]) -> set[tuple[str, str]]:
    """(reference, kind) of the events that should be told of these moves."""
    return {(move.identifier, TOLD[move.kind].value) for move in moves if move.kind in TOLD}

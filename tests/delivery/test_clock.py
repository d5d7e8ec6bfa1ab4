"""Summer time, clocks that jump and machines that were off: one digest for each period, and no time left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerts.message import Message, decode
from callwatch.settings import Settings
from callwatch.telling import plan_messages
from callwatch.wiring import Wiring
from pipeline.models import Event, EventKind
from pipeline.store import Store
from tests.delivery import world

BRUSSELS = ZoneInfo("Europe/Brussels")
HOUR = timedelta(hours=1)
AUTUMN, SPRING = "2026-10-25", "2027-03-28"
"""Sundays with an hour too much, and one too few."""


def at(text: str) -> datetime:
    """A wall clock in Brussels, as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=BRUSSELS).astimezone(UTC)


class Desk:
    """One contact with a daily and a weekly digest, planned at any time one likes."""

    def __init__(self, store: Store, folder: Path, start: str, **wish: Any) -> None:
        self.store, self.start, self.number = store, at(start), 0
        contacts = {"anna": {"name": "Anna", "email": "anna@reader.example", "vouched": True}}
        usual = {"contact": "anna", "channel": "email", "empty": "send"}
        wishes = [
            {"key": "daily", "cadence": "daily", **usual, **wish},
            {"key": "weekly", "cadence": "weekly", "weekday": "sunday", **usual, **wish},
            {"key": "monday", "cadence": "weekly", **usual},
        ]
        config = world.configure(folder / "config", {"contacts": contacts, "subscriptions": wishes})
        self.wiring = Wiring(Settings(config=config))
        world.begin(store, self.start - timedelta(days=1), 10)
        self.said: list[tuple[str, Message]] = []
        self.plan([self.start])
        self.said.clear()

    def plan(self, moments: Iterable[datetime]) -> None:
        """Plan at each of these moments, in their order."""
        for now in moments:
            written = plan_messages(self.wiring, self.store, now)
            self.said += [(m.subscription, decode(m.payload)) for m in written if m.kind == "digest"]

    def happens(self, now: datetime) -> None:
        """A deadline moves."""
        self.number += 1
        call = world.topic(self.number % 10, self.start, now + timedelta(days=120, minutes=self.number))
        event = Event(call.id, EventKind.DEADLINE_EXTENDED, now, f"move {self.number}")
        world.keep(self.store, [(world.stored(call, self.start), event)], now)

    def digests(self, key: str) -> list[Message]:
        """Those of one subscription, in order."""
        return [message for subscription, message in self.said if subscription == key]


def each(start: str, end: str, step: timedelta) -> list[datetime]:
    """Moments from one wall clock to another."""
    first, last = at(start), at(end)
    return [first + n * step for n in range(int((last - first) / step) + 1)]


def seamless(digests: Sequence[Message]) -> bool:
    """Whether each window begins where the one before it ended."""
    windows = [digest.window for digest in digests]
    return all(a and b and a[1] == b[0] for a, b in pairwise(windows))


@pytest.mark.parametrize("night", [AUTUMN, SPRING])
@pytest.mark.parametrize("time", ["02:30", *(pytest.param(t, marks=pytest.mark.slow) for t in ("02:00", "03:00"))])
def test_a_night_in_which_the_clocks_are_changed(sqlite: Store, tmp_path: Path, night: str, time: str) -> None:
    before = (datetime.fromisoformat(night) - timedelta(days=2)).date()
    after = (datetime.fromisoformat(night) + timedelta(days=1)).date()
    desk = Desk(sqlite, tmp_path, f"{before} 12:00", time=time)
    desk.plan(each(f"{before} 13:00", f"{after} 12:00", timedelta(minutes=30)))
    assert [d.period for d in desk.digests("daily")] == [
        str(before + timedelta(days=1)),
        night,
        str(after),
    ]
    (sunday,) = desk.digests("weekly")
    (monday,) = desk.digests("monday")
    assert (sunday.period, monday.period) == (iso_week(night), iso_week(str(after)))
    assert seamless(desk.digests("daily"))


def iso_week(day: str) -> str:
    year, week, _ = datetime.fromisoformat(day).isocalendar()
    return f"{year}-W{week:02}"


@pytest.mark.slow
def test_every_week_of_a_winter_has_its_digest(sqlite: Store, tmp_path: Path) -> None:
    desk = Desk(sqlite, tmp_path, "2026-10-20 12:00", time="02:30")
    desk.plan(each("2026-10-20 13:00", "2027-04-06 12:00", timedelta(hours=11)))
    for key in ("weekly", "monday"):
        periods = [digest.period for digest in desk.digests(key)]
        assert len(periods) == len(set(periods)) == 24
        assert seamless(desk.digests(key))
    assert len({digest.period for digest in desk.digests("daily")}) == len(desk.digests("daily")) == 168


JUMPS = {
    "forward over the hour, and back": ["07:20", "08:25", "07:30", "07:50", "08:00", "08:30", "09:00"],
    "back over the hour": ["07:50", "08:00", "08:10", "07:15", "07:45", "08:05", "09:00"],
    "forth and back, again and again": ["07:00", "08:01", "07:02", "08:03", "07:04", "08:05", "07:59", "08:06"],
}


@pytest.mark.parametrize("clock", JUMPS.values(), ids=JUMPS.keys())
def test_a_clock_that_jumps_by_an_hour(sqlite: Store, tmp_path: Path, clock: list[str]) -> None:
    desk = Desk(sqlite, tmp_path, "2026-11-16 12:00")
    desk.happens(at("2026-11-20 12:00"))
    for time in clock:
        desk.plan([at(f"2026-11-23 {time}")])
        desk.happens(at(f"2026-11-23 {time}"))
    desk.plan(each("2026-11-23 10:00", "2026-12-01 12:00", 5 * HOUR))
    assert [digest.period for digest in desk.digests("monday")] == ["2026-W48", "2026-W49"]
    assert seamless(desk.digests("monday"))
    told = [change.at for d in desk.digests("monday") for item in d.items for change in item.changes]
    assert len(told) == len(clock) + 1, "each change is told once, whatever the clock said"


def test_off_over_monday_morning(sqlite: Store, tmp_path: Path) -> None:
    desk = Desk(sqlite, tmp_path, "2026-11-16 12:00")
    desk.plan(each("2026-11-16 13:00", "2026-11-22 20:00", 5 * HOUR))
    desk.happens(at("2026-11-22 20:00"))
    desk.plan([at("2026-11-23 14:00"), at("2026-11-23 14:30"), at("2026-11-24 09:00")])
    (digest,) = desk.digests("monday")
    assert digest.window == (desk.start, at("2026-11-23 14:00"))
    assert digest.gap is None, "a machine that plans once a day has been off for as long"
    assert [item.event for item in digest.items if item.changes] == [EventKind.DEADLINE_EXTENDED]


def test_off_for_a_week_yields_one_digest_that_says_so(sqlite: Store, tmp_path: Path) -> None:
    desk = Desk(sqlite, tmp_path, "2026-11-16 12:00")
    desk.plan(each("2026-11-16 13:00", "2026-11-20 20:00", 5 * HOUR))
    for day in ("20 21:00", "23 12:00", "27 12:00"):
        desk.happens(at(f"2026-11-{day}"))
    desk.plan(each("2026-12-01 15:00", "2026-12-01 20:00", HOUR))
    (digest,) = desk.digests("monday")
    assert digest.period == "2026-W49"
    assert digest.window == (desk.start, at("2026-12-01 15:00"))
    assert digest.gap == (at("2026-11-20 17:00"), at("2026-12-01 15:00"))
    assert sum(bool(item.changes) for item in digest.items) == 3
    desk.plan(each("2026-12-01 21:00", "2026-12-07 12:00", 5 * HOUR))
    assert [d.period for d in desk.digests("monday")] == ["2026-W49", "2026-W50"]
    assert desk.digests("monday")[1].gap is None

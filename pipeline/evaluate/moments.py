"""Days and times as a reader wrote them down, compared with instants that a program found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

_WRITTEN = re.compile(r"(\d{4}|-)-(\d\d)-(\d\d)(?:T(\d\d):(\d\d))?")


class Moment(msgspec.Struct, frozen=True):
    """A day, perhaps without year, perhaps with the local time that the text states."""

    month: int
    day: int
    year: int | None = None
    time: tuple[int, int] | None = None


def moments(text: str) -> list[Moment]:
    """All in a cell of facts.csv: "2026-01-31T17:00", "--02-28" (no year); remarks between them are left alone."""
    found = []
    for year, month, day, hour, minute in _WRITTEN.findall(text):
        time = (int(hour), int(minute)) if hour else None
        found.append(Moment(int(month), int(day), None if year == "-" else int(year), time))
    return found


def same_day(written: Moment, found: str, zones: Sequence[ZoneInfo]) -> bool:
    """Whether `found` (ISO 8601; an instant is looked at in each of `zones`) falls on the written day."""
    return any(_on_day(written, wall) for wall in _walls(found, zones))


def same_time(written: Moment, found: str, zones: Sequence[ZoneInfo]) -> bool:
    """Whether it is the written day and the written time. False if either states no time."""
    if written.time is None or "T" not in found:
        return False
    return any(_on_day(written, w) and (w.hour, w.minute) == written.time for w in _walls(found, zones))


def _on_day(written: Moment, wall: datetime) -> bool:
    year = written.year if written.year is not None else wall.year
    return (year, written.month, written.day) == (wall.year, wall.month, wall.day)


def _walls(found: str, zones: Sequence[ZoneInfo]) -> Iterator[datetime]:
    """What clocks on the wall may have shown: an instant with an offset of its own was local time there."""
    try:
        at = datetime.fromisoformat(found)
    except ValueError:
        return
    if at.tzinfo is None or at.utcoffset() != timedelta(0):
        yield at
    if at.tzinfo is not None:
        yield from (at.astimezone(zone) for zone in zones)

"""The year of a day that is written without one. Pure.

With the day the page was published, a deadline is the next such day on or after it, an opening the nearest one.
Without it, a year comes only from a day that the same text writes in full: the same day, or, for an opening, the
first deadline, which it never follows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from pipeline.extract.dates import Day

_RECENT = timedelta(days=31)
_LONGEST_AHEAD = timedelta(days=400)


def deadline(day: Day, published: date | None, stated: Iterable[date], *, past: bool) -> date | None:
    """The day a deadline without a year means; None when nothing tells."""
    same = _same(day, stated)
    if same or published is None:
        return same
    return _last(day, published) if past else _next(day, published)


def opening(
    day: Day, published: date | None, stated: Iterable[date], deadlines: Iterable[date], *, past: bool
) -> date | None:
    """The day an opening without a year means: never after the first deadline written in full."""
    same = _same(day, stated)
    if same:
        return same
    first = min(deadlines, default=None)
    if published is None:
        return _last(day, first) if first else None
    last = _last(day, published)
    recent = last is not None and (past or published - last <= _RECENT)
    found = last if recent else _next(day, published)
    return _last(day, first) if found and first and found > first else found


def _same(day: Day, stated: Iterable[date]) -> date | None:
    years = {known.year for known in stated if (known.month, known.day) == (day.month, day.day)}
    return day.on(years.pop()) if len(years) == 1 else None


def _next(day: Day, since: date) -> date | None:
    found = [on for year in (since.year, since.year + 1) if (on := day.on(year)) and on >= since]
    return found[0] if found and found[0] - since <= _LONGEST_AHEAD else None


def _last(day: Day, until: date) -> date | None:
    return next((on for year in (until.year, until.year - 1) if (on := day.on(year)) and on <= until), None)

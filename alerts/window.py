"""When a contact may be written to: days, hours and public holidays in their own time zone. Pure.

A contact without a window may be written to at any time.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from alerts.contact import Contact, Window
from alerts.words import WEEKDAYS

LONGEST = 366
"""Days to look for an open one; a window has at least one weekday, so a week and some holidays will do."""
EIGHT = time(8, 0)


def is_open(contact: Contact, now: datetime) -> bool:
    """Whether the contact may be written to at `now`."""
    window = contact.window
    if window is None:
        return True
    local = now.astimezone(contact.zone)
    return _is_day(contact, window, local.date()) and _begin(window) <= local.time() < _end(window)


def next_open(contact: Contact, now: datetime) -> datetime:
    """The first instant (UTC) from `now` on at which the contact may be written to."""
    window = contact.window
    if window is None or is_open(contact, now):
        return now
    day = now.astimezone(contact.zone).date()
    for step in range(LONGEST):
        at = _instant(contact, day + timedelta(days=step), _begin(window))
        if at >= now and _is_day(contact, window, day + timedelta(days=step)):
            return at
    return now


def morning_of(contact: Contact, day: date) -> datetime:
    """When the contact is told of something on `day`: as their window opens, else at eight. If they are not to be
    written to on that day it is the last day before, so that nothing comes too late."""
    window = contact.window
    if window is None:
        return _instant(contact, day, EIGHT)
    open_days = (day - timedelta(days=step) for step in range(LONGEST))
    chosen = next((d for d in open_days if _is_day(contact, window, d)), day)
    return _instant(contact, chosen, window.start or EIGHT)


def _is_day(contact: Contact, window: Window, day: date) -> bool:
    if WEEKDAYS[day.weekday()] not in window.days:
        return False
    return window.holidays or contact.country is None or day not in _holidays(contact.country, day.year)


def _begin(window: Window) -> time:
    return window.start or time.min


def _end(window: Window) -> time:
    return window.end or time.max


def _instant(contact: Contact, day: date, at: time) -> datetime:
    return datetime.combine(day, at, contact.zone).astimezone(UTC)


@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> Any:
    """Public holidays, and the days on which offices are closed by custom (in Sweden Midsummer's Eve)."""
    import holidays  # takes a while to import

    known = holidays.country_holidays(country).supported_categories
    kinds = [kind for kind in (holidays.PUBLIC, "de_facto") if kind in known]
    return holidays.country_holidays(country, years=year, categories=kinds or None)

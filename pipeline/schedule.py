"""When something is due: plain words or cron fields become slots, each with a key that is its own. Pure.

A slot is named after the clock on the wall (or, for an interval, after UTC), never after "the job ran": two
daemons, a kill, a clock that is set back or the hour that autumn repeats cannot make it come twice, and the hour
that spring skips comes when that hour would have been.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

HOME = "Europe/Stockholm"
"""The zone of a schedule that names none."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FORMS = (
    'write "every 2 hours", "daily 06:00", "weekdays 07:00", "Mondays and Thursdays 07:00 Europe/Stockholm", '
    'or the five fields of cron as "30 6 * * mon-fri"'
)
_FURTHEST = 366 * 5
"""Days looked at for a fire: five years hold every 29 February that a schedule may mean."""
_UNITS = {"minute": 1, "hour": 60, "day": 1440}
_EVERY = re.compile(r"every (?:(\d{1,4}) )?(minute|hour|day)s?", re.ASCII)
_AT = re.compile(r"(.+?) (\d{1,2})[:.](\d\d)", re.ASCII)


class Slot(NamedTuple):
    """One time at which something is due: its name, and the instant (UTC)."""

    key: str
    at: datetime


class Schedule(msgspec.Struct, frozen=True):
    """Either `every` so many minutes, or the minutes, hours, days, months and weekdays (Monday is 0) of a clock in
    `zone`."""

    text: str
    zone: str = HOME
    every: int = 0
    minutes: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    days: tuple[int, ...] = tuple(range(1, 32))
    months: tuple[int, ...] = tuple(range(1, 13))
    weekdays: tuple[int, ...] = tuple(range(7))

    def latest(self, now: datetime) -> Slot:
        """The newest slot that has come at `now`. Raises ValueError when there never was one in five years."""
        if self.every:
            return self._interval(now, 0)
        return _first(slot for slot in self._around(now, -1) if slot.at <= now)

    def following(self, now: datetime) -> Slot:
        """The first slot after `now`. Raises ValueError when there is none within five years."""
        if self.every:
            return self._interval(now, 1)
        return _first(slot for slot in self._around(now, 1) if slot.at > now)

    def _interval(self, now: datetime, more: int) -> Slot:
        number = int(now.timestamp()) // (self.every * 60) + more
        at = datetime.fromtimestamp(number * self.every * 60, UTC)
        return Slot(at.strftime("%Y-%m-%dT%H:%MZ"), at)

    def _around(self, now: datetime, step: int) -> Iterator[Slot]:
        """Slots from the day before or after `now` on, away from it in the direction of `step`."""
        zone, today = ZoneInfo(self.zone), now.astimezone(ZoneInfo(self.zone)).date()
        for number in range(-1, _FURTHEST):
            day = today + timedelta(days=number * step)
            if self._falls_on(day):
                clocks = [time(hour, minute) for hour in self.hours for minute in self.minutes]
                slots = [self._slot(day, clock, zone) for clock in clocks]
                yield from sorted(slots, key=lambda slot: slot.at, reverse=step < 0)

    def _falls_on(self, day: date) -> bool:
        return day.day in self.days and day.month in self.months and day.weekday() in self.weekdays

    def _slot(self, day: date, clock: time, zone: ZoneInfo) -> Slot:
        wall = datetime.combine(day, clock)
        return Slot(f"{wall:%Y-%m-%dT%H:%M} {self.zone}", wall.replace(tzinfo=zone).astimezone(UTC))


@lru_cache(maxsize=256)
def parse(text: str) -> Schedule:
    """Read a schedule. Raises ValueError with the forms that are understood."""
    words, zone = _without_zone(text)
    fields = words.split()
    if len(fields) == 5 and not words.startswith("every"):
        return _cron(text, zone, fields)
    words = {"hourly": "every hour", "daily": "daily 06:00"}.get(words, words)
    if found := _EVERY.fullmatch(words):
        minutes = int(found[1] or 1) * _UNITS[found[2]]
        if not 1 <= minutes <= 366 * 1440:
            raise ValueError(f'"{text}": at least every minute, at most once a year')
        return Schedule(text, "UTC", every=minutes)
    found = _AT.fullmatch(words)
    if found is None:
        raise ValueError(f'"{text}" is no schedule; {FORMS}')
    hour, minute = int(found[2]), int(found[3])
    if hour > 23 or minute > 59:
        raise ValueError(f'"{text}": there is no such time of day')
    return Schedule(text, zone, minutes=(minute,), hours=(hour,), weekdays=_days(found[1], text))


def _without_zone(text: str) -> tuple[str, str]:
    words = " ".join(text.split())
    head, _, last = words.rpartition(" ")
    if last == "UTC" or ("/" in last and last[0].isupper()):
        try:
            ZoneInfo(last)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f'"{text}": "{last}" is no time zone; write it as {HOME}') from error
        return head.casefold(), last
    return words.casefold(), HOME


def _days(words: str, text: str) -> tuple[int, ...]:
    """`daily`, `weekdays`, `mondays and thursdays`."""
    if words in ("daily", "every day"):
        return tuple(range(7))
    if words in ("weekdays", "every weekday"):
        return tuple(range(5))
    names = [name for name in re.split(r"[,\s]+|\band\b", words.removeprefix("every ")) if name]
    singular = [name.removesuffix("s") for name in names]
    if not names or any(name not in WEEKDAYS for name in singular):
        raise ValueError(f'"{text}" is no schedule; {FORMS}')
    return tuple(sorted({WEEKDAYS.index(name) for name in singular}))


def _cron(text: str, zone: str, fields: list[str]) -> Schedule:
    minutes, hours, days, months, weekdays = (
        _field(field, *bounds, text) for field, bounds in zip(fields, _BOUNDS, strict=True)
    )
    monday_first = tuple(sorted({(day - 1) % 7 for day in weekdays}))
    if len(days) < 31 and len(monday_first) < 7:
        raise ValueError(f'"{text}": name days of the month or weekdays, not both (cron would take either)')
    schedule = Schedule(text, zone, 0, minutes, hours, days, months, monday_first)
    try:
        schedule.latest(datetime(2026, 1, 1, tzinfo=UTC))
    except ValueError:
        raise ValueError(f'"{text}": that day never comes') from None
    return schedule


_BOUNDS: tuple[tuple[int, int, tuple[str, ...]], ...] = (
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ()),
    (1, 12, ("", *MONTHS)),
    (0, 7, ("sun", *(name[:3] for name in WEEKDAYS))),
)


def _field(field: str, lowest: int, highest: int, names: tuple[str, ...], text: str) -> tuple[int, ...]:
    """The numbers that a field of cron stands for: *, 5, 1-5, mon-fri, */15, lists of these."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, dash, last = ("*", "", "") if span == "*" else span.partition("-")
        try:
            begin = lowest if first == "*" else _number(first, names)
            end = highest if first == "*" or (step and not dash) else _number(last, names) if dash else begin
            numbers = range(begin, end + 1, int(step) if step else 1)
        except ValueError:
            numbers = range(0)
        if not numbers or numbers[0] < lowest or numbers[-1] > highest:
            raise ValueError(f'"{text}": "{part}" cannot be read; {FORMS}')
        found.update(numbers)
    return tuple(sorted(found))


def _number(word: str, names: tuple[str, ...]) -> int:
    return names.index(word) if word in names and word else int(word)


def _first(slots: Iterator[Slot]) -> Slot:
    slot = next(slots, None)
    if slot is None:
        raise ValueError("it never comes")
    return slot

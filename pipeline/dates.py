"""Dates as portals write them, read without guessing. Pure; nothing here raises on any input.

`parse` reads what is written into a `Stamp`; the caller, who knows the portal, says what it means:
`calendar_day` (a date, whatever hour stands beside it), `wall_clock` (a Brussels clock reading, mislabelled as
UTC) or `instant` (what it says).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from pipeline.models import BRUSSELS

RULE_17 = "17:00 Europe/Brussels"
"""How the hour of a deadline is filled in where the portal gives only its day."""

RULE_DAY_STOCKHOLM = "end of the day, Europe/Stockholm"
"""The same for Swedish funders: the portal says nothing about the hour, and it may well be earlier."""

STOCKHOLM = ZoneInfo("Europe/Stockholm")

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?) ?(Z|[+-]\d\d(?::?\d\d)?)?)?", re.ASCII
)
_EPOCH_MS = re.compile(r"\d{11,13}", re.ASCII)
_DAY_MONTH = re.compile(r"(\d{1,2}) ([A-Za-z]{3,9})\.? (\d{4})", re.ASCII)
_MONTH_DAY = re.compile(
    r"([A-Za-z]{3,9})\.? (\d{1,2}), (\d{4}),?(?: (\d{1,2}):(\d\d)(?::(\d\d))? ([AP])M)?", re.ASCII
)


class Stamp(msgspec.Struct, frozen=True, gc=False):
    """A date as written: clock reading, distance from UTC (None: not said), whether an hour is stated."""

    clock: datetime
    offset: timedelta | None = None
    timed: bool = True

    @property
    def utc_clock(self) -> datetime:
        """The reading as a naive UTC clock; as written where no offset is said."""
        return self.clock - (self.offset or timedelta())


def parse(value: object) -> Stamp | None:
    """Read one date: ISO 8601 in any usual spelling (also `+0000`), epoch milliseconds, `09 March 2023`, `Apr 27,
    2023 4:18:31 PM`. None for anything else, and for years outside 1970 to 2199.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**14 else ""
    return _parse(value) if isinstance(value, str) and len(value) <= 60 else None


@lru_cache(maxsize=4096)
def calendar_day(stamp: Stamp) -> date:
    """The day a portal means when it gives a calendar date: midnight UTC or midnight in Brussels are that day's.

    Another hour labelled UTC is a Brussels clock reading that was mislabelled: its day is the one written.
    """
    if stamp.offset is None:
        return stamp.clock.date()
    utc = stamp.utc_clock.replace(tzinfo=UTC)
    brussels = utc.astimezone(BRUSSELS)
    if stamp.offset or brussels.time() == time.min:
        return brussels.date()
    return utc.date()


def wall_clock(stamp: Stamp) -> datetime:
    """A Brussels clock reading labelled as UTC, as the instant it means, to the minute.

    A reading the clock shows twice (autumn) is the first of the two, so that no deadline comes out late. Older
    answers shifted the same mislabelled readings to `+0200`: the shift is undone first.
    """
    return from_brussels(stamp.utc_clock.replace(second=0, microsecond=0))


def instant(stamp: Stamp) -> datetime:
    """The instant it says (UTC where it does not say), to the minute."""
    return stamp.utc_clock.replace(second=0, microsecond=0, tzinfo=UTC)


def from_brussels(clock: datetime) -> datetime:
    """A naive Brussels clock reading as UTC."""
    return clock.replace(tzinfo=BRUSSELS, fold=0).astimezone(UTC)


def from_stockholm(clock: datetime) -> datetime:
    """A naive Stockholm clock reading as UTC, to the minute; of two in autumn the first."""
    return clock.replace(second=0, microsecond=0, tzinfo=STOCKHOLM, fold=0).astimezone(UTC)


@lru_cache(maxsize=4096)
def end_of_day_stockholm(day: date) -> datetime:
    """23:59 in Stockholm on that day, as UTC."""
    return from_stockholm(datetime.combine(day, time(23, 59)))


@lru_cache(maxsize=4096)
def day_at_17(day: date) -> datetime:
    """17:00 in Brussels on that day, as UTC."""
    return from_brussels(datetime.combine(day, time(17)))


@lru_cache(maxsize=4096)
def start_of_day(day: date) -> datetime:
    """00:00 in Brussels on that day, as UTC."""
    return from_brussels(datetime.combine(day, time.min))


@lru_cache(maxsize=8192)
def _parse(text: str) -> Stamp | None:
    text = " ".join(text.split())
    try:
        stamp = _iso(text) or _epoch(text) or _worded(text)
        return stamp if stamp and 1970 <= stamp.utc_clock.year < 2200 else None
    except (ValueError, OverflowError):
        return None


def _iso(text: str) -> Stamp | None:
    match = _ISO.fullmatch(text)
    if not match:
        return None
    day, clock, zone = match.groups()
    if not clock:
        return Stamp(datetime.fromisoformat(day), timed=False)
    return Stamp(datetime.fromisoformat(f"{day}T{clock.replace(',', '.')}"), _offset(zone))


def _offset(zone: str | None) -> timedelta | None:
    if not zone or zone == "Z":
        return timedelta() if zone else None
    digits = zone[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if size >= timedelta(hours=15):
        raise ValueError(zone)
    return -size if zone[0] == "-" else size


def _epoch(text: str) -> Stamp | None:
    if not _EPOCH_MS.fullmatch(text):
        return None
    return Stamp(datetime(1970, 1, 1) + timedelta(milliseconds=int(text)), timedelta())  # noqa: DTZ001 - UTC clock


def _worded(text: str) -> Stamp | None:
    if match := _DAY_MONTH.fullmatch(text):
        day, month, year = match.groups()
        return Stamp(_clock(year, month, day), timed=False)
    if match := _MONTH_DAY.fullmatch(text):
        month, day, year, hour, minute, second, half = match.groups()
        if hour is None:
            return Stamp(_clock(year, month, day), timed=False)
        hours = int(hour) % 12 + (12 if half == "P" else 0)
        return Stamp(_clock(year, month, day).replace(hour=hours, minute=int(minute), second=int(second or 0)))
    return None


def _clock(year: str, month: str, day: str) -> datetime:
    """Raises ValueError for a month that is not one, or a day the month does not have."""
    number = next(n for n, name in enumerate((*_MONTHS, ""), 1) if name.startswith(month.casefold()) or not name)
    return datetime(int(year), number, int(day))  # noqa: DTZ001 - a clock reading, the zone is not known here

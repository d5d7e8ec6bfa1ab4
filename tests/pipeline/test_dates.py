"""Every spelling of a date that the portals have shown, both nights of summer time, and anything at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import dates
from pipeline.dates import Stamp


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-09-15T00:00:00.000+0000", "2026-09-15"),
        ("2023-05-11T02:00:00.000+0200", "2023-05-11"),
        ("2023-03-09T01:00:00.000+0100", "2023-03-09"),
        ("2026-03-03", "2026-03-03"),
        ("09 March 2023", "2023-03-09"),
        ("9 Mar 2023", "2023-03-09"),
        ("Apr 27, 2023 4:18:31 PM", "2023-04-27"),
        ("Apr 27, 2023", "2023-04-27"),
        ("1774310400000", "2026-03-24"),
        (1774310400000, "2026-03-24"),
        ("2026-06-30T22:00:00.000+0000", "2026-07-01"),  # midnight in Brussels
        ("2026-12-31T23:00:00Z", "2027-01-01"),
        ("2024-02-14T17:00:00.000+0000", "2024-02-14"),  # a clock reading mislabelled as UTC
        ("2024-02-14T23:59:00.000+0000", "2024-02-14"),
    ],
)
def test_calendar_day(written: object, day: str) -> None:
    stamp = dates.parse(written)
    assert stamp is not None
    assert dates.calendar_day(stamp) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        ("2026-03-28", "2026-03-28 16:00"),  # the day before and the day after each change of clocks
        ("2026-03-29", "2026-03-29 15:00"),
        ("2026-10-24", "2026-10-24 15:00"),
        ("2026-10-25", "2026-10-25 16:00"),
    ],
)
def test_17_in_brussels_follows_summer_time(day: str, instant: str) -> None:
    assert dates.day_at_17(date.fromisoformat(day)) == utc(instant)


def test_start_of_day() -> None:
    assert dates.start_of_day(date(2026, 7, 1)) == utc("2026-06-30 22:00")
    assert dates.start_of_day(date(2026, 1, 1)) == utc("2025-12-31 23:00")


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-07-01T17:00:00.000+0000", "2026-07-01 15:00"),
        ("2026-01-15T23:59:59.999+0000", "2026-01-15 22:59"),
        ("2026-07-01T19:00:00.000+0200", "2026-07-01 15:00"),  # the same reading as an older answer shifted it
        ("2026-10-25T02:30:00.000+0000", "2026-10-25 00:30"),  # shown twice by the clock: the first
        ("2026-03-29T02:30:00.000+0000", "2026-03-29 01:30"),  # shown by no clock
    ],
)
def test_mislabelled_clock_reading(written: str, instant: str) -> None:
    stamp = dates.parse(written)
    assert stamp is not None
    assert dates.wall_clock(stamp) == utc(instant)


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-05-01T21:59:37.123+0000", "2026-05-01 21:59"),
        ("2026-05-01T21:59:37,5-05:00", "2026-05-02 02:59"),
        ("2026-05-01 10:00", "2026-05-01 10:00"),
        ("2026-05-01T10:00+02", "2026-05-01 08:00"),
    ],
)
def test_true_instant_to_the_minute(written: str, instant: str) -> None:
    stamp = dates.parse(written)
    assert stamp is not None
    assert dates.instant(stamp) == utc(instant)


@pytest.mark.parametrize(
    "written",
    [
        *("", "soon", "31 Foo 2026", "12 Ma", "2026-02-30", "2026-13-01", "2026-05-01T25:00", "99 March 2023"),
        *("15/09/2026", "1774310400", "0001-01-01", "9999-12-31", "2026-05-01T10:00+99:00", "13 M 20266"),
        *(None, True, 1.5, [], {}, b"2026-05-01", 10**400, -5, "2" * 100, "٢٠٢٦-٠٥-٠١", "1969-12-31T23:59:59Z"),
    ],
)
def test_what_cannot_be_read_in_one_way_is_not_read(written: object) -> None:
    assert dates.parse(written) is None


def test_a_month_needs_three_letters_at_least_and_noon_is_pm() -> None:
    assert dates.parse("3 Sept 2026") == Stamp(datetime(2026, 9, 3), timed=False)
    assert dates.parse("May 3, 2026 12:05:00 PM") == Stamp(datetime(2026, 5, 3, 12, 5))
    assert dates.parse("May 3, 2026 12:05 AM") == Stamp(datetime(2026, 5, 3, 0, 5))
    assert dates.parse("May 3, 2026, 4:18:31\u202fPM") == Stamp(datetime(2026, 5, 3, 16, 18, 31))


@given(st.text() | st.integers() | st.floats() | st.none() | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*"))
def test_never_raises(value: object) -> None:
    stamp = dates.parse(value)
    if stamp is not None:
        for instant in (dates.wall_clock(stamp), dates.instant(stamp), dates.day_at_17(dates.calendar_day(stamp))):
            assert instant.tzinfo is UTC
            assert instant.second == 0


CLOCKS = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2198, 12, 30)).map(
    lambda clock: clock.replace(microsecond=clock.microsecond // 1000 * 1000)
)


@given(CLOCKS, st.integers(-12 * 60, 14 * 60))
def test_iso_round_trip(clock: datetime, minutes: int) -> None:
    sign, size = "-" if minutes < 0 else "+", abs(minutes)
    written = f"{clock:%Y-%m-%dT%H:%M:%S}.{clock.microsecond // 1000:03}{sign}{size // 60:02}{size % 60:02}"
    assert dates.parse(written) == Stamp(clock, timedelta(minutes=minutes))


@given(CLOCKS)
def test_other_spellings_round_trip(clock: datetime) -> None:
    whole = clock.replace(microsecond=0)
    day = whole.replace(hour=0, minute=0, second=0)
    assert dates.parse(f"{clock:%d %B %Y}") == Stamp(day, timed=False)
    assert dates.parse(f"{clock:%b} {clock.day}, {clock:%Y %I:%M:%S %p}") == Stamp(whole)
    milliseconds = round((whole - datetime(1970, 1, 1)).total_seconds() * 1000)
    if milliseconds >= 10**10:
        assert dates.parse(milliseconds) == dates.parse(str(milliseconds)) == Stamp(whole, timedelta())


@given(st.dates(min_value=date(1971, 1, 1), max_value=date(2198, 12, 31)))
def test_a_day_stays_that_day(day: date) -> None:
    for written in (day.isoformat(), f"{day}T00:00:00.000+0000", f"{day}T17:00:00.000+0000"):
        stamp = dates.parse(written)
        assert stamp is not None
        assert dates.calendar_day(stamp) == day
    assert dates.day_at_17(day).astimezone(dates.BRUSSELS).strftime("%F %H:%M") == f"{day} 17:00"

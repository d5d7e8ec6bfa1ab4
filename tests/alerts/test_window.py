"""When a contact may be written to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.contact import Window
from alerts.window import is_open, morning_of, next_open
from tests.alerts.samples import contact

OFFICE = Window(start="08:00", end="17:00")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "open_", "following"),
    [
        ("2026-11-23T06:59:59", False, "2026-11-23T07:00"),  # Monday, before eight in Stockholm
        ("2026-11-23T07:00", True, "2026-11-23T07:00"),
        ("2026-11-23T15:59:59", True, "2026-11-23T15:59:59"),
        ("2026-11-23T16:00", False, "2026-11-24T07:00"),
        ("2026-11-27T20:00", False, "2026-11-30T07:00"),  # Friday evening
        ("2026-12-24T10:00", False, "2026-12-28T07:00"),  # Christmas Eve, by custom
        ("2026-06-19T10:00", False, "2026-06-22T06:00"),  # Midsummer's Eve, in summer time
        ("2027-01-06T10:00", False, "2027-01-07T07:00"),  # Epiphany
        ("2026-10-23T20:00", False, "2026-10-26T07:00"),  # over the night of the change to winter time
        ("2027-03-26T10:00", False, "2027-03-30T06:00"),  # Good Friday to Easter Monday, into summer time
    ],
)
def test_office_hours_in_sweden(now: str, open_: bool, following: str) -> None:
    reader = contact(window=OFFICE, country="SE")
    assert is_open(reader, utc(now)) is open_
    assert next_open(reader, utc(now)) == utc(following)


def test_holidays_are_those_of_the_contacts_country() -> None:
    epiphany = utc("2027-01-06T10:00")
    assert is_open(contact(window=OFFICE), epiphany)
    assert is_open(contact(window=OFFICE, country="NO"), epiphany)
    assert is_open(contact(window=Window(start="08:00", end="17:00", holidays=True), country="SE"), epiphany)


def test_without_a_window_any_time_will_do() -> None:
    night = utc("2026-12-25T02:00")
    assert is_open(contact(country="SE"), night)
    assert next_open(contact(country="SE"), night) == night


@pytest.mark.parametrize(
    ("day", "window", "morning"),
    [
        ("2026-11-25", None, "2026-11-25T07:00"),
        ("2026-11-28", None, "2026-11-28T07:00"),
        ("2026-11-28", OFFICE, "2026-11-27T07:00"),  # Saturday: told on Friday, not too late on Monday
        ("2026-12-27", OFFICE, "2026-12-23T07:00"),
        ("2026-11-25", Window(start="10:30"), "2026-11-25T09:30"),
        ("2026-11-25", Window(days=("monday",)), "2026-11-23T07:00"),
    ],
)
def test_a_reminder_comes_on_its_morning_or_before(day: str, window: Window | None, morning: str) -> None:
    assert morning_of(contact(window=window, country="SE"), date.fromisoformat(day)) == utc(morning)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31)))
def test_the_next_opening_is_open_and_nothing_before_it_is(moment: datetime) -> None:
    reader, now = contact(window=OFFICE, country="SE"), moment.replace(tzinfo=UTC)
    following = next_open(reader, now)
    assert following >= now
    assert is_open(reader, following)
    assert following - now < timedelta(days=8)
    if following > now:
        assert not is_open(reader, following - timedelta(microseconds=1))

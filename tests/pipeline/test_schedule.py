"""Schedules in words and as cron: their slots, in summer, in winter and in the nights between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from pipeline.schedule import WEEKDAYS, Schedule, parse

NOW = datetime(2026, 11, 26, 9, 10, tzinfo=UTC)  # a Thursday, 10:10 in Stockholm


@pytest.mark.parametrize(
    ("text", "latest", "following"),
    [
        ("every 2 hours", "2026-11-26T08:00Z", "2026-11-26T10:00Z"),
        ("hourly", "2026-11-26T09:00Z", "2026-11-26T10:00Z"),
        ("every 15 minutes", "2026-11-26T09:00Z", "2026-11-26T09:15Z"),
        ("every day", "2026-11-26T00:00Z", "2026-11-27T00:00Z"),
        ("daily", "2026-11-26T06:00 Europe/Stockholm", "2026-11-27T06:00 Europe/Stockholm"),
        ("daily 23:30", "2026-11-25T23:30 Europe/Stockholm", "2026-11-26T23:30 Europe/Stockholm"),
        ("weekdays 07:00", "2026-11-26T07:00 Europe/Stockholm", "2026-11-27T07:00 Europe/Stockholm"),
        ("Mondays 07:00", "2026-11-23T07:00 Europe/Stockholm", "2026-11-30T07:00 Europe/Stockholm"),
        ("Mondays and Fridays 7.00", "2026-11-23T07:00 Europe/Stockholm", "2026-11-27T07:00 Europe/Stockholm"),
        (
            "every Thursday 10:10 Europe/Brussels",
            "2026-11-26T10:10 Europe/Brussels",
            "2026-12-03T10:10 Europe/Brussels",
        ),
        ("0 8 * * 1", "2026-11-23T08:00 Europe/Stockholm", "2026-11-30T08:00 Europe/Stockholm"),
        ("0 8 * * 0", "2026-11-22T08:00 Europe/Stockholm", "2026-11-29T08:00 Europe/Stockholm"),
        ("0 8 * * 7 UTC", "2026-11-22T08:00 UTC", "2026-11-29T08:00 UTC"),
        ("*/20 6-18/6 * * mon-fri UTC", "2026-11-26T06:40 UTC", "2026-11-26T12:00 UTC"),
        ("0 0 29 2 * UTC", "2024-02-29T00:00 UTC", "2028-02-29T00:00 UTC"),
        ("30 6 1,15 * *", "2026-11-15T06:30 Europe/Stockholm", "2026-12-01T06:30 Europe/Stockholm"),
    ],
)
def test_slots(text: str, latest: str, following: str) -> None:
    schedule = parse(text)
    assert (schedule.latest(NOW).key, schedule.following(NOW).key) == (latest, following)
    assert schedule.latest(NOW).at <= NOW < schedule.following(NOW).at


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no schedule; write"),
        ("sometimes", "is no schedule; write"),
        ("every 0 hours", "at least every minute"),
        ("Mundays 07:00", "is no schedule"),
        ("Mondays 25:00", "no such time of day"),
        ("Mondays 07:00 Europe/Umea", '"Europe/Umea" is no time zone'),
        ("61 * * * *", '"61" cannot be read'),
        ("* * * * 8", '"8" cannot be read'),
        ("5-1 * * * *", '"5-1" cannot be read'),
        ("*/0 * * * *", '"*/0" cannot be read'),
        ("0 8 13 * 5", "not both"),
        ("0 8 31 2 *", "that day never comes"),
    ],
)
def test_what_cannot_be_read_says_what_can(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".+") as error:
        parse(text)
    assert said in str(error.value)


def fires(schedule: Schedule, start: datetime, hours: int) -> list[str]:
    """Keys of the slots as a clock meets them that looks each five minutes."""
    seen = [schedule.latest(start + timedelta(minutes=5 * step)).key for step in range(hours * 12)]
    return list(dict.fromkeys(seen))


def test_the_hour_that_autumn_repeats_comes_once() -> None:
    keys = fires(parse("daily 02:30"), datetime(2026, 10, 24, 12, tzinfo=UTC), 36)
    assert keys == ["2026-10-24T02:30 Europe/Stockholm", "2026-10-25T02:30 Europe/Stockholm"]


def test_the_hour_that_spring_skips_comes_an_hour_later() -> None:
    slot = parse("daily 02:30").latest(datetime(2026, 3, 29, 12, tzinfo=UTC))
    assert slot == ("2026-03-29T02:30 Europe/Stockholm", datetime(2026, 3, 29, 1, 30, tzinfo=UTC))
    keys = fires(parse("daily 02:30"), datetime(2026, 3, 28, 12, tzinfo=UTC), 36)
    assert keys == ["2026-03-28T02:30 Europe/Stockholm", "2026-03-29T02:30 Europe/Stockholm"]


def cron_words(draw: Any, lowest: int, highest: int) -> str:
    first = draw(st.integers(lowest, highest))
    last = draw(st.integers(first, highest))
    return str(
        draw(st.sampled_from(["*", str(first), f"{first}-{last}", f"*/{max(1, first)}", f"{first},{last}"]))
    )


@st.composite
def crons(draw: Any) -> str:
    """Minutes and hours at will, and either weekdays or days of the month."""
    minute, hour = cron_words(draw, 0, 59), cron_words(draw, 0, 23)
    weekly = draw(st.booleans())
    weekday = draw(st.sampled_from(["*", "mon", "mon-fri", "sat,sun", "sun"])) if weekly else "*"
    return f"{minute} {hour} {'*' if weekly else cron_words(draw, 1, 28)} * {weekday}"


@given(crons(), st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)))
def test_cron_fires_when_apscheduler_fires(text: str, at: datetime) -> None:
    """In UTC, and with names of weekdays: numbers mean other days there."""
    now = at.replace(tzinfo=UTC, microsecond=0)
    minute, hour, day, month, weekday = text.split()
    theirs = CronTrigger(
        minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=ZoneInfo("UTC")
    )
    assert parse(f"{text} UTC").following(now).at == theirs.get_next_fire_time(None, now + timedelta(seconds=1))


@given(st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)), st.sampled_from(WEEKDAYS), st.integers(0, 23))
def test_slots_follow_each_other(at: datetime, day: str, hour: int) -> None:
    now, schedule = at.replace(tzinfo=UTC), parse(f"{day}s {hour:02}:30")
    after = schedule.following(now)
    assert schedule.latest(after.at) == after
    assert schedule.latest(after.at - timedelta(seconds=1)) == schedule.latest(now)

"""When a digest is due, and which time it covers. Pure.

A digest belongs to a local period, a day or an ISO week, and never to "the job ran": a clock that is set back, a
daemon that slept or two daemons cannot make a second one, and a missed one is made up with everything since the
last one in it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from alerts.subscription import Subscription
from alerts.words import WEEKDAYS
from pipeline.outbox import SubscriptionState

EIGHT = time(8, 0)


class Slot(NamedTuple):
    """A period ("2026-W48" or "2026-11-23") and the instant (UTC) from which its digest is due."""

    period: str
    at: datetime


def latest_slot(subscription: Subscription, zone: ZoneInfo, now: datetime) -> Slot:
    """The newest slot that has been reached at `now`. An hour that summer time skips counts an hour later."""
    weekly = subscription.cadence == "weekly"
    step = timedelta(days=7 if weekly else 1)
    day = now.astimezone(zone).date()
    if weekly:
        day += timedelta(days=WEEKDAYS.index(subscription.weekday or "monday") - day.weekday())
    at = _instant(day, subscription.time or EIGHT, zone)
    while at > now:
        day -= step
        at = _instant(day, subscription.time or EIGHT, zone)
    return Slot(_week(day) if weekly else day.isoformat(), at)


def due(subscription: Subscription, zone: ZoneInfo, state: SubscriptionState, now: datetime) -> Slot | None:
    """The slot whose digest is to be written now, if there is one."""
    slot = latest_slot(subscription, zone, now)
    if slot.period == state.last_period or slot.at <= state.planned_to:
        return None
    return slot


def _instant(day: date, hour: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, hour, zone).astimezone(UTC)


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"

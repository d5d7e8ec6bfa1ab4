"""Days in Brussels, where those end that a portal names without an hour. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")


@lru_cache(maxsize=4096)
def day_over(at: datetime) -> datetime:
    """The midnight that ends the day of `at`, as UTC. Kept: it is asked for some six times for each call shown."""
    day = at.astimezone(BRUSSELS).date() + timedelta(days=1)
    return datetime.combine(day, time.min, BRUSSELS).astimezone(UTC)

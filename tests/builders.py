"""Small, readable ways to make the values that tests compare."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.models import Call, Classification, Deadline, Kind, Precision, Status
from pipeline.outbox import StoredCall

NOW = datetime(2026, 4, 10, 9, 0, tzinfo=UTC)


def at(days: float = 0, hours: float = 0, seconds: float = 0) -> datetime:
    """An instant relative to `NOW`."""
    return NOW + timedelta(days=days, hours=hours, seconds=seconds)


def deadline(days: float, stage: str = "single", *, exact: bool = True, seconds: float = 0) -> Deadline:
    """A deadline `days` after `NOW`."""
    return Deadline(at(days, seconds=seconds), stage, Precision.EXACT if exact else Precision.DATE)


def call(*deadlines: Deadline, **fields: Any) -> Call:
    """An open topic with these deadlines; any field can be given."""
    given: dict[str, Any] = {
        "portal": "eu_funding_tenders",
        "reference": "HORIZON-TEST-01",
        "identifier": "HORIZON-TEST-01",
        "kind": Kind.TOPIC,
        "title": "Winter tests of electric trucks",
        "language": "en",
        "url": "https://example.europa.eu/HORIZON-TEST-01",
        "deadlines": tuple(sorted(deadlines, key=lambda d: d.at)),
        "opens_at": at(-30),
        "portal_status": "open",
    }
    return Call(**{**given, **fields})


def stored(of: Call, **fields: Any) -> StoredCall:
    """`of` as the store knows it, seen first and last at `NOW`."""
    given: dict[str, Any] = {
        "call": of,
        "classification": Classification(),
        "status": of.status_at(NOW) if of.is_live(NOW) else Status.CLOSED,
        "first_seen": NOW,
        "last_seen": NOW,
    }
    return StoredCall(**{**given, **fields})

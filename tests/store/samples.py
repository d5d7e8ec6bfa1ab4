"""Values for the store's tests: raw records, saved calls, messages."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pipeline.harvest import RawBatch, RawRecord, Role
from pipeline.models import Event, EventKind
from pipeline.outbox import NewMessage, StoredCall, SubscriptionState
from pipeline.store import Connection, Store, calls, events
from pipeline.store.calls import CallRow
from tests.builders import NOW, at, call, stored

PORTAL = "eu_funding_tenders"


def record(document: str, body: str, **fields: Any) -> RawRecord:
    """What the portal answered for `document`; belongs to the call of the same name unless stated."""
    given: dict[str, Any] = {
        "document": document,
        "call_reference": document,
        "role": Role.CALL,
        "language": "en",
        "url": f"https://example.europa.eu/{document}",
        "fetched_at": NOW,
        "digest": hashlib.sha256(body.encode()).hexdigest(),
        "body": body.encode(),
    }
    return RawRecord(**{**given, **fields})


def batch(*records: RawRecord, unchanged: Sequence[str] = ()) -> RawBatch:
    """One page."""
    return RawBatch(portal=PORTAL, records=records, unchanged=tuple(unchanged))


def a_call(reference: str = "HORIZON-TEST-01", *deadlines: Any, **fields: Any) -> StoredCall:
    """A stored topic of this name."""
    around = {name: fields.pop(name) for name in list(fields) if name in StoredCall.__struct_fields__}
    fields = {"reference": reference, "identifier": reference, **fields}
    return stored(call(*deadlines, **fields), **around)


def keep(conn: Connection, *of: StoredCall, new_version: bool = True, when: datetime = NOW) -> None:
    """Save calls, each with a fingerprint made of its title."""
    calls.save(conn, [CallRow(each, f"print of {each.call.title}", new_version) for each in of], "run-1", when)


def happened(of: StoredCall, kind: EventKind = EventKind.NEW, key: str = "", when: datetime = NOW) -> Event:
    """An event of a call."""
    return Event(of.call.id, kind, when, key, None, {"status": "open"})


def with_events(store: Store, number: int) -> list[int]:
    """A store with one call and so many events; returns their numbers."""
    topic = a_call()
    with store.begin() as conn:
        keep(conn, topic)
        events.add(conn, [happened(topic, EventKind.TEXT_CHANGED, str(n)) for n in range(number)], "run-1")
    with store.read() as conn:
        return [event_id for event_id, _ in events.since(conn)]


def message(message_id: str, *event_ids: int, **fields: Any) -> NewMessage:
    """A message that tells these events and is due at once."""
    given: dict[str, Any] = {
        "id": message_id,
        "contact": "anna",
        "subscription": "anna-forest",
        "channel": "slack",
        "target": "#forest",
        "kind": "alert",
        "payload": b'{"title":"Sk\xc3\xb6rd"}',
        "event_ids": event_ids,
        "call_ids": (f"{PORTAL}:HORIZON-TEST-01",),
        "created_at": NOW,
        "not_before": NOW,
    }
    return NewMessage(**{**given, **fields})


def planned(to: datetime = NOW, period: str = "") -> SubscriptionState:
    """State of a subscription planned up to `to`."""
    return SubscriptionState(at(-1), to, period)

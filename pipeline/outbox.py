"""Values that alerts and the store exchange: what may be told, what is to be said, what became of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from pipeline.models import Call, Classification, Event, Status


class StoredCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call as the store knows it. `misses` counts complete harvests in a row that did not see it.

    `status` is the last one readers were told of; `call.status_at(now)` is the true one.
    """

    call: Call
    classification: Classification
    status: Status
    first_seen: datetime
    last_seen: datetime
    gone_since: datetime | None = None
    missed_since: datetime | None = None
    misses: int = 0
    version: int = 1


class Candidate(msgspec.Struct, frozen=True):
    """An event, by its number in the store, with the call it happened to as it is now."""

    event_id: int
    event: Event
    stored: StoredCall


class MessageState(StrEnum):
    """pending -> leased -> sent | failed, and back to pending after a temporary failure."""

    PENDING = "pending"
    LEASED = "leased"
    SENT = "sent"
    FAILED = "failed"


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message of one subscription on one channel, as it goes into the outbox.

    `id` is deterministic (a UUIDv5 of subscription, channel and what is told), so that planning twice cannot say a
    thing twice, and serves as Message-ID and Slack client id. `payload` is the JSON of alerts.message.Message.
    `event_ids` are the events that count as told through it; `period` is "2026-W48" or "2026-11-23" of a digest.
    """

    id: str
    contact: str
    subscription: str
    channel: str
    target: str
    kind: str
    payload: bytes
    event_ids: tuple[int, ...] = ()
    call_ids: tuple[str, ...] = ()
    period: str = ""
    created_at: datetime
    not_before: datetime


class OutboxMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message with its state in the outbox. `token` is the fencing token of the present lease."""

    message: NewMessage
    state: MessageState
    attempts: int = 0
    token: str = ""
    sent_at: datetime | None = None
    remote_id: str = ""
    last_error: str = ""


class SubscriptionState(msgspec.Struct, frozen=True):
    """What the store remembers of a subscription: when it was first planned, and how far it has been told."""

    first_planned_at: datetime
    planned_to: datetime
    last_period: str = ""

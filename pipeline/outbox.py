"""Values that alerts and the store exchange: what may be told, what is to be said, what became of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from pipeline.models import Call, Classification, Event, Status


class StoredCall(msgspec.Struct, frozen=True, gc=False, kw_only=True):
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


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """An event, by its number in the store, with the call it happened to as it is now."""

    event_id: int
    event: Event
    stored: StoredCall


class MessageState(StrEnum):
    """pending -> leased -> sent | failed, and back to pending after a temporary failure.

    A held message waits for an operator, who lets it go (pending) or drops it (discarded).
    """

    PENDING = "pending"
    HELD = "held"
    LEASED = "leased"
    SENT = "sent"
    FAILED = "failed"
    DISCARDED = "discarded"


class Reminded(msgspec.Struct, frozen=True):
    """One reminder: of the stage of a call that ends at `deadline_at`, `days` before it; 0 days: of its
    opening."""

    call_id: str
    deadline_at: datetime
    days: int


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message of one subscription on one channel, as it goes into the outbox.

    `id` is deterministic (a UUIDv5 of subscription, channel and what is told), so that planning twice cannot say a
    thing twice, and serves as Message-ID and Slack client id. `payload` is the JSON of alerts.message.Message.
    `event_ids` are the events that count as told through it, `reminders` what it reminds of; `period` is
    "2026-W48" or "2026-11-23" of a digest. `held`: an operator has to let it go. `instead_of` is the id of the
    message that could not be sent on another channel.
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
    reminders: tuple[Reminded, ...] = ()
    held: bool = False
    instead_of: str = ""


class OutboxMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message with its state in the outbox. `token` is the fencing token of the present lease.

    `unsure`: an earlier attempt may have reached the recipient without our learning it. `posts` are the remote ids
    of what has arrived of it, by number from 1. `due_at` is when it was due for the first time, or again by an
    operator's word.
    """

    message: NewMessage
    state: MessageState
    attempts: int = 0
    token: str = ""
    sent_at: datetime | None = None
    remote_id: str = ""
    last_error: str = ""
    unsure: bool = False
    due_at: datetime | None = None
    posts: dict[int, str] = {}


class SubscriptionState(msgspec.Struct, frozen=True):
    """What the store remembers of a subscription: when it was first planned, and how far it has been told.

    `planned_to` stands still outside the contact's hours: what has to wait is looked at again.
    """

    first_planned_at: datetime
    planned_to: datetime
    last_period: str = ""


class Memory(msgspec.Struct, frozen=True):
    """What the outbox remembers, by key of the subscription: its state (if it was ever planned), the numbers of
    the events it was told, its reminders, and from when on a digest that failed for good leaves its reader in the
    dark.

    What stands in a digest that failed, with no other message in its place, was not told: the next digest says it.
    A failed alert can be sent again by an operator, and counts as told.
    """

    states: dict[str, SubscriptionState]
    told: dict[str, set[int]]
    reminded: dict[str, set[Reminded]]
    unsaid_since: dict[str, datetime]

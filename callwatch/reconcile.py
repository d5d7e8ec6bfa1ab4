"""Alerts against deliveries: does every event have its messages, and every message its end or its reason?

Counted from both sides. What happened is matched again, from the stored calls, and compared with what is on record
as told; what was planned is compared with what arrived.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from callwatch.telling import draft
from callwatch.wiring import Wiring
from pipeline.outbox import MessageState, OutboxMessage
from pipeline.store import Outbox, Store

GRACE = timedelta(hours=1)
"""So long an event may wait to be planned, and a message to be sent, without a reason."""
WITHIN = timedelta(days=30)


class Balance(msgspec.Struct):
    """Both sides. `unplanned`: events older than an hour that a planning would tell now; `waiting`: due messages
    with their reason; `stuck`: due for more than an hour without any; `failed`, `held`: with their reasons;
    `short`: sent ones of which fewer posts are on record than were sent."""

    planned: int = 0
    sent: int = 0
    unplanned: dict[str, int] = {}
    waiting: dict[str, str] = {}
    stuck: list[str] = []
    failed: dict[str, str] = {}
    held: list[str] = []
    short: list[str] = []

    @property
    def is_even(self) -> bool:
        """Whether nothing is lost and nothing lies about without a reason."""
        return not (self.unplanned or self.stuck or self.short)


def balance(wiring: Wiring, store: Store, now: datetime) -> Balance:
    """The balance of the last thirty days."""
    found = Balance(unplanned=_unplanned(wiring, store, now))
    for entry in Outbox(store).messages():
        if entry.message.created_at >= now - WITHIN:
            _count(entry, found, now)
    return found


def _unplanned(wiring: Wiring, store: Store, now: datetime) -> dict[str, int]:
    """By subscription, events older than an hour that would be told if callwatch planned at `now`.

    What waits for a digest's day or a contact's hours is not told at `now`, and so not among them.
    """
    late: dict[str, int] = {}
    events = {candidate.event_id: candidate.event for candidate in Outbox(store).candidates(now - WITHIN)}
    for planned in draft(wiring, store, now):
        numbers = {number for message in planned.messages for number in message.event_ids}
        waiting = [n for n in numbers if n in events and events[n].at < now - GRACE]
        if waiting:
            late[planned.subscription] = len(waiting)
    return late


def _count(entry: OutboxMessage, found: Balance, now: datetime) -> None:
    message = entry.message
    found.planned += 1
    if entry.state is MessageState.SENT:
        found.sent += 1
        if len(entry.posts) != len(entry.remote_id.split(",")):
            found.short.append(message.id)
    elif entry.state is MessageState.HELD:
        found.held.append(message.id)
    elif entry.state in (MessageState.FAILED, MessageState.DISCARDED):
        found.failed[message.id] = entry.last_error
    elif entry.last_error:
        found.waiting[message.id] = entry.last_error
    elif message.not_before < now - GRACE:
        found.stuck.append(message.id)

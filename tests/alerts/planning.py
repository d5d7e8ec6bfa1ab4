"""What is planned for a subscription that has such a state."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any

from alerts.message import Message, decode
from alerts.plan import Given, Planned, plan
from alerts.subscription import Subscriptions
from pipeline.outbox import Candidate, Memory, Reminded, StoredCall, SubscriptionState
from tests.alerts.samples import NOW

STARTED = SubscriptionState(first_planned_at=NOW - timedelta(days=10), planned_to=NOW - timedelta(days=7))
KEY = "trucks"


def planned_for(
    subscriptions: Subscriptions,
    events: Sequence[Candidate] = (),
    state: SubscriptionState | None = None,
    now: datetime = NOW,
    *,
    told: AbstractSet[int] = frozenset(),
    reminded: AbstractSet[Reminded] = frozenset(),
    unsaid: datetime | None = None,
    live: Sequence[StoredCall] | None = None,
    **fields: Any,
) -> list[Planned]:
    """What is planned at `now` where every subscription has this state; live are the calls of the events."""
    keys = [subscription.key for subscription in subscriptions.subscriptions]
    memory = Memory(
        states=dict.fromkeys(keys, state) if state else {},
        told={key: set(told) for key in keys},
        reminded={key: set(reminded) for key in keys},
        unsaid_since=dict.fromkeys(keys, unsaid) if unsaid else {},
    )
    calls = live if live is not None else [c.stored for c in events if c.stored.gone_since is None]
    return plan(subscriptions, Given(events=events, live=calls, memory=memory, now=now, **fields))


def one(planned: list[Planned]) -> Message:
    (only,) = planned
    (message,) = only.messages
    return decode(message.payload)

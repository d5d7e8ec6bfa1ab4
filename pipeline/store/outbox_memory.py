"""What the outbox remembers of subscriptions: how far each was planned, and what it was told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, not_, select

from pipeline.outbox import Memory, MessageState, Reminded, SubscriptionState
from pipeline.store.sqlx import chunks
from pipeline.store.tables_outbox import matches, messages, reminders, subscriptions

DIGESTS = ("digest", "welcome")


def remembered(conn: Connection, keys: Sequence[str], event_ids: Sequence[int]) -> Memory:
    """What is remembered of these subscriptions; of what they were told, only these events."""
    memory = Memory({}, {}, {}, {})
    for part in chunks(keys):
        _states(conn, part, memory)
        _told(conn, part, event_ids, memory)
        _reminded(conn, part, memory)
    return memory


def told_events(conn: Connection, subscription: str, event_ids: Sequence[int]) -> set[int]:
    """Those of the events that the subscription was told; see `Memory`."""
    memory = Memory({}, {}, {}, {})
    _told(conn, [subscription], event_ids, memory)
    return memory.told.get(subscription, set())


def reminded_of(conn: Connection, subscription: str) -> set[Reminded]:
    """What the subscription was reminded of."""
    memory = Memory({}, {}, {}, {})
    _reminded(conn, [subscription], memory)
    return memory.reminded.get(subscription, set())


def _states(conn: Connection, keys: Sequence[str], memory: Memory) -> None:
    s = subscriptions.c
    columns = select(s.key, s.first_planned_at, s.planned_to, s.last_period).where(s.key.in_(keys))
    memory.states.update((key, SubscriptionState(*state)) for key, *state in conn.execute(columns))
    said = _latest_digests(conn, keys, not_(_never_said()))
    unsaid = _latest_digests(conn, keys, _never_said())
    for key, at in unsaid.items():
        since = said.get(key, memory.states[key].first_planned_at)
        if at > since:
            memory.unsaid_since[key] = since


def _latest_digests(conn: Connection, keys: Sequence[str], which: ColumnElement[bool]) -> dict[str, datetime]:
    m = messages.c
    latest = select(m.subscription, func.max(m.created_at)).where(
        m.subscription.in_(keys), m.kind.in_(DIGESTS), which
    )
    return dict(conn.execute(latest.group_by(m.subscription)).all())


def _told(conn: Connection, keys: Sequence[str], event_ids: Sequence[int], memory: Memory) -> None:
    t = matches.c
    columns = select(t.subscription, t.event_id).join_from(matches, messages).where(not_(_never_said()))
    for part in chunks(dict.fromkeys(event_ids)):
        for key, event_id in conn.execute(columns.where(t.subscription.in_(keys), t.event_id.in_(part))):
            memory.told.setdefault(key, set()).add(event_id)


def _never_said() -> ColumnElement[bool]:
    other = messages.alias("other")
    failed = and_(messages.c.state == MessageState.FAILED.value, messages.c.kind == "digest")
    return and_(failed, not_(exists().where(other.c.instead_of == messages.c.id)))


def _reminded(conn: Connection, keys: Sequence[str], memory: Memory) -> None:
    r = reminders.c
    columns = select(r.subscription, r.call_id, r.deadline_at, r.days).join_from(reminders, messages)
    for key, *reminded in conn.execute(columns.where(r.subscription.in_(keys), not_(_never_said()))):
        memory.reminded.setdefault(key, set()).add(Reminded(*reminded))

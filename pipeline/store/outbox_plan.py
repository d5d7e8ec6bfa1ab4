"""Told once: how a plan gets into the outbox, or does not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, insert, select, text

from pipeline.errors import Busy, StoreError
from pipeline.outbox import NewMessage, Reminded, SubscriptionState
from pipeline.store.locks import advisory_key
from pipeline.store.outbox_memory import reminded_of, told_events
from pipeline.store.outbox_rows import message_row
from pipeline.store.sqlx import chunks, insert_new, upsert
from pipeline.store.tables_outbox import matches, messages, reminders, subscriptions


def store_plan(
    conn: Connection, subscription: str, planned: Sequence[NewMessage], state: SubscriptionState
) -> int:
    """Write new messages with the events they tell, and the state of the subscription. Returns how many were new.

    A message whose id is there already, or all of whose events have been told, is left out: the same was planned
    before. The messages of one plan may tell the same event (parts of a digest, two channels). The state never
    moves back.
    Raises Busy if a message tells some events that have been told meanwhile and some that have not: the plan was
    made from an older state and has to be made again. Raises StoreError if an id comes back with other events,
    which leaving out would lose.
    """
    _one_planner_at_a_time(conn, subscription)
    told = told_events(conn, subscription, [event for message in planned for event in message.event_ids])
    there = _there(conn, (message.id for message in planned))
    if any(message.reminders for message in planned):
        _refuse_repeats(subscription, planned, there, reminded_of(conn, subscription))
    new = [message for message in planned if _is_new(message, told, there)]
    if new:
        conn.execute(insert(messages), [message_row(message) for message in new])
        told_by: dict[int, str] = {}
        for message in new:
            for event in message.event_ids:
                told_by.setdefault(event, message.id)
        rows = [{"subscription": subscription, "event_id": e, "message_id": m} for e, m in told_by.items()]
        if rows:  # an event of a digest that was never said has a row already
            conn.execute(upsert(conn, matches, key=("subscription", "event_id")), rows)
        _remind(conn, subscription, new)
    _advance(conn, subscription, state)
    return len(new)


def put(conn: Connection, new: Sequence[NewMessage]) -> None:
    """Write messages that tell no events; those whose id is there already are left out."""
    if new:
        conn.execute(insert_new(conn, messages), [message_row(message) for message in new])


def _one_planner_at_a_time(conn: Connection, subscription: str) -> None:
    # On SQLite every write transaction is alone. On PostgreSQL this lock goes with the transaction.
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": advisory_key(f"plan:{subscription}")})


def _refuse_repeats(
    subscription: str, planned: Sequence[NewMessage], there: set[str], reminded: set[Reminded]
) -> None:
    for message in planned:
        if message.id not in there and not reminded.isdisjoint(message.reminders):
            raise Busy(f"{subscription}: another run has planned these reminders meanwhile; plan again")


def _remind(conn: Connection, subscription: str, new: Sequence[NewMessage]) -> None:
    rows = [
        {
            "subscription": subscription,
            "call_id": reminded.call_id,
            "deadline_at": reminded.deadline_at,
            "days": reminded.days,
            "message_id": message.id,
        }
        for message in new
        for reminded in message.reminders
    ]
    if rows:
        conn.execute(upsert(conn, reminders, key=("subscription", "call_id", "deadline_at", "days")), rows)


def _there(conn: Connection, message_ids: Iterable[str]) -> set[str]:
    there = set[str]()
    for part in chunks(dict.fromkeys(message_ids)):
        there.update(conn.scalars(select(messages.c.id).where(messages.c.id.in_(part))))
    return there


def _is_new(message: NewMessage, told: set[int], there: set[str]) -> bool:
    untold = [event for event in message.event_ids if event not in told]
    if message.id in there:
        if untold:
            raise StoreError(
                f"{message.subscription}: message {message.id} is in the outbox already, without events {untold}"
            )
        return False
    if untold and len(untold) < len(set(message.event_ids)):
        raise Busy(f"{message.subscription}: part of this was planned by another run meanwhile; plan again")
    return bool(untold) or not message.event_ids


def _advance(conn: Connection, subscription: str, state: SubscriptionState) -> None:
    s = subscriptions.c
    stored = conn.execute(select(s.first_planned_at, s.planned_to).where(s.key == subscription)).first()
    if stored is not None and stored.planned_to > state.planned_to:
        return
    row = {"key": subscription, "first_planned_at": state.first_planned_at}
    row |= {"planned_to": state.planned_to, "last_period": state.last_period}
    conn.execute(upsert(conn, subscriptions, key=("key",), keep=("first_planned_at",)), [row])

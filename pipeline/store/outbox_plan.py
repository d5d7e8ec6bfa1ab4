"""Told once: how a plan gets into the outbox, or does not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, insert, select, text

from pipeline.errors import Busy, StoreError
from pipeline.outbox import NewMessage, Reminded, SubscriptionState
from pipeline.store.locks import advisory_key
from pipeline.store.outbox_memory import reminded_by, told_by
from pipeline.store.outbox_rows import message_row
from pipeline.store.sqlx import chunks, insert_for, insert_new, upsert, write_columns
from pipeline.store.tables_outbox import matches, messages, reminders, subscriptions

Plan = tuple[str, Sequence[NewMessage], SubscriptionState]
"""Key of a subscription, its messages, and its state after them."""


SLICES = 8
"""So many parts of the subscriptions can be planned at the same time."""


def slice_of(subscription: str) -> int:
    """The part (0 to SLICES - 1) in which a subscription is planned; always the same."""
    return hashlib.blake2b(subscription.encode(), digest_size=1).digest()[0] % SLICES


def store_plans(conn: Connection, plans: Sequence[Plan]) -> list[NewMessage]:
    """Write new messages with the events they tell, and the state of each subscription; returns those new ones.

    A message whose id is there already, or all of whose events have been told, is left out: the same was planned
    before. The messages of one plan may tell the same event (two channels). The state never moves back.
    Raises Busy if a message tells some events that have been told meanwhile and some that have not: the plan was
    made from an older state and has to be made again. Raises StoreError if an id comes back with other events,
    which leaving out would lose.
    """
    keys = [key for key, _, _ in plans]
    for number in sorted({slice_of(key) for key in keys}):  # in one order, so that no two wait for each other
        one_at_a_time(conn, f"plans {number}")
    planned = [message for _, found, _ in plans for message in found]
    told = told_by(conn, keys, [event for message in planned for event in message.event_ids])
    there = _there(conn, (message.id for message in planned))
    if any(message.reminders for message in planned):
        _refuse_repeats(planned, there, reminded_by(conn, keys))
    new = [message for message in planned if _is_new(message, told.get(message.subscription, set()), there)]
    if new:
        conn.execute(insert(messages), [message_row(message) for message in new])
        _match(conn, new)
        _remind(conn, new)
    _advance(conn, plans)
    return new


def put(conn: Connection, new: Sequence[NewMessage]) -> None:
    """Write messages that tell no events; those whose id is there already are left out."""
    if new:
        conn.execute(insert_new(conn, messages), [message_row(message) for message in new])


def one_at_a_time(conn: Connection, what: str) -> None:
    """Wait until no other transaction does the same, and keep others out until this one is over."""
    # On SQLite every write transaction is alone. On PostgreSQL this lock goes with the transaction.
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": advisory_key(what)})


def _refuse_repeats(planned: Sequence[NewMessage], there: set[str], reminded: dict[str, set[Reminded]]) -> None:
    for message in planned:
        before = reminded.get(message.subscription, set())
        if message.id not in there and not before.isdisjoint(message.reminders):
            raise Busy(f"{message.subscription}: another run has planned these reminders meanwhile; plan again")


def _match(conn: Connection, new: Sequence[NewMessage]) -> None:
    """An event of a digest that was never said has a row already; one that two of the messages tell is the first
    one's."""
    keys: list[str] = []
    numbers: list[int] = []
    ids: list[str] = []
    told: dict[str, set[int]] = {}
    for message in new:
        before = told.setdefault(message.subscription, set())
        events = [event for event in dict.fromkeys(message.event_ids) if event not in before]
        before.update(events)
        numbers += events
        keys += [message.subscription] * len(events)
        ids += [message.id] * len(events)
    if numbers:
        columns: dict[str, Sequence[object]] = {"subscription": keys, "event_id": numbers, "message_id": ids}
        write_columns(conn, matches, columns, key=("subscription", "event_id"))


def _remind(conn: Connection, new: Sequence[NewMessage]) -> None:
    rows = [
        {
            "subscription": message.subscription,
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
        there.update(conn.scalars(_THERE, {"ids": part}))
    return there


_THERE = select(messages.c.id).where(messages.c.id.in_(bindparam("ids", expanding=True)))


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


def _advance(conn: Connection, plans: Sequence[Plan]) -> None:
    """Note how far each subscription is planned, unless it is further already."""
    rows = [
        {
            "key": key,
            "first_planned_at": state.first_planned_at,
            "planned_to": state.planned_to,
            "last_period": state.last_period,
        }
        for key, _, state in plans
    ]
    statement, s = insert_for(conn, subscriptions), subscriptions.c
    fresh = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["key"],
        set_={"planned_to": fresh.planned_to, "last_period": fresh.last_period},
        where=s.planned_to <= fresh.planned_to,
    )
    if rows:
        conn.execute(statement, rows)

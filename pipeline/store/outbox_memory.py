"""What the outbox remembers of subscriptions: how far each was planned, and what it was told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, exists, func, not_, select

from pipeline.outbox import Memory, MessageState, Reminded, SubscriptionState
from pipeline.store.sqlx import chunks
from pipeline.store.tables_outbox import matches, messages, reminders, subscriptions

DIGESTS = ("digest", "welcome")
_OTHER = messages.alias("other").c

NEVER_SAID: ColumnElement[bool] = and_(
    messages.c.state == MessageState.FAILED.value,
    messages.c.kind == "digest",
    not_(exists().where(_OTHER.instead_of == messages.c.id)),
)
"""A digest that failed for good, with no message on another channel in its place."""


def remembered(conn: Connection, keys: Sequence[str], event_ids: Sequence[int]) -> Memory:
    """What is remembered of these subscriptions; of what they were told, only these events."""
    states: dict[str, SubscriptionState] = {}
    unsaid: dict[str, datetime] = {}
    for part in chunks(keys):
        states.update((key, SubscriptionState(*state)) for key, *state in conn.execute(_STATES, {"keys": part}))
        unsaid.update(_unsaid(conn, part, states))
    return Memory(states, told_by(conn, keys, event_ids), reminded_by(conn, keys), unsaid)


def told_up_to(conn: Connection, keys: Sequence[str]) -> datetime | None:
    """Up to when all of these subscriptions have been told what happened; None if none was ever planned."""
    found: list[datetime] = []
    for part in chunks(keys):
        states = {key: SubscriptionState(*state) for key, *state in conn.execute(_STATES, {"keys": part})}
        found += [state.planned_to for state in states.values()]
        found += _unsaid(conn, part, states).values()
    return min(found, default=None)


def told_by(conn: Connection, keys: Sequence[str], event_ids: Iterable[int]) -> dict[str, set[int]]:
    """By subscription, those of the events that it was told; see `Memory`."""
    found: dict[str, set[int]] = {}
    numbers = sorted(set(event_ids))
    for names in chunks(keys) if numbers else ():
        for part in chunks(numbers):
            for key, event_id in conn.execute(_TOLD, {"keys": names, "ids": part}):
                found.setdefault(key, set()).add(event_id)
    return found


def reminded_by(conn: Connection, keys: Sequence[str]) -> dict[str, set[Reminded]]:
    """By subscription, what it was reminded of; see `Memory`."""
    found: dict[str, set[Reminded]] = {}
    for part in chunks(keys):
        for key, *reminded in conn.execute(_REMINDED, {"keys": part}):
            found.setdefault(key, set()).add(Reminded(*reminded))
    return found


def _unsaid(conn: Connection, keys: Sequence[str], states: dict[str, SubscriptionState]) -> dict[str, datetime]:
    unsaid = _by_key(conn, _LATEST_UNSAID, keys)
    if not unsaid:
        return {}
    said = _by_key(conn, _LATEST_SAID, keys)
    since = {key: said.get(key, states[key].first_planned_at) for key in unsaid}
    return {key: since[key] for key, at in unsaid.items() if at > since[key]}


def _by_key(conn: Connection, latest: Select[tuple[str, datetime]], keys: Sequence[str]) -> dict[str, datetime]:
    rows = conn.execute(latest, {"keys": keys}).all()
    return {str(row.subscription): row.at for row in rows}


def _among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    return column.in_(bindparam(name, expanding=True))


def _latest(which: ColumnElement[bool]) -> Select[tuple[str, datetime]]:
    m = messages.c
    latest = select(m.subscription, func.max(m.created_at).label("at")).where(
        _among(m.subscription, "keys"), which
    )
    return latest.where(m.kind.in_(DIGESTS)).group_by(m.subscription)


# Built once: they run for every few hundred subscriptions of a planning.
_STATES = select(
    subscriptions.c.key,
    subscriptions.c.first_planned_at,
    subscriptions.c.planned_to,
    subscriptions.c.last_period,
).where(_among(subscriptions.c.key, "keys"))
_TOLD = (
    select(matches.c.subscription, matches.c.event_id)
    .join_from(matches, messages)
    .where(_among(matches.c.subscription, "keys"), _among(matches.c.event_id, "ids"), not_(NEVER_SAID))
)
_REMINDED = (
    select(reminders.c.subscription, reminders.c.call_id, reminders.c.deadline_at, reminders.c.days)
    .join_from(reminders, messages)
    .where(_among(reminders.c.subscription, "keys"), not_(NEVER_SAID))
)
_LATEST_SAID, _LATEST_UNSAID = _latest(not_(NEVER_SAID)), _latest(NEVER_SAID)

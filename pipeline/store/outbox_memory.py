"""What the outbox remembers of subscriptions: how far each was planned, and what it was told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, exists, func, not_, select, text

from pipeline.outbox import Memory, MessageState, Reminded, SubscriptionState
from pipeline.store.codec import to_text
from pipeline.store.sqlx import chunks
from pipeline.store.tables_outbox import messages, reminders, subscriptions

DIGESTS = ("digest", "welcome")
NEAR = 100
"""Events whose numbers are no further apart are read together with those between them."""
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
    numbers = set(event_ids)
    unsaid = _never_said(conn, keys) if numbers else set()
    for first, last in _stretches(sorted(numbers)):
        for key, event_id, message_id in _told_between(conn, keys, first, last):
            if event_id in numbers and message_id not in unsaid:
                found.setdefault(key, set()).add(event_id)
    return found


def _stretches(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of numbers (sorted) that lie near each other."""
    first = 0
    for place, number in enumerate(numbers, 1):
        if place == len(numbers) or numbers[place] - number > NEAR:
            yield numbers[first], number
            first = place


def _told_between(conn: Connection, keys: Sequence[str], first: int, last: int) -> Iterable[Row[*tuple[Any, ...]]]:
    here = conn.dialect.name == "postgresql"
    given = {"keys": list(keys) if here else to_text(keys), "first": first, "last": last}
    return conn.execute(_TOLD_POSTGRESQL if here else _TOLD_SQLITE, given)


def reminded_by(conn: Connection, keys: Sequence[str]) -> dict[str, set[Reminded]]:
    """By subscription, what it was reminded of; see `Memory`."""
    found: dict[str, set[Reminded]] = {}
    unsaid = _never_said(conn, keys)
    for part in chunks(keys):
        for key, message_id, *reminded in conn.execute(_REMINDED, {"keys": part}):
            if message_id not in unsaid:
                found.setdefault(key, set()).add(Reminded(*reminded))
    return found


def _never_said(conn: Connection, keys: Sequence[str]) -> set[str]:
    """The few messages whose events and reminders do not count."""
    return {found for part in chunks(keys) for found in conn.scalars(_UNSAID, {"keys": part})}


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
_REMINDED = select(
    reminders.c.subscription,
    reminders.c.message_id,
    reminders.c.call_id,
    reminders.c.deadline_at,
    reminders.c.days,
).where(_among(reminders.c.subscription, "keys"))
_UNSAID = select(messages.c.id).where(_among(messages.c.subscription, "keys"), NEVER_SAID)

# One look into the primary key for each subscription, whatever the planner believes: it cannot know how many rows
# there are, for the planning under way has just written them. Asked for subscriptions and events in two lists it
# went through all that anybody had been told, and, once it had a plan for lists of any content, compared each row
# with 500 keys one by one: 2 or 40 s of CPU for the same planning of 10,000 contacts.
_TOLD_POSTGRESQL = text("""
    SELECT told.subscription, told.event_id, told.message_id
    FROM unnest(CAST(:keys AS text[])) AS own (subscription) CROSS JOIN LATERAL (
        SELECT subscription, event_id, message_id FROM matches
        WHERE subscription = own.subscription AND event_id BETWEEN :first AND :last
        OFFSET 0
    ) AS told
""")
_TOLD_SQLITE = text("""
    SELECT told.subscription, told.event_id, told.message_id
    FROM json_each(:keys) AS own CROSS JOIN matches AS told
    WHERE told.subscription = own.value AND told.event_id BETWEEN :first AND :last
""")
_LATEST_SAID, _LATEST_UNSAID = _latest(not_(NEVER_SAID)), _latest(NEVER_SAID)

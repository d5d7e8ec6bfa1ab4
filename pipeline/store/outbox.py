"""The outbox: who was told what, decided in one transaction, sent outside of it, recorded after."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from pipeline.outbox import Candidate, MessageState, NewMessage, OutboxMessage, SubscriptionState
from pipeline.store import events
from pipeline.store.engine import Store
from pipeline.store.outbox_plan import store_plan
from pipeline.store.outbox_rows import Delivery, Outcome, outbox_message
from pipeline.store.tables_outbox import deliveries, matches, messages, subscriptions


class Outbox:
    """The part of the store that alerts work with. Every method is a transaction of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def state(self, subscription: str) -> SubscriptionState | None:
        """What is remembered of a subscription; None if it was never planned."""
        s = subscriptions.c
        with self._store.read() as conn:
            row = conn.execute(
                select(s.first_planned_at, s.planned_to, s.last_period).where(s.key == subscription)
            ).first()
        return None if row is None else SubscriptionState(*row)

    def candidates(self, after: datetime | None) -> list[Candidate]:
        """See `events.candidates`."""
        with self._store.read() as conn:
            return events.candidates(conn, after=after)

    def told(self, subscription: str) -> set[int]:
        """Numbers of the events this subscription has been told, or will be by what is in the outbox."""
        with self._store.read() as conn:
            return set(conn.scalars(select(matches.c.event_id).where(matches.c.subscription == subscription)))

    def commit_plan(self, subscription: str, planned: Sequence[NewMessage], state: SubscriptionState) -> int:
        """Put a plan into the outbox, whole or not at all; returns how many messages were new: `store_plan`."""
        with self._store.begin() as conn:
            return store_plan(conn, subscription, planned, state)

    def claim(self, now: datetime, limit: int, lease: timedelta) -> list[OutboxMessage]:
        """Take up to `limit` messages that are due, or whose lease has run out, for `lease` from `now`.

        Each bears the token that `sent`, `retry` and `failed` ask for, and its attempt is on record as started.
        Nobody else gets it until the lease is over; the earliest due comes first.
        """
        due = or_(
            and_(messages.c.state == MessageState.PENDING.value, messages.c.not_before <= now),
            and_(messages.c.state == MessageState.LEASED.value, messages.c.lease_until < now),
        )
        first = select(messages.c.seq).where(due).order_by(messages.c.not_before, messages.c.seq).limit(limit)
        taken = first.with_for_update(skip_locked=True).cte("taken")
        values = {
            "state": MessageState.LEASED.value,
            "attempts": messages.c.attempts + 1,
            "lease_token": secrets.token_hex(8),
            "lease_until": now + lease,
        }
        statement = update(messages).where(messages.c.seq.in_(select(taken.c.seq))).values(values)
        with self._store.begin() as conn:
            rows = conn.execute(statement.returning(*messages.c)).all()
            rows = sorted(rows, key=lambda row: (row.not_before, row.seq))
            claimed = [outbox_message(row) for row in rows]
            _begin_deliveries(conn, claimed, now)
        return claimed

    def sent(self, message_id: str, token: str, remote_id: str, at: datetime) -> bool:
        """Record that the message has left. False if the lease has passed to somebody else meanwhile."""
        values = {"sent_at": at, "remote_id": remote_id, "last_error": ""}
        return self._end(Outcome.SENT, message_id, token, values, at, remote_id)

    def retry(self, message_id: str, token: str, error: str, not_before: datetime, at: datetime) -> bool:
        """Record a temporary failure; the message is due again at `not_before`. False as for `sent`."""
        values = {"not_before": not_before, "last_error": error}
        return self._end(Outcome.RETRY, message_id, token, values, at, error)

    def failed(self, message_id: str, token: str, error: str, at: datetime) -> bool:
        """Record a permanent failure; the message is kept and not tried again. False as for `sent`."""
        return self._end(Outcome.FAILED, message_id, token, {"last_error": error}, at, error)

    def _end(
        self, outcome: Outcome, message_id: str, token: str, values: Mapping[str, Any], at: datetime, detail: str
    ) -> bool:
        with self._store.begin() as conn:
            row = conn.execute(_END[outcome], {"the_id": message_id, "the_token": token, **values}).first()
            if row is None:
                return False
            ended = {
                "m": message_id,
                "a": row.attempts,
                "ended_at": at,
                "outcome": outcome.value,
                "detail": detail,
            }
            conn.execute(_DELIVERED, ended)
        return True

    def messages(
        self, *, state: str | None = None, contact: str | None = None, limit: int | None = None
    ) -> list[OutboxMessage]:
        """Messages in the order they were planned; with `limit` the latest so many."""
        statement = select(messages).order_by(messages.c.seq.desc()).limit(limit)
        if state is not None:
            statement = statement.where(messages.c.state == str(state))
        if contact is not None:
            statement = statement.where(messages.c.contact == contact)
        with self._store.read() as conn:
            rows = conn.execute(statement).all()
        return [outbox_message(row) for row in reversed(rows)]

    def message(self, message_id: str) -> OutboxMessage | None:
        """The message with this id."""
        with self._store.read() as conn:
            row = conn.execute(select(messages).where(messages.c.id == message_id)).first()
        return None if row is None else outbox_message(row)

    def deliveries(self, message_id: str) -> list[Delivery]:
        """All attempts to say this message, oldest first."""
        d = deliveries.c
        columns = select(d.attempt, d.started_at, d.ended_at, d.outcome, d.detail).where(
            d.message_id == message_id
        )
        with self._store.read() as conn:
            return [
                Delivery(r.attempt, r.started_at, r.ended_at, Outcome(r.outcome), r.detail)
                for r in conn.execute(columns.order_by(d.attempt))
            ]

    def counts(self) -> dict[str, int]:
        """Number of messages by state; every state is there."""
        with self._store.read() as conn:
            found = conn.execute(select(messages.c.state, func.count()).group_by(messages.c.state)).all()
            return {state.value: 0 for state in MessageState} | dict(found)


def _ending(state: MessageState, *columns: str) -> ReturningUpdate[*tuple[Any, ...]]:
    """The end of an attempt, if the caller still holds the lease. Built once: it runs for every message sent."""
    m = messages.c
    mine = and_(m.id == bindparam("the_id"), m.lease_token == bindparam("the_token"))
    values: dict[str, Any] = {"state": state.value, "lease_token": "", "lease_until": None}
    values |= {name: bindparam(name) for name in columns}
    leased = update(messages).where(mine, m.state == MessageState.LEASED.value)
    return leased.values(values).returning(m.attempts)


_END = {
    Outcome.SENT: _ending(MessageState.SENT, "sent_at", "remote_id", "last_error"),
    Outcome.RETRY: _ending(MessageState.PENDING, "not_before", "last_error"),
    Outcome.FAILED: _ending(MessageState.FAILED, "last_error"),
}

_DELIVERED = (
    update(deliveries)
    .where(deliveries.c.message_id == bindparam("m"), deliveries.c.attempt == bindparam("a"))
    .values({name: bindparam(name) for name in ("ended_at", "outcome", "detail")})
)


def _begin_deliveries(conn: Connection, claimed: Iterable[OutboxMessage], now: datetime) -> None:
    rows = [
        {
            "message_id": each.message.id,
            "attempt": each.attempts,
            "started_at": now,
            "ended_at": None,
            "outcome": Outcome.STARTED.value,
            "detail": "",
        }
        for each in claimed
    ]
    if not rows:
        return
    # An attempt of which nobody recorded the end may have reached the recipient.
    if again := [{"m": row["message_id"]} for row in rows if row["attempt"] != 1]:
        conn.execute(_LOST, again)
    conn.execute(insert(deliveries), rows)


_LOST = (
    update(deliveries)
    .where(deliveries.c.message_id == bindparam("m"), deliveries.c.outcome == Outcome.STARTED.value)
    .values(outcome=Outcome.UNKNOWN.value, detail="the lease ran out before the end was recorded")
)

"""The outbox at work: planned in one transaction, claimed, sent outside of any, recorded after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, or_, update
from sqlalchemy.sql.dml import ReturningUpdate

from pipeline.outbox import Candidate, Memory, MessageState, NewMessage, OutboxMessage, SubscriptionState
from pipeline.store import events, holders, outbox_memory, outbox_sent
from pipeline.store.outbox_claim import first
from pipeline.store.outbox_plan import Plan, one_at_a_time, store_plans
from pipeline.store.outbox_reads import OutboxReads, posts_of
from pipeline.store.outbox_rows import Outcome, message_row, outbox_message
from pipeline.store.sqlx import insert_new, write_columns
from pipeline.store.tables_outbox import deliveries, messages, posts, threads


class Outbox(OutboxReads):
    """The part of the store that alerts work with. Every method is a transaction of its own."""

    def memory(self, keys: Sequence[str], event_ids: Iterable[int]) -> Memory:
        """What is remembered of these subscriptions: see `Memory`."""
        with self._store.read() as conn:
            return outbox_memory.remembered(conn, keys, list(event_ids))

    def told_up_to(self, keys: Sequence[str]) -> datetime | None:
        """Up to when all of these subscriptions have been told what happened; None if none was ever planned."""
        with self._store.read() as conn:
            return outbox_memory.told_up_to(conn, keys)

    def candidates(self, after: datetime | None) -> list[Candidate]:
        """See `events.candidates`."""
        with self._store.read() as conn:
            return events.candidates(conn, after=after)

    def commit_plan(self, subscription: str, planned: Sequence[NewMessage], state: SubscriptionState) -> int:
        """Put one plan into the outbox; returns how many messages were new: see `commit_plans`."""
        return len(self.commit_plans([(subscription, planned, state)]))

    def commit_plans(self, plans: Sequence[Plan]) -> list[NewMessage]:
        """Put plans into the outbox, all or none; returns the messages that were new: see `store_plans`."""
        with self._store.begin() as conn:
            return store_plans(conn, plans)

    def take_over(self, now: datetime) -> int:
        """End the leases of processes of this machine that were killed; returns how many."""
        with self._store.read() as conn:
            dead = holders.of_the_dead(conn)
        if not dead:
            return 0
        with self._store.begin() as conn:
            return holders.end(conn, dead, now)

    def claim(
        self,
        now: datetime,
        limit: int,
        lease: timedelta,
        *,
        begun: datetime | None = None,
        besides: Sequence[str] = (),
    ) -> list[OutboxMessage]:
        """Take up to `limit` messages that are due at `now`, or whose lease has run out, for `lease` from `begun`
        (`now`). None on the channels `besides`.

        Each bears the token that `posted`, `sent`, `retry` and `failed` ask for, and its attempt is on record as
        started. Nobody else gets it until the lease is over; the earliest due comes first, and none before an
        earlier one to the same target that is being sent or has to wait.
        """
        begun = begun or now
        given = {"due_by": now, "most": limit, "besides": list(besides)}
        given |= {"the_token": holders.token(), "until": begun + lease}
        with self._store.begin() as conn:
            one_at_a_time(conn, "claim")  # or two would take messages to one target at once, out of their order
            rows = conn.execute(_claim(), given).all()
            rows = sorted(rows, key=lambda row: (row.due_at, row.seq))
            arrived = posts_of(conn, [row.id for row in rows if row.attempts > 1])
            claimed = [outbox_message(row, arrived.get(row.id)) for row in rows]
            _begin_deliveries(conn, claimed, begun)
        return claimed

    def posted(
        self,
        message: OutboxMessage,
        number: int,
        remote_id: str,
        call_ids: Sequence[str],
        at: datetime,
        *,
        until: datetime | None = None,
    ) -> bool:
        """Record that post `number` of a message has arrived: also when the lease has passed to somebody else, for
        it has; then False. Else the lease is renewed and lasts `until`, if that is given.
        """
        m = messages.c
        mine = update(messages).where(m.id == message.message.id, m.lease_token == message.token)
        lasting = {"lease_until": until} if until else {"lease_token": message.token}
        with self._store.begin() as conn:
            _note_post(conn, message.message, number, remote_id, call_ids, at)
            return conn.execute(mine.values(lasting)).rowcount > 0

    def sent(
        self,
        message: OutboxMessage,
        remote_id: str,
        at: datetime,
        last: tuple[int, str, Sequence[str]] | None = None,
    ) -> bool:
        """Record that the message has left, with its `last` post (number, remote id, call ids) if that is not yet.

        False if the lease has passed to somebody else meanwhile; the post is on record all the same.
        """
        if last is not None and self._store.engine.dialect.name == "postgresql":
            with self._store.single() as conn:
                return outbox_sent.at_once(conn, message, remote_id, at, last)
        values = {"sent_at": at, "remote_id": remote_id, "last_error": ""}
        with self._store.begin() as conn:
            if last is not None:
                _note_post(conn, message.message, last[0], last[1], last[2], at)
            return _end(conn, Outcome.SENT, message, values, at, remote_id)

    def retry(
        self, message: OutboxMessage, error: str, not_before: datetime, at: datetime, *, unsure: bool = False
    ) -> bool:
        """Record a temporary failure; the message is due again at `not_before`. False as for `sent`.

        `unsure`: it may have arrived nevertheless.
        """
        values = {"not_before": not_before, "last_error": error, "unsure": unsure}
        with self._store.begin() as conn:
            return _end(conn, Outcome.RETRY, message, values, at, error)

    def failed(self, message: OutboxMessage, error: str, at: datetime, instead: NewMessage | None = None) -> bool:
        """Record a permanent failure; the message is kept and not tried again. False as for `sent`.

        `instead` says the same on another channel; it goes into the outbox in the same transaction.
        """
        with self._store.begin() as conn:
            done = _end(conn, Outcome.FAILED, message, {"last_error": error}, at, error)
            if done and instead is not None:
                conn.execute(insert_new(conn, messages), [message_row(instead)])
            return done


@cache
def _claim() -> ReturningUpdate[*tuple[Any, ...]]:
    m = messages.c
    lost = m.state == MessageState.LEASED.value
    values = {"state": MessageState.LEASED.value, "attempts": m.attempts + 1, "unsure": or_(m.unsure, lost)}
    values |= {"lease_token": bindparam("the_token"), "lease_until": bindparam("until")}
    return update(messages).where(m.seq.in_(first())).values(values).returning(*m)


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
    Outcome.RETRY: _ending(MessageState.PENDING, "not_before", "last_error", "unsure"),
    Outcome.FAILED: _ending(MessageState.FAILED, "last_error"),
}

_DELIVERED = (
    update(deliveries)
    .where(deliveries.c.message_id == bindparam("m"), deliveries.c.attempt == bindparam("a"))
    .values({name: bindparam(name) for name in ("ended_at", "outcome", "detail")})
)


def _end(
    conn: Connection,
    outcome: Outcome,
    message: OutboxMessage,
    values: Mapping[str, Any],
    at: datetime,
    detail: str,
) -> bool:
    name = message.message.id
    row = conn.execute(_END[outcome], {"the_id": name, "the_token": message.token, **values}).first()
    if row is None:
        return False
    ended = {"m": name, "a": row.attempts, "ended_at": at, "outcome": outcome.value, "detail": detail}
    conn.execute(_DELIVERED, ended)
    return True


def _note_post(
    conn: Connection, message: NewMessage, number: int, remote_id: str, call_ids: Sequence[str], at: datetime
) -> None:
    row = {"message_id": message.id, "number": number, "remote_id": remote_id, "sent_at": at}
    conn.execute(insert_new(conn, posts), [row])
    same = {"channel": message.channel, "target": message.target, "remote_id": remote_id, "message_id": message.id}
    if called := list(dict.fromkeys(call_ids)):
        columns = {"call_id": called, **{name: [value] * len(called) for name, value in same.items()}}
        write_columns(conn, threads, columns)


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

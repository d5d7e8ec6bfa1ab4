"""The outbox looked at, and an operator's word on its messages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from pipeline.outbox import MessageState, OutboxMessage
from pipeline.store.engine import Store
from pipeline.store.outbox_rows import Delivery, Outcome, outbox_message
from pipeline.store.sqlx import chunks
from pipeline.store.tables_outbox import deliveries, matches, messages, posts, threads


class OutboxReads:
    """What is in the outbox, and what became of it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def messages(
        self,
        *,
        state: str | None = None,
        contact: str | None = None,
        subscription: str | None = None,
        limit: int | None = None,
    ) -> list[OutboxMessage]:
        """Messages in the order they were planned; with `limit` the latest so many."""
        statement = select(messages).order_by(messages.c.seq.desc()).limit(limit)
        if state is not None:
            statement = statement.where(messages.c.state == str(state))
        if contact is not None:
            statement = statement.where(messages.c.contact == contact)
        if subscription is not None:
            statement = statement.where(messages.c.subscription == subscription)
        with self._store.read() as conn:
            rows = conn.execute(statement).all()
            arrived = posts_of(conn, [row.id for row in rows])
        return [outbox_message(row, arrived.get(row.id)) for row in reversed(rows)]

    def message(self, message_id: str) -> OutboxMessage | None:
        """The message with this id."""
        with self._store.read() as conn:
            row = conn.execute(select(messages).where(messages.c.id == message_id)).first()
            arrived = posts_of(conn, [message_id])
        return None if row is None else outbox_message(row, arrived.get(message_id))

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

    def failed_since(self, at: datetime) -> list[OutboxMessage]:
        """Messages that failed for good at `at` or later."""
        d, failed = deliveries.c, messages.c.state == MessageState.FAILED.value
        latest = select(d.message_id).where(d.outcome == Outcome.FAILED.value, d.ended_at >= at)
        with self._store.read() as conn:
            rows = conn.execute(select(messages).where(failed, messages.c.id.in_(latest)).order_by(messages.c.seq))
            return [outbox_message(row) for row in rows]

    def counts(self) -> dict[str, int]:
        """Number of messages by state; every state is there."""
        with self._store.read() as conn:
            found = conn.execute(select(messages.c.state, func.count()).group_by(messages.c.state)).all()
            return {state.value: 0 for state in MessageState} | {state: int(n) for state, n in found}

    def waiting(self, now: datetime) -> dict[str, int]:
        """By channel, how many messages are due at `now` and under no lease."""
        m = messages.c
        due = (m.state == MessageState.PENDING.value) & (m.not_before <= now)
        lost = (m.state == MessageState.LEASED.value) & (m.lease_until < now)
        with self._store.read() as conn:
            found = conn.execute(select(m.channel, func.count()).where(due | lost).group_by(m.channel))
            return {channel: int(number) for channel, number in found}

    def overdue(
        self, before: datetime, besides: str = "", channels: Collection[str] = ()
    ) -> tuple[int, datetime | None, str]:
        """Of messages that wait and were due before that: how many, since when the first, and why the last one
        that says so. `besides`: a subscription, `channels`: channels that do not count."""
        m = messages.c
        waiting = m.state.in_([MessageState.PENDING.value, MessageState.LEASED.value])
        late = (waiting & (m.due_at < before) & (m.subscription != besides) & m.channel.not_in(list(channels)),)
        why = select(m.last_error).where(*late, m.last_error != "").order_by(m.seq.desc()).limit(1)
        with self._store.read() as conn:
            number, oldest = conn.execute(select(func.count(), func.min(m.due_at)).where(*late)).one()
            return number, oldest, conn.scalar(why) or ""

    def threads(self, channel: str, target: str, call_ids: Iterable[str], *, besides: str = "") -> dict[str, str]:
        """By call id, the remote id of the post in which this target was first told of it.

        Posts of the message `besides` do not count: which thread a post belongs to must not change under way.
        """
        t, found = threads.c, dict[str, str]()
        mine = (t.channel == channel) & (t.target == target) & (t.message_id != besides)
        with self._store.read() as conn:
            for part in chunks(call_ids):
                rows = conn.execute(select(t.call_id, t.remote_id).where(mine, t.call_id.in_(part)))
                found.update((row.call_id, row.remote_id) for row in rows)
        return found

    def last_post(self, channel: str, target: str) -> str:
        """Remote id of the latest post to a target; empty if there is none."""
        m = messages.c
        mine = (m.channel == channel) & (m.target == target)
        latest = select(posts.c.remote_id).join_from(posts, messages).where(mine).order_by(m.seq.desc()).limit(1)
        with self._store.read() as conn:
            return conn.scalar(latest) or ""

    def posted_as(self, remote_id: str) -> OutboxMessage | None:
        """The message of which something arrived under this remote id (such as a mail's Message-ID)."""
        with self._store.read() as conn:
            found = conn.scalar(select(posts.c.message_id).where(posts.c.remote_id == remote_id))
        return self.message(found) if found else None

    def resend(self, message_id: str, at: datetime, *, whole: bool = False) -> bool:
        """Make a failed or sent message due at `at`, as if it had never been tried; its posts stay counted as
        arrived unless it is to be said `whole` again. False if there is none, or it is due or under way anyway."""
        ended = (MessageState.FAILED.value, MessageState.SENT.value, MessageState.DISCARDED.value)
        fresh = {"state": MessageState.PENDING.value, "not_before": at, "due_at": at, "last_error": ""}
        mine = (messages.c.id == message_id) & messages.c.state.in_(ended) & (func.length(messages.c.payload) > 0)
        with self._store.begin() as conn:
            done = conn.execute(update(messages).where(mine).values(fresh)).rowcount > 0
            if done and whole:
                # Nor is the earlier one to be found again, and taken for this one.
                conn.execute(update(messages).where(messages.c.id == message_id).values(unsure=False))
                conn.execute(posts.delete().where(posts.c.message_id == message_id))
        return done

    def release(self, message_ids: Sequence[str], at: datetime) -> int:
        """Let held messages go; returns how many were held."""
        return self._unhold(message_ids, {"state": MessageState.PENDING.value, "not_before": at, "due_at": at})

    def discard(self, message_ids: Sequence[str], reason: str) -> int:
        """Drop held messages: what they tell stays told. Returns how many were held."""
        return self._unhold(message_ids, {"state": MessageState.DISCARDED.value, "last_error": reason})

    def _unhold(self, message_ids: Sequence[str], values: dict[str, object]) -> int:
        held = messages.c.state == MessageState.HELD.value
        with self._store.begin() as conn:
            statements = [
                update(messages).where(held, messages.c.id.in_(part)).values(values)
                for part in chunks(message_ids)
            ]
            return sum(conn.execute(statement).rowcount for statement in statements)

    def told_elsewhere(self, message_id: str, event_ids: Sequence[int], subscription: str) -> str:
        """The id of another message that has told some of these events to the subscription since; else empty."""
        m = matches.c
        other = select(m.message_id).where(m.subscription == subscription, m.message_id != message_id)
        with self._store.read() as conn:
            for part in chunks(event_ids):
                if found := conn.scalar(other.where(m.event_id.in_(part)).limit(1)):
                    return str(found)
        return ""

    def forget_bodies(self, before: datetime) -> int:
        """Delete what was said in messages that ended before `before`; that they were said stays on record."""
        ended = (MessageState.FAILED.value, MessageState.SENT.value, MessageState.DISCARDED.value)
        old = (
            messages.c.state.in_(ended) & (messages.c.created_at < before) & (func.length(messages.c.payload) > 0)
        )
        with self._store.begin() as conn:
            return conn.execute(update(messages).where(old).values(payload=b"")).rowcount


def posts_of(conn: Connection, message_ids: Iterable[str]) -> dict[str, dict[int, str]]:
    """By message id, the remote ids of its posts by number; messages without any are left out."""
    p, found = posts.c, dict[str, dict[int, str]]()
    for part in chunks(message_ids):
        columns = select(p.message_id, p.number, p.remote_id).where(p.message_id.in_(part))
        for message_id, number, remote_id in conn.execute(columns.order_by(p.number)):
            found.setdefault(message_id, {})[number] = remote_id
    return found

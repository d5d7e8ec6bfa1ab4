"""That a message has left, in one statement of PostgreSQL, which is a transaction of its own: one answer to wait
for in place of seven, for each message that is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, Connection, Select, String, bindparam, func, select, update
from sqlalchemy.sql.selectable import CTE

from pipeline.outbox import MessageState, OutboxMessage
from pipeline.store.outbox_rows import Outcome
from pipeline.store.sqlx import Insert, insert_new
from pipeline.store.tables_outbox import deliveries, messages, posts, threads


def at_once(
    conn: Connection, message: OutboxMessage, remote_id: str, at: datetime, last: tuple[int, str, Sequence[str]]
) -> bool:
    """What `Outbox.sent` does and returns; `last` is the post that is not on record yet."""
    number, called, call_ids = last
    new = message.message
    given = {"the_id": new.id, "the_token": message.token, "the_whole": remote_id, "the_time": at}
    given |= {"the_number": number, "the_post": called, "the_calls": list(dict.fromkeys(call_ids))}
    given |= {"the_channel": new.channel, "the_target": new.target}
    return conn.execute(_statement(insert_new(conn, posts), insert_new(conn, threads)), given).first() is not None


@cache
def _statement(post: Insert, thread: Insert) -> Select[Any]:
    mine, d = _ended(), deliveries.c
    attempt = update(deliveries).where(d.message_id == bindparam("the_id"), d.attempt == mine.c.attempts)
    ended: dict[str, Any] = {"ended_at": bindparam("the_time"), "detail": bindparam("the_whole")}
    delivered = attempt.values(outcome=Outcome.SENT.value, **ended).cte("delivered")
    return select(mine.c.attempts).add_cte(delivered, _noted(post), _opened(thread))


def _ended() -> CTE:
    """The end of the attempt, if the lease is still held."""
    m = messages.c
    mine = (m.id == bindparam("the_id")) & (m.lease_token == bindparam("the_token"))
    values: dict[str, Any] = {"state": MessageState.SENT.value, "lease_token": "", "lease_until": None}
    values |= {"sent_at": bindparam("the_time"), "remote_id": bindparam("the_whole"), "last_error": ""}
    leased = update(messages).where(mine, m.state == MessageState.LEASED.value)
    return leased.values(values).returning(m.attempts).cte("mine")


def _noted(post: Insert) -> CTE:
    """That the post has arrived: also when the lease has passed to somebody else, for it has."""
    names = {"message_id": "the_id", "number": "the_number", "remote_id": "the_post", "sent_at": "the_time"}
    return post.values({name: bindparam(given) for name, given in names.items()}).cte("noted")


def _opened(thread: Insert) -> CTE:
    """The threads that begin with it."""
    named = {"channel": "the_channel", "target": "the_target", "remote_id": "the_post", "message_id": "the_id"}
    calls = func.unnest(bindparam("the_calls", type_=ARRAY(String))).column_valued("called")
    values = (bindparam(given, type_=String) for given in named.values())
    return thread.from_select(["call_id", *named], select(calls, *values)).cte("opened")

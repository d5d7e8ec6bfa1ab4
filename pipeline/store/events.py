"""Events: what changed and matters to a reader, each once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from pipeline.models import Event, EventKind
from pipeline.outbox import Candidate, StoredCall
from pipeline.store.call_rows import select_stored, stored_call
from pipeline.store.codec import from_text, to_text
from pipeline.store.sqlx import chunks, insert_new
from pipeline.store.tables import calls, events

_EVENT = (events.c.id, events.c.call_id, events.c.kind, events.c.key, events.c.at, events.c.before, events.c.after)


def add(conn: Connection, new: Iterable[Event], run_id: str) -> int:
    """Store events; one that is already there (same call, kind and key) stays. Returns how many were new.

    Their calls must be stored before.
    """
    rows = [
        {
            "call_id": event.call_id,
            "kind": event.kind.value,
            "key": event.key,
            "at": event.at,
            "run_id": run_id,
            "before": to_text(event.before),
            "after": to_text(event.after),
        }
        for event in new
    ]
    if not rows:
        return 0
    before = conn.scalar(select(func.count()).select_from(events)) or 0
    conn.execute(insert_new(conn, events), rows)
    return (conn.scalar(select(func.count()).select_from(events)) or 0) - before


def since(
    conn: Connection,
    at: datetime | None = None,
    call_id: str | None = None,
    kinds: Iterable[str] | None = None,
    limit: int | None = None,
) -> list[tuple[int, Event]]:
    """Events with their numbers, at `at` or later, oldest first; with `limit` the latest so many."""
    statement: Select[*tuple[Any, ...]] = (
        select(*_EVENT).order_by(events.c.at.desc(), events.c.id.desc()).limit(limit)
    )
    if at is not None:
        statement = statement.where(events.c.at >= at)
    if call_id is not None:
        statement = statement.where(events.c.call_id == call_id)
    if kinds is not None:
        statement = statement.where(events.c.kind.in_([str(kind) for kind in kinds]))
    rows = conn.execute(statement).all()
    return [(row.id, _event(row)) for row in reversed(rows)]


def of_calls(conn: Connection, call_ids: Iterable[str], kinds: Iterable[str]) -> list[tuple[int, Event]]:
    """Events of these kinds that ever happened to these calls, with their numbers."""
    wanted = [str(kind) for kind in kinds]
    found: list[tuple[int, Event]] = []
    for part in chunks(dict.fromkeys(call_ids)):
        statement = select(*_EVENT).where(events.c.call_id.in_(part), events.c.kind.in_(wanted))
        found += [(row.id, _event(row)) for row in conn.execute(statement.order_by(events.c.id))]
    return found


def candidates(conn: Connection, *, after: datetime | None) -> list[Candidate]:
    """Events at `after` or later, oldest first, each with its call as it is now. None: all events.

    An event bears the time of its run, which may be stored a while later: ask with a margin, and leave out what
    `Outbox.told` knows.
    """
    statement: Select[*tuple[Any, ...]] = select(*_EVENT).order_by(events.c.at, events.c.id)
    if after is not None:
        statement = statement.where(events.c.at >= after)
    rows = conn.execute(statement).all()
    stored: dict[str, StoredCall] = {}
    for part in chunks(dict.fromkeys(row.call_id for row in rows)):
        found = conn.execute(select_stored(calls.c.id).where(calls.c.id.in_(part)))
        stored.update((row.id, stored_call(row)) for row in found)
    return [Candidate(row.id, _event(row), stored[row.call_id]) for row in rows]


def _event(row: Row[*tuple[Any, ...]]) -> Event:
    before: Any = from_text(row.before, object)
    after: Any = from_text(row.after, object)
    return Event(row.call_id, EventKind(row.kind), row.at, row.key, before, after)

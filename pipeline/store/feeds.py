"""What the feeds and pages of the HTTP side read: calls with the time of their state, and the latest events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, not_, select

from pipeline.outbox import Candidate, StoredCall
from pipeline.store import events as event_reads
from pipeline.store.call_reads import closed_at
from pipeline.store.call_rows import select_stored, stored_call
from pipeline.store.sqlx import chunks
from pipeline.store.tables import calls, events, versions
from pipeline.store.tables_links import links


class Listed(msgspec.Struct, frozen=True):
    """A call with the time at which its present state was first seen."""

    stored: StoredCall
    changed_at: datetime


def listed(conn: Connection, now: datetime) -> list[Listed]:
    """The calls that are not closed at `now`, among them those that are gone, in a steady order."""
    statement = select_stored(versions.c.at).where(not_(closed_at(now))).order_by(calls.c.id)
    return [Listed(stored_call(row), row.at) for row in conn.execute(statement)]


def latest(conn: Connection, limit: int) -> list[Candidate]:
    """The latest `limit` events, newest first, each with its call as it is now."""
    found = event_reads.since(conn, limit=limit)
    stored = by_id(conn, dict.fromkeys(event.call_id for _, event in found))
    return [Candidate(number, event, stored[event.call_id]) for number, event in reversed(found)]


def by_id(conn: Connection, call_ids: Iterable[str]) -> dict[str, StoredCall]:
    """The calls with exactly these ids; those that are not there are left out."""
    found: dict[str, StoredCall] = {}
    for part in chunks(call_ids):
        rows = conn.execute(select_stored(calls.c.id).where(calls.c.id.in_(part)))
        found.update((row.id, stored_call(row)) for row in rows)
    return found


def mark(conn: Connection) -> str:
    """Changes whenever a harvest, or anything else that readers see, has changed the calls or events."""
    c = calls.c
    counted = func.count(), func.sum(c.version), func.count(c.gone_since), func.max(c.last_seen)
    latest = select(func.max(events.c.id)).scalar_subquery(), select(func.max(links.c.at)).scalar_subquery()
    row = conn.execute(select(*counted, *latest)).one()
    return "|".join(map(str, row))


def answers(conn: Connection) -> bool:
    """True; raises what the database raises when it cannot be read."""
    return conn.scalar(select(func.count()).select_from(select(calls.c.id).limit(1).subquery())) is not None

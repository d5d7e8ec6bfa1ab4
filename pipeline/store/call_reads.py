"""Looking for calls: by filters, and by what a person types."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select

from pipeline.errors import ConfigError
from pipeline.models import Call, Status
from pipeline.outbox import StoredCall
from pipeline.store.call_rows import BASE, IS_BASE, PastVersion, select_stored, stored_call
from pipeline.store.codec import unpack
from pipeline.store.sqlx import chunks
from pipeline.store.tables import calls, versions


def closed_at(now: datetime) -> ColumnElement[bool]:
    """Not `Call.is_live(now)`, in SQL."""
    c = calls.c
    # Not `or`: a comparison with a missing deadline is neither true nor false, and neither is its opposite.
    return case(
        (c.last_deadline_at.is_not(None), c.last_deadline_at <= now), else_=c.portal_status == Status.CLOSED
    )


def status_at(now: datetime) -> ColumnElement[str]:
    """`Call.status_at(now)` in SQL."""
    c = calls.c
    not_yet = or_(c.opens_at > now, and_(c.opens_at.is_(None), c.portal_status == Status.FORTHCOMING.value))
    return case(
        (closed_at(now), Status.CLOSED.value), (not_yet, Status.FORTHCOMING.value), else_=Status.OPEN.value
    )


def query(
    conn: Connection,
    *,
    portal: str | None = None,
    programme: str | None = None,
    status: str | None = None,
    kind: str | None = None,
    since: datetime | None = None,
    text: str | None = None,
    limit: int | None = None,
    now: datetime | None = None,
) -> Iterator[StoredCall]:
    """Calls that fit all filters given, the next to close first, calls without a deadline last.

    `since`: first seen then or later. `status` is that at `now` (default: the clock). `text`: every one of its
    words occurs, in any case, in identifier, title, keywords or text. Calls that are gone are among them.
    """
    words = text.casefold().split() if text else []
    wanted = select(calls.c.id).order_by(calls.c.last_deadline_at.is_(None), calls.c.last_deadline_at, calls.c.id)
    for column, value in ((calls.c.portal, portal), (calls.c.programme, programme), (calls.c.kind, kind)):
        if value is not None:
            wanted = wanted.where(column == str(value))
    if status is not None:
        wanted = wanted.where(status_at(now or datetime.now(UTC)) == str(status))
    if since is not None:
        wanted = wanted.where(calls.c.first_seen >= since)
    if limit is not None and not words:
        wanted = wanted.limit(limit)
    found = (stored for stored in _each(conn, wanted) if _says(stored.call, words))
    return found if limit is None else (stored for _, stored in zip(range(limit), found, strict=False))


def current(conn: Connection, since: datetime) -> list[StoredCall]:
    """Calls that are listed and were not closed yet at `since`, so those among them that have closed since."""
    wanted = select(calls.c.id).where(calls.c.gone_since.is_(None), ~closed_at(since)).order_by(calls.c.id)
    return list(_each(conn, wanted))


def _each(conn: Connection, wanted: Select[tuple[str]]) -> Iterator[StoredCall]:
    for part in chunks(conn.scalars(wanted).all()):
        rows = {row.id: row for row in conn.execute(select_stored(calls.c.id).where(calls.c.id.in_(part)))}
        for call_id in part:
            yield stored_call(rows[call_id])


def _says(call: Call, words: list[str]) -> bool:
    if not words:
        return True
    parts = (call.reference, call.identifier, call.call_identifier, call.title, *call.titles.values())
    said = "\n".join((*parts, *call.keywords, call.text, *call.texts.values())).casefold()
    return all(word in said for word in words)


def get(conn: Connection, needle: str) -> StoredCall | None:
    """The call with this id, reference, identifier (in any case) or unique beginning of one, or None.

    The first of these that fits decides, so a topic is found although cascade calls bear its identifier, too.
    Raises ConfigError naming the candidates if several fit.
    """
    c, sought = calls.c, needle.strip().upper()
    if not sought:
        return None
    names = (func.upper(c.id), func.upper(c.reference), func.upper(c.identifier))
    begins = or_(*(name.startswith(sought, autoescape=True) for name in names))
    for fits in (*(name == sought for name in names), begins):
        ids = conn.scalars(select(c.id).where(fits).order_by(c.id).limit(_NAMED + 1)).all()
        if len(ids) > 1:
            more = " and more" if len(ids) > _NAMED else ""
            raise ConfigError(f"{needle!r} fits several calls: {', '.join(ids[:_NAMED])}{more}; name one of them")
        if ids:
            return stored_call(conn.execute(select_stored().where(c.id == ids[0])).one())
    return None


_NAMED = 5


def versions_of(conn: Connection, call_id: str) -> list[PastVersion]:
    """All versions of a call, oldest first."""
    v = versions.c
    columns = select(v.number, v.at, v.run_id, v.fingerprint, v.data, BASE.c.data.label("base"))
    joined = columns.outerjoin_from(versions, BASE, IS_BASE)
    rows = conn.execute(joined.where(v.call_id == call_id).order_by(v.number))
    return [PastVersion(r.number, r.at, r.run_id, r.fingerprint, unpack(r.data, Call, r.base)) for r in rows]

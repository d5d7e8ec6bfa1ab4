"""Calls that have been over for long: their first and last state stay, what was between goes with its events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, and_, delete, exists, func, not_, or_, select

from pipeline.linking import LinkState
from pipeline.outbox import MessageState
from pipeline.store.call_reads import closed_at
from pipeline.store.folding import fold_bodies, fold_versions
from pipeline.store.links import SEEN
from pipeline.store.sqlx import chunks
from pipeline.store.tables import call_keys, calls, documents, events, pages, raw_records, sightings, versions
from pipeline.store.tables_links import link_names, links
from pipeline.store.tables_outbox import matches, messages, reminders, threads

_ids = msgspec.json.Decoder(tuple[str, ...]).decode


def over_since(conn: Connection, before: datetime) -> list[str]:
    """Calls that were over at `before`, have not changed since, and still have a past; in steady order.

    None that is linked with one that is not over, or that a message names which may still be sent: of these
    everything is needed.
    """
    c, v, e = calls.c, versions.c, events.c
    present = (v.call_id == c.id) & (v.number == c.version)
    done = or_(closed_at(before), c.gone_since < before)
    ended = select(c.id).join_from(calls, versions, present).where(done, v.at < before)
    over = set(conn.scalars(ended))
    between = versions.alias("between").c
    past = or_(
        exists().where(e.call_id == c.id),
        exists().where(between.call_id == c.id, between.number > 1, between.number < c.version),
    )
    found = set(conn.scalars(ended.where(past))) - _spoken_of(conn)
    return sorted(found - _tied(conn, found, over))


def _tied(conn: Connection, found: set[str], over: set[str]) -> set[str]:
    """Those with a link, also a proposed one, to a call that is not over."""
    k = links.c
    counts = k.state.in_([LinkState.LINKED.value, LinkState.PROPOSED.value])
    pairs = conn.execute(select(k.call_id, k.other_id).where(counts)).all()
    tied = {one for one, other in pairs if other not in over} | {other for one, other in pairs if one not in over}
    return found & tied


def _spoken_of(conn: Connection) -> set[str]:
    """Calls of messages that wait, or that an operator may send again."""
    m = messages.c
    waits = m.state.in_([MessageState.PENDING.value, MessageState.LEASED.value, MessageState.HELD.value])
    failed = and_(m.state == MessageState.FAILED.value, func.length(m.payload) > 0)
    rows = conn.scalars(select(m.call_ids).where(or_(waits, failed)))
    return {call_id for row in rows for call_id in _ids(row)}


def thin(conn: Connection, call_ids: Iterable[str], before: datetime) -> int:
    """Take the past away from these calls: see `over_since`. Returns the bytes saved inside of rows that stay."""
    saved = 0
    for part in chunks(call_ids, 100):
        _forget_telling(conn, part)
        v, c = versions.c, calls.c
        present = select(c.version).where(c.id == v.call_id).scalar_subquery()
        conn.execute(delete(versions).where(v.call_id.in_(part), v.number > 1, v.number < present))
        saved += fold_versions(conn, part, over=True)
        conn.execute(delete(link_names).where(link_names.c.call_id.in_(part), link_names.c.role != SEEN))
        k = call_keys.c
        keys = conn.execute(select(k.portal, k.key).where(k.call_id.in_(part))).all()
        for portal in sorted({key.portal for key in keys}):
            saved += _thin_documents(conn, portal, [key.key for key in keys if key.portal == portal], before)
    return saved


def _forget_telling(conn: Connection, call_ids: Sequence[str]) -> None:
    """Events are deleted together with the memory of who was told: what is not there is not told again."""
    mine = select(events.c.id).where(events.c.call_id.in_(call_ids))
    conn.execute(delete(matches).where(matches.c.event_id.in_(mine)))
    conn.execute(delete(events).where(events.c.call_id.in_(call_ids)))
    for table in (reminders, threads):
        conn.execute(delete(table).where(table.c.call_id.in_(call_ids)))


def _thin_documents(conn: Connection, portal: str, references: Sequence[str], before: datetime) -> int:
    saved = 0
    d, s, r = documents.c, sightings.c, raw_records.c
    for part in chunks(references):
        mine = (d.portal == portal) & d.call_reference.in_(part)
        names = sorted(conn.scalars(select(d.document).where(mine)))
        for chosen in chunks(names):
            seen = (s.portal == portal) & s.document.in_(chosen)
            ends = select(func.min(s.id), func.max(s.id)).where(seen).group_by(s.document)
            kept = {number for row in conn.execute(ends) for number in row}
            conn.execute(delete(sightings).where(seen, s.id.not_in(kept)))
            _forget_bodies(conn, portal, chosen)
            saved += fold_bodies(conn, portal, chosen, over=True)
            unlisted = (d.portal == portal) & d.document.in_(chosen) & (d.last_seen < before)
            body = (r.portal == d.portal) & (r.document == d.document) & (r.digest == d.digest)
            urls = select(r.url).join_from(documents, raw_records, body).where(unlisted)
            conn.execute(delete(pages).where(pages.c.portal == portal, pages.c.url.in_(urls)))
    return saved


def _forget_bodies(conn: Connection, portal: str, names: Sequence[str]) -> None:
    """Of each document the first body stays, and those that a sighting or the document itself names."""
    r, s, d = raw_records.c, sightings.c, documents.c
    of_them = (r.portal == portal) & r.document.in_(names)
    first = select(func.min(r.id)).where(of_them).group_by(r.document)
    seen = exists().where(s.portal == r.portal, s.document == r.document, s.digest == r.digest)
    used = exists().where(
        d.portal == r.portal, d.document == r.document, or_(d.digest == r.digest, d.processed_digest == r.digest)
    )
    conn.execute(delete(raw_records).where(of_them, r.id.not_in(first), not_(seen), not_(used)))

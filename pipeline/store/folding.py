"""Bodies and versions between the first and the present one, kept as differences to the first: nothing is lost.

A document changes in a few places: its next body then takes a hundred bytes where it took thousands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from pipeline.store import marks
from pipeline.store.codec import differ
from pipeline.store.sqlx import chunks
from pipeline.store.tables import call_keys, calls, documents, raw_records, sightings, versions

MARK = "folded up to sighting"
STEP = 2000
"""Sightings looked at in one transaction."""


def fold_new(conn: Connection) -> int | None:
    """Fold what became past since the last time, one step of it; how much that was, None when nothing is left."""
    after = marks.number_of(conn, MARK)
    s = sightings.c
    columns = select(s.id, s.portal, s.document).where(s.id > after).order_by(s.id).limit(STEP)
    rows = conn.execute(columns).all()
    if not rows:
        return None
    done = 0
    for portal in sorted({row.portal for row in rows}):
        changed = sorted({row.document for row in rows if row.portal == portal})
        done += fold_bodies(conn, portal, changed) + _fold_versions_of(conn, portal, changed)
    marks.note_number(conn, MARK, rows[-1].id)
    return done


def fold_bodies(conn: Connection, portal: str, names: Sequence[str], *, current: bool = False) -> int:
    """Fold the past bodies of these documents (with `current`, the present ones, too); returns how many."""
    r, d = raw_records.c, documents.c
    done = 0
    for part in chunks(names):
        of_them = (r.portal == portal) & r.document.in_(part)
        columns = select(r.id, r.document, r.digest, r.base).where(of_them).order_by(r.document, r.id)
        states = select(d.document, d.digest, d.processed_digest)
        used = {
            (document, digest)
            for document, *digests in conn.execute(states.where(d.portal == portal, d.document.in_(part)))
            for digest in digests
        }
        for _, same in groupby(conn.execute(columns).all(), key=lambda row: row.document):
            first, *later = same
            past = [
                row for row in later if row.base is None and (current or (row.document, row.digest) not in used)
            ]
            done += _fold(conn, first, past)
    return done


def _fold(conn: Connection, first: Row[*tuple[Any, ...]], past: Sequence[Row[*tuple[Any, ...]]]) -> int:
    if not past:
        return 0
    r = raw_records.c
    wanted = select(r.id, r.body).where(r.id.in_([first.id, *(row.id for row in past)]))
    bodies: dict[int, bytes] = dict(conn.execute(wanted).all())
    rows = [{"the_id": row.id, "d": differ(bodies[row.id], bodies[first.id]), "b": first.digest} for row in past]
    conn.execute(_FOLD_BODY, rows)
    return len(rows)


_FOLD_BODY = (
    update(raw_records)
    .where(raw_records.c.id == bindparam("the_id"))
    .values(body=bindparam("d"), base=bindparam("b"))
)


def _fold_versions_of(conn: Connection, portal: str, names: Iterable[str]) -> int:
    d, k = documents.c, call_keys.c
    found = set[str]()
    for part in chunks(names):
        mine = select(d.call_reference).where(d.portal == portal, d.document.in_(part))
        found.update(conn.scalars(select(k.call_id).where(k.portal == portal, k.key.in_(mine))))
    return fold_versions(conn, sorted(found))


def fold_versions(conn: Connection, call_ids: Sequence[str]) -> int:
    """Fold the versions of these calls that are neither the first nor the present one; returns how many."""
    v, c = versions.c, calls.c
    done = 0
    for part in chunks(call_ids):
        first = (
            select(v.call_id, func.min(v.number).label("number")).where(v.call_id.in_(part)).group_by(v.call_id)
        )
        base = first.subquery()
        past = (
            select(v.call_id, v.number, v.data, base.c.number.label("first"))
            .join(calls, c.id == v.call_id)
            .join(base, base.c.call_id == v.call_id)
            .where(v.base.is_(None), v.number > base.c.number, v.number < c.version)
        )
        rows = conn.execute(past).all()
        if rows:
            bases = _data(conn, {(row.call_id, row.first) for row in rows})
            conn.execute(_FOLD_VERSION, [_difference(row, bases) for row in rows])
            done += len(rows)
    return done


def _data(conn: Connection, wanted: set[tuple[str, int]]) -> dict[tuple[str, int], bytes]:
    v = versions.c
    rows = conn.execute(
        select(v.call_id, v.number, v.data).where(v.call_id.in_({call_id for call_id, _ in wanted}))
    )
    return {(row.call_id, row.number): row.data for row in rows if (row.call_id, row.number) in wanted}


def _difference(row: Row[*tuple[Any, ...]], bases: Mapping[tuple[str, int], bytes]) -> dict[str, Any]:
    data = differ(row.data, bases[row.call_id, row.first])
    return {"c": row.call_id, "n": row.number, "d": data, "b": row.first}


_FOLD_VERSION = (
    update(versions)
    .where(versions.c.call_id == bindparam("c"), versions.c.number == bindparam("n"))
    .values(data=bindparam("d"), base=bindparam("b"))
)

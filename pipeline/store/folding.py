"""Bodies and versions between the first and the present one, kept as differences to the first: nothing is lost.

A document changes in a few places: its next body then takes a hundred bytes where it took thousands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from pipeline.store import marks
from pipeline.store.codec import differ, press
from pipeline.store.sqlx import chunks
from pipeline.store.tables import call_keys, calls, documents, raw_records, sightings, versions

MARK = "folded up to sighting"
STEP = 2000
"""Sightings looked at in one transaction."""


def fold_new(conn: Connection) -> int | None:
    """Fold what became past since the last time, one step of it; bytes saved, None when nothing is left."""
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


def fold_bodies(conn: Connection, portal: str, names: Sequence[str], *, over: bool = False) -> int:
    """Fold the past bodies of these documents; returns the bytes saved. `over`: the present ones, too, and the
    first is pressed."""
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
        pairs, firsts = [], []
        for _, same in groupby(conn.execute(columns).all(), key=lambda row: row.document):
            first, *later = same
            past = [row for row in later if row.base is None and (over or (row.document, row.digest) not in used)]
            pairs += [(row.id, first.id, first.digest) for row in past]
            firsts.append(first.id)
        done += _fold(conn, pairs) + (_press(conn, firsts) if over else 0)
    return done


def _fold(conn: Connection, pairs: Sequence[tuple[int, int, str]]) -> int:
    """Fold bodies: each by its number, that of its base and the digest of that."""
    done = 0
    for part in chunks(pairs, 250):
        bodies = _bodies(conn, {number for one, base, _ in part for number in (one, base)})
        folded = {one: differ(bodies[one], bodies[base]) for one, base, _ in part}
        conn.execute(_FOLD_BODY, [{"the_id": one, "d": folded[one], "b": digest} for one, _, digest in part])
        done += sum(len(bodies[one]) - len(data) for one, data in folded.items())
    return done


def _press(conn: Connection, numbers: Sequence[int]) -> int:
    bodies = _bodies(conn, numbers)
    pressed = {number: press(body) for number, body in bodies.items()}
    if pressed:
        conn.execute(_FOLD_BODY, [{"the_id": number, "d": data, "b": None} for number, data in pressed.items()])
    return sum(len(bodies[number]) - len(data) for number, data in pressed.items())


def _bodies(conn: Connection, numbers: Collection[int]) -> dict[int, bytes]:
    r = raw_records.c
    return dict(conn.execute(select(r.id, r.body).where(r.id.in_(numbers))).all())


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


def fold_versions(conn: Connection, call_ids: Sequence[str], *, over: bool = False) -> int:
    """Fold the versions of these calls between the first and the present one (`over`: the present one, too);
    returns the bytes saved."""
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
            .where(
                v.base.is_(None), v.number > base.c.number, v.number <= c.version if over else v.number < c.version
            )
        )
        rows = conn.execute(past).all()
        if rows:
            bases = _data(conn, {(row.call_id, row.first) for row in rows})
            folded = [_difference(row, bases) for row in rows]
            conn.execute(_FOLD_VERSION, folded)
            done += sum(len(row.data) - len(values["d"]) for row, values in zip(rows, folded, strict=True))
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

"""Raw records: what portals answered, byte for byte, and which of it has been made into calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, Table, bindparam, delete, func, insert, or_, select, update

from pipeline.harvest import RawBatch, RawRecord, Role
from pipeline.store.codec import compress, decompress, decompress_after
from pipeline.store.sqlx import chunks, insert_new, upsert
from pipeline.store.tables import documents, raw_records, sightings


class StoredDocument(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One body of one document of a call: when it was fetched, and the run that brought it."""

    document: str
    role: Role
    language: str
    body: bytes
    fetched_at: datetime
    digest: str
    run: str
    call_reference: str = ""


def known(conn: Connection, portal: str) -> dict[str, str]:
    """Document by digest of its current body, for a spider to recognise what it has already handed over."""
    columns = select(documents.c.digest, documents.c.document).where(documents.c.portal == portal)
    return dict(conn.execute(columns).all())


def stage(conn: Connection, run_id: str, batch: RawBatch, at: datetime) -> None:
    """Keep what one page yielded, seen at `at`. Repeating a batch changes nothing but `last_seen`.

    A body that returns after another one (A, B, A) is stored once but is a change each time.
    """
    changed = _changed(conn, batch)
    if changed:
        rows = [_raw_row(batch.portal, run_id, record) for record in changed]
        conn.execute(insert_new(conn, raw_records), rows)
        conn.execute(insert(sightings), [{name: row[name] for name in _SIGHTING} for row in rows])
        statement = upsert(conn, documents, key=("portal", "document"), keep=("first_seen", "processed_digest"))
        conn.execute(statement, [_document_row(batch.portal, run_id, record, at) for record in changed])
    same = {record.document for record in batch.records}.difference(record.document for record in changed)
    for part in chunks([*batch.unchanged, *same]):
        conn.execute(_SEEN, {"p": batch.portal, "seen": part, "at": at, "run": run_id})


_SIGHTING = ("portal", "document", "digest", "fetched_at", "run_id")

_SEEN = (
    update(documents)
    .where(documents.c.portal == bindparam("p"), documents.c.document.in_(bindparam("seen", expanding=True)))
    .values(last_seen=bindparam("at"), last_run=bindparam("run"))
)


def _changed(conn: Connection, batch: RawBatch) -> list[RawRecord]:
    """The records that differ from the document's current body, or from the one before in the same batch."""
    current: dict[str, str] = {}
    for part in chunks(record.document for record in batch.records):
        columns = select(documents.c.document, documents.c.digest)
        found = conn.execute(columns.where(documents.c.portal == batch.portal, documents.c.document.in_(part)))
        current.update((document, digest) for document, digest in found)
    changed = []
    for record in batch.records:
        if current.get(record.document) != record.digest:
            current[record.document] = record.digest
            changed.append(record)
    return changed


def _raw_row(portal: str, run_id: str, record: RawRecord) -> dict[str, object]:
    return {
        "portal": portal,
        "document": record.document,
        "digest": record.digest,
        "call_reference": record.call_reference,
        "role": record.role.value,
        "language": record.language,
        "url": record.url,
        "fetched_at": record.fetched_at,
        "run_id": run_id,
        "body": compress(record.body),
    }


def _document_row(portal: str, run_id: str, record: RawRecord, at: datetime) -> dict[str, object]:
    return {
        "portal": portal,
        "document": record.document,
        "digest": record.digest,
        "processed_digest": None,
        "call_reference": record.call_reference,
        "role": record.role.value,
        "language": record.language,
        "fetched_at": record.fetched_at,
        "run_id": run_id,
        "first_seen": at,
        "last_seen": at,
        "last_run": run_id,
    }


def pending(conn: Connection, portal: str) -> list[str]:
    """References of the calls with a document whose current body has not been made into the call, sorted."""
    unprocessed = or_(documents.c.processed_digest.is_(None), documents.c.processed_digest != documents.c.digest)
    statement = select(documents.c.call_reference).where(documents.c.portal == portal, unprocessed).distinct()
    return sorted(conn.scalars(statement))


def load(conn: Connection, portal: str, call_references: Iterable[str]) -> dict[str, list[StoredDocument]]:
    """The current documents of these calls, by reference, each list sorted by document.

    A reference without documents is not in the answer.
    """
    d = documents.c
    found: dict[str, list[StoredDocument]] = {}
    for part in chunks(dict.fromkeys(call_references)):
        rows = _bodies(documents).where(d.portal == portal, d.call_reference.in_(part)).order_by(d.document)
        for row in conn.execute(rows.add_columns(d.call_reference)):
            found.setdefault(row.call_reference, []).append(_document(row))
    return found


def history(conn: Connection, portal: str, call_references: Iterable[str]) -> list[StoredDocument]:
    """Every change of every document of a call in the order it was kept, for a replay.

    `call_references` are all names the call ever had. A body that came back is there again.
    """
    r = raw_records.c
    found: list[tuple[int, StoredDocument]] = []
    for part in chunks(dict.fromkeys(call_references)):
        rows = _bodies(sightings).where(r.portal == portal, r.call_reference.in_(part))
        found += [(row.id, _document(row)) for row in conn.execute(rows.add_columns(sightings.c.id))]
    return [document for _, document in sorted(found, key=lambda each: each[0])]


def _bodies(of: Table) -> Select[*tuple[Any, ...]]:
    """Rows of documents or sightings with the body each stands for, and the one it is a difference to."""
    o, r, b = of.c, raw_records.c, _BASE.c
    columns = select(
        o.document,
        r.role,
        r.language,
        r.body,
        o.fetched_at,
        o.digest,
        o.run_id,
        r.call_reference.label("belongs_to"),
        b.body.label("base_body"),
    )
    joined = columns.join_from(
        of, raw_records, (r.portal == o.portal) & (r.document == o.document) & (r.digest == o.digest)
    )
    return joined.outerjoin(_BASE, (b.portal == r.portal) & (b.document == r.document) & (b.digest == r.base))


_BASE = raw_records.alias("base")


def _document(row: Row[*tuple[Any, ...]]) -> StoredDocument:
    return StoredDocument(
        document=row.document,
        role=Role(row.role),
        language=row.language,
        body=_body(row.body, row.base_body),
        fetched_at=row.fetched_at,
        digest=row.digest,
        run=row.run_id,
        call_reference=row.belongs_to,
    )


def _body(stored: bytes, base: bytes | None) -> bytes:
    return decompress(stored) if base is None else decompress_after(stored, decompress(base))


def reject(conn: Connection, portal: str, run_id: str) -> None:
    """Take back what that run brought and nobody has settled: every document has its last settled body again.

    The bodies themselves stay, as evidence; the next harvest hands them over as if for the first time.
    """
    d, r = documents.c, raw_records.c
    brought = (d.portal == portal, d.run_id == run_id)
    conn.execute(delete(sightings).where(sightings.c.portal == portal, sightings.c.run_id == run_id))
    conn.execute(delete(documents).where(*brought, d.processed_digest.is_(None)))
    settled = select(
        r.document.label("d"),
        *(r[name].label(f"to_{name}") for name in _OF_BODY),
    ).join_from(documents, raw_records, (r.document == d.document) & (r.digest == d.processed_digest))
    rows = conn.execute(settled.where(*brought, r.portal == portal)).mappings().all()
    if rows:
        conn.execute(_BACK, [{"p": portal, **row} for row in rows])


_OF_BODY = ("digest", "call_reference", "role", "language", "fetched_at", "run_id")

_BACK = (
    update(documents)
    .where(documents.c.portal == bindparam("p"), documents.c.document == bindparam("d"))
    .values({name: bindparam(f"to_{name}") for name in _OF_BODY})
)


def mark_processed(conn: Connection, portal: str, processed: Mapping[str, str]) -> None:
    """Note for each document the digest of the body that has been made into its call."""
    if processed:
        conn.execute(_PROCESSED, [{"p": portal, "d": document, "to": to} for document, to in processed.items()])


_PROCESSED = (
    update(documents)
    .where(documents.c.portal == bindparam("p"), documents.c.document == bindparam("d"))
    .values(processed_digest=bindparam("to"))
)


def seen_calls(conn: Connection, portal: str, run_id: str) -> set[str]:
    """References of the calls of which that run saw the call itself or a translation; news do not count."""
    return set(conn.scalars(select_seen(portal, run_id).distinct()))


def select_seen(portal: str, run_id: str) -> Select[tuple[str]]:
    """What `seen_calls` asks for, to be used within another statement."""
    d = documents.c
    return select(d.call_reference).where(
        d.portal == portal, d.last_run == run_id, d.role.in_([Role.CALL.value, Role.TRANSLATION.value])
    )


def counts(conn: Connection, portal: str | None = None) -> dict[str, int]:
    """`documents`, `raw_records` (distinct bodies) and `bytes` (as stored) of a portal or of all."""
    stored = select(func.count(), func.coalesce(func.sum(func.length(raw_records.c.body)), 0))
    stored = stored.select_from(raw_records)
    current = select(func.count()).select_from(documents)
    if portal is not None:
        stored, current = stored.where(raw_records.c.portal == portal), current.where(documents.c.portal == portal)
    number, size = conn.execute(stored).one()
    return {"documents": conn.scalar(current) or 0, "raw_records": number, "bytes": int(size)}

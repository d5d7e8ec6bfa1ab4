"""What is remembered of portals' pages between two harvests, and which pages are worth another look."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from pipeline.harvest import PageMemory, WatchedPage
from pipeline.models import Status
from pipeline.store.call_reads import closed_at
from pipeline.store.codec import decompress, to_text
from pipeline.store.sqlx import upsert
from pipeline.store.tables import calls, documents, pages, raw_records

LONGEST_URL = 2200
_found = msgspec.json.Decoder(tuple[str, ...]).decode
_watched = msgspec.json.Decoder(WatchedPage).decode


def remembered(conn: Connection, portal: str, reading: str) -> dict[str, PageMemory]:
    """By address; only what was read in the same way as the portal is read now."""
    p = pages.c
    columns = select(p.url, p.etag, p.last_modified, p.lastmod, p.found)
    rows = conn.execute(columns.where(p.portal == portal, p.reading == reading))
    return {
        row.url: PageMemory(row.url, row.etag, row.last_modified, row.lastmod, _found(row.found)) for row in rows
    }


def remember(conn: Connection, portal: str, reading: str, read: Iterable[PageMemory]) -> None:
    """Keep what pages held, in place of what was known of them."""
    newest = {memory.url: memory for memory in read if len(memory.url) <= LONGEST_URL}
    rows = [
        {
            "portal": portal,
            "url": memory.url,
            "reading": reading,
            "etag": memory.etag,
            "last_modified": memory.last_modified,
            "lastmod": memory.lastmod,
            "found": to_text(memory.found),
        }
        for memory in newest.values()
    ]
    if rows:
        conn.execute(upsert(conn, pages, key=("portal", "url")), rows)


def watched(conn: Connection, portal: str, now: datetime) -> dict[str, WatchedPage]:
    """By address, the pages from which the calls of the portal came that one can still apply to, now or later."""
    c, d, r = calls.c, documents.c, raw_records.c
    body = (r.portal == d.portal) & (r.document == d.document) & (r.digest == d.digest)
    call = (c.portal == d.portal) & (c.reference == d.call_reference)
    columns = select(r.url, r.body).join_from(documents, raw_records, body).join(calls, call)
    live = columns.where(d.portal == portal, c.gone_since.is_(None), ~closed_at(now))
    rows = conn.execute(live.where(c.status != Status.CLOSED.value).order_by(r.url, d.document.desc()))
    return {row.url: _page(decompress(row.body)) for row in rows}


def _page(body: bytes) -> WatchedPage:
    try:
        return _watched(body)
    except msgspec.DecodeError:
        return WatchedPage()

"""Mails that came back: each counted once, and forgiven when an operator lets an address have mail again."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, select, update

from pipeline.people import Bounce
from pipeline.store.sqlx import add
from pipeline.store.tables_people import bounces


def note(conn: Connection, bounce: Bounce) -> bool:
    """Put a bounce on record; False if that of this message to this address is there already."""
    row = {
        "message_id": bounce.message_id,
        "address": bounce.address,
        "status": bounce.status,
        "sent_at": bounce.sent_at,
        "at": bounce.at,
        "forgiven": False,
    }
    return add(conn, bounces, row)


def days(conn: Connection, address: str, since: datetime) -> set[date]:
    """The days (UTC) on which mails were sent to this address (keyed hash) that came back, from `since` on."""
    b = bounces.c
    mine = (b.address == address) & (b.sent_at >= since) & b.forgiven.is_(False)
    return {sent_at.date() for sent_at in conn.scalars(select(b.sent_at).where(mine))}


def forgive(conn: Connection, address: str) -> int:
    """Count the bounces of this address (keyed hash) no more; they stay on record. Returns how many counted."""
    mine = (bounces.c.address == address) & bounces.c.forgiven.is_(False)
    return conn.execute(update(bounces).where(mine).values(forgiven=True)).rowcount

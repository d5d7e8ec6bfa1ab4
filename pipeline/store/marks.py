"""Small values of a database, by name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from pipeline.store.sqlx import upsert
from pipeline.store.tables_people import keys


def note_time(conn: Connection, name: str, at: datetime) -> None:
    """Remember an instant."""
    conn.execute(upsert(conn, keys, key=("name",)), [{"name": name, "value": at.isoformat()}])


def note_number(conn: Connection, name: str, number: int) -> None:
    """Remember a number."""
    conn.execute(upsert(conn, keys, key=("name",)), [{"name": name, "value": str(number)}])


def number_of(conn: Connection, name: str) -> int:
    """The number that was last noted under `name`, or 0."""
    return int(conn.scalar(select(keys.c.value).where(keys.c.name == name)) or 0)


def time_of(conn: Connection, name: str) -> datetime | None:
    """The instant that was last noted under `name`."""
    value = conn.scalar(select(keys.c.value).where(keys.c.name == name))
    return datetime.fromisoformat(value) if value else None

"""Small values of a database, by name."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from pipeline.store.sqlx import chunks, insert_new, upsert
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


def times(conn: Connection, start: str) -> dict[str, datetime]:
    """The instants noted under names that begin with `start`, by the rest of the name."""
    found = conn.execute(select(keys.c.name, keys.c.value).where(keys.c.name.startswith(start, autoescape=True)))
    return {name.removeprefix(start): datetime.fromisoformat(value) for name, value in found}


def forget(conn: Connection, names: Iterable[str]) -> None:
    """As if nothing had ever been noted under these names."""
    for part in chunks(names):
        conn.execute(delete(keys).where(keys.c.name.in_(part)))


def turn(conn: Connection, name: str, pause: float) -> float:
    """Take the next turn at `name`, of which there is one each `pause` seconds, whoever asks; the seconds until it
    comes. The time is the database's, so that the clocks of several machines do not matter. `name` is kept as a
    hash: it may be a person's address.
    """
    hashed = f"turn {hashlib.blake2b(name.encode(), digest_size=16).hexdigest()}"
    conn.execute(insert_new(conn, keys), [{"name": hashed, "value": "0"}])
    # Whoever comes second waits here until the first has taken its turn.
    free = float(conn.execute(select(keys.c.value).where(keys.c.name == hashed).with_for_update()).scalar_one())
    now = time.time()
    if conn.dialect.name == "postgresql":
        now = float(conn.scalar(select(func.extract("epoch", func.clock_timestamp()))) or 0)
    begin = max(now, free)
    conn.execute(update(keys).where(keys.c.name == hashed).values(value=repr(begin + pause)))
    return begin - now

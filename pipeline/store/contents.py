"""What a database holds, counted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from sqlalchemy import Connection, column, func, select, table

from pipeline.store.all_tables import metadata
from pipeline.store.tables import calls, raw_records, runs
from pipeline.store.tables_outbox import messages
from pipeline.store.tables_people import contacts

_TOLD = (calls, raw_records, runs, messages, contacts)
"""The tables by which a person recognises a database."""


def holdings(connection: sqlite3.Connection) -> dict[str, int]:
    """Rows by table of an SQLite database of any revision, those that are not empty."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    names = [str(name) for (name,) in rows if not str(name).startswith("sqlite_") and name != "alembic_version"]
    counts = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608
    return _in_order({name: number for name, number in counts.items() if number})


def filled(conn: Connection) -> dict[str, int]:
    """Rows by table of a database of the present revision, those that are not empty."""
    return rows_of(conn, metadata.tables)


def rows_of(conn: Connection, names: Iterable[str]) -> dict[str, int]:
    """Rows by table, of these tables that are not empty."""
    counts = {name: conn.scalar(select(func.count()).select_from(table(name, column("x")))) for name in names}
    return _in_order({name: number for name, number in counts.items() if number})


def _in_order(counts: dict[str, int]) -> dict[str, int]:
    """The best known tables first; only these if there are any."""
    best = {known.name: counts[known.name] for known in _TOLD if known.name in counts}
    return best or counts

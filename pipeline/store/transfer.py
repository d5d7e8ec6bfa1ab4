"""From one database into another of either kind: every row, in one transaction, counted and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

from sqlalchemy import Column, Connection, Table, func, insert, select, text
from sqlalchemy.exc import DataError

from pipeline.errors import StoreError
from pipeline.store import locks
from pipeline.store.all_tables import metadata
from pipeline.store.contents import filled
from pipeline.store.engine import Store
from pipeline.store.sqlx import chunks

BATCH = 1000


def copy(
    source: Store, target: Store, advance: Callable[[int, int, str], None] = lambda done, total, what: None
) -> dict[str, int]:
    """Copy all rows into the empty store `target`; returns their numbers by table.

    Nobody writes to the source meanwhile. Raises Busy while a command works on it, StoreError if the target holds
    data, if a value cannot be kept there, or if what arrived differs; then nothing of it stays.
    """
    counts: dict[str, int] = {}
    with locks.hold_all(source.engine), _frozen(source) as origin, target.begin() as conn:
        there = filled(conn)
        if there:
            what = ", ".join(f"{number} {name}" for name, number in there.items())
            raise StoreError(f"{target.name} holds data ({what}): name an empty database; nothing was copied")
        for number, table in enumerate(metadata.sorted_tables):
            sent, sum_sent = _fill(origin, conn, table)
            arrived, sum_arrived = _sum(conn, table)
            if (sent, sum_sent) != (arrived, sum_arrived):
                raise StoreError(
                    f"{table.name}: {sent} rows were read and {arrived} arrived, or not as they were; nothing was "
                    "copied. This is a fault of callwatch: please report it"
                )
            counts[table.name] = arrived
            _set_sequence(origin, conn, table)
            advance(number + 1, len(metadata.sorted_tables), "tables copied")
    return counts


@contextmanager
def _frozen(store: Store) -> Iterator[Connection]:
    """A state of the store that nobody changes inside the with-block."""
    with store.begin() as conn:  # on SQLite this alone keeps writers out
        if conn.dialect.name == "postgresql":
            names = ", ".join(table.name for table in metadata.sorted_tables)
            conn.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))
        yield conn


def _fill(origin: Connection, conn: Connection, table: Table) -> tuple[int, int]:
    """Copy one table; its number of rows and its checksum as they were read."""
    number, total = 0, 0
    for batch in chunks(_rows(origin, table), BATCH):
        try:
            conn.execute(insert(table), [dict(zip(table.columns.keys(), row, strict=True)) for row in batch])
        except (DataError, ValueError) as error:
            raise StoreError(
                f"{table.name}: {_culprit(table, batch)} cannot be kept there ({getattr(error, 'orig', error)}); "
                "nothing was copied"
            ) from error
        number += len(batch)
        total += sum(map(_digest, batch))
    return number, total


def _culprit(table: Table, batch: list[Any]) -> str:
    """The first row with a character that PostgreSQL refuses, by its key."""
    keys = [column.name for column in table.primary_key]
    for row in batch:
        if any(isinstance(value, str) and "\0" in value for value in row):
            return "the row " + ", ".join(f"{key}={getattr(row, key)!r}" for key in keys)
    return "a row"


def _sum(conn: Connection, table: Table) -> tuple[int, int]:
    number, total = 0, 0
    for row in _rows(conn, table):
        number, total = number + 1, total + _digest(row)
    return number, total


def _rows(conn: Connection, table: Table) -> Iterator[Any]:
    return iter(conn.execute(select(table).execution_options(yield_per=BATCH)))


def _digest(row: Any) -> int:
    """Summed over rows it depends on all of them and not on their order, which differs between databases."""
    return int.from_bytes(blake2b(repr(tuple(row)).encode(errors="surrogatepass"), digest_size=16).digest())


def _set_sequence(origin: Connection, conn: Connection, table: Table) -> None:
    """Let the target number rows on from where the source is: no number is given a second time."""
    column = table.autoincrement_column
    if column is None:
        return
    highest = max(_given(origin, table, column), conn.scalar(select(func.max(column))) or 0)
    if not highest:
        return
    if conn.dialect.name == "postgresql":
        names = {"table": table.name, "column": column.name, "highest": highest}
        conn.execute(text("SELECT setval(pg_get_serial_sequence(:table, :column), :highest)"), names)
    elif _counts(table):
        conn.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), {"table": table.name})
        row = {"table": table.name, "highest": highest}
        conn.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :highest)"), row)


def _counts(table: Table) -> bool:
    """Whether SQLite remembers the numbers of rows that are gone."""
    return bool(table.dialect_options["sqlite"]["autoincrement"])


def _given(conn: Connection, table: Table, column: Column[Any]) -> int:
    """The highest number that was ever given in the source."""
    if conn.dialect.name == "postgresql":
        sequence = conn.scalar(text("SELECT pg_get_serial_sequence(:t, :c)"), {"t": table.name, "c": column.name})
        asked = text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608
        return int(conn.scalar(asked) or 0)
    if not _counts(table):
        return 0
    return int(conn.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :t"), {"t": table.name}) or 0)

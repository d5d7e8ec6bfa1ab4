"""From a database address to an SQLAlchemy engine, and from a driver's error to one a person can act on."""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pipeline.errors import Busy, StoreError

BUSY_SECONDS = 30.0
WRITES = "callwatch_writes"


def parse_url(url: str) -> URL:
    """The address with its driver. `postgresql://` and `postgres://` mean psycopg 3.

    Raises StoreError for anything but SQLite and PostgreSQL; the text never repeats the address, which may hold
    a password.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError(f"the database address is not an address: {_EXAMPLES}") from None
    if "@" in f"{parsed.host}{parsed.database}" and parsed.get_backend_name() != "sqlite":
        raise StoreError(_AT_SIGNS)
    name = parsed.drivername
    if name in {"postgres", "postgresql", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    if name in {"sqlite", "sqlite+pysqlite"} and parsed.host:
        raise StoreError(_SLASHES)
    if name in {"sqlite", "sqlite+pysqlite"} and not (parsed.database or "").startswith("file:"):
        return parsed
    raise StoreError(f"callwatch keeps its data in SQLite or PostgreSQL, not in {name!r}: {_EXAMPLES}")


_EXAMPLES = "write sqlite:///callwatch.db or postgresql://user@host/database (CALLWATCH_DATABASE_URL)"
_SLASHES = (
    "an SQLite address has three slashes before a file of this folder (sqlite:///callwatch.db), four before a "
    "whole path (sqlite:////var/lib/callwatch/callwatch.db): mend CALLWATCH_DATABASE_URL"
)
_AT_SIGNS = (
    "the database address has an @ too many: in a password write @ as %40, : as %3A, / as %2F and % as %25, or "
    "leave it out and set PGPASSWORD (CALLWATCH_DATABASE_URL)"
)


def shown(url: URL) -> str:
    """The address as it may be printed: file, or host and database."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    host = url.host or url.query.get("host", "localhost")
    return f"postgresql://{host}{f':{url.port}' if url.port else ''}/{url.database or ''}"


def sqlite_path(url: URL) -> Path | None:
    """The file of an SQLite database, None for PostgreSQL."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def make_engine(url: URL) -> Engine:
    """An engine that begins every transaction the way callwatch needs it. Connects to nothing yet."""
    try:
        if url.get_backend_name() != "sqlite":
            return create_engine(
                url,
                hide_parameters=True,
                pool_pre_ping=True,
                connect_args={"application_name": f"callwatch {socket.gethostname()[:30]} {os.getpid()}"},
            )
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})
    except ModuleNotFoundError:
        raise StoreError("PostgreSQL needs its driver: pip install 'callwatch[postgres]'") from None
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver must not begin transactions by itself: it would do so late, deferred, and not before DDL.
    connection.isolation_level = None
    for pragma in ("foreign_keys=ON", "synchronous=FULL", f"busy_timeout={int(BUSY_SECONDS * 1000)}"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    # A deferred transaction that turns into a writer fails at once when another writer came first; an immediate
    # one waits. Readers are told apart so that they neither wait for writers nor write by mistake.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def explained(url: URL) -> Iterator[None]:
    """Turn a database that cannot be reached, is locked, full or damaged into StoreError or Busy.

    Broken constraints and wrong SQL are faults of ours and pass through as they are.
    """
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as err:
        raise _explain(url, err) from err
    except DBAPIError as err:
        if isinstance(err.orig, sqlite3.DatabaseError) and type(err.orig) is sqlite3.DatabaseError:
            raise _explain(url, err) from err
        raise


def _explain(url: URL, err: Exception) -> StoreError | Busy:
    reason = str(getattr(err, "orig", None) or err).strip()
    where = shown(url)
    if "database is locked" in reason:
        return Busy(f"{where}: another program kept the database locked for {BUSY_SECONDS:g} s; try again later")
    if "is full" in reason or "No space left" in reason:
        return StoreError(f"{where}: no space left, so this step was not stored; free some space and run again")
    if "not a database" in reason:
        return StoreError(f"{where} is not an SQLite database; it was left as it is. Name another file")
    if "malformed" in reason:
        return StoreError(f"{where} is damaged ({reason}); restore it from a backup")
    return StoreError(f"{where}: the database cannot be used: {reason}")

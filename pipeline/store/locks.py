"""Locks between processes, which vanish with the process that holds them, also after `kill -9`.

They only save double work: that nothing is told twice rests on unique keys, not on a lock.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import socket
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from urllib.parse import quote, unquote

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from pipeline.errors import Busy, StoreError
from pipeline.store.connect import explained, sqlite_path

_RETRY_SECONDS = 0.05
_FULL = {errno.ENOSPC, errno.EDQUOT}


def hold(engine: Engine, name: str, *, wait: float = 0.0) -> AbstractContextManager[None]:
    """Hold the lock `name` of this database inside the with-block.

    SQLite: `flock` on the file `<database>.lock.<name>` (not reliable on NFS). PostgreSQL: a session advisory lock
    on a connection of its own, so not through a pooler that shares sessions.
    Raises Busy naming host, pid and time of the holder if it is not free within `wait` seconds.
    """
    path = sqlite_path(engine.url)
    if path is None:
        return _advisory(engine, name, wait)
    return _flock(path.with_name(f"{path.name}.lock.{quote(name, safe='')}"), name, wait)


@contextmanager
def hold_all(engine: Engine, *, besides: Collection[str] = ()) -> Iterator[None]:
    """Hold every lock that this database has ever had inside the with-block, so that no command works on it.

    SQLite; on PostgreSQL only looked at. `besides`: locks that the caller holds. Raises Busy naming the first
    holder.
    """
    path = sqlite_path(engine.url)
    with ExitStack() as stack:
        if path is None:
            _none_held(engine)
        else:
            for name in sorted({"plan", "upgrade", *_names(path)}.difference(besides)):
                stack.enter_context(hold(engine, name))
        yield


def _names(path: Path) -> Iterator[str]:
    """Names of the locks of an SQLite database that were ever held."""
    start = f"{path.name}.lock."
    for file in path.parent.iterdir():
        if file.name.startswith(start):
            yield unquote(file.name.removeprefix(start))


def _none_held(engine: Engine) -> None:
    with explained(engine.url), engine.connect() as connection:
        holder = connection.scalar(_ANY_HOLDER)
    if holder is not None:
        raise _busy("the database", str(holder).removeprefix("callwatch "))


def _me() -> str:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return f"{socket.gethostname()[:30]} {os.getpid()} {now}"


def _busy(name: str, holder: str) -> Busy:
    parts = holder.split()
    if len(parts) != 3:
        return Busy(f"{name}: another process holds the lock")
    return Busy(f"{name}: process {parts[1]} on {parts[0]} holds the lock since {parts[2]}")


def _acquired(attempt: Callable[[], bool], wait: float) -> bool:
    until = time.monotonic() + wait
    while not attempt():
        if time.monotonic() >= until:
            return False
        time.sleep(_RETRY_SECONDS)
    return True


@contextmanager
def _flock(path: Path, name: str, wait: float) -> Iterator[None]:
    try:
        opened = path.open("a+b", buffering=0)
    except OSError as err:
        remedy = "free some space and run again" if err.errno in _FULL else "check who owns it"
        raise StoreError(f"the lock file {path} cannot be opened ({err.strerror}): {remedy}") from err
    with opened as file:

        def attempt() -> bool:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        if not _acquired(attempt, wait):
            file.seek(0)
            raise _busy(name, file.read(200).decode(errors="replace"))
        _sign(file, _me())
        try:
            yield
        finally:
            # The file stays: were it removed, two processes could lock two files of one name.
            _sign(file, "")


def _sign(file: FileIO, holder: str) -> None:
    """Write who holds the lock. A full disk takes away the name, not the lock, which is not on the disk."""
    with suppress(OSError):
        file.truncate(0)
        file.write(holder.encode())


def held(engine: Engine, names: Iterable[str]) -> set[str]:
    """Those of the locks `names` of a PostgreSQL database that some process holds now."""
    with explained(engine.url), engine.connect() as connection:
        keys = set(connection.scalars(_HELD))
    return {name for name in names if advisory_key(name) in keys}


_TRY = text("SELECT pg_try_advisory_lock(:key)")
_UNLOCK = text("SELECT pg_advisory_unlock(:key)")
_SIGN = text("SELECT set_config('application_name', :sign, false)")
_HOLDER = text(
    """
    SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (l.classid::bigint << 32 | l.objid::bigint) = :key
    """
)
_ANY_HOLDER = text(
    """
    SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND a.application_name LIKE 'callwatch %'
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1
    """
)


_HELD = text(
    """
    SELECT l.classid::bigint << 32 | l.objid::bigint FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
)


def advisory_key(name: str) -> int:
    """The 64-bit number by which PostgreSQL knows the lock `name`."""
    digest = hashlib.blake2b(f"callwatch:{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


@contextmanager
def _advisory(engine: Engine, name: str, wait: float) -> Iterator[None]:
    key = advisory_key(name)
    with ExitStack() as stack:
        with explained(engine.url):
            connection = stack.enter_context(_own_connection(engine))
            if not _acquired(lambda: bool(connection.scalar(_TRY, {"key": key})), wait):
                raise _busy(name, str(connection.scalar(_HOLDER, {"key": key}) or "").removeprefix("callwatch "))
            connection.execute(_SIGN, {"sign": f"callwatch {_me()}"})
        try:
            yield
        finally:
            # Closing frees it as well, but a moment later: who asks at once would find it held.
            with suppress(DBAPIError):
                connection.execute(_UNLOCK, {"key": key})


@contextmanager
def _own_connection(engine: Engine) -> Iterator[Connection]:
    """A connection that is closed for good at the end, which is what frees its locks."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    connection.detach()
    try:
        yield connection
    finally:
        try:
            connection.close()
        except DBAPIError:
            # The server went away meanwhile, and the lock with it.
            connection.invalidate()

"""Bring a database to the revision this code is written for, or say why not.

Alembic is imported only when there is something to do: a start with an up-to-date database does not pay for it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection, Engine, inspect, text

from pipeline.errors import StoreError, StoreTooNew
from pipeline.store import locks
from pipeline.store.connect import explained, shown, sqlite_path

if TYPE_CHECKING:
    from alembic.config import Config

# Oldest first; the last is what this code needs. A test compares the list with the migrations.
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")

MIGRATIONS = Path(__file__).parent / "migrations"

# A second process that starts meanwhile waits so long for the first one's upgrade.
_WAIT_SECONDS = 300.0


class Upgrade(msgspec.Struct, frozen=True):
    """What opening did. `before` is empty for a database that was created; `backup` is the SQLite copy made."""

    before: str
    after: str
    backup: Path | None = None


def prepare(engine: Engine, writer: Engine, *, allowed: bool) -> Upgrade | None:
    """Create or upgrade the database behind `engine` unless it is current; `writer` begins write transactions.

    Raises StoreError if that is needed but not `allowed`, if the database belongs to another program, and
    StoreTooNew if it was written by a newer callwatch. Nothing is changed then.
    """
    path = sqlite_path(engine.url)
    if path is not None:
        _check_path(path, allowed)
        if not path.exists():
            _create(path)
    before = revision(engine)
    if before == REVISIONS[-1]:
        return None
    if not allowed:
        state = f"is at revision {before}" if before else "is empty"
        raise StoreError(
            f"{shown(engine.url)} {state}, this callwatch needs {REVISIONS[-1]}: run `callwatch db upgrade`"
        )
    with locks.hold(engine, "upgrade", wait=_WAIT_SECONDS):
        before = revision(engine)
        if before == REVISIONS[-1]:
            return None
        backup = back_up(path, before) if path is not None and before else None
        if path is not None:
            use_wal(path)
        _migrate(writer)
    return Upgrade(before, REVISIONS[-1], backup)


def _check_path(path: Path, allowed: bool) -> None:
    folder = path.parent
    if not folder.is_dir():
        raise StoreError(
            f"there is no folder {folder} for the database {path.name}: create it, or name another file"
        )
    if not path.exists() and not allowed:
        raise StoreError(f"there is no database {path}: run `callwatch db upgrade` to create it")
    if path.is_dir():
        raise StoreError(f"{path} is a folder; name a file for the database, such as {path / 'callwatch.db'}")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise StoreError(f"{path} may not be written by this user: change its owner, or name another file")


def _create(path: Path) -> None:
    """An empty file that others on this machine cannot read: it will hold people's addresses. What SQLite puts
    beside it, and backups, take over its mode. A group may read it where the umask lets it."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o660))


def revision(engine: Engine) -> str:
    """The revision of the database, empty for an empty one. Raises if it is not ours or too new."""
    with engine.connect() as connection:
        tables = set(inspect(connection).get_table_names())
        if not tables:
            return ""
        found = _versions(connection) if "alembic_version" in tables else []
    where = shown(engine.url)
    if len(found) == 1 and found[0] in REVISIONS:
        return found[0]
    if len(found) == 1 and {"calls", "raw_records"} <= tables:
        raise StoreTooNew(
            f"{where} is at revision {found[0]}, written by a newer callwatch; this one knows revisions up to "
            f"{REVISIONS[-1]}: update callwatch, or name another database, or give it a backup of before "
            "(`callwatch db restore FILE --replace`)"
        )
    raise StoreError(
        f"{where} belongs to another program (it has the table {min(tables)!r} and no revision of callwatch); "
        "it was left as it is. Name another database"
    )


def _versions(connection: Connection) -> list[str]:
    return list(connection.scalars(text("SELECT version_num FROM alembic_version")))


def back_up(path: Path, before: str) -> Path:
    """Copy the database beside itself as it was before a step, named after `before` and the time."""
    backup = path.with_name(f"{path.name}.{before}.{stamp()}.backup")
    whole_copy(path, backup)
    return backup


def stamp() -> str:
    """The time as a part of a file's name, to the microsecond: no two are alike."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def whole_copy(path: Path, to: Path) -> None:
    """`copy`, on disk before it bears its name: one cut short is never taken for a backup. Replaces `to`."""
    unfinished = to.with_name(f"{to.name}.part")
    unfinished.unlink(missing_ok=True)
    try:
        copy(path, unfinished)
        shutil.copymode(path, unfinished)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.rename(to)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def copy(path: Path, to: Path) -> None:
    """Copy an SQLite database as it is at this moment, whoever else is writing to it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM INTO ?", (str(to),))


def use_wal(path: Path) -> None:
    """Let readers of an SQLite database work while somebody writes."""
    # Readers then never wait for a writer. The mode is kept in the file, so once is enough.
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def alembic_config(connection: Connection) -> Config:
    """What Alembic's commands need to work on `connection`; needs no alembic.ini."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _migrate(writer: Engine) -> None:
    """Run the migrations in one transaction, so that one killed half way has never begun."""
    from alembic import command

    with explained(writer.url), writer.connect() as connection:
        # A table is changed on SQLite by building it anew, which must not fire the keys that point at it. The
        # switch works only outside a transaction, hence before SQLAlchemy begins one.
        sqlite = writer.dialect.name == "sqlite"
        if sqlite:
            connection.detach()
            _switch_off_foreign_keys(connection)
        # Alembic keeps what it works on in a module.
        with _one_at_a_time, connection.begin():
            command.upgrade(alembic_config(connection), "head")
            if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                where = shown(writer.url)
                raise StoreError(f"{where}: the upgrade would break links between rows; nothing was changed")


_one_at_a_time = threading.Lock()


def _switch_off_foreign_keys(connection: Connection) -> None:
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.close()

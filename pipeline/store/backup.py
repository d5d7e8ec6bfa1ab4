"""An SQLite database as one file: written while others work, looked over, and put back in place of another."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from pipeline.errors import StoreError
from pipeline.store import locks, upgrade
from pipeline.store.connect import explained, make_engine, parse_url
from pipeline.store.contents import holdings
from pipeline.store.engine import Store

PG_DUMP_BEGINS = b"PGDMP"
"""The first bytes of what `pg_dump --format=custom` writes."""


class Restored(msgspec.Struct, frozen=True):
    """What a restore did: the revision of the file, that of the database now, and the copy of what was there."""

    before: str
    after: str
    kept: Path | None = None


def new_file(path: Path) -> None:
    """Raise StoreError unless a file of that name can be created."""
    if not path.parent.is_dir():
        raise StoreError(f"there is no folder {path.parent} for the backup: create it, or name another file")
    if path.exists():
        raise StoreError(f"there is {path} already, and a backup never replaces one: name another file")


def back_up(source: Path, to: Path) -> str:
    """Write the database `source` as it is now into the new file `to` and look it over; returns its revision."""
    new_file(to)
    if not source.exists():
        raise StoreError(f"there is no database {source}, so there is nothing to back up")
    _revision_of(source)
    try:
        upgrade.whole_copy(source, to)
    except sqlite3.Error as error:
        raise StoreError(f"{source} could not be copied to {to}: {error}") from error
    return look_over(to)


def look_over(path: Path) -> str:
    """The revision of an SQLite database in which nothing is broken. Raises StoreError saying what is."""
    if not path.is_file():
        raise StoreError(f"there is no file {path}")
    with path.open("rb") as file:
        if file.read(5) == PG_DUMP_BEGINS:
            raise StoreError(f"{path} is a dump of PostgreSQL: restore it there, then use `callwatch db copy`")
    try:
        with closing(sqlite3.connect(path)) as connection:
            problems = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
            if problems != ["ok"]:
                raise StoreError(f"{path} is damaged ({'; '.join(problems)}): take another backup")
            if connection.execute("PRAGMA foreign_key_check").fetchone():
                raise StoreError(f"{path} has broken links between rows: take another backup")
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path} cannot be read as an SQLite database ({error}): take another backup") from error
    found = _revision_of(path)
    if not found:
        raise StoreError(f"{path} is empty: it is no backup of callwatch")
    return found


def _revision_of(path: Path) -> str:
    engine = make_engine(parse_url(f"sqlite:///{path}"))
    try:
        with explained(engine.url):
            return upgrade.revision(engine)
    finally:
        engine.dispose()


def restore(target: Path, file: Path, *, replace: bool) -> Restored:
    """Make the database `target` what `file` is, upgraded to what this code needs; `file` stays as it is.

    What the target holds is replaced only with `replace`, and kept beside it. Raises StoreError, or Busy while a
    command works on the target; nothing is changed then.
    """
    if target.exists() and file.exists() and target.samefile(file):
        raise StoreError(f"{file} is the database itself: name a backup")
    before = look_over(file)
    ready = target.with_name(f"{target.name}.restore")
    engine = make_engine(parse_url(f"sqlite:///{target}"))
    try:
        if not target.parent.is_dir():
            raise StoreError(f"there is no folder {target.parent} for the database {target.name}: create it")
        with locks.hold_all(engine):
            holds = _held_by(target, replace)
            _make_ready(file, ready)
            kept = _put(ready, target, holds=holds)
    finally:
        engine.dispose()
        _without(ready, "", "-wal", "-shm", ".lock.upgrade")
    return Restored(before, upgrade.REVISIONS[-1], kept)


def _make_ready(file: Path, ready: Path) -> None:
    upgrade.whole_copy(file, ready)
    with Store.open(f"sqlite:///{ready}") as store:
        done = store.upgraded
    if done and done.backup:
        done.backup.unlink()  # the file that is restored is that backup


def _without(path: Path, *endings: str) -> None:
    for ending in endings:
        path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)


def _held_by(target: Path, replace: bool) -> str:
    """What the target is: nothing, data, or damaged. Raises StoreError if that must not be replaced."""
    if not target.exists():
        return "nothing"
    try:
        with closing(sqlite3.connect(target)) as connection:
            tables = {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master")}
            found = holdings(connection) if tables else {}
    except sqlite3.DatabaseError as error:
        if not replace:
            raise StoreError(
                f"{target} is damaged ({error}): say --replace to put the backup in its place"
            ) from None
        return "damaged"
    if tables and not {"alembic_version", "calls", "raw_records"} <= tables:
        raise StoreError(f"{target} belongs to another program; it was left as it is. Name another database")
    if found and not replace:
        what = ", ".join(f"{number} {name}" for name, number in found.items())
        raise StoreError(f"{target} holds data ({what}): say --replace; what it holds is kept beside it")
    return "data" if found else "nothing"


def _put(ready: Path, target: Path, *, holds: str) -> Path | None:
    """Write `ready` over the target in one transaction, so that whoever reads it sees the old or the new one."""
    kept = None
    if holds == "damaged":
        kept = target.rename(target.with_name(f"{target.name}.replaced.{upgrade.stamp()}.damaged"))
        log = target.with_name(f"{target.name}-wal")
        if log.exists():
            log.rename(kept.with_name(f"{kept.name}-wal"))
        _without(target, "-shm")
    elif holds == "data":
        kept = upgrade.back_up(target, "replaced")
    with closing(sqlite3.connect(ready)) as source, closing(sqlite3.connect(target, timeout=30.0)) as connection:
        try:
            source.backup(connection)
        except sqlite3.Error as error:
            raise StoreError(f"{target} could not be written ({error}); it is as it was") from error
    upgrade.use_wal(target)
    return kept

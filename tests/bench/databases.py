"""SQLite and a real PostgreSQL: new databases for every run, and the least any program must do to fill one.

The limit is given the very rows that callwatch wrote, ready made: it puts them into the same tables with the same
indexes, by sqlite3's executemany or PostgreSQL's COPY, and does nothing else. PostgreSQL's own CPU seconds count
on both sides.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import text

from pipeline.store import Store
from pipeline.store.all_tables import metadata
from tests.bench.measure import cpu
from tests.delivery.postgres import postgresql
from tests.store.conftest import _administrator, _database

Rows = dict[str, Any]
"""By table, in the order in which they can be written: its rows, in a form that is quickest to write."""


class Databases(Protocol):
    """One kind of database."""

    name: str
    key: str

    def clock(self) -> float:
        """CPU seconds until now of this process, and of the server where there is one."""
        ...

    def new(self, like: str | None = None) -> str:
        """Address of a new store: an empty one, or a copy of the one at `like`, which nobody has open."""
        ...

    def rows(self, url: str, tables: Sequence[str]) -> Rows:
        """What stands in these tables."""
        ...

    def write(self, url: str, rows: Rows) -> None:
        """Put the rows into the store at `url`, in one transaction."""
        ...


def _in_order(tables: Sequence[str]) -> list[str]:
    return [table.name for table in metadata.sorted_tables if table.name in tables]


class OnSqlite:
    """Files in a folder."""

    name, key = "SQLite", "sqlite"

    def clock(self) -> float:
        return cpu()

    def __init__(self, home: Path) -> None:
        self._home, self._number = home, 0
        self._empty = home / "empty.db"
        Store.open(f"sqlite:///{self._empty}").close()

    def new(self, like: str | None = None) -> str:
        self._number += 1
        path = self._home / f"store-{self._number}.db"
        shutil.copy(like.removeprefix("sqlite:///") if like else self._empty, path)
        return f"sqlite:///{path}"

    def file(self) -> Path:
        """Where a database may be made that is no store of ours."""
        self._number += 1
        return self._home / f"other-{self._number}.db"

    def rows(self, url: str, tables: Sequence[str]) -> Rows:
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in _in_order(tables)}

    def write(self, url: str, rows: Rows) -> None:
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
            for line in ("PRAGMA foreign_keys=ON", "PRAGMA synchronous=FULL", "BEGIN IMMEDIATE"):
                connection.execute(line)
            for name, found in rows.items():
                if found:
                    places = ",".join("?" * len(found[0]))
                    connection.executemany(f"INSERT INTO {name} VALUES ({places})", found)
            connection.execute("COMMIT")


class OnPostgresql:
    """Databases of one server."""

    name, key = "PostgreSQL", "postgresql"

    def __init__(self, server: str) -> None:
        self._server, self._number = server, 0
        self._empty = self.new()
        Store.open(self._empty).close()
        with psycopg.connect(_plain(server)) as connection:
            self._postmaster = _parent(connection.info.backend_pid)

    def new(self, like: str | None = None) -> str:
        self._number += 1
        template = like or getattr(self, "_empty", None)
        copied = f" TEMPLATE {_name(template)}" if template else ""
        with _administrator(self._server) as connection:
            connection.execute(text(f"CREATE DATABASE bench{self._number}{copied}"))
        return _database(self._server, f"bench{self._number}")

    def clock(self) -> float:
        return cpu() + _spent(self._postmaster)

    def rows(self, url: str, tables: Sequence[str]) -> Rows:
        found: Rows = {}
        with psycopg.connect(_plain(url)) as connection:
            for name in _in_order(tables):
                with connection.cursor().copy(f"COPY {name} TO STDOUT") as copy:
                    found[name] = b"".join(map(bytes, copy))
        return found

    def write(self, url: str, rows: Rows) -> None:
        with psycopg.connect(_plain(url)) as connection:
            for name, found in rows.items():
                with connection.cursor().copy(f"COPY {name} FROM STDIN") as copy:
                    copy.write(found)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg:", "postgresql:")


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def _parent(process: int) -> int:
    return int(_numbers(process)[1])


def _numbers(process: int) -> list[str]:
    """What the system says of a process, from its state on (proc(5): number 3)."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def _spent(postmaster: int) -> float:
    """CPU seconds of the server until now: its own, its children's, and those of children that have ended."""
    total = _seconds(postmaster) + sum(map(int, _numbers(postmaster)[13:15])) / 100
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return total + sum(map(_seconds, map(int, children)))


def _seconds(process: int) -> float:
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9
    except OSError:  # it has ended meanwhile
        return 0.0


@contextmanager
def both(home: Path) -> Iterator[list[Databases]]:
    """Both kinds; PostgreSQL lives as long as the block."""
    with postgresql() as server:
        yield [OnSqlite(home), OnPostgresql(server)]

"""The store as the rest of callwatch sees it: transactions and locks of one database."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL

from pipeline.store import locks, upgrade
from pipeline.store.connect import WRITES, explained, make_engine, parse_url, shown, sqlite_path


class Store:
    """One database. Safe to use from several threads; not to be carried over a fork.

    The functions of raw, calls, events and runs take the Connection that `begin` or `read` gives.
    """

    def __init__(self, engine: Engine, *, temporary: Path | None = None) -> None:
        self.engine = engine
        self.upgraded: upgrade.Upgrade | None = None
        self._temporary = temporary
        self._writer = engine.execution_options(**{WRITES: True})
        self._reader = self._single = engine
        if engine.dialect.name == "postgresql":
            # What SQLite gives every reader: one state of the whole database, and no writing by mistake.
            self._reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._single = engine.execution_options(isolation_level="AUTOCOMMIT")

    @classmethod
    def open(cls, url: str, *, upgrade: bool = True) -> Store:
        """Open the database at `url`, and create or upgrade it where that is needed and allowed.

        `sqlite://` is a database of this process alone, gone after `close`. Raises StoreError (StoreTooNew) with
        the remedy if the database cannot be used as it is; a database of another program is never written to.
        """
        parsed = parse_url(url)
        temporary = None
        if parsed.get_backend_name() == "sqlite" and parsed.database in {None, "", ":memory:"}:
            temporary = Path(tempfile.mkdtemp(prefix="callwatch-"))
            parsed = parsed.set(database=str(temporary / "callwatch.db"))
        store = cls(make_engine(parsed), temporary=temporary)
        try:
            store._prepare(upgrade)
        except BaseException:
            store.close()
            raise
        return store

    def _prepare(self, allowed: bool) -> None:
        with explained(self.url):
            self.upgraded = upgrade.prepare(self.engine, self._writer, allowed=allowed)

    @property
    def url(self) -> URL:
        """The address, with its password: for `shown`, never for printing."""
        return self.engine.url

    @property
    def name(self) -> str:
        """The address without secrets, to be printed."""
        return shown(self.url)

    @property
    def path(self) -> Path | None:
        """The file of an SQLite database."""
        return sqlite_path(self.url)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A write transaction: all of it is stored at the end of the block, or nothing.

        Waits up to 30 s for other writers on SQLite. Raises StoreError when the database is full, damaged or away,
        Busy when it stays locked.
        """
        with explained(self.url), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction: one unchanging state of the database, in which writing is an error."""
        with explained(self.url), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def single(self) -> Iterator[Connection]:
        """For one statement of PostgreSQL that is a transaction of its own, over when it has been executed. Raises
        as `begin` does."""
        with explained(self.url), self._single.connect() as connection:
            yield connection

    def copy_to(self, path: Path) -> None:
        """Copy an SQLite database to `path`, which must not exist; other databases are not copied."""
        if self.path is not None:
            upgrade.copy(self.path, path)

    def lock(self, name: str) -> AbstractContextManager[None]:
        """Hold the lock `name` of this database, or raise Busy at once; see `locks.hold`."""
        return locks.hold(self.engine, name)

    def close(self) -> None:
        """Close all connections; a second time does nothing."""
        self.engine.dispose()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

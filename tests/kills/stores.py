"""New databases of both kinds for the campaigns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.delivery.postgres import database, postgresql

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
STORES = (SQLITE, POSTGRESQL)


@contextmanager
def new(store: str, folder: Path) -> Iterator[str]:
    """Address of an empty database of that kind, with a server of its own where it needs one."""
    if store == SQLITE:
        yield f"sqlite:///{folder / 'callwatch.db'}"
        return
    with postgresql() as server, database(server, "kills") as url:
        yield url

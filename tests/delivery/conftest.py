"""Both stores, and the processes of these tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.store import Store
from tests.delivery.postgres import database
from tests.delivery.processes import Forks
from tests.delivery.smtp_server import MailServer, mail_server
from tests.store.conftest import outbox, postgres, postgres_template, sqlite_template, store, url

__all__ = ["outbox", "postgres", "postgres_template", "sqlite_template", "store", "url"]


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """The process that is forked for each planning and each delivery."""
    started = Forks()
    yield started
    started.stop()


@pytest.fixture
def on_sqlite(tmp_path: Path) -> str:
    """Address of a new SQLite database."""
    return f"sqlite:///{tmp_path / 'callwatch.db'}"


@pytest.fixture
def on_postgresql(postgres: str) -> Iterator[str]:
    """Address of a new PostgreSQL database."""
    with database(postgres, "delivery") as address:
        yield address


@pytest.fixture
def sqlite(on_sqlite: str) -> Iterator[Store]:
    """A new SQLite store, for what has nothing to do with the kind of database."""
    with Store.open(on_sqlite) as opened:
        yield opened


@pytest.fixture
def mails() -> Iterator[MailServer]:
    """A mail server in a thread of this process."""
    with mail_server() as server:
        yield server

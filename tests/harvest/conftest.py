"""Fixtures of the tests of the whole harvest."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.harvest.commands import Callwatch, Zygote
from tests.harvest.lists import KEY
from tests.portals.facts import answer
from tests.portals.list_server import ListServer, list_server
from tests.store.conftest import _administrator, _database, postgres

__all__ = ["postgres"]

_numbers = itertools.count()


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """The process that is forked for each command."""
    started = Zygote()
    yield started
    started.stop()


@pytest.fixture
def callwatch(zygote: Zygote, tmp_path: Path) -> Callwatch:
    """The command line over a new SQLite database."""
    return Callwatch(zygote, tmp_path)


@pytest.fixture
def over_postgresql(postgres: str, zygote: Zygote, tmp_path: Path) -> Iterator[Callwatch]:
    """The command line over a new PostgreSQL database."""
    name = f"h{next(_numbers)}"
    with _administrator(postgres) as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        yield Callwatch(zygote, tmp_path, _database(postgres, name))
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def vinnova() -> Iterator[ListServer]:
    """Its rounds, on loopback."""
    with list_server("/api/ansokningsomgangar", answer("vinnova"), dated=True) as server:
        yield server


@pytest.fixture
def formas() -> Iterator[ListServer]:
    """Its calls, on loopback; they cost a key."""
    with list_server("/gdp_formas/utlysningar", answer("formas"), key=KEY) as server:
        yield server

"""Every test of the store runs on SQLite and on a real PostgreSQL, which lives as long as the test session."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from pipeline.store import Outbox, Store

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of an empty PostgreSQL server of this session (each xdist worker has its own)."""
    # Not below pytest's own folder: for root the server runs as another user, who must get through to it.
    folder = Path(tempfile.mkdtemp(prefix="cw-pg-"))
    folder.chmod(0o755)
    # pgserver keeps its lock file here; its default place warns on machines without a login session.
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    try:
        import pgserver
    except ImportError:
        pytest.skip("pgserver is not installed: there is no wheel of it for this machine")
    try:
        server = pgserver.get_server(folder / "data", cleanup_mode="delete")
        try:
            address = server.get_uri().replace("postgresql:", "postgresql+psycopg:")
            _make_quick(address)
            yield address
        finally:
            server.cleanup()
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
        shutil.rmtree(folder, ignore_errors=True)


def _make_quick(address: str) -> None:
    # Processes are killed in these tests, never the machine: flushing to disk would prove nothing.
    with _administrator(address) as connection:
        connection.execute(text("ALTER SYSTEM SET fsync = off"))
        connection.execute(text("SELECT pg_reload_conf()"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store as a file to be copied, which is quicker than creating one for every test."""
    path = tmp_path_factory.mktemp("template") / "callwatch.db"
    Store.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> str:
    """Name of a PostgreSQL database that is an empty store."""
    with _administrator(postgres) as connection:
        connection.execute(text("CREATE DATABASE ready"))
    Store.open(_database(postgres, "ready")).close()
    return "ready"


@contextmanager
def _administrator(server: str) -> Iterator[Connection]:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _database(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a new database: an empty store for tests that ask for `store` or `outbox`, else nothing yet."""
    ready = not {"store", "outbox"}.isdisjoint(request.fixturenames)
    if request.param == "sqlite":
        path = tmp_path / "callwatch.db"
        if ready:
            shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres")
    template = request.getfixturevalue("postgres_template") if ready else "template1"
    name = f"t{next(_numbers)}"
    with _administrator(server) as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        yield _database(server, name)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A new, empty store."""
    with Store.open(url) as opened:
        yield opened


@pytest.fixture
def outbox(store: Store) -> Outbox:
    """The outbox of a new store."""
    return Outbox(store)

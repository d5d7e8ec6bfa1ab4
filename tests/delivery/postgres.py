"""A real PostgreSQL outside of pytest, for the modules that print figures."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from tests.store.conftest import _administrator, _database, _make_quick


@contextmanager
def postgresql() -> Iterator[str]:
    """Address of an empty server, which ends with the block."""
    folder = Path(tempfile.mkdtemp(prefix="cw-pg-"))
    folder.chmod(0o755)  # for root the server runs as another user, who must get through to it
    (folder / "run").mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")
    import pgserver  # it asks for that folder at once

    server = pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        address = server.get_uri().replace("postgresql:", "postgresql+psycopg:")
        _make_quick(address)
        yield address
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """Address of a new database there."""
    with _administrator(server) as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            yield _database(server, name)
        finally:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))

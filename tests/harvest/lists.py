"""Harvests of portals that publish lists, and what commands have left behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from pipeline.store.codec import decompress
from pipeline.store.tables import metadata
from tests.harvest.commands import Callwatch, Done
from tests.portals.list_server import ListServer

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
KEY = "k3y+with/odd=signs&more"


def harvest(callwatch: Callwatch, server: ListServer, *more: str, days: float = 0, **env: Any) -> Done:
    name = "formas" if server.key else "vinnova"
    env = {f"CALLWATCH_{name.upper()}_BASE_URL": server.base_url, "CALLWATCH_FORMAS_KEY": KEY, **env}
    return callwatch("harvest", name, "--json", *more, at=NOW + timedelta(days=days), **env)


def everything(callwatch: Callwatch) -> str:
    """All that commands have left behind as text: files as they are, and every row, unpacked."""
    files = b"\n".join(path.read_bytes() for path in callwatch.folder.iterdir() if path.is_file())
    with callwatch.store() as store, store.read() as conn:
        rows = [row for table in metadata.tables.values() for row in conn.execute(select(table))]
    values = [value for row in rows for value in row]
    packed = [decompress(value) for value in values if isinstance(value, bytes)]
    return files.decode("utf-8", "replace") + repr(values) + b"\n".join(packed).decode("utf-8", "replace")

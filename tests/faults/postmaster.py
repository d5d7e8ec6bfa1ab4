"""A PostgreSQL that is stopped, started and restarted as power cuts do, by the address of a database in it."""

from __future__ import annotations

import os
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import text

from tests.store.conftest import _administrator, _database


def database(server: str) -> str:
    """Address of a new database there; no connection stays open that a crash could break."""
    with _administrator(server) as connection:
        connection.execute(text("CREATE DATABASE faults"))
    return _database(server, "faults")


def stop(address: str) -> None:
    """At once, with whatever is under way: what is in its files has to be recovered."""
    _control(address, "-m", "immediate", "-w", "stop")


def start(address: str) -> None:
    """Until it answers."""
    _control(address, "-w", "start")


def restart(address: str) -> None:
    """Both."""
    stop(address)
    start(address)


def _control(address: str, *arguments: str) -> None:
    from pgserver import pg_ctl

    (folder,) = parse_qs(urlsplit(address).query)["host"]
    options = ["-l", f"{folder}/log", "-o", '-h ""', "-o", f"-k {folder}"]
    user = "pgserver" if os.geteuid() == 0 else None
    pg_ctl([*options, *arguments], pgdata=folder, user=user, timeout=60)

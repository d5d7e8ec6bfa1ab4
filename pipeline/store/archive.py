"""Backup, restore and move of a database by its address, whichever kind it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline.errors import StoreError
from pipeline.store import backup, pg_tools, transfer
from pipeline.store.backup import Restored
from pipeline.store.connect import parse_url, shown, sqlite_path
from pipeline.store.engine import Store

__all__ = ["Restored", "back_up", "copy", "name_of", "restore"]


def back_up(url: str, to: Path) -> None:
    """Write the database into the new file `to`, while others may work on it."""
    address = parse_url(url)
    path = sqlite_path(address)
    if path is None:
        pg_tools.back_up(address, to)
    else:
        backup.back_up(path, to)


def restore(url: str, file: Path, *, replace: bool) -> Restored:
    """Make the database what `file` is, in its newest form; see backup.restore and pg_tools.restore."""
    address = parse_url(url)
    path = sqlite_path(address)
    if path is None:
        return pg_tools.restore(address, file, replace=replace)
    return backup.restore(path, file, replace=replace)


def copy(source: str, target: str, advance: Callable[[int, int, str], None]) -> dict[str, int]:
    """Copy a database into an empty one, which is created; rows by table. See transfer.copy."""
    if parse_url(source) == parse_url(target):
        raise StoreError("that is the same database twice")
    with Store.open(source, upgrade=False) as origin, Store.open(target) as there:
        return transfer.copy(origin, there, advance)


def name_of(url: str) -> str:
    """The address without secrets, to be printed."""
    return shown(parse_url(url))

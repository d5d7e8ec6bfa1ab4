"""The daemon put together: what it asks the store, and whom it tells of trouble."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from callwatch import ops
from callwatch.daemon import Daemon
from callwatch.due import portals_due
from callwatch.keys import with_key
from callwatch.paths import config_dir
from callwatch.snapshot import Snapshot
from callwatch.wiring import Wiring
from pipeline.errors import StoreError
from pipeline.store.connect import parse_url


def standing(wiring: Wiring, **given: Any) -> Daemon:
    """A daemon over the settings of `wiring`; `given` as in `Daemon`. Raises ConfigError for a configuration that
    cannot be used, StoreError for an address that is none; a database that is away is waited for, also an SQLite
    file: an empty one in its place would welcome everybody again."""
    parse_url(wiring.settings.database_url.get_secret_value())
    snapshot = Snapshot(lambda: config_dir(wiring.settings.config), lambda folder: check(wiring, folder))

    files = set[Path]()

    def due() -> list[str]:
        now = over(wiring, snapshot.folder)
        names = with_key(now.portals.values(), quiet=True)
        if gone := [str(file) for file in files if not file.exists()]:
            raise StoreError(
                f"{gone[0]} is gone: put it or a backup of it back; to begin anew, restart callwatch."
            )
        with now.store() as store:
            files.update([store.path] if store.path else [])
            return list(portals_due(now, store, names, now.clock()))

    def trouble(key: str, detail: str) -> None:
        now = over(wiring, snapshot.folder)
        with now.store() as store:
            ops.note(now, store, key, detail, now.clock())

    return Daemon(due, snapshot, trouble=trouble, **given)


def over(wiring: Wiring, folder: Path) -> Wiring:
    """The same settings over the configuration in `folder`."""
    return Wiring(wiring.settings.model_copy(update={"config": folder}), wiring.clock)


def check(wiring: Wiring, folder: Path) -> None:
    """Read everything in a folder of configuration. Raises ConfigError."""
    fresh = over(wiring, folder)
    fresh.check_portals()
    fresh.subscriptions  # noqa: B018 - read for its errors
    fresh.programmes  # noqa: B018
    fresh.classifier  # noqa: B018

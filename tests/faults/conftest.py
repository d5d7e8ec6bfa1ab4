"""Both stores, servers that fail as told, and a place to note what a fault cost."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.alerts.slack_server import SlackServer, slack_server
from tests.delivery.conftest import forks, mails, on_postgresql, on_sqlite
from tests.delivery.processes import Forks
from tests.delivery.smtp_server import MailServer
from tests.faults.sending import Sending
from tests.store.conftest import postgres

__all__ = ["forks", "mails", "on_postgresql", "on_sqlite", "postgres"]

Note = Callable[..., None]


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest) -> str:
    """Address of a new database of either kind."""
    return str(request.getfixturevalue(f"on_{request.param}"))


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    """A Slack in a thread of this process."""
    with slack_server() as server:
        yield server


@pytest.fixture
def sending(forks: Forks, tmp_path: Path, address: str, mails: MailServer, slack: SlackServer) -> Sending:
    """Deliveries by real processes over either store."""
    return Sending(forks, tmp_path, address, mails, slack)


@pytest.fixture
def note(record_property: Callable[[str, object], None]) -> Note:
    """Figures for the table of outcomes: lost, doubled, ambiguous, recovery (seconds)."""

    def noted(**figures: float) -> None:
        for name, value in figures.items():
            record_property(name, value)

    return noted


class Disk:
    """A file system of a few megabytes of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def remount(self, how: str) -> None:
        """ "ro", "rw" or "size=8m"."""
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.folder)], check=True, capture_output=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Mounted; skipped with a reason where nobody may."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("nothing may be mounted here: a small disk takes the rights of root")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)

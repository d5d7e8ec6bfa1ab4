"""A machine with a portal to read and somebody to tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callwatch.demo.sample import records
from callwatch.demo.standin.server import StandIn
from tests.delivery.smtp_server import MailServer, mail_server
from tests.harvest.conftest import callwatch, zygote
from tests.operation.machine import Machine

__all__ = ["callwatch", "zygote"]


@pytest.fixture
def mails() -> Iterator[MailServer]:
    """A mail server in a thread of this process."""
    with mail_server() as server:
        yield server


@pytest.fixture
def portal() -> Iterator[StandIn]:
    """The stand-in with its sample."""
    with StandIn(records(datetime.now(UTC).date())) as server:
        yield server


@pytest.fixture
def machine(tmp_path: Path, portal: StandIn, mails: MailServer) -> Iterator[Machine]:
    """callwatch over both; no process is left behind."""
    made = Machine(tmp_path, portal, mails.url)
    yield made
    made.end()

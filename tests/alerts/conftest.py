"""Servers and settings for the tests of alerts."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from pydantic import SecretStr

from alerts.channels import ChannelSettings
from tests.alerts.samples import NOW
from tests.alerts.slack_server import SlackServer, slack_server
from tests.alerts.smtp_server import Postbox, smtp_server


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with slack_server() as server:
        server.clock = NOW.timestamp
        yield server


@pytest.fixture
def smtp() -> Iterator[tuple[Postbox, str]]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path) -> ChannelSettings:
    return ChannelSettings(
        mail_from="Callwatch <alerts@callwatch.example>",
        out_dir=tmp_path / "out",
        stream=StringIO(),
        clock=lambda: NOW,
        slack_token=SecretStr("xoxb-secret"),
        slack_pause=0.0,
    )

"""The whole of callwatch on loopback: the stand-in portal, SMTP, a strict Slack server, and real commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from callwatch.demo.sample import records
from callwatch.demo.standin.server import StandIn
from tests.alerts.slack_server import SlackServer, slack_server
from tests.alerts.smtp_server import Postbox, smtp_server

ROOT = Path(__file__).resolve().parents[2]

SUBSCRIPTIONS: dict[str, Any] = {
    "contacts": {
        "cluster": {"name": "Klustret", "email": "cluster@example.org", "language": "sv"},
        "university": {"name": "University", "slack": "#calls", "time_zone": "Europe/Stockholm"},
        "sme": {"name": "Timber & Sons"},
    },
    "subscriptions": [
        {"key": "mobility", "contact": "cluster", "channel": "email", "cadence": "at_once",
         "filters": {"ecosystems": ["mobility"]}},
        {"key": "north", "contact": "university", "channel": "slack", "cadence": "at_once",
         "filters": {"regions": [{"region": "north-sweden", "least": 3}]}},
        {"key": "cascades", "contact": "sme", "channel": "file", "cadence": "at_once",
         "filters": {"kinds": ["cascade"]}},
    ],
}  # fmt: skip


class Done(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class World:
    """callwatch in a folder of its own, with a portal to read and people to tell."""

    def __init__(self, folder: Path, portal: StandIn, postbox: Postbox, smtp: str, slack: SlackServer) -> None:
        self.folder, self.portal, self.postbox, self.slack = folder, portal, postbox, slack
        self.sample = records(datetime.now(UTC).date())
        config = folder / "config"
        config.mkdir()
        (config / "subscriptions.yml").write_text(
            yaml.safe_dump(SUBSCRIPTIONS, allow_unicode=True), encoding="utf-8"
        )
        self.environment = {
            "CALLWATCH_EU_FUNDING_TENDERS_BASE_URL": portal.base_url,
            "CALLWATCH_CONFIG": str(config),
            "CALLWATCH_DATABASE_URL": f"sqlite:///{folder / 'callwatch.db'}",
            "CALLWATCH_OUT_DIR": str(folder / "out"),
            "CALLWATCH_SMTP_URL": smtp,
            "CALLWATCH_MAIL_FROM": "callwatch <alerts@callwatch.example>",
            "CALLWATCH_SLACK_TOKEN": "xoxb-secret",
            "CALLWATCH_SLACK_BASE_URL": f"{slack.url}/",
        }

    def run(self, *command: str, **extra: str) -> Done:
        """A callwatch command, as an operator types it."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("CALLWATCH_")}
        done = subprocess.run(
            [sys.executable, "-m", "callwatch", *command],
            cwd=ROOT,
            env=environment | self.environment | extra,
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A fresh world; the portal serves the sample."""
    with smtp_server() as (postbox, smtp), slack_server() as slack, StandIn([]) as portal:
        made = World(tmp_path, portal, postbox, smtp, slack)
        portal.replace(made.sample)
        yield made

"""The whole of callwatch on loopback: the stand-in portal, SMTP, a strict Slack server, and real commands."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from callwatch.demo.sample import records
from callwatch.demo.standin.server import StandIn
from tests.alerts.slack_server import SlackServer, slack_server
from tests.alerts.smtp_server import Postbox, smtp_server
from tests.conftest import ROOT
from tests.harvest.commands import PORTAL, Callwatch, Done, Zygote
from tests.harvest.conftest import zygote

__all__ = ["zygote"]

SUBSCRIPTIONS: dict[str, Any] = {
    "vouched": True,
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


class World:
    """callwatch in a folder of its own, with a portal to read and people to tell."""

    def __init__(
        self, zygote: Zygote, folder: Path, portal: StandIn, postbox: Postbox, smtp: str, slack: SlackServer
    ) -> None:
        self.folder, self.portal, self.postbox, self.slack = folder, portal, postbox, slack
        self.sample = records(datetime.now(UTC).date())
        config = folder / "config"
        config.mkdir()
        (config / "subscriptions.yml").write_text(
            yaml.safe_dump(SUBSCRIPTIONS, allow_unicode=True), encoding="utf-8"
        )
        (config / "portals").mkdir()
        shutil.copy(ROOT / "config" / "portals" / f"{PORTAL}.yml", config / "portals")
        environment = {
            "CALLWATCH_EU_FUNDING_TENDERS_BASE_URL": portal.base_url,
            "CALLWATCH_CONFIG": str(config),
            "CALLWATCH_OUT_DIR": str(folder / "out"),
            "CALLWATCH_SMTP_URL": smtp,
            "CALLWATCH_MAIL_FROM": "callwatch <alerts@callwatch.example>",
            "CALLWATCH_SLACK_TOKEN": "xoxb-secret",
            "CALLWATCH_SLACK_BASE_URL": f"{slack.url}/",
        }
        self.callwatch = Callwatch(zygote, folder, env=environment)

    def run(self, *command: str, at: datetime | None = None, **env: str) -> Done:
        """A callwatch command, as an operator types it; `at` another time than now."""
        return self.callwatch(*command, at=at, **env)


@pytest.fixture
def world(zygote: Zygote, tmp_path: Path) -> Iterator[World]:
    """A fresh world; the portal serves the sample."""
    with smtp_server() as (postbox, smtp), slack_server() as slack, StandIn([]) as portal:
        made = World(zygote, tmp_path, portal, postbox, smtp, slack)
        portal.replace(made.sample)
        yield made

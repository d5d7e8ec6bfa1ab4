"""From a round of Vinnova to a mail in Swedish: a real server on loopback, real commands, a real mail server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.alerts.smtp_server import Postbox, smtp_server
from tests.conftest import ROOT
from tests.harvest.commands import Callwatch, Done, Zygote
from tests.portals.facts import answer
from tests.portals.list_server import ListServer, list_server

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
SUBSCRIPTIONS: dict[str, Any] = {
    "vouched": True,
    "contacts": {
        "harbour": {
            "name": "Hamnen", "email": "hamnen@example.org", "language": "sv", "time_zone": "Europe/Stockholm",
        },
    },
    "subscriptions": [
        {"key": "shipping", "contact": "harbour", "channel": "email", "cadence": "at_once",
         "filters": {"words": ["isbrytare"], "budget_at_least": 100_000}},
    ],
}  # fmt: skip


class Coast:
    """callwatch with Vinnova alone, and one reader."""

    def __init__(self, zygote: Zygote, folder: Path, portal: ListServer, postbox: Postbox, smtp: str) -> None:
        self.portal, self.postbox = portal, postbox
        config = folder / "config"
        (config / "portals").mkdir(parents=True)
        shutil.copy(ROOT / "config" / "portals" / "vinnova.yml", config / "portals")
        text = yaml.safe_dump(SUBSCRIPTIONS, allow_unicode=True)
        (config / "subscriptions.yml").write_text(text, encoding="utf-8")
        environment = {
            "CALLWATCH_VINNOVA_BASE_URL": portal.base_url,
            "CALLWATCH_CONFIG": str(config),
            "CALLWATCH_SMTP_URL": smtp,
            "CALLWATCH_MAIL_FROM": "callwatch <alerts@callwatch.example>",
        }
        self._callwatch = Callwatch(zygote, folder, env=environment)

    def day(self, number: float) -> list[str]:
        """Harvest, plan and deliver on that day, and read the mails that came."""
        before = len(self.postbox.mails)
        for command in ("harvest vinnova", "plan", "deliver"):
            done: Done = self._callwatch(*command.split(), at=NOW + timedelta(days=number))
            assert done.code == 0, done.err
        return [_read(mail) for mail in self.postbox.mails[before:]]


def _read(mail: Any) -> str:
    assert "hamnen@example.org" in mail["To"]
    text = mail.get_body(("plain",)).get_content()
    return " ".join(f"{mail['Subject']}\n{text}".split())


@pytest.fixture
def coast(zygote: Zygote, tmp_path: Path) -> Iterator[Coast]:
    with (
        smtp_server() as (postbox, smtp),
        list_server("/api/ansokningsomgangar", answer("vinnova"), dated=True) as portal,
    ):
        yield Coast(zygote, tmp_path, portal, postbox, smtp)


def test_a_round_of_vinnova_is_told_in_swedish_once(coast: Coast) -> None:
    (mail,) = coast.day(0)
    for said in (
        "Fossilfri vintersjöfart i Bottenviken",
        "Sista ansökningsdag: 9 februari 2027 kl. 14.00",
        "Budget: högst 6 000 000 SEK per projekt",
        "budgeten är i SEK och jämfördes inte med dina 100 000 EUR; nämner ”isbrytare”",
        "https://ansok.vinnova.se/utlysning/00000000-0000-0000-0000-000000090001?opencall=true",
        "Vinnova: läst i sin helhet 26 november 2026",
    ):
        assert said in mail.replace("\N{NO-BREAK SPACE}", " ")
    assert "2026-90004" not in mail, "of another round"
    assert coast.day(1) == []
    assert coast.portal.faults == []


@pytest.mark.slow
def test_what_happens_to_a_round_is_told_each_time(coast: Coast) -> None:
    was, *others = answer("vinnova")
    coast.day(0)
    coast.portal.rows = [was | {"Stangningsdatum": "2027-01-20T14:00:00"}, *others]
    (moved,) = coast.day(1)
    assert moved.startswith("Sista ansökningsdag tidigarelagd, nu 20 januari 2027: Fossilfri vintersjöfart")
    assert "Från 9 februari 2027 till 20 januari 2027 kl. 14.00" in moved
    coast.portal.rows = [was | {"Publik": 0, "Webbsida": 0}, *others]
    assert [coast.day(number) for number in (2, 3)] == [[], []]
    (withdrawn,) = coast.day(5)
    assert withdrawn.startswith("Tillbakadragen: Fossilfri vintersjöfart")
    assert "Portalen har inte visat utlysningen sedan 28 november 2026." in withdrawn
    assert coast.day(6) == []

"""A day on which two portals break, one drifts and the mail server is away for three hours: what the metrics say
hour by hour, and what operators are told. `python -m tests.operation.bad_day` prints it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import yaml
from prometheus_client.parser import text_string_to_metric_families

from alerts.message import decode
from callwatch.demo.edits import fields
from callwatch.demo.nextday import next_day
from callwatch.demo.standin.server import StandIn
from callwatch.metrics import exposition
from callwatch.settings import Settings
from callwatch.wiring import Wiring
from pipeline.store import Outbox, Store
from tests.conftest import ROOT
from tests.delivery.smtp_server import MailServer
from tests.harvest.commands import Callwatch, Zygote
from tests.harvest.days import clone, topics
from tests.harvest.lists import KEY
from tests.operation.week import forks
from tests.portals.facts import answer
from tests.portals.list_server import ListServer, list_server

EU, VINNOVA, FORMAS = "eu_funding_tenders", "vinnova", "formas"
DAY = datetime(2026, 11, 26, tzinfo=UTC)
BOOK: dict[str, Any] = {
    "vouched": True,
    "contacts": {
        "sme": {"name": "Timber & Sons", "email": "sme@reader.example", "time_zone": "UTC"},
        "ops": {"name": "Operators", "time_zone": "UTC"},
    },
    "subscriptions": [
        {"key": "daily", "contact": "sme", "channel": "email", "cadence": "daily", "time": "10:00",
         "empty": "send"},
    ],
    "ops": {"contact": "ops", "channel": "file"},
}  # fmt: skip


class Hour(NamedTuple):
    """One half hour of the day: metrics after its tick, and what operators were told in it."""

    at: datetime
    metrics: dict[tuple[str, ...], float]
    told: list[str]

    def verdict(self, portal: str) -> str:
        """Of its last harvest."""
        wanted = (f"{_C}portal_verdict", portal)
        found = [key[2] for key, value in self.metrics.items() if key[:2] == wanted and value]
        return found[0] if found else "-"

    @property
    def standing(self) -> list[str]:
        """Conditions that are not over."""
        return sorted(key[1] for key in self.metrics if key[0] == f"{_C}condition_since_seconds")


_C = "callwatch_"


class BadDay:
    """callwatch over three portals and a mail server."""

    def __init__(
        self, folder: Path, forked: Zygote, eu: StandIn, lists: dict[str, ListServer], mails: MailServer
    ) -> None:
        self.eu, self.lists, self.mails, self.hours = eu, lists, mails, list[Hour]()
        config = folder / "config"
        (config / "portals").mkdir(parents=True)
        (config / "subscriptions.yml").write_text(yaml.safe_dump(BOOK), encoding="utf-8")
        for name in (EU, *lists):
            source = yaml.safe_load((ROOT / "config" / "portals" / f"{name}.yml").read_text(encoding="utf-8"))
            source["schedule"] = "every 2 hours"
            source["requests"]["retry"]["times"] = 0
            (config / "portals" / f"{name}.yml").write_text(yaml.safe_dump(source), encoding="utf-8")
        given = {f"CALLWATCH_{name.upper()}_BASE_URL": server.base_url for name, server in lists.items()}
        given |= {
            "CALLWATCH_EU_FUNDING_TENDERS_BASE_URL": eu.base_url,
            "CALLWATCH_CONFIG": str(config),
            "CALLWATCH_FORMAS_KEY": KEY,
            "CALLWATCH_SMTP_URL": mails.url,
            "CALLWATCH_OUT_DIR": str(folder / "out"),
        }
        self.callwatch = Callwatch(forked, folder, env=given)
        self.wiring = Wiring(Settings(database_url=self.callwatch.url, config=config))

    def tick(self, at: datetime) -> None:
        """What cron does; and what is to be seen afterwards."""
        done = self.callwatch("tick", at=at, tamper={"shipped": 0})
        assert done.code in (0, 3), done.err
        with Store.open(self.callwatch.url) as store:
            text = exposition(self.wiring, store, at).decode()
            sent = [entry.message for entry in Outbox(store).messages() if entry.message.kind == "ops"]
        lines = [line for message in sent for line in decode(message.payload).lines]
        known = sum(len(hour.told) for hour in self.hours)
        families = text_string_to_metric_families(text)
        found = {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}
        self.hours.append(Hour(at, found, lines[known:]))

    def play(self) -> None:
        """Four good days before, with a harvest every two hours in the last one; then the day."""
        good = topics(40)
        bad = [clone(item) for item in good]
        for item in bad:
            fields(item).pop("descriptionByte", None)
        self.eu.replace(good)
        for hours in (96, 72, 48, 24, 2):
            self.tick(DAY - timedelta(hours=hours))
        for half in range(48):
            at = DAY + timedelta(minutes=30 * half)
            self._spoil(half / 2, good, bad)
            self.tick(at)

    def _spoil(self, hour: float, good: list[Any], bad: list[Any]) -> None:
        for server, mood in zip(self.lists.values(), ("down", "login"), strict=True):
            server.mood = mood if 6 <= hour < 15 else ""
        if hour == 8:
            self.eu.replace(next_day(bad, DAY.date()).records)
        elif hour == 15:
            self.eu.replace(good)
        self.mails.faults["connect"] = ["421 down"] * 99 if 9.5 <= hour < 12.5 else []

    def today(self) -> list[Hour]:
        """The half hours of the day itself."""
        return [hour for hour in self.hours if hour.at >= DAY]


@contextmanager
def bad_day(folder: Path, mails: MailServer) -> Iterator[BadDay]:
    """The day, not played yet."""
    rows = "/api/ansokningsomgangar", "/gdp_formas/utlysningar"
    with (
        forks() as forked,
        StandIn([]) as eu,
        list_server(rows[0], answer("vinnova"), dated=True) as vinnova,
        list_server(rows[1], answer("formas"), key=KEY) as formas,
        mock.patch.dict(os.environ, {"CALLWATCH_FORMAS_KEY": KEY}),
    ):
        yield BadDay(folder, forked, eu, {VINNOVA: vinnova, FORMAS: formas}, mails)


def table(day: BadDay) -> Iterator[str]:
    """The half hours in which something was otherwise than in the one before, as Markdown."""
    yield "| UTC | eu_funding_tenders | vinnova | formas | failures | due | standing | operators are told |"
    yield "|---|---|---|---|---|---|---|---|"
    before: list[str] = []
    for hour in day.today():
        m = hour.metrics
        failures = " ".join(f"{m[f'{_C}portal_failures', name]:.0f}" for name in (EU, VINNOVA, FORMAS))
        due = f"{m[f'{_C}messages_due',]:.0f}, {m[f'{_C}oldest_due_message_seconds',] / 60:.0f} min"
        cells = [*map(hour.verdict, (EU, VINNOVA, FORMAS)), failures, due, ", ".join(hour.standing)]
        if cells != before or hour.told:
            told = "<br>".join(line.partition(" (")[0][:90] for line in hour.told)
            yield f"| {hour.at:%H:%M} | {' | '.join(cells)} | {told} |"
        before = cells


def main() -> None:
    """Play the day and print it."""
    from tests.delivery.smtp_server import mail_server

    with tempfile.TemporaryDirectory() as scratch, mail_server() as mails, bad_day(Path(scratch), mails) as day:
        day.play()
        sys.stdout.write("\n".join(table(day)) + f"\n\n{len(mails.mails)} mails arrived.\n")


if __name__ == "__main__":
    main()

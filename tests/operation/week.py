"""A week played in minutes, by cron, by the daemon, or by both at once: the same commands, each in a fork."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from callwatch.child import Limits
from callwatch.daemon import Daemon
from callwatch.demo.nextday import next_day
from callwatch.demo.sample import records
from callwatch.demo.standin.server import StandIn
from callwatch.settings import Settings
from callwatch.standing import standing
from callwatch.wiring import Wiring
from pipeline.store import Outbox, Store, runs, slots
from tests.conftest import ROOT
from tests.harvest.commands import PORTAL, Callwatch, Running, Zygote

START = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
BUSY = (0, 6, 7, 12)
"""Hours (UTC) with a harvest or a digest in them: played by the quarter; of the others every third, once."""
NEWS = (timedelta(days=1, hours=10, minutes=5), timedelta(days=3, hours=14, minutes=5))
"""When the portal changes, behind the first morning; between two harvests, so that all see the same."""
_USUAL = {"contact": "sme", "channel": "email"}
BOOK: dict[str, Any] = {
    "vouched": True,
    "contacts": {"sme": {"name": "Timber & Sons", "email": "sme@reader.example"}},
    "subscriptions": [
        {"key": "now", "cadence": "at_once", **_USUAL, "filters": {"ecosystems": ["mobility"]}},
        {"key": "daily", "cadence": "daily", "empty": "send", **_USUAL},
        {"key": "weekly", "cadence": "weekly", "weekday": "wednesday", "empty": "send", **_USUAL},
    ],
}


class Forks(Zygote):
    """The process that is forked for each command."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.operation.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )


class Fork:
    """A child of the daemon, forked and not started afresh."""

    def __init__(self, name: str, running: Running) -> None:
        self.name, self.limits, self._running = name, Limits(60, 0), running
        self.code: int | None = None
        self.overdue, self.ending = False, "?"

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        self.code = self._running.wait().code
        return self.code


class Week:
    """callwatch over one database, at times that are played."""

    def __init__(self, folder: Path, forks: Zygote, portal: StandIn, smtp: str) -> None:
        self.portal, self.now, self.codes = portal, START, Counter[int]()
        config = folder / "config"
        (config / "portals").mkdir(parents=True)
        (config / "subscriptions.yml").write_text(yaml.safe_dump(BOOK))
        source = (ROOT / "config" / "portals" / f"{PORTAL}.yml").read_text(encoding="utf-8")
        source = source.replace("schedule: every 4 hours", "schedule: every 12 hours")
        (config / "portals" / f"{PORTAL}.yml").write_text(source, encoding="utf-8")
        given = {
            "CALLWATCH_CONFIG": str(config),
            "CALLWATCH_EU_FUNDING_TENDERS_BASE_URL": portal.base_url,
            "CALLWATCH_SMTP_URL": smtp,
            "CALLWATCH_MAIL_FROM": "callwatch <alerts@callwatch.example>",
        }
        self.callwatch = Callwatch(forks, folder, env=given)
        settings = Settings(database_url=self.callwatch.url, config=config)
        self.daemon: Daemon = standing(Wiring(settings, lambda: self.now), spawn=self._spawn)
        self.forked: list[Fork] = []

    def _spawn(self, name: str, arguments: list[str], limits: Limits, environment: dict[str, str]) -> Any:
        self.forked.append(Fork(name, self._begin(*arguments)))
        return self.forked[-1]

    def _begin(self, *arguments: str) -> Running:
        return self.callwatch.start(*arguments, at=self.now, tamper={"shipped": 0})

    def play(self, *, tick: bool, run: bool, days: float = 7.5, each_quarter: bool = False) -> None:
        """Go through the days, by the quarter where something is due; all of one moment happens at once."""
        sample, news = records(START.date()), list(NEWS)
        self.portal.replace(sample)
        while self.now < START + timedelta(days=days):
            if news and self.now >= START + news[0]:
                sample = next_day(sample, (START + news.pop(0)).date()).records
                self.portal.replace(sample)
            if run:
                self.daemon.look()
            if tick:
                self.forked.append(Fork("tick", self._begin("tick")))
            self.codes.update(fork.wait() for fork in self.forked)
            self.forked.clear()
            self.now += QUARTER
            while not (each_quarter or self.now.hour in BUSY or (self.now.minute, self.now.hour % 3) == (0, 0)):
                self.now += QUARTER

    def told(self) -> list[tuple[str, str, str, tuple[str, ...]]]:
        """What was said: subscription, kind, period and calls of each message."""
        with Store.open(self.callwatch.url) as store:
            found = [entry.message for entry in Outbox(store).messages()]
        return sorted((m.subscription, m.kind, m.period or "", tuple(sorted(m.call_ids))) for m in found)

    def harvests(self) -> tuple[int, int]:
        """How many there were, and how many slots."""
        with Store.open(self.callwatch.url) as store, store.read() as conn:
            return len(runs.latest(conn, PORTAL, 1000)), slots.count(conn, slots.harvest_job(PORTAL))


@contextmanager
def forks() -> Iterator[Zygote]:
    """A fork server, stopped at the end."""
    started = Forks()
    yield started
    started.stop()

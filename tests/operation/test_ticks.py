"""`callwatch tick` when clocks do what clocks do: one harvest per slot, one digest per period."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from callwatch.demo.standin.server import StandIn
from pipeline.store import Outbox, runs
from tests.conftest import ROOT
from tests.harvest.commands import PORTAL, Callwatch, Zygote
from tests.harvest.days import topics
from tests.operation.week import forks

pytestmark = pytest.mark.slow

STOCKHOLM = ZoneInfo("Europe/Stockholm")
BOOK: dict[str, Any] = {
    "vouched": True,
    "contacts": {"sme": {"name": "Timber & Sons"}},
    "subscriptions": [
        {"key": "weekly", "contact": "sme", "channel": "file", "cadence": "weekly", "empty": "send"},
    ],
}


@pytest.fixture(scope="module")
def forked() -> Iterator[Zygote]:
    with forks() as server:
        yield server


class Clocked:
    """Ticks at any time one likes, of one portal with `schedule`."""

    def __init__(self, forked: Zygote, folder: Path, portal: StandIn, schedule: str) -> None:
        config = folder / "config"
        (config / "portals").mkdir(parents=True)
        (config / "subscriptions.yml").write_text(yaml.safe_dump(BOOK))
        source = yaml.safe_load((ROOT / "config" / "portals" / f"{PORTAL}.yml").read_text(encoding="utf-8"))
        source["schedule"] = schedule
        (config / "portals" / f"{PORTAL}.yml").write_text(yaml.safe_dump(source), encoding="utf-8")
        given = {"CALLWATCH_CONFIG": str(config), "CALLWATCH_EU_FUNDING_TENDERS_BASE_URL": portal.base_url}
        self.callwatch = Callwatch(forked, folder, env=given)

    def tick(self, *moments: datetime) -> None:
        for at in moments:
            done = self.callwatch("tick", at=at, tamper={"shipped": 0})
            assert done.code == 0, done.err

    def harvested(self) -> list[datetime]:
        with self.callwatch.store() as store, store.read() as conn:
            return [run.started_at for run in runs.latest(conn, PORTAL, 100)][::-1]

    def digests(self) -> list[tuple[str | None, datetime]]:
        with self.callwatch.store() as store:
            found = [entry.message for entry in Outbox(store).messages()]
        return [(m.period, m.created_at) for m in found if m.kind == "digest"]


def made(forked: Zygote, folder: Path, schedule: str) -> Iterator[Clocked]:
    with StandIn(topics(3)) as portal:
        yield Clocked(forked, folder, portal, schedule)


@pytest.fixture
def nightly(forked: Zygote, tmp_path: Path) -> Iterator[Clocked]:
    yield from made(forked, tmp_path, "daily 02:30")


@pytest.fixture
def hourly(forked: Zygote, tmp_path: Path) -> Iterator[Clocked]:
    yield from made(forked, tmp_path, "hourly")


@pytest.mark.parametrize(
    ("night", "at"), [("2026-10-25", "2026-10-25T00:30"), ("2027-03-28", "2027-03-28T01:30")], ids=str
)
def test_a_night_in_which_the_clocks_are_changed(nightly: Clocked, night: str, at: str) -> None:
    start = datetime.fromisoformat(f"{night}T00:00").replace(tzinfo=STOCKHOLM).astimezone(UTC)
    nightly.tick(start - timedelta(days=1) + timedelta(hours=3))
    nightly.tick(*(start + timedelta(minutes=30 * half) for half in range(10)))
    assert nightly.harvested()[1:] == [datetime.fromisoformat(at).replace(tzinfo=UTC)]


def test_a_clock_that_is_set_back_an_hour(hourly: Clocked) -> None:
    ten = datetime(2026, 11, 26, 10, tzinfo=UTC)
    minutes = (-5, 0, 5, -55, -30, -1, 0, 10, 60, 61)
    hourly.tick(*(ten + timedelta(minutes=each) for each in minutes))
    assert hourly.harvested() == [ten + timedelta(minutes=each) for each in (-5, 0, 60)]


def test_off_over_monday_morning(nightly: Clocked) -> None:
    nightly.tick(datetime(2026, 11, 16, 12, tzinfo=UTC), datetime(2026, 11, 20, 12, tzinfo=UTC))
    monday = datetime(2026, 11, 23, 14, tzinfo=UTC)
    nightly.tick(monday, monday + timedelta(minutes=30), monday + timedelta(days=1))
    assert nightly.digests() == [("2026-W48", monday)]
    assert nightly.harvested()[2:] == [monday, monday + timedelta(days=1)], (
        "only the newest missed slot is made up"
    )

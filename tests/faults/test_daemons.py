"""Faults 2, 12, 17 and 18, and a daemon whose database goes away, over PostgreSQL: what other rooms play over
SQLite, by the same tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callwatch.demo.standin.server import StandIn
from pipeline.store import Store, slots
from tests.delivery import postgres as own
from tests.delivery.processes import Forks
from tests.delivery.smtp_server import MailServer
from tests.faults import postmaster
from tests.faults.conftest import Note
from tests.harvest.commands import Zygote
from tests.harvest.days import topics
from tests.kills import test_telling
from tests.operation import test_daemon, test_ticks
from tests.operation.conftest import portal
from tests.operation.machine import PORTAL, Machine, until
from tests.operation.test_ticks import Clocked, forked

__all__ = ["forked", "portal"]
pytestmark = [pytest.mark.slow, pytest.mark.played]


class OnPostgresql(Machine):
    """The same machine over another database."""

    def __init__(self, url: str, folder: Path, portal: StandIn, smtp: str) -> None:
        super().__init__(folder, portal, smtp)
        self.url = url
        self.environment["CALLWATCH_DATABASE_URL"] = url

    def store(self) -> Store:
        return Store.open(self.url)

    def slots(self) -> list[slots.Taken]:
        with self.store() as store, store.read() as conn:
            return list(slots.newest(conn, slots.harvest_job(PORTAL)).values())


@pytest.fixture
def server() -> Iterator[str]:
    """A new database on a PostgreSQL server of this test alone, which may be stopped."""
    with own.postgresql() as address:
        yield postmaster.database(address)


@pytest.mark.parametrize("when", ["kill_before", "kill_after"])
def test_killed_at_each_commit_of_a_planning(forks: Forks, tmp_path: Path, on_postgresql: str, when: str) -> None:
    """Fault 2."""
    test_telling.test_killed_at_each_commit_of_a_planning(forks, tmp_path, on_postgresql, when)


def test_two_daemons_a_tick_and_a_hand(
    tmp_path: Path, on_postgresql: str, portal: StandIn, mails: MailServer, note: Note
) -> None:
    """Fault 12."""
    machine = OnPostgresql(on_postgresql, tmp_path, portal, mails.url)
    try:
        test_daemon.test_two_daemons_a_tick_and_a_hand_at_the_same_second(machine)
    finally:
        machine.end()
    note(lost=0, doubled=len(mails.mails) - 1)
    assert len(mails.mails) == 1


@pytest.fixture
def clocked(forked: Zygote, tmp_path: Path, on_postgresql: str) -> Iterator[Clocked]:
    """Ticks at any time one likes."""
    with StandIn(topics(3)) as portal:
        made = Clocked(forked, tmp_path, portal, "hourly")
        made.callwatch.url = on_postgresql
        yield made


@pytest.fixture
def nightly(forked: Zygote, tmp_path: Path, on_postgresql: str) -> Iterator[Clocked]:
    """The same with one harvest a night."""
    with StandIn(topics(3)) as portal:
        made = Clocked(forked, tmp_path, portal, "daily 02:30")
        made.callwatch.url = on_postgresql
        yield made


def test_a_clock_that_is_set_back_an_hour(clocked: Clocked) -> None:
    """Fault 17."""
    test_ticks.test_a_clock_that_is_set_back_an_hour(clocked)


@pytest.mark.parametrize(
    ("night", "at"), [("2026-10-25", "2026-10-25T00:30"), ("2027-03-28", "2027-03-28T01:30")], ids=str
)
def test_a_night_in_which_the_clocks_are_changed(nightly: Clocked, night: str, at: str) -> None:
    """Fault 17."""
    test_ticks.test_a_night_in_which_the_clocks_are_changed(nightly, night, at)


def test_off_over_monday_morning(nightly: Clocked) -> None:
    """Fault 18."""
    test_ticks.test_off_over_monday_morning(nightly)


def test_a_daemon_outlives_its_database(
    tmp_path: Path, server: str, portal: StandIn, mails: MailServer, note: Note
) -> None:
    """It waits, says so once, and goes on."""
    machine = OnPostgresql(server, tmp_path, portal, mails.url)
    try:
        daemon = machine.start("run", "--every", "0.5")
        until(lambda: [taken.state for taken in machine.slots()] == [slots.DONE])
        until(lambda: mails.mails)
        postmaster.stop(server)
        try:
            until(lambda: "it cannot be seen what is due" in machine.said(daemon))
        finally:
            postmaster.start(server)
        begun = datetime.now(UTC)
        until(lambda: "what is due can be seen again" in machine.said(daemon))
        note(lost=0, doubled=len(mails.mails) - 1, recovery=(datetime.now(UTC) - begun).total_seconds())
        assert machine.said(daemon).count("it cannot be seen what is due") == 1
        assert machine.stop(daemon) == 0
        assert len(mails.mails) == 1
    finally:
        machine.end()

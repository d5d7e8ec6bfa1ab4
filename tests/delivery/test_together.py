"""Planners and deliverers at once, an operator beside them, and a database that somebody else has locked."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from alerts.deliver import LEASE
from pipeline.outbox import MessageState
from pipeline.store import Outbox
from tests.delivery.flood import flood
from tests.delivery.processes import Forks, lines, servers
from tests.kills.telling import Campaign


@contextmanager
def campaign(forks: Forks, folder: Path, url: str) -> Iterator[Campaign]:
    """A small world in which nobody is killed."""
    with servers(folder) as env:
        yield Campaign(forks, folder, url, env, 2, mails=12, posts=6)


def exact(work: Campaign) -> None:
    """All of it was told, and came once."""
    outcomes = work.outcomes()
    assert all(outcome.is_good for outcome in outcomes), outcomes
    assert not sum(outcome.ambiguous for outcome in outcomes)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def address(request: pytest.FixtureRequest) -> str:
    """Address of a new database of either kind."""
    return str(request.getfixturevalue(f"on_{request.param}"))


@pytest.mark.slow
def test_four_deliverers_of_a_flood(forks: Forks, tmp_path: Path, on_postgresql: str) -> None:
    found, _ = flood(forks, tmp_path, on_postgresql, 300, deliverers=4)
    assert found.is_exact
    assert found.received == found.planned


@pytest.mark.slow
def test_four_deliverers_of_a_great_flood(forks: Forks, tmp_path: Path, on_postgresql: str) -> None:
    found, _ = flood(forks, tmp_path, on_postgresql, 2000, deliverers=4)
    assert found.is_exact
    assert found.received == found.planned


@pytest.mark.slow
def test_planners_at_once_say_nothing_twice(forks: Forks, tmp_path: Path, address: str) -> None:
    with campaign(forks, tmp_path, address) as work:
        for _ in range(3):
            work.happens()
            codes = [each.wait().code for each in [work.play.start("plan") for _ in range(3)]]
            assert set(codes) <= {0, 4}, "done, or another one has the lock"
            assert 0 in codes
            work.plan()
            work.play.later(60)
        work.come_to_rest()
        exact(work)


@pytest.mark.slow
def test_planning_beside_delivery(forks: Forks, tmp_path: Path, address: str) -> None:
    with campaign(forks, tmp_path, address) as work:
        for _ in range(3):
            work.happens()
            running = [work.play.start(what) for what in ("deliver", "plan", "deliver")]
            assert [each.wait().code for each in running] == [0, 0, 0]
            work.plan()
            work.play.later(60)
        work.come_to_rest()
        exact(work)


@pytest.mark.slow
def test_resend_beside_delivery(forks: Forks, tmp_path: Path, address: str) -> None:
    """What is under way, sent or waiting is not sent again; what had failed is, once."""
    with campaign(forks, tmp_path, address) as work:
        work.happens()
        work.plan()
        with work.play.callwatch.store() as store:
            outbox = Outbox(store)
            failed = outbox.claim(work.play.now, 10, LEASE)
            for leased in failed:
                assert outbox.failed(leased, "550 no such user", work.play.now)
            ids = [entry.message.id for entry in outbox.messages()]
        running = [
            work.play.start("deliver"),
            work.play.start("resend", arguments=("--failed",)),
            work.play.start("resend", arguments=tuple(ids)),
            work.play.start("deliver"),
        ]
        assert {each.wait().code for each in running} <= {0, 3}
        work.come_to_rest()
        exact(work)
        with work.play.callwatch.store() as store:
            states = {entry.state for entry in Outbox(store).messages()}
    assert states == {MessageState.SENT}


@pytest.mark.slow
@pytest.mark.parametrize("patience", [0.1, 30.0])
def test_a_database_that_another_program_keeps_locked(
    forks: Forks, tmp_path: Path, on_sqlite: str, patience: float
) -> None:
    """Fault 16. It is locked from the first mail on: nobody can record what has been sent until it is free again;
    the patience of SQLite may end before that or not."""
    with campaign(forks, tmp_path, on_sqlite) as work:
        work.happens()
        work.plan()
        locker = threading.Thread(target=lock_for_a_while, args=(tmp_path,))
        locker.start()
        done = work.play.start("deliver", {"impatient": patience}).wait()
        locker.join()
        assert done.code == 0, done.err
        work.come_to_rest()
        exact(work)


def lock_for_a_while(folder: Path) -> None:
    while not lines(folder / "mails.jsonl"):
        time.sleep(0.001)
    connection = sqlite3.connect(folder / "callwatch.db", timeout=30, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    time.sleep(1.0)
    connection.execute("ROLLBACK")
    connection.close()

"""A few kills of each; `make kills` kills two hundred times. And the comparison sees what is missing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from callwatch.demo.standin.knobs import Knobs
from pipeline.store import Store
from tests.cluster import rabbit
from tests.harvest.state import run_states
from tests.kills import harvest, scheduler, workers
from tests.kills.forks import Forks, eventually
from tests.kills.outcome import Outcome, Wish
from tests.kills.stores import POSTGRESQL, SQLITE, STORES
from tests.kills.watch import Watch, readers, watch

pytestmark = pytest.mark.slow

SEED = 20261126


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watch]:
    """A watch over SQLite."""
    forks, url = Forks(tmp_path), f"sqlite:///{tmp_path / 'callwatch.db'}"
    try:
        with watch(tmp_path, url, forks, readers(6, 2, digests=True), {}) as made:
            yield made
    finally:
        forks.stop()


def judged(watched: Watch) -> Outcome:
    outcome = Outcome(victim="nobody", store=SQLITE)
    watched.count(outcome)
    return outcome


@pytest.mark.parametrize("store", STORES)
def test_harvests_that_are_killed(tmp_path: Path, store: str) -> None:
    (outcome,) = harvest.run(store, tmp_path, Wish(4, SEED))
    assert outcome.is_good, outcome
    assert outcome.kills >= 4


@pytest.mark.parametrize("store", STORES)
def test_schedulers_that_are_killed(tmp_path: Path, store: str) -> None:
    (outcome,) = scheduler.run(store, tmp_path, Wish(4, SEED))
    assert outcome.is_good, outcome
    assert outcome.kills >= 4


@pytest.mark.cluster
def test_workers_that_are_killed(tmp_path: Path) -> None:
    if reason := rabbit.missing():
        pytest.skip(reason)
    (outcome,) = workers.run(POSTGRESQL, tmp_path, Wish(4, SEED))
    assert outcome.is_good, outcome
    assert outcome.kills >= 4


def test_a_harvest_and_a_mail_that_are_missing_are_seen(watched: Watch) -> None:
    watched.begin()
    watched.next()
    assert not watched.settled()
    assert watched.commands.start("tick").wait() == 0
    assert watched.settled()
    assert judged(watched).is_good
    with closing(sqlite3.connect(watched.folder / "callwatch.db")) as connection, connection:
        connection.execute(
            "UPDATE runs SET state = 'abandoned', verdict = NULL WHERE id = (SELECT max(id) FROM runs)"
        )
    assert judged(watched).lost == 1
    log = watched.folder / "mails.jsonl"
    log.write_text("".join(log.read_text().splitlines(keepends=True)[1:]))
    assert judged(watched).lost == 2
    log.write_text(log.read_text() * 2)
    assert judged(watched).doubled > 0
    assert not judged(watched).is_good


def test_a_harvest_that_is_handed_back_is_none_too_many(watched: Watch) -> None:
    watched.begin()
    watched.portal.knobs = Knobs(delay=1.0)
    watched.next()
    watched.portal.knobs = Knobs(delay=3.0)
    daemon = watched.commands.start("run", "--every", "0.3")
    assert eventually(lambda: watched.attempts() == 1 and not judged(watched).is_good)
    daemon.terminate()
    assert daemon.wait() == 0
    assert watched.attempts() == 1
    watched.portal.knobs = Knobs()
    assert watched.commands.start("tick").wait() == 0
    assert watched.settled()
    assert judged(watched).is_good
    with Store.open(watched.url) as store:
        assert [state for state, _ in run_states(store)] == ["done"] * 3, "the one handed back ended in order"


def test_a_slot_without_a_harvest_is_seen(watched: Watch) -> None:
    watched.begin()
    watched.next()
    assert watched.commands.start("tick", "--tell-only").wait() == 0
    outcome = judged(watched)
    assert outcome.lost > 0
    assert "the last slot is" in outcome.wrong[0]

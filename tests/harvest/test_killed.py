"""SIGKILL at any moment of a harvest: nothing is lost, nothing is told twice, nobody is withdrawn."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from callwatch.demo.edits import Item, fields
from callwatch.demo.nextday import next_day
from callwatch.demo.server import StandIn
from tests.harvest.commands import PORTAL, Callwatch, Zygote
from tests.harvest.days import NOW, TODAY, Days, days, topics
from tests.harvest.state import State, all_events, pending, run_states, state, stored_calls

CHUNKS = {"small_chunks": 8}
YESTERDAY = topics(40)
TRANSACTIONS = 13
"""Write transactions of the harvest that is killed: one to begin, the pages, the chunks, one to end."""


def overnight() -> list[Item]:
    """The next morning: the moves of a night, and 30 topics more, one in four with another title."""
    found = next_day([*YESTERDAY, *topics(30, first=41)], TODAY).records
    for item in found[::4]:
        fields(item).update(title=[f"{fields(item)['title'][0]}, second edition"])
    return found


@pytest.fixture(scope="module")
def morning(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, State]:
    """A database of yesterday, and what it holds after today's harvest if nobody kills it."""
    callwatch = Callwatch(zygote, tmp_path_factory.mktemp("morning"))
    before = callwatch.folder / "before.db"
    with days(callwatch, YESTERDAY) as portal:
        portal.harvest()
        shutil.copy(callwatch.folder / "callwatch.db", before)
        portal.show(overnight())
        portal.day = 1
        assert portal.harvest(tamper=CHUNKS).code == 0
    return before, state(callwatch)


@pytest.fixture
def interrupted(callwatch: Callwatch, morning: tuple[Path, State]) -> Iterator[Days]:
    """Today's portal over yesterday's database."""
    shutil.copy(morning[0], callwatch.folder / "callwatch.db")
    with days(callwatch, overnight()) as portal:
        portal.day = 1
        yield portal


def check_whole(path: Path) -> None:
    """The database is in order."""
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def complete(portal: Days, whole: State) -> None:
    """The next harvest finishes the work, and its end is that of an uninterrupted one."""
    callwatch = portal.callwatch
    assert all(stored.gone_since is None for stored in stored_calls(callwatch).values())
    done = portal.harvest()
    assert (done.code, done.report["verdict"]) == (0, "complete")
    with callwatch.store() as store:
        assert run_states(store)[-2:] == [("abandoned", ""), ("done", "complete")]
    assert pending(callwatch) == []
    found = state(callwatch)
    assert found.events == whole.events
    assert found.versions == whole.versions
    assert found.calls == whole.calls


@pytest.mark.parametrize("number", range(1, TRANSACTIONS + 1))
@pytest.mark.parametrize("moment", ["kill_before", "kill_after"])
def test_killed_at_a_commit(interrupted: Days, morning: tuple[Path, State], moment: str, number: int) -> None:
    if (moment, number) == ("kill_before", 1):
        pytest.skip("before its first commit a run has left no trace")
    done = interrupted.harvest(tamper={**CHUNKS, moment: number})
    assert done.code == -signal.SIGKILL
    assert done.out == ""
    check_whole(interrupted.callwatch.folder / "callwatch.db")
    if (moment, number) == ("kill_after", TRANSACTIONS):
        assert state(interrupted.callwatch) == morning[1]
        return
    complete(interrupted, morning[1])


def test_a_harvest_has_as_many_transactions_as_are_tried(interrupted: Days) -> None:
    assert interrupted.harvest(tamper={**CHUNKS, "kill_before": TRANSACTIONS + 1}).code == 0


def kill_at(portal: StandIn, number: int) -> Callable[[Any], None]:
    """A knob that never spoils anything, but kills a harvest when the so many-th request arrives."""


@pytest.mark.parametrize("number", [1, 3, 6, 9])
def test_killed_at_a_request(interrupted: Days, morning: tuple[Path, State], number: int) -> None:
    running: list[Any] = []

    def arrived(asked: Any) -> bool:
        if len(interrupted.portal.requests) == number and running:
            running[0].kill()
        return False

    from callwatch.demo.knobs import Knobs
    from tests.harvest.commands import BASE_URL

    interrupted.portal.knobs = Knobs(endpoint="", when=arrived)
    env = {BASE_URL: interrupted.portal.base_url}
    running.append(interrupted.callwatch.start("harvest", PORTAL, at=interrupted.now, tamper=CHUNKS, **env))
    assert running[0].wait().code == -signal.SIGKILL
    check_whole(interrupted.callwatch.folder / "callwatch.db")
    interrupted.portal.knobs = Knobs()
    complete(interrupted, morning[1])


@pytest.mark.parametrize(("moment", "number"), [("kill_before", 4), ("kill_after", 2), ("kill_after", 9), ("kill_before", TRANSACTIONS)])
def test_killed_over_either_database(
    either: Callwatch, morning: tuple[Path, State], moment: str, number: int
) -> None:
    with days(either, YESTERDAY) as portal:
        portal.harvest()
        portal.show(overnight())
        portal.day = 1
        assert portal.harvest(tamper={**CHUNKS, moment: number}).code == -signal.SIGKILL
        complete(portal, morning[1])


def test_killed_again_and_again(interrupted: Days, morning: tuple[Path, State]) -> None:
    for number in (2, 4, 6, 7, 8):
        assert interrupted.harvest(tamper={**CHUNKS, "kill_after": number}).code == -signal.SIGKILL
    complete(interrupted, morning[1])
    assert all(event.at <= NOW.replace(year=NOW.year + 1) for event in all_events(interrupted.callwatch))

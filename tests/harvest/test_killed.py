"""SIGKILL at any moment of a harvest: nothing is lost, nothing is told twice, nobody is withdrawn."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from callwatch.demo.edits import Item, fields
from callwatch.demo.nextday import next_day
from callwatch.demo.standin.knobs import Knobs
from tests.harvest.commands import BASE_URL, PORTAL, Callwatch, Zygote
from tests.harvest.days import NOW, TODAY, Days, days, topics
from tests.harvest.state import State, all_events, pending, run_states, state, stored_calls

CHUNKS = {"small_chunks": 8}
YESTERDAY = topics(40)
TRANSACTIONS = 12
"""Write transactions of the harvest that is killed: one to begin, the pages with something new, one for all that
is only seen again, the chunks, one for links, one to end."""


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
        assert set(run_states(store)) == {("abandoned", ""), ("done", "complete")}
    assert pending(callwatch) == []
    found = state(callwatch)
    assert found.events == whole.events
    assert found.versions == whole.versions
    assert found.calls == whole.calls


BEFORE = [("kill_before", number) for number in range(2, TRANSACTIONS + 1)]
AFTER = [("kill_after", number) for number in range(1, TRANSACTIONS)]


def rarely(moments: list[tuple[str, int]], often: set[tuple[str, int]]) -> list[Any]:
    """All moments as parameters; those not named `often` are left to `make check`."""
    return [pytest.param(*m, marks=() if m in often else pytest.mark.slow) for m in moments]


@pytest.mark.parametrize(
    ("moment", "number"),
    rarely(
        [*BEFORE, *AFTER],
        {("kill_before", 5), ("kill_before", TRANSACTIONS), ("kill_after", 1), ("kill_after", 3)},
    ),
)
def test_killed_at_a_commit(interrupted: Days, morning: tuple[Path, State], moment: str, number: int) -> None:
    done = interrupted.harvest(tamper={**CHUNKS, moment: number})
    assert done.code == -signal.SIGKILL
    assert done.out == ""
    check_whole(interrupted.callwatch.folder / "callwatch.db")
    complete(interrupted, morning[1])


def test_a_harvest_has_as_many_transactions_as_are_tried(interrupted: Days) -> None:
    assert interrupted.harvest(tamper={**CHUNKS, "kill_before": TRANSACTIONS + 1}).code == 0


@pytest.mark.parametrize(
    "number", [pytest.param(1, marks=pytest.mark.slow), 3, pytest.param(6, marks=pytest.mark.slow), 9]
)
def test_killed_at_a_request(interrupted: Days, morning: tuple[Path, State], number: int) -> None:
    running: list[Any] = []

    def arrived(asked: Any) -> bool:
        if len(interrupted.portal.requests) == number and running:
            running[0].kill()
        return False

    interrupted.portal.knobs = Knobs(endpoint="", when=arrived)
    env = {BASE_URL: interrupted.portal.base_url}
    running.append(interrupted.callwatch.start("harvest", PORTAL, at=interrupted.now, tamper=CHUNKS, **env))
    assert running[0].wait().code == -signal.SIGKILL
    check_whole(interrupted.callwatch.folder / "callwatch.db")
    interrupted.portal.knobs = Knobs()
    complete(interrupted, morning[1])


@pytest.mark.parametrize(
    ("moment", "number"),
    rarely(
        [("kill_before", 4), ("kill_after", 2), ("kill_after", 7), ("kill_before", TRANSACTIONS)],
        {("kill_before", 4)},
    ),
)
@pytest.mark.slow
def test_killed_over_postgresql(
    over_postgresql: Callwatch, morning: tuple[Path, State], moment: str, number: int
) -> None:
    with days(over_postgresql, YESTERDAY) as portal:
        portal.harvest()
        portal.show(overnight())
        portal.day = 1
        assert portal.harvest(tamper={**CHUNKS, moment: number}).code == -signal.SIGKILL
        complete(portal, morning[1])


def test_killed_before_anything_and_after_everything(interrupted: Days, morning: tuple[Path, State]) -> None:
    before = state(interrupted.callwatch)
    assert interrupted.harvest(tamper={**CHUNKS, "kill_before": 1}).code == -signal.SIGKILL
    assert state(interrupted.callwatch) == before
    assert interrupted.harvest(tamper={**CHUNKS, "kill_after": TRANSACTIONS}).code == -signal.SIGKILL
    assert state(interrupted.callwatch) == morning[1]


@pytest.mark.slow
def test_killed_again_and_again(interrupted: Days, morning: tuple[Path, State]) -> None:
    for number in (1, 2, 4, 4, 5):
        assert interrupted.harvest(tamper={**CHUNKS, "kill_after": number}).code == -signal.SIGKILL
    complete(interrupted, morning[1])
    assert all(event.at <= NOW.replace(year=NOW.year + 1) for event in all_events(interrupted.callwatch))

"""Databases that are away or may not be written: each command says so in one line, and goes on afterwards."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.delivery import postgres as own
from tests.delivery import world
from tests.faults import postmaster
from tests.faults.conftest import Disk, Note
from tests.harvest.commands import Callwatch, Done, Zygote
from tests.harvest.conftest import zygote
from tests.harvest.days import Days, days, topics
from tests.harvest.state import state
from tests.harvest.test_killed import check_whole
from tests.operation import test_ticks

__all__ = ["zygote"]
pytestmark = [pytest.mark.slow, pytest.mark.played]


@pytest.fixture
def server() -> Iterator[str]:
    """A new database on a PostgreSQL server of this test alone, which may be stopped."""
    with own.postgresql() as address:
        yield postmaster.database(address)


@contextmanager
def told_by_file(callwatch: Callwatch) -> Iterator[Days]:
    """Twenty calls that are read already, and somebody who is told of them."""
    callwatch.env["CALLWATCH_CONFIG"] = str(world.configure(callwatch.folder / "config", test_ticks.BOOK))
    with days(callwatch, topics(20)) as portal:
        assert portal.harvest().code == 0
        yield portal


COMMANDS: dict[str, Callable[[Days], Done]] = {
    "harvest": lambda portal: portal.harvest(hours=1),
    "plan": lambda portal: portal.callwatch("plan", at=portal.now),
    "deliver": lambda portal: portal.callwatch("deliver", at=portal.now),
}


def without_a_database(portal: Days) -> None:
    """Each command says in one line what is wrong."""
    for name, run in COMMANDS.items():
        done = run(portal)
        assert done.code in (1, 2), f"{name}: {done.code} {done.err}"
        said = done.out + done.err
        assert "Traceback" not in said, said
        assert [line for line in said.splitlines() if line.startswith("callwatch: ")], said


def with_it_again(portal: Days, note: Note) -> None:
    """All of it goes on where it was."""
    begun = time.monotonic()
    portal.show(topics(30))
    assert portal.harvest(hours=2).report["verdict"] == "complete"
    assert [COMMANDS[name](portal).code for name in ("plan", "deliver")] == [0, 0]
    note(lost=30 - len(state(portal.callwatch).calls), recovery=time.monotonic() - begun)
    assert len(state(portal.callwatch).calls) == 30


def test_an_sqlite_file_that_is_away(zygote: Zygote, tmp_path: Path, note: Note) -> None:
    there, away = tmp_path / "data", tmp_path / "away"
    there.mkdir()
    callwatch = Callwatch(zygote, tmp_path, f"sqlite:///{there / 'callwatch.db'}")
    with told_by_file(callwatch) as portal:
        shutil.move(there, away)
        without_a_database(portal)
        shutil.move(away, there)
        with_it_again(portal, note)


def test_a_postgresql_that_is_away(zygote: Zygote, tmp_path: Path, server: str, note: Note) -> None:
    with told_by_file(Callwatch(zygote, tmp_path, server)) as portal:
        postmaster.stop(server)
        try:
            without_a_database(portal)
        finally:
            postmaster.start(server)
        with_it_again(portal, note)


def test_a_folder_that_may_only_be_read(disk: Disk, zygote: Zygote, note: Note) -> None:
    disk.remount("size=50m")
    callwatch = Callwatch(zygote, disk.folder.parent, f"sqlite:///{disk.folder / 'callwatch.db'}")
    with told_by_file(callwatch) as portal:
        disk.remount("ro")
        without_a_database(portal)
        disk.remount("rw")
        check_whole(disk.folder / "callwatch.db")
        with_it_again(portal, note)

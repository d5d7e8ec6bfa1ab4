"""Faults 13 to 16: many at once, crashes of the server, full disks, locked files: exact when it is over."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.alerts.slack_server import SlackServer
from tests.delivery import postgres as own
from tests.delivery.flood import flood
from tests.delivery.processes import Forks, servers
from tests.delivery.smtp_server import MailServer
from tests.faults import postmaster
from tests.faults.conftest import Disk, Note
from tests.faults.sending import Sending, readers
from tests.harvest.commands import Callwatch, Running, Zygote
from tests.harvest.conftest import zygote
from tests.harvest.days import Days, days, topics
from tests.harvest.state import state
from tests.harvest.test_killed import check_whole
from tests.kills.telling import Campaign

__all__ = ["zygote"]
pytestmark = [pytest.mark.slow, pytest.mark.played]

LOCKER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("ROLLBACK")
"""


@pytest.fixture
def server() -> Iterator[str]:
    """A new database on a PostgreSQL server of this test alone, which may be stopped."""
    with own.postgresql() as address:
        yield postmaster.database(address)


@contextmanager
def campaign(forks: Forks, folder: Path, url: str, deliverers: int = 2) -> Iterator[Campaign]:
    """Some calls, some readers, and the servers that count."""
    with servers(folder) as env:
        yield Campaign(forks, folder, url, env, deliverers, mails=18, posts=9)


def exact(work: Campaign, note: Note, **more: float) -> None:
    """All that an undisturbed planning tells has come, and nothing else."""
    work.come_to_rest()
    plan, deliver = work.outcomes()
    lost, doubled = plan.lost + deliver.lost, plan.doubled + deliver.doubled
    note(lost=lost, doubled=doubled, ambiguous=deliver.ambiguous, **more)
    assert plan.is_good, plan
    assert deliver.is_good, deliver
    assert deliver.checked > 20


def test_four_deliverers_of_ten_thousand_messages(
    forks: Forks, tmp_path: Path, on_postgresql: str, note: Note
) -> None:
    """Fault 13."""
    found, _ = flood(forks, tmp_path, on_postgresql, 10_000, deliverers=4)
    note(lost=found.lost, doubled=found.mail_repeats + found.slack_repeats + found.strange, ambiguous=0)
    assert found.is_exact
    assert found.received == found.planned >= 10_000


def test_postgresql_is_restarted_under_load(forks: Forks, tmp_path: Path, server: str, note: Note) -> None:
    """Fault 14: four deliverers and a planner at once; three crashes of the server while they work."""
    with campaign(forks, tmp_path, server, 4) as work:
        downs = []
        for _ in range(3):
            work.happens()
            work.plan()
            running = [work.play.start("deliver") for _ in range(4)]
            running.append(work.play.start("plan"))
            time.sleep(work.random.uniform(0.2, 1.0))
            begun = time.monotonic()
            postmaster.restart(server)
            downs.append(time.monotonic() - begun)
            assert {each.wait().code for each in running} <= {0, 2, 3, 4}
            work.play.later(60)
        work.plan()
        exact(work, note, recovery=max(downs))


def test_a_small_disk_is_full(disk: Disk, zygote: Zygote, note: Note) -> None:
    """Fault 15: it ends cleanly, harms nothing, and goes on when there is room again."""
    callwatch = Callwatch(zygote, disk.folder.parent, f"sqlite:///{disk.folder / 'callwatch.db'}")
    with days(callwatch, topics(20)) as portal:
        assert portal.harvest().code == 0
        before = state(callwatch)
        portal.show(topics(1000))
        portal.day = 1
        ill = portal.harvest()
        assert ill.code != 0
        assert "full" in ill.out + ill.err
        assert "Traceback" not in ill.out + ill.err
        check_whole(disk.folder / "callwatch.db")
        assert set(before.calls) <= set(state(callwatch).calls)
        disk.remount("size=100m")
        begun = time.monotonic()
        assert portal.harvest(hours=1).report["verdict"] == "complete"
        note(lost=1000 - len(state(callwatch).calls), recovery=time.monotonic() - begun)
        assert len(state(callwatch).calls) == 1000
        check_whole(disk.folder / "callwatch.db")


def test_a_disk_that_is_full_when_mails_leave(
    forks: Forks, disk: Disk, mails: MailServer, slack: SlackServer, note: Note
) -> None:
    """Fault 15: what cannot be recorded as sent may come again, once and under its own id; nothing else does."""
    address = f"sqlite:///{disk.folder / 'callwatch.db'}"
    sending = Sending(forks, disk.folder.parent, address, mails, slack)
    sending.put(*readers(30), *readers(5, "slack"))
    filler = disk.folder / "filler"
    with pytest.raises(OSError, match="No space"):
        filler.write_bytes(bytes(100 << 20))
    done = sending.deliver()
    assert "Traceback" not in done.out + done.err
    filler.unlink()
    check_whole(disk.folder / "callwatch.db")
    sending.until_rest()
    found = sending.check()
    note(**found)
    assert (found["lost"], found["doubled"]) == (0, 0)
    assert found["ambiguous"] <= len(sending.unknown())


def test_another_program_locks_it_for_twenty_seconds(
    forks: Forks, zygote: Zygote, tmp_path: Path, on_sqlite: str, note: Note
) -> None:
    """Fault 16: a harvest, a planning and a delivery wait for it, each to a good end."""
    with campaign(forks, tmp_path, on_sqlite) as work, days(Callwatch(zygote, tmp_path, on_sqlite)) as portal:
        work.happens()
        work.plan()
        work.happens()
        with locked(tmp_path / "callwatch.db", 20.0) as since:
            running = [work.play.start("deliver"), work.play.start("plan"), begin(portal)]
            ends = [each.wait() for each in running]
            waited = time.monotonic() - since
        assert [end.code for end in ends] == [0, 0, 0], [end.err[-1000:] for end in ends]
        assert waited > 18
        work.plan()
        exact(work, note, recovery=waited - 20.0)


def begin(portal: Days) -> Running:
    """A harvest that is not waited for."""
    from tests.harvest.commands import BASE_URL, PORTAL

    return portal.callwatch.start("harvest", PORTAL, **{BASE_URL: portal.portal.base_url})


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[float]:
    """Another process holds the database for writing; since when."""
    command = [sys.executable, "-c", LOCKER, str(path), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "locked\n"
    try:
        yield time.monotonic()
    finally:
        process.communicate(timeout=60)


def test_it_is_whole_after_all() -> None:
    """The library that is asked for it knows damage when it sees some."""
    with pytest.raises(sqlite3.DatabaseError):
        check_whole(Path(__file__))

"""Several processes on one database, and processes that die in the middle."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import Counter

import pytest
from sqlalchemy.exc import DBAPIError

from pipeline.errors import Busy, StoreError
from pipeline.models import EventKind
from pipeline.store import Outbox, Store, calls, connect, events, locks
from tests.builders import NOW
from tests.store.processes import finished, ready, start
from tests.store.samples import PORTAL, a_call, happened, keep, message, planned, with_events


@pytest.mark.slow
def test_three_writers_lose_nothing(store: Store, url: str) -> None:
    with store.begin() as conn:
        keep(conn, a_call())
    finished(*(start("write", url, name) for name in ("a", "b", "c")))
    with store.read() as conn:
        assert len(events.since(conn)) == 300


@pytest.mark.slow
def test_four_claimers_send_everything_once(outbox: Outbox, url: str) -> None:
    ids = [f"m{n}" for n in range(300)]
    outbox.commit_plan("s", [message(each, target=each) for each in ids], planned())
    said = finished(*(start("claim", url) for _ in range(4)))
    assert Counter(" ".join(said).split()) == Counter(ids)
    assert {name: n for name, n in outbox.counts().items() if n} == {"sent": 300}
    assert {each.attempts for each in outbox.messages()} == {1}


def test_racing_planners_tell_every_event_once(store: Store, outbox: Outbox) -> None:
    numbers = with_events(store, 12)
    start_line, outcomes = threading.Barrier(6), []

    def plan(planner: int) -> None:
        # Each cuts the same events into messages of its own, so that some plans overlap in part.
        cut = [numbers[i : i + planner] for i in range(0, len(numbers), planner)]
        mine = [message(f"{planner}-{i}", *part) for i, part in enumerate(cut)]
        start_line.wait()
        try:
            outcomes.append(outbox.commit_plan("anna-forest", mine, planned()) * planner)
        except Busy:
            outcomes.append(0)

    threads = [threading.Thread(target=plan, args=(n,)) for n in (1, 2, 3, 4, 6, 12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [event for each in outbox.messages() for event in each.message.event_ids]
    assert sorted(told) == numbers
    assert outbox.memory(["anna-forest"], numbers).told["anna-forest"] == set(numbers)
    assert sorted(outcomes) == [0, 0, 0, 0, 0, 12]


def test_a_killed_transaction_leaves_nothing(store: Store, url: str) -> None:
    with ready("half", url) as process:
        with store.read() as conn:
            assert calls.get(conn, "HALF") is None
        process.kill()
    with store.begin() as conn:
        assert calls.get(conn, "HALF") is None
        assert events.since(conn) == []
        keep(conn, a_call("HALF"))
    assert Outbox(store).messages() == []


def test_a_failing_block_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.begin() as conn:  # noqa: PT012
        keep(conn, a_call("HALF"))
        raise ZeroDivisionError
    with store.read() as conn:
        assert calls.get(conn, "HALF") is None


def test_readers_see_one_state_and_may_not_write(store: Store) -> None:
    with store.read() as reader:
        assert calls.get(reader, "T") is None
        with store.begin() as writer:
            keep(writer, a_call("T"))
        assert calls.get(reader, "T") is None
    with pytest.raises((StoreError, DBAPIError), match=r"read.?only"), store.read() as reader:
        keep(reader, a_call("T"))
    with store.begin() as writer:
        keep(writer, a_call("T"), new_version=False)


def test_a_lock_names_its_holder_and_is_free_after_a_kill(store: Store, url: str) -> None:
    with ready("hold", url, "harvest-x/y") as process:
        with pytest.raises(Busy, match=rf"process {process.pid} on {socket.gethostname()[:30]}.* since 20\d\d-"):
            store.lock("harvest-x/y").__enter__()
        with store.lock("harvest-other"):
            process.kill()
            process.wait()
    deadline = time.monotonic() + 5
    while True:
        try:
            with store.lock("harvest-x/y"):
                break
        except Busy:
            # PostgreSQL notices a moment later that its client is gone.
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_a_lock_holds_within_one_process_too(store: Store) -> None:
    with store.lock("l"), pytest.raises(Busy, match=f"process {os.getpid()} on"):
        store.lock("l").__enter__()
    with store.lock("l"), store.lock("m"):
        pass
    with pytest.raises(ZeroDivisionError), store.lock("l"):
        raise ZeroDivisionError
    with store.lock("l"):
        pass


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_lock_that_was_given_back_is_not_held_a_moment_longer(store: Store) -> None:
    for number in range(30):
        with store.lock(f"l{number}"):
            assert locks.held(store.engine, [f"l{number}"])
        assert not locks.held(store.engine, [f"l{number}"])


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_lock_file_of_somebody_else_is_an_error_with_a_remedy(store: Store) -> None:
    assert store.path is not None
    store.path.with_name(f"{store.path.name}.lock.l").mkdir()
    with pytest.raises(StoreError, match=r"cannot be opened .*check who owns it"):
        store.lock("l").__enter__()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_full_disk_takes_no_lock_away(store: Store) -> None:
    assert store.path is not None
    store.path.with_name(f"{store.path.name}.lock.l").symlink_to("/dev/full")
    with locks.hold(store.engine, "l", wait=10), pytest.raises(Busy, match="another process holds the lock"):
        store.lock("l").__enter__()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_lock_outlives_no_server(store: Store) -> None:
    with store.lock("l"):
        with store.begin() as conn:
            conn.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        with store.lock("l"):
            pass


def test_threads_share_a_store(store: Store) -> None:
    topic = a_call()
    with store.begin() as conn:
        keep(conn, topic)

    def work(name: str) -> None:
        for number in range(20):
            with store.begin() as conn:
                events.add(conn, [happened(topic, EventKind.TEXT_CHANGED, f"{name}{number}")], name)
            with store.read() as conn:
                calls.find(conn, PORTAL, [topic.call.reference])

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as conn:
        assert len(events.since(conn)) == 60


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_database_that_stays_locked_is_busy(store: Store, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "BUSY_SECONDS", 0.05)
    with Store.open(url) as other, other.begin(), pytest.raises(Busy, match="kept the database locked"):  # noqa: SIM117
        with Store.open(url) as third, third.begin():
            pass


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_full_disk_stops_cleanly_and_harms_nothing(store: Store, url: str) -> None:
    with store.begin() as conn:
        keep(conn, a_call("BEFORE"))
    with pytest.raises(StoreError, match="no space left") as full, store.begin() as conn:  # noqa: PT012
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar()
        conn.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        keep(conn, *(a_call(f"T{n}", text=os.urandom(9000).hex()) for n in range(50)))
    assert "INSERT" not in str(full.value)
    with Store.open(url) as after, after.begin() as conn:
        assert conn.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert [found.call.reference for found in calls.query(conn, now=NOW)] == ["BEFORE"]
        keep(conn, a_call("AFTER"))

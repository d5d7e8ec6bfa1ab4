"""The jobs themselves, called in this process over PostgreSQL; nobody is there to be woken."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from alerts.message import encode
from callwatch import telling
from callwatch.child import Child, Limits
from callwatch.cluster import tasks
from callwatch.cluster.app import make_app
from callwatch.cluster.jobs import Job, deliveries, hand
from callwatch.cluster.queues import DELIVER, HARVEST, PLAN
from callwatch.cluster.waking import BrokerAway, enqueue
from callwatch.settings import Settings
from callwatch.telling import plan_messages
from callwatch.wiring import Wiring
from pipeline.errors import Busy
from pipeline.outbox import MessageState, NewMessage
from pipeline.store import Outbox, Store, slots
from pipeline.store.outbox_plan import SLICES, put, slice_of
from tests.alerts.samples import message
from tests.alerts.slack_server import slack_server
from tests.delivery import world
from tests.delivery.postgres import database
from tests.delivery.smtp_server import MailServer, mail_server
from tests.store.conftest import postgres

__all__ = ["postgres"]

pytestmark = pytest.mark.slow

READERS = 24
NOW = "9999-01-01T00:00:00+00:00"


@pytest.fixture
def mails() -> Iterator[MailServer]:
    """A mail server in a thread of this process."""
    with mail_server() as server:
        yield server


@pytest.fixture
def wiring(postgres: str, tmp_path: Path, mails: MailServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wiring]:
    """Readers by mail, who were welcomed, and changes of which they were not told; a broker that is away."""
    config = world.configure(tmp_path / "config", world.subscribers(READERS, 0))
    with database(postgres, "jobs") as address:
        monkeypatch.setenv("CALLWATCH_DATABASE_URL", address)
        monkeypatch.setenv("CALLWATCH_CONFIG", str(config))
        monkeypatch.setenv("CALLWATCH_BROKER_URL", "amqp://guest:guest@127.0.0.1:1/none")
        monkeypatch.setenv("CALLWATCH_SMTP_URL", mails.url)
        monkeypatch.setenv("CALLWATCH_STORM_LIMIT", "100000")
        monkeypatch.setattr(telling, "PART", 3)
        with Store.open(address) as store:
            happen(Wiring(), store)
        yield Wiring()


@pytest.fixture
def app(wiring: Wiring) -> Any:
    return make_app(wiring)


def undisturbed(wiring: Wiring, folder: Path) -> list[tuple[str, ...]]:
    """What one planning of all says, on SQLite, without a broker."""
    alone = Wiring(Settings(config=wiring.settings.config, storm_limit=100_000, broker_url=None))
    with Store.open(f"sqlite:///{folder / 'undisturbed.db'}") as store:
        happen(alone, store)
        plan_messages(alone, store, datetime.now(UTC))
        return world.told(store)


def happen(wiring: Wiring, store: Store) -> None:
    """Calls, a welcome to every reader, and then changes."""
    began = datetime.now(UTC) - timedelta(days=3)
    world.begin(store, began)
    plan_messages(wiring, store, datetime.now(UTC))
    for number in (1, 2):
        world.wave(store, number, began, datetime.now(UTC))


def test_a_slice_is_planned_alone_and_all_slices_are_everything(wiring, app, tmp_path):
    with wiring.store() as store:
        assert len({slice_of(f"mail-{n:03}") for n in range(READERS)}) > 3
        for number in range(SLICES):
            before = {entry.message.id for entry in Outbox(store).messages()}
            if any(slice_of(f"mail-{n:03}") == number for n in range(READERS)):
                with pytest.raises(BrokerAway, match="what is due waits"):
                    tasks.plan(app, number, NOW)
            new = [e.message for e in Outbox(store).messages() if e.message.id not in before]
            assert {slice_of(message.subscription) for message in new} <= {number}
        told = world.told(store)
    assert told
    assert told == undisturbed(wiring, tmp_path)


def test_a_slice_that_was_planned_meanwhile_is_not_planned_again(wiring, app):
    with wiring.store() as store:
        due = datetime.now(UTC)
        number = slice_of("mail-000")
        assert plan_messages(wiring, store, datetime.now(UTC), number)
        world.wave(store, 3, due - timedelta(days=3), datetime.now(UTC))
        before = len(Outbox(store).messages())
        tasks.plan(app, number, due.isoformat())
        assert len(Outbox(store).messages()) == before
        with pytest.raises(BrokerAway):
            tasks.plan(app, number, datetime.now(UTC).isoformat())
        assert len(Outbox(store).messages()) > before


def test_plannings_of_the_same_at_the_same_time_say_nothing_twice(wiring, tmp_path):
    """Three threads for each slice, and two that plan everything, with nothing but the store between them."""

    def once(number: int | None) -> None:
        with wiring.store() as store:
            try:
                plan_messages(Wiring(), store, datetime.now(UTC), number)
            except Busy:
                return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(once, [None, *range(SLICES), *range(SLICES), None, *range(SLICES)]))
    for number in range(SLICES):
        once(number)
    with wiring.store() as store:
        told = world.told(store)
    assert max(Counter(told).values()) == 1
    assert told == undisturbed(wiring, tmp_path)


def test_a_hand_that_is_taken_sends_nothing_and_another_one_does(wiring, app, mails):
    with wiring.store() as store:
        plan_messages(wiring, store, datetime.now(UTC))
        number = Outbox(store).counts()["pending"]
        assert number > READERS
        assert deliveries(wiring, store) == [Job(DELIVER, ("email", 0))]
        assert deliveries(wiring, store, [hand("email", 0)]) == []
        with store.lock(hand("email", 0)):
            with pytest.raises(Busy):
                tasks.deliver(app, "email", 0)
            tasks.deliver(app, "email", wiring.settings.smtp_connections)
            tasks.deliver(app, "slack", 0)
            assert not mails.mails
            tasks.deliver(app, "email", 1)
        assert len(mails.mails) == number
        assert deliveries(wiring, store) == []


def test_a_round_that_ends_before_all_is_sent_is_followed_by_another_one(wiring, app, mails, monkeypatch):
    with wiring.store() as store:
        plan_messages(wiring, store, datetime.now(UTC))
    monkeypatch.setattr(tasks, "LONGEST_ROUND", 0.0)
    with pytest.raises(BrokerAway):
        tasks.deliver(app, "email", 0)
    assert not mails.mails
    monkeypatch.setattr(tasks, "LONGEST_ROUND", 120.0)
    tasks.deliver(app, "email", 0)
    assert mails.mails
    monkeypatch.setattr(tasks, "LONGEST_ROUND", 0.0)
    tasks.deliver(app, "email", 0)


def test_rounds_that_follow_each_other_keep_the_pace_of_a_slack_channel(wiring, app, monkeypatch):
    """Each round is a worker of its own, which knows of the others' posts from the store alone."""
    with slack_server() as slack, wiring.store() as store:
        slack.rate = 0.8
        monkeypatch.setenv("CALLWATCH_SLACK_BASE_URL", slack.url)
        monkeypatch.setenv("CALLWATCH_SLACK_TOKEN", slack.token)
        for number in range(4):
            now = datetime.now(UTC)
            new = NewMessage(
                id=f"00000000-0000-5000-8000-{number:012}",
                contact="c",
                subscription="s",
                channel="slack",
                target="C00000001",
                kind="alert",
                payload=encode(msgspec.structs.replace(message(), at=now)),
                created_at=now,
                not_before=now,
            )
            with store.begin() as conn:
                put(conn, [new])
            tasks.deliver(app, "slack", number)
        sent = [entry.message.target for entry in Outbox(store).messages(state=MessageState.SENT)]
    assert sent.count("C00000001") == 4


@pytest.mark.parametrize("arguments", [("--all", "x"), ("no_portal", "x")])
def test_a_portal_that_is_none_is_logged_and_over(app, arguments):
    app.tasks[f"callwatch.{HARVEST}"](*arguments)


def test_a_harvest_of_another_slot_than_the_one_due_does_nothing(wiring, app):
    app.tasks[f"callwatch.{HARVEST}"]("eu_funding_tenders", "2020-01-01T00:00Z")
    with wiring.store() as store, store.read() as conn:
        assert slots.newest(conn) == {}


def test_a_harvest_that_hangs_is_ended_and_told(monkeypatch):
    class Sleeper(Child):
        def __init__(self) -> None:
            self.name, self.limits, self.started = "harvest x", Limits(1.0, 64), time.monotonic()
            self.process = subprocess.Popen(["sleep", "60"], start_new_session=True)

    child = Sleeper()
    assert tasks._watched(child) == "took longer than 1 s and was ended"
    assert child.code == -9
    killed = Sleeper()
    killed.process.kill()
    assert tasks._watched(killed) == "ended badly (signal 9); see the log"
    monkeypatch.setattr(tasks, "_stopping", bytearray(b"\1"))
    assert tasks._watched(Sleeper()) == ""  # asked to, and handed back


@pytest.mark.parametrize("number", [-1, SLICES, True, "0", None])
def test_a_slice_that_is_none_is_refused(wiring, app, number):
    app.tasks[f"callwatch.{PLAN}"](number, NOW)
    with wiring.store() as store:
        assert not world.told(store)


def test_a_broker_that_is_away_is_said_so(app):
    with pytest.raises(BrokerAway, match="what is due waits"):
        enqueue(app, [Job(PLAN, (0, NOW))], 60.0)

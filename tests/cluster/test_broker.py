"""What is on the broker, and what its end and return cost."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Iterator
from typing import Any

import kombu
import pytest
from amqp.exceptions import NotFound

from callwatch.cluster.app import make_app
from callwatch.cluster.jobs import Job
from callwatch.cluster.queues import DELIVER, HARVEST, PLAN, QUEUES
from callwatch.cluster.waking import BrokerAway, enqueue
from callwatch.settings import Settings
from callwatch.wiring import Wiring
from pipeline.store import Outbox, Store, slots
from tests.cluster import rabbit
from tests.cluster.machines import Cluster, eventually
from tests.cluster.rabbit import VHOST, Rabbit
from tests.cluster.test_promises import Told

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

INSTANT = r"20\d\d-\d\d-\d\dT[\d:.+]+"
ARGUMENTS = {
    HARVEST: rf"[a-z_]+ {INSTANT}( [A-Za-z_/]+|Z)?",
    PLAN: rf"[0-7] {INSTANT}",
    DELIVER: r"(email|slack) \d",
}
"""What the messages of each queue say, and nothing else: a portal and its slot; a slice and since when it is due;
a channel and the number of a hand."""


@pytest.fixture
def frail() -> Iterator[Rabbit]:
    """A broker that may be killed."""
    if reason := rabbit.missing():
        pytest.skip(reason)
    with rabbit.rabbitmq() as started:
        yield started


def messages(broker: Rabbit) -> dict[str, list[list[Any]]]:
    """The arguments of all that waits, by queue; taken off it."""
    found: dict[str, list[list[Any]]] = {}
    with kombu.Connection(broker.url) as connection:
        for name in QUEUES:
            while (message := connection.default_channel.basic_get(f"callwatch.{name}", no_ack=True)) is not None:
                arguments, named, _ = json.loads(message.body)
                assert named == {}
                found.setdefault(name, []).append(arguments)
    return found


def consumers(broker: Rabbit) -> list[list[str]]:
    """Of each consumer its queue, whether it acknowledges, and how many messages it is handed at most."""
    said = broker.control("list_consumers", "-p", VHOST, "queue_name", "ack_required", "prefetch_count")
    return [line.split() for line in said.splitlines() if line.startswith("callwatch.")]


def test_the_clock_only_wakes_and_messages_carry_ids_only(cluster: Cluster, broker: Rabbit) -> None:
    broker.wipe()
    broker.make()
    told = Told(cluster)
    try:
        with Store.open(cluster.database) as store:
            before = Outbox(store).counts()
            told.wave()
            sweeper = cluster.sweeper(120.0)  # once; what it sends is good for three times as long
            assert eventually(lambda: sum(n for n, _ in _looked_at(broker).values()) > 8), cluster.said()
            time.sleep(3.0)
            assert Outbox(store).counts() == before  # what was planned before waits; nothing was planned or sent
            with store.read() as conn:
                assert slots.newest(conn) == {}
        sweeper.terminate()
        assert sweeper.wait(60) == 0
        found = messages(broker)
        assert set(found) == set(QUEUES)
        for name, calls in found.items():
            for arguments in calls:
                assert re.fullmatch(ARGUMENTS[name], " ".join(map(str, arguments))), arguments
    finally:
        told.close()


def _looked_at(broker: Rabbit) -> dict[str, tuple[int, int]]:
    """By queue, how many messages wait and how many consumers there are."""
    found = {}
    with kombu.Connection(broker.url) as connection:
        for name in QUEUES:
            try:
                with connection.channel() as channel:
                    _, waiting, listening = channel.queue_declare(f"callwatch.{name}", passive=True)
            except NotFound:
                continue
            found[name] = waiting, listening
    return found


def test_a_worker_takes_one_message_for_each_process_and_acknowledges_it(cluster: Cluster, broker: Rabbit) -> None:
    cluster.worker("plan", at_once=1)
    assert eventually(lambda: _looked_at(broker).get(PLAN, (0, 0))[1] == 1), cluster.said()
    assert consumers(broker) == [["callwatch.plan", "true", "1"]]


def test_a_broker_that_says_nothing_more_is_given_up_until_the_next_sweep(
    cluster: Cluster, frail: Rabbit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callwatch.cluster.waking.PATIENCE", 2)
    settings = Settings(broker_url=frail.url, database_url=cluster.database)
    app, jobs = make_app(Wiring(settings)), [Job(PLAN, (0, "9999-01-01T00:00:00+00:00"))]
    declare = kombu.Queue.declare

    def silent(queue: kombu.Queue, *arguments: Any, **more: Any) -> None:
        frail.signal(signal.SIGSTOP)
        declare(queue, *arguments, **more)

    with monkeypatch.context() as patched:
        patched.setattr(kombu.Queue, "declare", silent)
        began = time.monotonic()
        with pytest.raises(BrokerAway, match="RabbitMQ does not take messages"):
            enqueue(app, jobs, 60.0)
        assert time.monotonic() - began < 30
    frail.signal(signal.SIGCONT)
    assert eventually(lambda: enqueue(app, jobs, 60.0) == 1)


def test_a_broker_that_dies_under_load_and_comes_back_loses_nothing(cluster: Cluster, frail: Rabbit) -> None:
    cluster.environment["CALLWATCH_BROKER_URL"] = frail.url
    told = Told(cluster)
    running = [cluster.sweeper(), cluster.worker(), cluster.worker()]
    try:
        told.wave()
        assert eventually(lambda: Outbox(told.store).counts()["sent"] > 0), cluster.said()[-4000:]
        frail.crash()
        told.wave()
        assert eventually(lambda: "what is due waits" in cluster.said()), cluster.said()[-4000:]
        frail.restart()
        told.rest()
        told.wave()
        told.rest()
        told.check()
        assert all(process.poll() is None for process in running)
    finally:
        told.close()

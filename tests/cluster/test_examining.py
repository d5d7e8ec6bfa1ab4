"""What `callwatch doctor` says of the broker: each trouble with its remedy, and never the password."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callwatch.cluster import hearing
from callwatch.cluster.app import make_app
from callwatch.cluster.examining import broker as examined
from callwatch.cluster.jobs import Job
from callwatch.cluster.queues import PLAN, QUEUES
from callwatch.cluster.waking import BrokerAway, enqueue
from callwatch.doctor import examine
from callwatch.finding import Finding
from callwatch.settings import Settings
from callwatch.status import overview
from callwatch.wiring import Wiring
from pipeline.store import Store, marks
from tests.cluster.machines import Cluster, eventually
from tests.cluster.rabbit import VHOST, Rabbit
from tests.store.conftest import postgres, postgres_template, sqlite_template, store, url

__all__ = ["postgres", "postgres_template", "sqlite_template", "store", "url"]

DATABASE = "postgresql://somebody:0pen5esame@127.0.0.1:1/callwatch"
SECRET = "5ecret"


def findings(address: str | None, database: str = DATABASE) -> list[Finding]:
    found = list(examined(Wiring(Settings(broker_url=address, database_url=database))))
    assert SECRET not in str(found)
    assert "guest:guest" not in str(found)
    return found


def test_without_a_broker_there_is_nothing_to_say():
    assert findings(None) == []


@pytest.mark.parametrize(
    ("address", "database", "said"),
    [
        (f"redis://:{SECRET}@127.0.0.1/0", DATABASE, "no address of RabbitMQ"),
        (f"amqp://x:{SECRET}@127.0.0.1/v", "sqlite:///callwatch.db", "cannot share an SQLite file"),
    ],
)
def test_settings_that_cannot_work_are_a_finding(address, database, said):
    (only,) = findings(address, database)
    assert said in only.state
    assert only.remedy


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "celery", None)
    (only,) = findings(f"amqp://x:{SECRET}@127.0.0.1/v")
    assert "pip install 'callwatch[cluster]'" in only.state
    assert only.remedy


def test_a_broker_that_is_not_there():
    (only,) = findings(f"amqp://x:{SECRET}@127.0.0.1:1/v")
    assert only.what == "broker"
    assert "127.0.0.1:1/v cannot be reached" in only.state
    assert "see whether RabbitMQ runs there" in only.remedy


def test_a_server_that_is_no_broker():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (only,) = findings(f"amqp://x:{SECRET}@127.0.0.1:{port}/v")  # it listens, and never says a word
    assert "cannot be reached" in only.state


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_the_doctor_asks_for_it_and_status_shows_who_works(store: Store, url: str, tmp_path):
    given = {"broker_url": f"amqp://x:{SECRET}@127.0.0.1:1/v", "database_url": url, "config": tmp_path}
    (tmp_path / "subscriptions.yml").write_text("contacts: {}\nsubscriptions: []\n")
    wiring, now = Wiring(Settings(**given)), datetime.now(UTC)
    assert [found.state for found in examine(wiring, now) if found.what == "broker"] != []
    with store.begin() as conn:
        marks.note_time(conn, hearing.WORKER + "long-gone", now - timedelta(days=2))
        marks.note_time(conn, hearing.WORKER + "other", now - timedelta(hours=2))
    hearing.note(wiring)
    shown = overview(wiring, store, now)["cluster"]
    assert shown["broker"] == "127.0.0.1:1/v"
    assert {worker["host"] for worker in shown["workers"]} == {"other", socket.gethostname()}
    alone = Wiring(Settings(**{**given, "broker_url": None}))
    assert overview(alone, store, now)["cluster"] is None


@pytest.fixture
def clean(broker: Rabbit) -> Iterator[Rabbit]:
    """The broker with nothing on it."""
    broker.wipe()
    broker.make()
    yield broker
    broker.wipe()
    broker.make()


def app(broker: Rabbit) -> Any:
    return make_app(Wiring(Settings(broker_url=broker.url, database_url=DATABASE)))


@pytest.mark.cluster
@pytest.mark.slow
def test_a_good_broker(clean: Rabbit):
    before = findings(clean.url)
    assert before[0].what == "broker"
    assert f"at 127.0.0.1:{clean.port}/{VHOST} takes our credentials" in before[0].state
    assert all("not there yet" in found.state and not found.remedy for found in before[1:])
    assert clean.control("list_queues", "-p", VHOST, "name").split()[1:] == []  # looking has made nothing
    enqueue(app(clean), [Job(PLAN, (0, "9999-01-01T00:00:00+00:00"))], 60.0)
    kinds = clean.control("list_queues", "-p", VHOST, "--no-table-headers", "name", "type").split()
    assert sorted(kinds) == sorted(word for name in QUEUES for word in (f"callwatch.{name}", "quorum"))
    found = {one.what: one for one in findings(clean.url)}
    assert found["queue callwatch.plan"].state == "a quorum queue, 1 waiting, and no worker listens"
    assert found["queue callwatch.plan"].remedy == "start a worker: callwatch worker --queues plan"
    with app(clean).connection_for_read() as connection:
        app_queues = {queue.name: queue for queue in app(clean).conf.task_queues}
        with connection.Consumer([app_queues["callwatch.plan"]], prefetch_count=1):
            listened = {one.what: one for one in findings(clean.url)}
    assert listened["queue callwatch.plan"].remedy == ""
    assert listened["queue callwatch.plan"].state.endswith("1 workers listen")


@pytest.mark.cluster
@pytest.mark.slow
def test_queues_of_another_kind_under_our_names(clean: Rabbit):
    import kombu

    with app(clean).connection_for_write() as connection:
        kombu.Queue("callwatch.plan", durable=True)(connection.default_channel).declare()
        bounded = {"x-queue-type": "quorum", "x-max-length": 5}
        kombu.Queue("callwatch.deliver", durable=True, queue_arguments=bounded)(
            connection.default_channel
        ).declare()
    found = {one.what: one for one in findings(clean.url)}
    assert "another kind of queue" in found["queue callwatch.plan"].state
    assert "inequivalent" in found["queue callwatch.plan"].state
    assert f"rabbitmqctl -p {VHOST} delete_queue callwatch.plan" in found["queue callwatch.plan"].remedy
    assert "another kind of queue" in found["queue callwatch.deliver"].state
    assert "not there yet" in found["queue callwatch.harvest"].state
    with pytest.raises(BrokerAway):
        enqueue(app(clean), [Job(PLAN, (0, "9999-01-01T00:00:00+00:00"))], 60.0)
    for name in ("plan", "deliver"):  # the remedy is one
        clean.control("-p", VHOST, "delete_queue", f"callwatch.{name}")
    assert enqueue(app(clean), [Job(PLAN, (0, "9999-01-01T00:00:00+00:00"))], 60.0) == 1


@pytest.mark.cluster
@pytest.mark.slow
def test_who_may_not_come_in(clean: Rabbit):
    (refused,) = findings(f"amqp://guest:{SECRET}@127.0.0.1:{clean.port}/{VHOST}")
    assert "refuses the name guest or its password" in refused.state
    assert "CALLWATCH_BROKER_URL" in refused.remedy
    (nowhere,) = findings(f"amqp://guest:guest@127.0.0.1:{clean.port}/elsewhere")
    assert "elsewhere" in nowhere.state
    assert nowhere.remedy.startswith("rabbitmqctl add_vhost elsewhere; rabbitmqctl set_permissions -p elsewhere")
    enqueue(app(clean), [], 60.0)
    clean.control("add_user", "guarded", SECRET)
    clean.control("set_permissions", "-p", VHOST, "guarded", "^none$", "^none$", "^none$")
    found = findings(f"amqp://guarded:{SECRET}@127.0.0.1:{clean.port}/{VHOST}")
    assert [one.remedy[:33] for one in found[1:]] == ["give our user configure, write an"] * 3
    clean.control("delete_user", "guarded")


@pytest.mark.cluster
@pytest.mark.slow
def test_a_worker_says_when_it_works_and_at_once_what_keeps_it_from_that(
    clean: Rabbit, address: str, tmp_path: Path
) -> None:
    refused, works = tmp_path / "refused", tmp_path / "works"
    for folder in (refused, works):
        folder.mkdir()
    wrong = Cluster(refused, address, f"amqp://guest:{SECRET}@127.0.0.1:{clean.port}/{VHOST}", {})
    right = Cluster(works, address, clean.url, {})
    try:
        wrong.start("worker", "--queues", "plan", module="callwatch")
        right.start("worker", "--queues", "plan,deliver", module="callwatch")
        assert eventually(lambda: "refuses the name guest" in wrong.said()), wrong.said()
        assert eventually(lambda: "callwatch works for its cluster: plan, deliver" in right.said()), right.said()
        assert SECRET not in wrong.said()
    finally:
        codes = [*wrong.end(), *right.end()]
    assert codes[-1] == 0

"""What makes a lost worker or broker cost nothing is in force, whatever the environment says. Without a broker."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callwatch.cluster.app import LONGEST, make_app
from callwatch.cluster.jobs import deliveries, due_jobs, hands
from callwatch.cluster.queues import HARVEST, PLAN, QUEUES
from callwatch.cluster.worker import work, worker_of
from callwatch.logs import redact
from callwatch.settings import Settings
from callwatch.telling import plan_messages
from callwatch.wiring import Wiring
from pipeline.errors import ConfigError
from pipeline.outbox import NewMessage
from pipeline.store import Store, marks
from pipeline.store.outbox_plan import SLICES, put, slice_of
from tests.delivery import world
from tests.store.conftest import postgres, postgres_template, sqlite_template, store, url

__all__ = ["postgres", "postgres_template", "sqlite_template", "store", "url"]

BROKER = "amqp://somebody:5ecret@127.0.0.1:1/callwatch"
DATABASE = "postgresql://somebody@127.0.0.1:1/callwatch"


def wiring(**given: Any) -> Wiring:
    return Wiring(Settings(**{"broker_url": BROKER, "database_url": DATABASE, **given}))


@pytest.fixture(scope="module")
def app() -> Any:
    return make_app(wiring())


def test_a_task_is_acknowledged_when_it_is_done_and_handed_over_when_its_worker_is_lost(app):
    for name in QUEUES:
        task = app.tasks[f"callwatch.{name}"]
        assert task.acks_late
        assert task.reject_on_worker_lost
        assert task.ignore_result
        assert not task.store_errors_even_if_ignored
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.task_time_limit == LONGEST
    assert app.conf.task_soft_time_limit < LONGEST


def test_what_is_sent_is_confirmed_and_kept_by_the_majority(app):
    assert app.conf.broker_transport_options == {"confirm_publish": True}
    with app.connection_for_write() as connection:
        assert connection.transport_options["confirm_publish"] is True
    queues = {queue.name: queue for queue in app.conf.task_queues}
    assert set(queues) == {f"callwatch.{name}" for name in QUEUES}
    for queue in queues.values():
        assert queue.durable
        assert queue.queue_arguments["x-queue-type"] == "quorum"
        assert queue.queue_arguments["x-delivery-limit"] > 0
        assert queue.queue_arguments["x-consumer-timeout"] > LONGEST * 1000
    assert not app.conf.task_create_missing_queues


def test_only_json_is_read_and_nothing_is_kept_of_results(app):
    assert app.conf.accept_content == ["json"]
    assert app.conf.result_accept_content == ["json"]
    assert app.conf.task_serializer == "json"
    assert app.conf.result_backend is None
    assert type(app.backend).__name__ == "DisabledBackend"


def test_nobody_can_command_a_worker_through_the_broker(app):
    assert not app.conf.worker_enable_remote_control
    assert not app.conf.worker_send_task_events


def test_a_worker_takes_one_message_for_each_process(app):
    worker = worker_of(app, [HARVEST], 3)
    assert worker.concurrency == 3
    assert worker.prefetch_multiplier == 1
    assert worker.pool_cls.__module__ == "celery.concurrency.prefork"
    assert list(app.amqp.queues.consume_from) == ["callwatch.harvest"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"broker_url": None}, "CALLWATCH_BROKER_URL is not set"),
        ({"broker_url": "redis://:5ecret@127.0.0.1/0"}, "no address of RabbitMQ"),
        ({"broker_url": "amqp://x:5ecret@host:port/"}, "no address of RabbitMQ"),
        ({"database_url": "sqlite:///callwatch.db"}, "cannot share an SQLite file: set CALLWATCH_DATABASE_URL"),
    ],
)
def test_what_cannot_work_is_refused_with_the_remedy_and_without_the_password(given, said):
    with pytest.raises(ConfigError) as raised:
        make_app(wiring(**given))
    assert said in str(raised.value)
    assert "5ecret" not in str(raised.value)


@pytest.mark.parametrize("name", ["CELERY_BROKER_URL", "CELERY_RESULT_BACKEND"])
def test_the_environment_cannot_overrule_them(name, monkeypatch):
    monkeypatch.setenv(name, "redis://127.0.0.1/0")
    with pytest.raises(ConfigError, match=name):
        make_app(wiring())


def test_a_queue_that_is_none_is_refused():
    with pytest.raises(ConfigError, match='no queue "plans": name harvest, plan, deliver'):
        work(wiring(), ["plans"], 1)


def test_the_address_is_not_printed():
    assert "5ecret" not in redact(f"cannot connect to {BROKER}")
    assert "5ecret" not in repr(wiring().settings)


def test_slices_hold_all_subscriptions_evenly():
    counts = [0] * SLICES
    for number in range(8000):
        counts[slice_of(f"subscription-{number}")] += 1
    assert min(counts) > 800


def test_turns_are_a_pause_apart_whoever_takes_them(store: Store):
    waits = []
    for name in ("slack C1", "slack C1", "slack C2", "slack C1"):
        with store.begin() as conn:
            waits.append(marks.turn(conn, name, 30.0))
    assert waits[0] == waits[2] == 0
    assert 29 < waits[1] <= 30
    assert 59 < waits[3] <= 60


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_what_is_held_is_not_due(store: Store, url: str, tmp_path: Path):
    config = world.configure(tmp_path, world.subscribers(30, 0))
    here = wiring(database_url=url, config=config, broker_url=BROKER)
    found = due_jobs(here, store)
    plans = [job.arguments[0] for job in found if job.name == PLAN]
    assert plans == list(range(SLICES))
    with store.lock("plan 3"), store.lock("harvest-eu_funding_tenders"):
        fewer = due_jobs(here, store)
    before, after = ({(job.name, job.arguments[0]) for job in jobs} for jobs in (found, fewer))
    assert before - after == {("plan", 3), ("harvest", "eu_funding_tenders")}


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_the_slice_that_waits_longest_comes_first(store: Store, url: str, tmp_path: Path):
    config = world.configure(tmp_path, world.subscribers(30, 0))
    here = wiring(database_url=url, config=config)
    for number in (2, 0, 1):
        plan_messages(here, store, here.clock(), number)
    plans = [job.arguments[0] for job in due_jobs(here, store) if job.name == PLAN]
    assert plans == [3, 4, 5, 6, 7, 2, 0, 1]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_one_hand_of_each_channel_comes_before_the_second_of_any(store: Store, url: str):
    now = datetime.now(UTC)
    new = [
        NewMessage(
            id=f"{channel} {n}",
            contact="c",
            subscription="s",
            channel=channel,
            target=f"{n}",
            kind="alert",
            payload=b"{}",
            created_at=now,
            not_before=now,
        )
        for channel in ("email", "slack")
        for n in range(150)
    ]
    with store.begin() as conn:
        put(conn, new)
    found = [job.arguments for job in deliveries(wiring(database_url=url), store)]
    assert found == [("email", 0), ("slack", 0), ("email", 1), ("slack", 1)]


def test_the_mail_server_sees_as_many_connections_as_the_setting_says():
    assert hands(wiring(smtp_connections=7), "email") == 7
    assert hands(wiring(), "file") == 1

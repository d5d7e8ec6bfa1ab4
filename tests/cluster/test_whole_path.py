"""From a portal to mails, the same in a cluster as in one process."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callwatch.demo.sample import records
from callwatch.demo.standin.knobs import Knobs
from callwatch.demo.standin.server import StandIn
from pipeline.store import Outbox, Store, slots
from tests.cluster.machines import at_rest, eventually
from tests.cluster.rabbit import Rabbit
from tests.delivery import world
from tests.delivery.smtp_server import MailServer, mail_server
from tests.operation.machine import PORTAL, Machine

pytestmark = [pytest.mark.slow, pytest.mark.cluster]


@pytest.fixture
def portal() -> Iterator[StandIn]:
    """The stand-in with its sample."""
    with StandIn(records(datetime.now(UTC).date())) as server:
        yield server


@pytest.fixture
def mails() -> Iterator[MailServer]:
    """A mail server in a thread of this process."""
    with mail_server() as server:
        yield server


@pytest.fixture
def spread(tmp_path: Path, portal: StandIn, mails: MailServer, address: str, broker: Rabbit) -> Iterator[Machine]:
    """A machine whose settings make it one of a cluster."""
    (tmp_path / "cluster").mkdir()
    made = Machine(tmp_path / "cluster", portal, mails.url)
    made.environment |= {"CALLWATCH_DATABASE_URL": address, "CALLWATCH_BROKER_URL": broker.url}
    yield made
    made.end()


def harvested(store: Store) -> str:
    """State of the portal's newest slot."""
    with store.read() as conn:
        taken = slots.newest(conn, slots.harvest_job(PORTAL))
    return next((slot.state for slot in taken.values()), "")


def test_a_harvest_becomes_mails_as_it_does_without_a_broker(
    spread: Machine, tmp_path: Path, portal: StandIn, mails: MailServer, address: str
) -> None:
    with Store.open(address) as store:
        running = [spread.start("run", "--every", "2"), spread.start("worker", "--queues", "harvest,plan,deliver")]
        assert eventually(lambda: harvested(store) == slots.DONE), [spread.said(one) for one in running]
        assert eventually(lambda: bool(world.told(store)) and at_rest(store)), spread.said(running[1])
        told = world.told(store)
        assert max(Counter(told).values()) == 1
        in_cluster = len(mails.mails)
        assert [spread.stop(one) for one in running] == [0, 0]
    (tmp_path / "alone").mkdir()
    alone = Machine(tmp_path / "alone", portal, mails.url)
    try:
        process = alone.start("run", "--every", "2")
        assert eventually(lambda: alone.database.exists())
        with alone.store() as store:
            assert eventually(lambda: world.told(store) == told and at_rest(store)), alone.said(process)
        assert len(mails.mails) == 2 * in_cluster
        assert alone.stop(process) == 0
    finally:
        alone.end()


def test_a_worker_that_is_asked_to_stop_hands_its_harvest_back(
    spread: Machine, portal: StandIn, address: str
) -> None:
    portal.knobs = Knobs(delay=5.0)
    with Store.open(address) as store:
        spread.start("run", "--every", "2")
        worker = spread.start("worker", "--queues", "harvest")
        assert eventually(lambda: harvested(store) == slots.RUNNING), spread.said(worker)
        time.sleep(1.0)
        begun = time.monotonic()
        assert spread.stop(worker, signal.SIGTERM) == 0
        assert time.monotonic() - begun < 45
        with store.read() as conn:
            (slot,) = slots.newest(conn, slots.harvest_job(PORTAL)).values()
        assert (slot.state, slot.attempts) == (slots.RUNNING, 1)  # due again at once
        assert "ended badly" not in spread.said(worker)
        portal.knobs = Knobs()
        other = spread.start("worker", "--queues", "harvest")
        assert eventually(lambda: harvested(store) == slots.DONE), spread.said(other)
        assert Outbox(store).counts()["failed"] == 0

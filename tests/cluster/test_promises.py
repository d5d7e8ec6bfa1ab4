"""Nothing is lost and nothing comes twice: workers that are killed, and a broker that is wiped."""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callwatch.settings import Settings
from callwatch.telling import plan_messages
from callwatch.wiring import Wiring
from pipeline.outbox import MessageState
from pipeline.store import Outbox, Store
from tests.cluster.machines import Cluster, at_rest, at_work, eventually
from tests.cluster.rabbit import Rabbit
from tests.delivery import world
from tests.delivery.oracle import figures

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

SEED = 20261126
WAVES = 8


class Told:
    """What a cluster says against what one undisturbed planning says, after the same waves of changes."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster, self.folder = cluster, cluster.folder
        self.store = Store.open(cluster.database)
        self.reference = Store.open(f"sqlite:///{cluster.folder / 'undisturbed.db'}")
        self.began, self.waves = datetime.now(UTC) - timedelta(days=3), 0
        config = Path(cluster.environment["CALLWATCH_CONFIG"])
        self.wiring = Wiring(Settings(config=config, storm_limit=100_000))
        for store in (self.store, self.reference):
            world.begin(store, self.began)
        plan_messages(self.wiring, self.store, datetime.now(UTC))
        plan_messages(self.wiring, self.reference, datetime.now(UTC))

    def wave(self) -> None:
        """Something happens to calls to which nothing happened before."""
        for store in (self.store, self.reference):
            world.wave(store, self.waves + 1, self.began, datetime.now(UTC))
        self.waves += 1

    def rest(self) -> None:
        """Until all that has happened is told and has arrived."""
        plan_messages(self.wiring, self.reference, datetime.now(UTC))
        expected = set(world.told(self.reference))
        assert eventually(lambda: set(world.told(self.store)) == expected), self.cluster.said()[-4000:]
        assert eventually(lambda: at_rest(self.store)), self.waiting() + self.cluster.said()[-4000:]

    def waiting(self) -> str:
        """What does not come to rest, and why."""
        entries = [entry for entry in Outbox(self.store).messages() if entry.state is not MessageState.SENT]
        return "\n".join(f"{e.message.target} {e.state} {e.attempts} {e.last_error}" for e in entries)

    def check(self) -> None:
        """Both oracles: planned as undisturbed, each event once; received as planned."""
        told = Counter(world.told(self.store))
        assert max(told.values()) == 1
        assert told == Counter(world.told(self.reference))
        found = figures(self.store, self.folder)
        assert found.planned > 36
        assert found.is_exact, found

    def close(self) -> None:
        self.store.close()
        self.reference.close()


def test_two_of_four_workers_killed_again_and_again(cluster: Cluster) -> None:
    told, chance = Told(cluster), random.Random(SEED)
    cluster.sweeper()
    workers = [cluster.worker() for _ in range(4)]
    try:
        until = time.monotonic() + 45
        while told.waves < WAVES or time.monotonic() < until:
            if told.waves < WAVES:
                told.wave()
            time.sleep(chance.uniform(1.5, 5.0))
            victims = chance.sample(range(4), 2)
            for number in victims:
                cluster.kill(workers[number])
                time.sleep(chance.uniform(0.0, 0.5))
            for number in victims:
                workers[number] = cluster.worker()
            if time.monotonic() > until + 60:
                break
        told.rest()
        told.check()
        assert cluster.kills >= 10
        assert all(process.poll() is None for process in workers)
        assert eventually(lambda: all(map(at_work, workers)))
        assert not any(cluster.end())
        assert "guest:guest" not in cluster.said()
    finally:
        told.close()


def test_a_broker_that_is_wiped_loses_nothing(cluster: Cluster, broker: Rabbit) -> None:
    told = Told(cluster)
    running = [cluster.sweeper(), cluster.worker(), cluster.worker()]
    try:
        told.wave()
        told.rest()
        told.wave()
        broker.wipe()
        told.wave()
        time.sleep(4.0)
        broker.make()
        told.rest()
        told.check()
        assert all(process.poll() is None for process in running)
        assert "what is due waits" in cluster.said()
    finally:
        told.close()

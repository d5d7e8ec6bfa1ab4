"""RabbitMQ, PostgreSQL and those who are told; each skipped with a reason where it is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import rabbit
from tests.cluster.machines import Cluster
from tests.cluster.rabbit import Rabbit
from tests.delivery import world
from tests.delivery.postgres import database
from tests.delivery.processes import servers
from tests.store.conftest import postgres

__all__ = ["postgres"]


@pytest.fixture(scope="session")
def broker() -> Iterator[Rabbit]:
    """A RabbitMQ of our own."""
    if reason := rabbit.missing():
        pytest.skip(reason)
    with rabbit.rabbitmq() as started:
        yield started


@pytest.fixture
def address(postgres: str) -> Iterator[str]:
    """Address of a new PostgreSQL database."""
    with database(postgres, "cluster") as made:
        yield made


@pytest.fixture
def cluster(tmp_path: Path, address: str, broker: Rabbit) -> Iterator[Cluster]:
    """Nothing of it runs yet. Mail server and Slack note what they take in `tmp_path`."""
    book = world.subscribers(24, 12)
    for wish in book["subscriptions"]:
        wish["cadence"] = "at_once"
    config = world.configure(tmp_path / "config", book)
    with servers(tmp_path) as env:
        made = Cluster(tmp_path, address, broker.url, {**env, "CALLWATCH_CONFIG": str(config)})
        try:
            yield made
        finally:
            made.end()

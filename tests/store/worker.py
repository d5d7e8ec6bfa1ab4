"""A process of its own for the store's tests: `python -m tests.store.worker WHAT URL [ARGUMENT]`.

Those that have to be killed say "ready" and wait for it.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, event

from pipeline.models import EventKind
from pipeline.outbox import SubscriptionState
from pipeline.store import Outbox, Store, events
from pipeline.store.outbox_plan import store_plans
from tests.builders import NOW, at
from tests.store.samples import a_call, happened, keep, message


def write(url: str, name: str) -> None:
    """100 small write transactions, each of which reads first."""
    topic = a_call()
    with Store.open(url) as store:
        for number in range(100):
            with store.begin() as conn:
                events.since(conn, limit=1)
                events.add(conn, [happened(topic, EventKind.TEXT_CHANGED, f"{name}-{number}")], name)


def claim(url: str, _: str) -> None:
    """Claim and send until nothing is due; prints the ids."""
    with Store.open(url) as store:
        outbox = Outbox(store)
        while claimed := outbox.claim(NOW, 7, timedelta(minutes=1)):
            for each in claimed:
                if outbox.sent(each, "id", at(seconds=1)):
                    print(each.message.id)  # noqa: T201


def hold(url: str, name: str) -> None:
    """Hold a lock until killed."""
    with Store.open(url) as store, store.lock(name):
        _ready()


def half(url: str, _: str) -> None:
    """Be in the middle of storing a call, its event and the message about it."""
    topic = a_call("HALF")
    with Store.open(url) as store, store.begin() as conn:
        keep(conn, topic)
        events.add(conn, [happened(topic)], "run-1")
        ((number, _event),) = events.since(conn, call_id=topic.call.id)
        store_plans(conn, [("anna-forest", [message("half", number)], SubscriptionState(NOW, NOW))])
        _ready()


def migrate(url: str, tables: str) -> None:
    """Create or upgrade the database, and die by SIGKILL when so many tables have been created."""
    left = int(tables)

    def count(*arguments: Any) -> None:
        nonlocal left
        left -= "CREATE TABLE" in arguments[2]
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "after_cursor_execute", count)
    Store.open(url).close()


def _ready() -> None:
    print("ready", flush=True)  # noqa: T201
    time.sleep(60)


if __name__ == "__main__":
    {"write": write, "claim": claim, "hold": hold, "half": half, "migrate": migrate}[sys.argv[1]](*sys.argv[2:4])

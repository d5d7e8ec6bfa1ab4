"""A worker: processes that wait to be woken, on this machine."""

from __future__ import annotations

import os
import secrets
import socket
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import structlog

from callwatch.cluster import examining
from callwatch.cluster.app import make_app
from callwatch.cluster.queues import QUEUES
from callwatch.cluster.tasks import ask_to_stop
from callwatch.wiring import Wiring
from pipeline.errors import ConfigError

log = structlog.get_logger()


def work(wiring: Wiring, queues: Sequence[str], at_once: int, ready: Callable[[], None] = lambda: None) -> int:
    """Until SIGTERM, which finishes or hands back what is under way; `ready` is called once the broker knows us.
    Raises ConfigError for an unknown queue."""
    if unknown := [name for name in queues if name not in QUEUES]:
        raise ConfigError(f'there is no queue "{unknown[0]}": name {", ".join(QUEUES)}')
    app = make_app(wiring)
    with wiring.store():  # upgraded by one of us before anybody works
        pass
    _look_at_broker(wiring)
    worker = worker_of(app, queues, at_once, ready)
    worker.start()
    return int(worker.exitcode or 0)


def _look_at_broker(wiring: Wiring) -> None:
    """Say at once what is wrong with it; it is waited for all the same."""
    found = next(examining.broker(wiring), None)
    if found and found.remedy:
        log.warning("the broker cannot be used yet", problem=found.state, remedy=found.remedy)


def worker_of(app: Any, queues: Sequence[str], at_once: int, ready: Callable[[], None] = lambda: None) -> Any:
    """Celery's worker with our settings."""
    from celery import signals

    signals.worker_shutting_down.connect(ask_to_stop)
    signals.worker_ready.connect(lambda **_: ready(), weak=False)
    warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
    return app.Worker(
        hostname=f"{os.getpid()}-{secrets.token_hex(2)}@{socket.gethostname()}",
        queues=[f"callwatch.{name}" for name in queues],
        concurrency=at_once,
        pool="prefork",
        optimization="fair",
        loglevel="WARNING",
        quiet=True,
        without_mingle=True,
        without_gossip=True,
        without_heartbeat=True,
    )

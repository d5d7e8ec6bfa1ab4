"""Celery, set up so that it loses nothing: the settings stand here and nowhere else."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from callwatch.child import HARVEST_LIMITS, TELL_LIMITS
from callwatch.cluster.queues import QUEUES
from callwatch.cluster.tasks import register
from callwatch.wiring import Wiring
from pipeline.errors import ConfigError
from pipeline.store.connect import parse_url

LONGEST = int(max(HARVEST_LIMITS.seconds, TELL_LIMITS.seconds)) + 600
"""Seconds after which a job is ended whatever it does; a crawl is ended before that, by its own bound."""
KNOWN = 20
"""So often the broker hands over one message again before it drops it: the sweep sends another."""
SETTINGS: dict[str, Any] = {
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_acks_on_failure_or_timeout": True,
    "task_ignore_result": True,
    "task_store_errors_even_if_ignored": False,
    "result_backend": None,
    "worker_prefetch_multiplier": 1,
    "broker_transport_options": {"confirm_publish": True},
    "broker_connection_timeout": 5.0,
    "broker_connection_retry": True,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "task_publish_retry": False,
    "accept_content": ["json"],
    "result_accept_content": ["json"],
    "task_serializer": "json",
    "event_serializer": "json",
    "task_time_limit": LONGEST,
    "task_soft_time_limit": LONGEST - 60,
    "task_default_queue": "callwatch.plan",
    "task_create_missing_queues": False,
    "worker_detect_quorum_queues": True,
    "worker_enable_remote_control": False,
    "worker_send_task_events": False,
    "worker_consumer": "callwatch.cluster.consumer:Waking",
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "worker_max_tasks_per_child": 200,
    "worker_max_memory_per_child": TELL_LIMITS.mebibytes << 10,
    "enable_utc": True,
    "timezone": "UTC",
}
_OVERRULING = ("CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL", "CELERY_RESULT_BACKEND")


def make_app(wiring: Wiring) -> Any:
    """The Celery app of these settings. Raises ConfigError where a cluster cannot be run with them."""
    url = broker_of(wiring)
    try:
        from celery import Celery, signals
        from kombu.entity import Exchange, Queue
    except ModuleNotFoundError:
        raise ConfigError("a cluster needs its extra: pip install 'callwatch[cluster]'") from None

    signals.setup_logging.connect(_own_logging)
    app = Celery("callwatch", broker=url, set_as_current=False)
    app.conf.update(SETTINGS)
    exchange = Exchange("callwatch", type="direct", durable=True)
    app.conf.task_queues = [
        Queue(f"callwatch.{name}", exchange, routing_key=name, durable=True, queue_arguments=queue_arguments())
        for name in QUEUES
    ]
    register(app)
    return app


def queue_arguments() -> dict[str, Any]:
    """Kept on disk by the majority of the brokers; bounded, for what is dropped is sent again by the sweep. The
    timeout of a consumer is obeyed by RabbitMQ 3.12 and later; docs/operations.md says what an older one needs."""
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": KNOWN,
        "x-max-length": 10_000,
        "x-consumer-timeout": (LONGEST + 600) * 1000,
    }


def broker_of(wiring: Wiring) -> str:
    """The broker's address. Raises ConfigError; the text never repeats the address, which holds a password."""
    given = wiring.settings.broker_url
    if given is None:
        raise ConfigError("CALLWATCH_BROKER_URL is not set: write it as amqp://user:password@host/vhost")
    address = given.get_secret_value()
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("amqp", "amqps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ConfigError("CALLWATCH_BROKER_URL is no address of RabbitMQ: amqp://user:password@host/vhost")
    if parse_url(wiring.settings.database_url.get_secret_value()).get_backend_name() != "postgresql":
        problem = "CALLWATCH_BROKER_URL is set, but several machines cannot share an SQLite file"
        raise ConfigError(f"{problem}: set CALLWATCH_DATABASE_URL to postgresql+psycopg://user:password@host/name")
    if overruling := [name for name in _OVERRULING if os.environ.get(name)]:
        raise ConfigError(f"{', '.join(overruling)} would overrule the settings of callwatch: unset it")
    return address


def _own_logging(**_: Any) -> None:
    """Connected, so that Celery leaves our logging alone, which prints no secrets."""

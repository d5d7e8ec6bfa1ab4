"""How a wake-up gets onto the broker."""

from __future__ import annotations

from typing import Any

from callwatch.cluster.jobs import Job
from pipeline.errors import CallwatchError

PATIENCE = 20
"""Seconds to wait for an answer. A broker whose queues have no leader yet, after a crash, takes a connection and
then says nothing for a minute or two; a new connection finds out sooner that it is well again."""


class BrokerAway(CallwatchError):
    """The broker did not take the messages. Nothing is lost: what is due stands in the store."""

    exit_code = 3


def enqueue(app: Any, found: list[Job], seconds: float) -> int:
    """Put jobs on their queues, each confirmed by the broker, to be forgotten when nobody has taken them after so
    many `seconds`; their number. On a connection of its own: nothing believed of an older one can be wrong. Raises
    BrokerAway.
    """
    from amqp.exceptions import AMQPError
    from kombu.exceptions import KombuError, OperationalError

    try:
        patience = {"read_timeout": PATIENCE, "write_timeout": PATIENCE}
        with app.connection_for_write(transport_options=patience) as connection:
            connection.ensure_connection(max_retries=1, timeout=10)
            for queue in app.conf.task_queues:
                queue(connection.default_channel).declare()
            with app.amqp.Producer(connection) as producer:
                for job in found:
                    _send(app, job, seconds, producer)
    except (AMQPError, KombuError, OperationalError, OSError) as error:
        raise BrokerAway(f"RabbitMQ does not take messages ({type(error).__name__}); what is due waits") from error
    return len(found)


def _send(app: Any, job: Job, seconds: float, producer: Any) -> None:
    name = f"callwatch.{job.name}"
    app.send_task(name, job.arguments, queue=name, expires=seconds, expiration=seconds, producer=producer)

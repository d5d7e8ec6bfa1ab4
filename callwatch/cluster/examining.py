"""Whether the broker of a cluster can do its work, as `callwatch doctor` wants to know it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from callwatch.cluster.app import LONGEST, make_app
from callwatch.finding import Finding
from callwatch.logs import redact
from callwatch.wiring import Wiring
from pipeline.errors import ConfigError

OLDEST, HEEDING = (3, 10), (3, 12)
"""Versions of RabbitMQ: the first whose quorum queues know what we ask of them, and the first that heeds their
x-consumer-timeout."""
SECONDS = 5.0


def broker(wiring: Wiring) -> Iterator[Finding]:
    """What there is to say of it; nothing where none is set. No finding names the password."""
    if wiring.settings.broker_url is None:
        return
    try:
        app = make_app(wiring)
    except ConfigError as error:
        yield Finding("broker", str(error), "set or install what it names; until then nothing of a cluster works")
        return
    from amqp.exceptions import AccessRefused, AMQPError, NotAllowed

    place, user = where(wiring), unquote(urlsplit(wiring.settings.broker_url.get_secret_value()).username or "")
    try:
        with app.connection_for_write(connect_timeout=SECONDS) as connection:
            connection.connect()
            yield _version(connection.connection.server_properties, place)
            for queue in app.conf.task_queues:
                yield _queue(connection, queue, place)
    except AccessRefused:
        remedy = "correct name and password in CALLWATCH_BROKER_URL (special characters as %40 and the like)"
        yield Finding("broker", f"{place} refuses the name {user} or its password", remedy)
    except NotAllowed as error:
        vhost = place.partition("/")[2]
        remedy = f"rabbitmqctl add_vhost {vhost}; rabbitmqctl set_permissions -p {vhost} {user} '.*' '.*' '.*'"
        yield Finding("broker", f"{place}: {_said(error)}", remedy)
    except (AMQPError, OSError) as error:
        remedy = "see whether RabbitMQ runs there, and whether a firewall is between; what is due waits meanwhile"
        yield Finding("broker", f"{place} cannot be reached ({_said(error)})", remedy)


def where(wiring: Wiring) -> str:
    """Host, port and virtual host of the broker: what may be shown of its address."""
    parts = urlsplit(wiring.settings.broker_url.get_secret_value() if wiring.settings.broker_url else "")
    port = parts.port or (5671 if parts.scheme == "amqps" else 5672)
    return f"{parts.hostname}:{port}/{unquote(parts.path[1:])}"


def _version(server: dict[str, Any], place: str) -> Finding:
    product, said = str(server.get("product", "")), str(server.get("version", ""))
    number = tuple(int(part) for part in re.findall(r"\d+", said)[:2])
    state = f"{product} {said} at {place} takes our credentials"
    if product != "RabbitMQ" or number < OLDEST:
        return Finding("broker", state, "callwatch needs RabbitMQ 3.10 or later: its quorum queues")
    if number < HEEDING:
        state += (
            f"; before 3.12 set consumer_timeout = {(LONGEST + 600) * 1000} in rabbitmq.conf for long harvests"
        )
    return Finding("broker", state)


def _queue(connection: Any, queue: Any, place: str) -> Finding:
    """Looked for first, so that nothing is made; then asked for as we want it, which another kind refuses."""
    from amqp.exceptions import AccessRefused, NotFound, PreconditionFailed

    what = f"queue {queue.name}"
    try:
        with connection.channel() as channel:
            channel.queue_declare(queue.name, passive=True)
        with connection.channel() as channel:
            _, waiting, consumers = channel.queue_declare(
                queue.name, durable=True, auto_delete=False, arguments=queue.queue_arguments
            )
    except NotFound:
        return Finding(what, "not there yet: `callwatch run` makes it with the first wake-ups")
    except AccessRefused as error:
        remedy = "give our user configure, write and read on callwatch.* (rabbitmqctl set_permissions)"
        return Finding(what, _said(error), remedy)
    except PreconditionFailed as error:
        vhost = place.partition("/")[2]
        remedy = (
            f"rabbitmqctl -p {vhost} delete_queue {queue.name}: `callwatch run` makes it anew, nothing is lost"
        )
        return Finding(what, f"another kind of queue than the quorum queue we need ({_said(error)})", remedy)
    name = queue.name.removeprefix("callwatch.")
    if not consumers:
        remedy = f"start a worker: callwatch worker --queues {name}"
        return Finding(what, f"a quorum queue, {waiting} waiting, and no worker listens", remedy)
    return Finding(what, f"a quorum queue, {waiting} waiting, {consumers} workers listen")


def _said(error: Exception) -> str:
    text = getattr(error, "reply_text", "") or str(error) or type(error).__name__
    return redact(" ".join(str(text).split()))[:200]

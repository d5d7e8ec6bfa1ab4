"""What is due in a cluster and under nobody's hands, as jobs that carry ids only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from math import ceil
from typing import Any, NamedTuple

from callwatch.cluster.queues import DELIVER, HARVEST, PLAN
from callwatch.due import portals_due
from callwatch.keys import with_key
from callwatch.parts import slices
from callwatch.telling import planned_at
from callwatch.wiring import Wiring
from pipeline.store import Outbox, Store, locks
from pipeline.store.outbox_plan import SLICES

HELD = 100
"""So many messages are worth one more hand on a channel."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)
SLACK_HANDS = 4
"""A channel of Slack takes a post a second; those of different channels go side by side in one hand as well."""


class Job(NamedTuple):
    """A call of the task `name` with `arguments`, on the queue of that name."""

    name: str
    arguments: tuple[Any, ...]


def due_jobs(wiring: Wiring, store: Store) -> list[Job]:
    """Everything that is due now and that nobody is doing."""
    held = locks.held(store.engine, _all_locks(wiring))
    return [*_harvests(wiring, store, held), *_plans(wiring, store, held), *deliveries(wiring, store, held)]


def deliveries(wiring: Wiring, store: Store, held: Iterable[str] = ()) -> list[Job]:
    """One job for each hand that is free and has something to send."""
    wanted = [
        (n, channel)
        for channel, number in Outbox(store).waiting(wiring.clock()).items()
        for n in range(min(hands(wiring, channel), ceil(number / HELD)))
    ]  # one hand of each channel, before any has two
    return [Job(DELIVER, (channel, n)) for n, channel in sorted(wanted) if hand(channel, n) not in held]


def hands(wiring: Wiring, channel: str) -> int:
    """How many processes of the whole cluster may send on a channel at the same time; the mail server sees as many
    connections."""
    return {"email": wiring.settings.smtp_connections, "slack": SLACK_HANDS}.get(channel, 1)


def hand(channel: str, number: int) -> str:
    """The lock of the process that sends on a channel as number so much."""
    return f"deliver {channel} {number}"


def harvest_lock(portal: str) -> str:
    """The lock under which a portal is harvested, by whatever command."""
    return f"harvest-{portal}"


def _harvests(wiring: Wiring, store: Store, held: set[str]) -> list[Job]:
    names = with_key(wiring.portals.values(), quiet=True)
    due = portals_due(wiring, store, names, wiring.clock())
    return [Job(HARVEST, (name, slot.key)) for name, slot in due.items() if harvest_lock(name) not in held]


def _plans(wiring: Wiring, store: Store, held: set[str]) -> list[Job]:
    """First those that were planned longest ago, or with too few workers the last ones would never be reached. The
    first slice also when it is empty: it keeps house.
    """
    before = planned_at(store)
    free = [number for number in {0, *slices(wiring, store)} if f"plan {number}" not in held]
    now = wiring.clock().isoformat()
    return [Job(PLAN, (number, now)) for number in sorted(free, key=lambda n: (before.get(n, LONG_AGO), n))]


def _all_locks(wiring: Wiring) -> list[str]:
    channels = [(name, hands(wiring, name)) for name in _channels()]
    found = [harvest_lock(name) for name in wiring.portals] + [f"plan {n}" for n in range(SLICES)]
    return found + [hand(name, n) for name, number in channels for n in range(number)]


def _channels() -> tuple[str, ...]:
    from alerts.channels import NAMES

    return NAMES

"""Tells operators of trouble with deliveries: once when it begins, once when it is over.

A condition is a channel that cannot be used at all, a target that refuses for good, a message that is held back,
messages that wait for more than an hour, or a disk that is nearly full. Those of
portals are found by callwatch.sources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from alerts.trouble import KEY, report
from callwatch.wiring import Wiring
from pipeline.outbox import MessageState
from pipeline.people import Condition
from pipeline.store import Connection, Outbox, Store, conditions, locks
from pipeline.store.outbox_plan import put

if TYPE_CHECKING:
    from alerts.delivery import DeliveryReport, Detail

QUEUE, DISK = "queue", "disk"
LATE = timedelta(hours=1)
"""Longer than this no message waits without operators being told."""
LOOK_OVER = "look over"
"""The lock that makes conclusions come one after the other: two processes that see the same trouble must not both
tell of it."""


def watch(wiring: Wiring, store: Store, told: DeliveryReport, now: datetime) -> None:
    """Note what a round of delivery found, and write a message to the operators where something is new or over."""
    found = {**_of_deliveries(told), **_of_held(store), **_of_disk(store)}
    found |= _of_queue(store, now, found)
    with store.begin() as conn:
        over_keys = _over(conn, told, found)
        begun, over = conditions.begin(conn, found, now), conditions.end(conn, over_keys, now)
        if begun or over:
            tell(wiring, conn, begun, over, now)


def note(wiring: Wiring, store: Store, key: str, detail: str, now: datetime) -> None:
    """Note that a condition stands, or with an empty detail that it is over; operators are told of either once.

    Raises Busy if another process looks over what is wrong for longer than a minute.
    """
    if not detail:
        with store.read() as conn:
            if all(condition.key != key for condition in conditions.standing(conn)):
                return
    with locks.hold(store.engine, LOOK_OVER, wait=60), store.begin() as conn:
        begun = conditions.begin(conn, {key: detail}, now) if detail else []
        over = [] if detail else conditions.end(conn, {key}, now)
        if begun or over:
            tell(wiring, conn, begun, over, now)


def tell(
    wiring: Wiring, conn: Connection, begun: Sequence[Condition], over: Sequence[Condition], now: datetime
) -> None:
    """Write one message to the operators, if there are any, about what is new and what is over."""
    ops = wiring.subscriptions.ops
    if ops is not None:
        put(conn, [report(ops, wiring.subscriptions.contacts[ops.contact], begun, over, now)])


def _of_deliveries(told: DeliveryReport) -> dict[str, str]:
    found: dict[str, str] = {}
    for detail in told.details:
        if detail.subscription == KEY:
            continue
        if detail.broken:
            found[_channel(detail)] = detail.note
        elif detail.outcome == "failed":
            found[_target(detail)] = detail.note
    return found


def _of_held(store: Store) -> dict[str, str]:
    return {
        f"held {entry.message.id}": (
            f"{len(entry.message.call_ids)} calls at once for {entry.message.subscription}; look at it with "
            f"`callwatch show {entry.message.id}`, then `callwatch release` or `callwatch discard` it."
        )
        for entry in Outbox(store).messages(state=MessageState.HELD)
    }


def _of_queue(store: Store, now: datetime, found: Mapping[str, str]) -> dict[str, str]:
    """What waits for long; while operators know that a channel is broken, they need not hear of its queue."""
    with store.read() as conn:
        known = {condition.key for condition in conditions.standing(conn)}
    broken = [] if QUEUE in known else [key[8:] for key in known | found.keys() if key.startswith("channel ")]
    number, oldest, why = Outbox(store).overdue(now - LATE, besides=KEY, channels=broken)
    if oldest is None:
        return {}
    said = f"{number} messages wait for more than an hour, the first since {oldest:%Y-%m-%d %H:%M} UTC"
    return {QUEUE: f"{said}: {why}" if why else f"{said}; run `callwatch deliver`, and look at its log"}


def _of_disk(store: Store) -> dict[str, str]:
    from callwatch.surroundings import disk

    problem = disk(store.path.resolve().parent) if store.path else ""
    return {DISK: f"nearly full: {problem}"} if problem else {}


def _over(conn: Connection, told: DeliveryReport, found: Mapping[str, str]) -> set[str]:
    """Standing conditions that something speaks against: a message arrived, or is not held any more."""
    arrived = {name for d in told.details if d.outcome == "sent" for name in (_channel(d), _target(d))}
    standing = {condition.key for condition in conditions.standing(conn)}
    released = {key for key in standing if key.startswith("held ") and key not in found}
    ended = {key for key in standing & {QUEUE, DISK} if key not in found}
    return (standing & arrived - found.keys()) | released | ended


def _channel(detail: Detail) -> str:
    return f"channel {detail.channel}"


def _target(detail: Detail) -> str:
    return f"{detail.channel} to {detail.contact}"

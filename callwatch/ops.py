"""Tells operators of trouble with deliveries: once when it begins, once when it is over.

A condition is a channel that cannot be used at all, a target that refuses for good, or a message that is held
back. Those of portals are found by callwatch.sources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from alerts.trouble import KEY, report
from callwatch.wiring import Wiring
from pipeline.outbox import MessageState
from pipeline.people import Condition
from pipeline.store import Connection, Outbox, Store, conditions
from pipeline.store.outbox_plan import put

if TYPE_CHECKING:
    from alerts.delivery import DeliveryReport, Detail


def watch(wiring: Wiring, store: Store, told: DeliveryReport, now: datetime) -> None:
    """Note what a round of delivery found, and write a message to the operators where something is new or over."""
    found = {**_of_deliveries(told), **_of_held(store)}
    with store.begin() as conn:
        over_keys = _over(conn, told, found)
        begun, over = conditions.begin(conn, found, now), conditions.end(conn, over_keys, now)
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


def _over(conn: Connection, told: DeliveryReport, found: Mapping[str, str]) -> set[str]:
    """Standing conditions that something speaks against: a message arrived, or is not held any more."""
    arrived = {name for d in told.details if d.outcome == "sent" for name in (_channel(d), _target(d))}
    standing = {condition.key for condition in conditions.standing(conn)}
    released = {key for key in standing if key.startswith("held ") and key not in found}
    return (standing & arrived - found.keys()) | released


def _channel(detail: Detail) -> str:
    return f"channel {detail.channel}"


def _target(detail: Detail) -> str:
    return f"{detail.channel} to {detail.contact}"

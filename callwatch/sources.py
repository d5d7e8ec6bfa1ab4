"""How the portals do, and word to the operators: once when one falls ill, once when it is well again.

Portals that are off or lack their key are not watched, nor is one that was never harvested.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from callwatch import keys
from callwatch.ops import LOOK_OVER, tell
from callwatch.wiring import Wiring
from pipeline import health
from pipeline.errors import CallwatchError
from pipeline.health import Record, Trouble
from pipeline.store import Store, conditions, locks, runs

if TYPE_CHECKING:
    from alerts.message import Proof
    from pipeline.source import Portal

CONDITION = "portal "
"""Begins the key of a condition of a portal."""

log = structlog.get_logger()


def watched(portals: Iterable[Portal]) -> list[Portal]:
    """Those that are harvested without being named."""
    return [portal for portal in portals if not portal.off and not keys.missing(portal)]


def records(store: Store, portals: Iterable[Portal]) -> dict[str, Record]:
    """By name what is on record of the harvests of these portals."""
    with store.read() as conn:
        return {portal.name: runs.record(conn, portal.name) for portal in portals}


def troubles(wiring: Wiring, known: Mapping[str, Record], now: datetime) -> dict[str, Trouble]:
    """By name what is wrong with the portals that are watched, of those with a record."""
    portals = (portal for portal in watched(wiring.portals.values()) if portal.name in known)
    found = {portal.name: health.trouble(known[portal.name], portal, now) for portal in portals}
    return {name: trouble for name, trouble in found.items() if trouble}


def look_over(wiring: Wiring, store: Store) -> None:
    """Draw the conclusions from a harvest. What goes wrong in doing so is logged, and they are drawn next time."""
    try:
        if not any(_now_and_before(wiring, store, wiring.clock())):
            return
        with locks.hold(store.engine, LOOK_OVER, wait=60):
            watch(wiring, store, wiring.clock())
    except CallwatchError as error:
        log.warning("portals could not be looked over", error=str(error))


def watch(wiring: Wiring, store: Store, now: datetime) -> None:
    """Note which portals have fallen ill and which are well again, and tell operators; the caller holds the lock.

    An illness that changes its face is the same one. Of a portal that is not watched any more nothing is told.
    """
    found, standing = _now_and_before(wiring, store, now)
    if not found and not standing:
        return
    kept = {CONDITION + portal.name for portal in watched(wiring.portals.values())}
    with store.begin() as conn:
        begun = conditions.begin(conn, found, now)
        over = conditions.end(conn, standing - found.keys(), now)
        told = [condition for condition in over if condition.key in kept]
        if begun or told:
            tell(wiring, conn, begun, told, now)


def _now_and_before(wiring: Wiring, store: Store, now: datetime) -> tuple[dict[str, str], set[str]]:
    """What is wrong by the key of its condition, and the keys of what was wrong before."""
    ill = troubles(wiring, records(store, watched(wiring.portals.values())), now)
    with store.read() as conn:
        standing = {c.key for c in conditions.standing(conn) if c.key.startswith(CONDITION)}
    return {CONDITION + name: trouble.detail for name, trouble in ill.items()}, standing


def proofs(wiring: Wiring, store: Store, now: datetime) -> tuple[Proof, ...]:
    """When each portal was last read, and how well: what makes silence mean "nothing new"."""
    from alerts.message import Proof

    found: list[Proof] = []
    known = records(store, wiring.portals.values())
    ill = troubles(wiring, known, now)
    for name, record in known.items():
        if record.last:
            trouble, title = ill.get(name), wiring.portals[name].title
            finished_at, verdict = record.last.finished_at, record.verdict
            found.append(
                Proof(name, finished_at, verdict, title, record.success_at, trouble.ill if trouble else None)
            )
    return tuple(found)

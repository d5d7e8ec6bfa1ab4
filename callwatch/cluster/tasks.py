"""What a worker does when it is woken: the same functions as in one process, each safe to be called twice.

A job that finds its lock held, or nothing due, is over; whatever fails is written into the log, and due again by
the store at the next sweep.
"""

from __future__ import annotations

import mmap
import os
import time
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

import structlog

from callwatch import ops
from callwatch.child import HARVEST_LIMITS, Child
from callwatch.cluster import hearing, jobs
from callwatch.cluster.queues import DELIVER, HARVEST, PLAN
from callwatch.cluster.waking import enqueue
from callwatch.due import portals_due
from callwatch.telling import deliver_messages, plan_parts, planned_at
from callwatch.ticking import keep_house, measure
from callwatch.tracing import flush
from callwatch.wiring import Wiring
from pipeline.errors import Busy, CallwatchError
from pipeline.store import Outbox, locks
from pipeline.store.outbox_plan import SLICES

log = structlog.get_logger()

LONGEST_ROUND = 120.0
"""Seconds after which a round of delivery ends, so that a flood on one channel leaves room for the others; then
comes the next one, behind them."""
_stopping = mmap.mmap(-1, 1)
"""Shared by a worker and its processes: not 0 once it was asked to stop. No lock that a killed one could keep."""


def ask_to_stop(*_: Any, **__: Any) -> None:
    """Let what is under way finish, or be handed back."""
    _stopping[0] = 1


def stopping() -> bool:
    """Whether this worker was asked to stop."""
    return bool(_stopping[0])


def register(app: Any) -> None:
    """Make the functions of this module tasks of the app."""
    for name, function in ((HARVEST, harvest), (PLAN, plan), (DELIVER, deliver)):
        app.task(name=f"callwatch.{name}", shared=False)(_calmly(name, app, function))


def harvest(app: Any, portal: str, slot: str) -> None:
    """Harvest a portal for its slot, in a process of its own; when this worker stops, the slot is handed back."""
    wiring = Wiring()
    wiring.portal(portal)
    with wiring.store() as store:
        due = portals_due(wiring, store, [portal], wiring.clock()).get(portal)
        busy = locks.held(store.engine, [jobs.harvest_lock(portal)])
    if due is None or due.key != slot or busy or stopping():
        return
    child = Child(f"harvest {portal}", ["harvest", portal, "--scheduled"], HARVEST_LIMITS, os.environ)
    detail = _watched(child)
    if detail:
        log.error(detail, child=child.name)
    with wiring.store() as store:  # operators are told once when it begins, and once when it is over
        ops.note(wiring, store, child.name, detail, wiring.clock())


def _watched(child: Child) -> str:
    """Until the child has ended: by itself, for its time, or because this worker stops; what operators have to
    know."""
    asked = False
    while child.code is None:
        time.sleep(0.2)
        if stopping() and not asked:
            child.ask_to_end()
            asked = True
        if child.overdue:
            child.end()
            return f"took longer than {child.limits.seconds:.0f} s and was ended"
    return "" if asked or child.code in (0, 3, 4) else f"ended badly ({child.ending}); see the log"


def plan(app: Any, number: int, due: str) -> None:
    """Plan one slice of the subscriptions, unless it was since it was `due` (an instant), and wake those who send;
    the first slice also keeps house."""
    if type(number) is not int or not 0 <= number < SLICES:
        raise CallwatchError(f"there is no slice {number!r} of the subscriptions")
    wiring = Wiring()
    with wiring.store() as store:
        if (before := planned_at(store).get(number)) and before >= datetime.fromisoformat(due):
            return
        written = sum(map(len, plan_parts(wiring, store, wiring.clock(), number)))
        if number == 0:
            keep_house(wiring, store)
            measure(wiring, store)
        if written:
            enqueue(app, jobs.deliveries(wiring, store), 60.0)


def deliver(app: Any, channel: str, number: int) -> None:
    """Send what is due on one channel, as one of the few that may at the same time."""
    from alerts.channels import NAMES

    wiring = Wiring()
    if type(number) is not int or not 0 <= number < jobs.hands(wiring, channel):
        return  # the setting was lowered meanwhile
    until = time.monotonic() + LONGEST_ROUND
    others = [name for name in NAMES if name != channel]
    with wiring.store() as store:
        with store.lock(jobs.hand(channel, number)):
            deliver_messages(
                wiring,
                store,
                wiring.clock(),
                stopping=lambda: stopping() or time.monotonic() > until,
                besides=others,
            )
        if time.monotonic() > until and not stopping() and Outbox(store).waiting(wiring.clock()).get(channel):
            enqueue(app, [jobs.Job(DELIVER, (channel, number))], 60.0)  # behind whoever waits for this worker


def _calmly(name: str, app: Any, function: Callable[..., None]) -> Callable[..., None]:
    """Called with what a message says. What fails is logged and over: the store knows that it is due."""

    @wraps(function)
    def called(*arguments: Any) -> None:
        try:
            function(app, *arguments)
            hearing.note(Wiring())
        except Busy as error:
            log.info("left to others", job=name, reason=str(error))
        except CallwatchError as error:
            log.error("not done; tried again by the next sweep", job=name, reason=str(error))  # noqa: TRY400
        finally:
            flush()

    return called

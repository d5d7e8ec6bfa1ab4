"""What is due now: which portals have to be harvested, by their schedules and by the calls that people follow."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from callwatch.wiring import Wiring
from pipeline.people import Choice
from pipeline.schedule import Slot, parse
from pipeline.store import Connection, Store, calls, people, slots

NEAR = timedelta(hours=48)
"""So long before a deadline of a followed call its portal is looked at more often: deadlines move on the last
day."""
WATCH = "every 2 hours"


def portals_due(wiring: Wiring, store: Store, names: Iterable[str], now: datetime) -> dict[str, Slot]:
    """Those of the portals `names` that are due at `now`, each with the slot it is due for."""
    with store.read() as conn:
        last, watched = slots.newest(conn), followed_portals(conn, now)
    found = {}
    for name in names:
        slot = slot_of(wiring.portals[name].schedule, now, watched=name in watched)
        if slots.is_due(slot, last.get(slots.harvest_job(name)), now):
            found[name] = slot
    return found


def slot_of(schedule: str, now: datetime, *, watched: bool) -> Slot:
    """The newest slot of a schedule, or of `WATCH` where a followed call closes soon."""
    found = [parse(schedule).latest(now)]
    if watched:
        found.append(parse(WATCH).latest(now))
    return max(found, key=lambda slot: slot.at)


def followed_portals(conn: Connection, now: datetime) -> set[str]:
    """Portals of calls that somebody follows and that close within `NEAR`."""
    choices = people.choices_of(conn).values()
    ids = {call for of_one in choices for call, choice in of_one.items() if choice is Choice.FOLLOWED}
    followed = [stored.call for call_id in sorted(ids) if (stored := calls.get(conn, call_id))]
    return {call.portal for call in followed if any(now < d.over_at <= now + NEAR for d in call.deadlines)}

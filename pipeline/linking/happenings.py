"""Events that come of links between calls, or of none, and not of a portal. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from pipeline.models import Call, Event, EventKind, Kind

PATIENCE = timedelta(days=7)
"""So long an announcement waits for the call it speaks of before it is told alone."""
ALSO, APART = "also ", "apart "
"""How the keys of these events begin."""
SILENT_SINCE = "silent_since"


def also(call: Call, other: Call, now: datetime) -> list[Event]:
    """`new` of a call which another portal's call turned out to be: told to those who did not hear of it, because
    only the other one suits them."""
    if not (call.is_live(now) and other.is_live(now)):
        return []
    after = {"status": call.status_at(now).value, "also": other.id}
    return [Event(call.id, EventKind.NEW, now, f"{ALSO}{other.id}", after=after)]


def apart(call: Call, since: datetime | None, now: datetime) -> list[Event]:
    """`new` of a call that was taken for another one, told to those who did not hear of it. `since`: from when on
    another call spoke for it; None: it spoke for itself."""
    if not call.is_live(now):
        return []
    after = {"status": call.status_at(now).value} | ({SILENT_SINCE: since.isoformat()} if since else {})
    return [Event(call.id, EventKind.NEW, now, f"{APART}{now.isoformat()}", after=after)]


def unmatched(call: Call, first_seen: datetime, now: datetime) -> list[Event]:
    """`new` of an announcement whose call nobody found for `PATIENCE`; once."""
    if call.kind is not Kind.ANNOUNCEMENT or now - first_seen < PATIENCE or not call.is_live(now):
        return []
    return [Event(call.id, EventKind.NEW, now, after={"status": call.status_at(now).value})]


def of_links(event: Event) -> bool:
    """Whether it came of a link that was made or undone."""
    return event.kind is EventKind.NEW and event.key.startswith((ALSO, APART))

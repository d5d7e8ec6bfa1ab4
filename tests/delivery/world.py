"""Some hundred calls on which things happen in waves, and those who are told of it: by mail and by Slack, at once
and by digest."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import yaml

from pipeline.models import Call, Classification, Deadline, Event, EventKind, Kind, Precision, Status
from pipeline.outbox import StoredCall
from pipeline.store import Store, calls, events
from pipeline.store.calls import CallRow

GROUPS = ("alder", "birch", "cedar", "dogwood", "elm")
"""A word in the title of each call, and in the filter of each subscription."""
CALLS = 300
WAVE = 30
"""Calls to which something happens in one wave."""
BEGUN = timedelta(days=2)
LEAST = timedelta(days=2)


def topic(number: int, start: datetime, deadline: datetime) -> Call:
    """Call `number` with its one deadline."""
    reference = f"TEST-2026-{number:04}"
    return Call(
        portal="eu_funding_tenders",
        reference=reference,
        identifier=reference,
        kind=Kind.TOPIC,
        title=f"Better roads through {GROUPS[number % len(GROUPS)]} woods, part {number}",
        language="en",
        url=f"https://portal.example/topic/{reference}",
        programme="HORIZON",
        portal_status="open",
        opens_at=start - timedelta(days=100),
        deadlines=(Deadline(deadline, "single", Precision.EXACT),),
    )


def stored(call: Call, start: datetime) -> StoredCall:
    """The call as a harvest at `start` leaves it."""
    return StoredCall(
        call=call, classification=Classification(), status=Status.OPEN, first_seen=start, last_seen=start
    )


def keep(store: Store, found: list[tuple[StoredCall, Event]], now: datetime) -> None:
    """What one harvest does: calls and their events, in one transaction."""
    with store.begin() as conn:
        rows = [CallRow(each, f"{each.call.reference} {each.call.deadlines}", True) for each, _ in found]
        calls.save(conn, rows, "run", now)
        events.add(conn, [event for _, event in found], "run")


def begin(store: Store, start: datetime, number: int = CALLS) -> None:
    """The calls that are there when everybody subscribes. A tenth of the deadlines come near by their lead
    times while the days go by."""
    found = []
    for n in range(number):
        near = 30 + n / number * 3 if n % 10 == 0 else 90 + n / number
        call = topic(n, start, start + timedelta(days=near))
        found.append((stored(call, start), Event(call.id, EventKind.NEW, start)))
    keep(store, found, start)


def wave(store: Store, number: int, start: datetime, now: datetime, *, calls_each: int = WAVE) -> None:
    """Deadlines are moved, forward and back; which and how depends on the number of the wave alone."""
    found = []
    for n in range(number * calls_each, (number + 1) * calls_each):
        of = n % CALLS
        day = 90 + of / CALLS + (number % 7 - 3)
        after = start + timedelta(days=day, hours=number + 1)
        call = topic(of, start, after)
        kind = EventKind.DEADLINE_EXTENDED if number % 3 else EventKind.DEADLINE_BROUGHT_FORWARD
        before = {"at": (after - timedelta(days=1)).isoformat(), "stage": "single"}
        event = Event(call.id, kind, now, f"wave {number}", before, {"at": after.isoformat(), "stage": "single"})
        found.append((stored(call, start), event))
    keep(store, found, now)


def subscribers(mails: int, posts: int) -> dict[str, Any]:
    """So many contacts with a subscription by mail, so many by Slack; every sixth one wants a digest a day."""
    contacts: dict[str, Any] = {"ops": {"name": "Operators", "email": "ops@callwatch.example"}}
    wishes = []
    for n in range(mails + posts):
        channel, key = ("email", f"mail-{n:03}") if n < mails else ("slack", f"slack-{n:03}")
        address = {"email": f"{key}@reader.example"} if channel == "email" else {"slack": f"C{n:08}"}
        contacts[key] = {"name": f"Reader {n}", "vouched": True, **address}
        wish = {"key": key, "contact": key, "channel": channel, "cadence": "at_once"}
        wish |= {"cadence": "daily"} if n % 6 == 5 else {}
        wishes.append({**wish, "filters": {"words": [GROUPS[n % len(GROUPS)]]}})
    return {"contacts": contacts, "subscriptions": wishes, "ops": {"contact": "ops", "channel": "email"}}


def configure(folder: Path, book: dict[str, Any]) -> Path:
    """A configuration folder with this subscriptions.yml."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "subscriptions.yml").write_text(yaml.safe_dump(book, sort_keys=False))
    return folder


def told(store: Store) -> list[tuple[str, ...]]:
    """Everything that the outbox says or has said: each event and reminder by subscription, as often as it is in a
    message; and which digests there were."""
    from pipeline.store import Outbox

    with store.read() as conn:
        known = dict(events.since(conn))
    said: list[tuple[str, ...]] = []
    for entry in Outbox(store).messages():
        message = entry.message
        for number in message.event_ids:
            event = known[number]
            said.append((message.subscription, event.call_id, event.kind.value, event.key))
        if message.kind == "digest":
            said.append((message.subscription, message.period))
    return sorted(said)


def reminded(store: Store) -> list[bytes]:
    """What the subscriptions were reminded of."""
    from pipeline.store import Outbox

    outbox = Outbox(store)
    keys = {entry.message.subscription for entry in outbox.messages()}
    memory = outbox.memory(sorted(keys), ())
    return sorted(msgspec.json.encode((key, each)) for key, all_of in memory.reminded.items() for each in all_of)

"""What a database holds, as plain values that can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from pipeline.models import Call, Event, EventKind
from pipeline.outbox import StoredCall
from pipeline.store import Store, calls, events, raw, runs
from tests.harvest.commands import PORTAL, Callwatch


class State(NamedTuple):
    """Calls (JSON by id), versions (number and fingerprint by call), events; none of it names a run."""

    calls: dict[str, bytes]
    versions: dict[str, list[tuple[int, str]]]
    events: list[tuple[Any, ...]]


def state(callwatch: Callwatch) -> State:
    """All that matters of a database."""
    with callwatch.store() as store, store.read() as conn:
        known = {stored.call.id: stored for stored in calls.query(conn)}
        happened = [event for _, event in events.since(conn)]
        versions = {
            id_: [(v.number, v.fingerprint) for v in calls.versions_of(conn, id_)] for id_ in sorted(known)
        }
    told = sorted((e.call_id, e.kind.value, e.key, e.at, repr(e.before), repr(e.after)) for e in happened)
    return State({id_: encoded(known[id_]) for id_ in sorted(known)}, versions, told)


def encoded(stored: StoredCall) -> bytes:
    """A call as JSON, without the times that differ between two runs of one test."""
    return msgspec.json.encode(stored, order="deterministic")


def stored_calls(callwatch: Callwatch) -> dict[str, StoredCall]:
    """All calls by reference."""
    with callwatch.store() as store, store.read() as conn:
        return {stored.call.reference: stored for stored in calls.query(conn)}


def version_calls(callwatch: Callwatch, call_id: str) -> list[Call]:
    """The versions of a call."""
    with callwatch.store() as store, store.read() as conn:
        return [version.call for version in calls.versions_of(conn, call_id)]


def all_events(callwatch: Callwatch, since: datetime | None = None) -> list[Event]:
    """Events in the order they were stored."""
    with callwatch.store() as store, store.read() as conn:
        return [event for _, event in events.since(conn, since)]


def kinds(found: Iterable[Event]) -> set[tuple[str, str]]:
    """(reference, kind) of events."""
    return {(event.call_id.partition(":")[2], event.kind.value) for event in found}


def never_new(found: Iterable[Event]) -> list[Event]:
    """Events but those of calls seen for the first time."""
    return [event for event in found if event.kind is not EventKind.NEW]


def run_states(store: Store) -> list[tuple[str, str]]:
    """(state, verdict) of all runs, the first one first."""
    with store.read() as conn:
        found = runs.latest(conn, PORTAL, limit=1000)[::-1]
    return [(run.state, run.verdict.value if run.verdict else "") for run in found]


def pending(callwatch: Callwatch) -> list[str]:
    """Calls with documents that are kept and not yet settled."""
    with callwatch.store() as store, store.read() as conn:
        return raw.pending(conn, PORTAL)

"""What the time alone brings about: deadlines that come near, announcements that stay alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from callwatch.kinship import kin_of
from callwatch.wiring import Wiring
from pipeline import changes
from pipeline.linking.happenings import unmatched
from pipeline.models import Kind
from pipeline.outbox import StoredCall
from pipeline.store import Store, calls, events

CLOSING_SOON = timedelta(days=14)
"""How long before a deadline it is noted as an event that it comes near."""
LOOK_BACK = timedelta(days=14)
"""Calls that closed since are looked at: a reminder that came too late has to be owned up to."""


def current_calls(store: Store, now: datetime) -> list[StoredCall]:
    """All calls one can apply to, and those that have closed lately."""
    with store.read() as conn:
        return calls.current(conn, now - LOOK_BACK)


def note_closing(store: Store, live: Sequence[StoredCall], now: datetime) -> None:
    """Record `closing_soon` for every live call whose next deadline has come near; once per deadline."""
    near = [event for stored in live for event in changes.closing(stored.call, now, CLOSING_SOON)]
    with store.begin() as conn:
        events.add(conn, near, run_id="")


def note_unmatched(wiring: Wiring, store: Store, live: Sequence[StoredCall], now: datetime) -> None:
    """Record `new` for every announcement that has waited long enough for the call it speaks of; once."""
    waiting = [stored for stored in live if stored.call.kind is Kind.ANNOUNCEMENT]
    if not waiting:
        return
    found = kin_of(wiring, store).clusters.news_of
    alone = [stored for stored in waiting if stored.call.id not in found]
    with store.begin() as conn:
        told = [event for stored in alone for event in unmatched(stored.call, stored.first_seen, now)]
        events.add(conn, told, run_id="")

"""From events to delivered messages: what `plan` and `deliver` do with store, subscriptions and channels."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from callwatch.on_demand import OnDemand
from callwatch.wiring import Wiring
from pipeline import changes
from pipeline.harvest import Verdict
from pipeline.outbox import NewMessage
from pipeline.store import Outbox, Store, calls, events, runs

if TYPE_CHECKING:
    from alerts.deliver import DeliveryReport
    from alerts.message import Proof
    from alerts.plan import Planned

CLOSING_SOON = timedelta(days=14)
"""How long before a deadline readers are told that it comes near."""
OVERLAP = timedelta(days=2)
"""Events this much older than the last plan are looked at again: they may have been stored late."""


def plan_messages(wiring: Wiring, store: Store, now: datetime) -> list[NewMessage]:
    """Write what is to be told into the outbox, once. Raises Busy while another process plans."""
    with store.lock("plan"):
        note_closing(store, now)
        outbox = Outbox(store)
        written: list[NewMessage] = []
        for planned in draft(wiring, store, now):
            if outbox.commit_plan(planned.subscription, planned.messages, planned.state):
                written += planned.messages
    return written


def draft(wiring: Wiring, store: Store, now: datetime, *, afresh: bool = False) -> list[Planned]:
    """What would be told at `now`, nothing written. `afresh` forgets what was told: everything that matches."""
    from alerts.plan import plan

    outbox, subscriptions = Outbox(store), wiring.subscriptions
    keys = [subscription.key for subscription in subscriptions.subscriptions]
    states = {} if afresh else outbox.memory(keys, ()).states
    known_to = min((state.planned_to for state in states.values()), default=now)
    everything = len(states) < len(keys)
    candidates = outbox.candidates(None if everything else known_to - OVERLAP)
    told = {} if afresh else outbox.memory(keys, [candidate.event_id for candidate in candidates]).told
    return plan(subscriptions, candidates, told, states, now, proofs(wiring, store))


def note_closing(store: Store, now: datetime) -> None:
    """Record `closing_soon` for every live call whose next deadline has come near; once per deadline."""
    with store.begin() as conn:
        near = [stored.call for stored in calls.query(conn) if stored.gone_since is None]
        events.add(conn, [event for call in near for event in changes.closing(call, now, CLOSING_SOON)], run_id="")


def deliver_messages(wiring: Wiring, store: Store, now: datetime) -> DeliveryReport:
    """Send what is due, each message once, and record what became of it."""
    from alerts.channels import NAMES
    from alerts.deliver import deliver
    from callwatch.readers import Readers

    channels = {name: OnDemand(wiring, name) for name in NAMES}
    return deliver(Outbox(store), channels, Readers(wiring, store), now, clock=wiring.clock)


def proofs(wiring: Wiring, store: Store) -> tuple[Proof, ...]:
    """When each portal was last read, and how well: what makes silence mean "nothing new"."""
    from alerts.message import Proof

    found: list[Proof] = []
    with store.read() as conn:
        for portal in wiring.portals.values():
            last = next((run for run in runs.latest(conn, portal.name, limit=5) if run.finished_at), None)
            if last is not None and last.finished_at is not None:
                verdict = last.verdict or Verdict.FAILED
                found.append(Proof(portal.name, last.finished_at, verdict, portal.title))
    return tuple(found)

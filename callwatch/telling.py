"""From events to delivered messages: what `plan` and `deliver` do with store, subscriptions and channels."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from callwatch.wiring import Wiring
from pipeline import changes
from pipeline.errors import ConfigError
from pipeline.harvest import Verdict
from pipeline.outbox import NewMessage
from pipeline.store import Outbox, Store, calls, events, runs

if TYPE_CHECKING:
    from alerts.channels import Channel
    from alerts.deliver import DeliveryReport
    from alerts.message import Message, Proof
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
    states = {} if afresh else {key: state for key in keys if (state := outbox.state(key))}
    told = {} if afresh else {key: outbox.told(key) for key in keys}
    known_to = min((state.planned_to for state in states.values()), default=now)
    everything = len(states) < len(keys)
    candidates = outbox.candidates(None if everything else known_to - OVERLAP)
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

    channels = {name: OnDemand(wiring, name) for name in NAMES}
    return deliver(Outbox(store), channels, now, clock=wiring.clock)


class OnDemand:
    """A channel that is opened for its first message; if it lacks a setting, its messages alone wait for it."""

    def __init__(self, wiring: Wiring, name: str) -> None:
        self.name = name
        self._wiring = wiring
        self._channel: Channel | None = None

    def send(self, message: Message, *, message_id: str, target: str, done: str = "") -> str:
        """As the channel itself. Raises Unreachable with the missing setting when it cannot be opened."""
        from alerts.channels import Unreachable, open_channel

        if self._channel is None:
            try:
                self._channel = open_channel(self.name, self._wiring.channel_settings())
            except ConfigError as error:
                raise Unreachable(str(error)) from error
        return self._channel.send(message, message_id=message_id, target=target, done=done)

    def close(self) -> None:
        """Close it, if it was opened."""
        if self._channel is not None:
            self._channel.close()


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

"""Claim, send, record: everything that is due leaves, and what became of it is written down.

The claim is over before anything is sent, so no transaction waits for a network. Messages are sent in lanes that
run side by side, a mail server's in one and each Slack channel's in its own, so a target that is slow or fails
delays only those behind it in its lane; while it does, more is claimed for the others. What is done with one
message stands in alerts.attempt. A crash between sending and recording is the one way to say a thing twice; it
bears the same id, and where the other side can be asked (Slack), it is asked first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import partial

from alerts.attempt import GIVE_UP, LEASE, MARGIN, Attempt, Round, attempt, patiently, wait
from alerts.channels import Channel
from alerts.delivery import DeliveryReport, Detail, Outbox, People
from alerts.lanes import Lane, Lanes
from pipeline.outbox import NewMessage, OutboxMessage

__all__ = ["GIVE_UP", "LEASE", "deliver", "wait"]

BATCH = 50
THREADS = 8
"""Lanes of one channel that run at the same time."""


def deliver(
    outbox: Outbox,
    channels: Mapping[str, Channel],
    people: People,
    now: datetime,
    *,
    clock: Callable[[], datetime],
    stopping: Callable[[], bool] = lambda: False,
    besides: Collection[str] = (),
) -> DeliveryReport:
    """Send all messages that are due at `now`; `clock` tells the time of each record. Closes the channels.

    Messages of the channels `besides` are left to others.

    Once `stopping` says so, what is being sent is finished and what was only claimed is handed back.
    Raises StoreError or Busy if the database stays away; what was being sent then is on record as begun.
    """
    details: list[Detail] = []
    work = Round(outbox, channels, people, clock, partial(_note, details), stopping)
    lanes = Lanes(partial(attempt, work=work), THREADS, BATCH // 2)
    try:
        patiently(lambda: outbox.take_over(now))
        while not stopping():
            begun = clock()  # not `now`: what is claimed late in a long round has its whole lease before it
            closed = sorted(lanes.full() | set(besides))
            claim = partial(outbox.claim, now, BATCH, LEASE, begun=begun, besides=closed)
            claimed = patiently(claim)
            for leased in claimed:
                lane = _lane(leased.message, channels)
                lanes.put(lane, Attempt(leased, begun + LEASE - MARGIN, leased.unsure))
            if not claimed and not lanes.wait():
                break
        while lanes.wait():  # only when stopping: each hands back what it has not begun
            pass
    finally:
        lanes.close()
        for channel in channels.values():
            channel.close()
    counted = Counter(detail.outcome for detail in details)
    return DeliveryReport(counted["sent"], counted["retried"], counted["failed"], details)


def _lane(message: NewMessage, channels: Mapping[str, Channel]) -> Lane:
    channel = channels.get(message.channel)
    return message.channel, channel.lane(message.target) if channel else ""


def _note(details: list[Detail], leased: OutboxMessage, outcome: str, note: str, broken: bool) -> None:
    m = leased.message
    details.append(Detail(m.id, m.contact, m.subscription, m.channel, m.target, outcome, note, broken))

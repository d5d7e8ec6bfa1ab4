"""From events to delivered messages: what `plan` and `deliver` do with store, subscriptions and channels."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from callwatch import confirming, ops, sources
from callwatch.bounces import note_refusals
from callwatch.contacts import effective
from callwatch.kinship import kin_of
from callwatch.lean import calm
from callwatch.noting import current_calls, note_closing, note_unmatched
from callwatch.on_demand import OnDemand
from callwatch.parts import parts
from callwatch.tracing import traced
from callwatch.wiring import Wiring
from pipeline.outbox import Candidate, Memory, NewMessage, StoredCall
from pipeline.store import Outbox, Store, locks, marks, people
from pipeline.store.outbox_plan import SLICES

if TYPE_CHECKING:
    from alerts.delivery import DeliveryReport, Detail
    from alerts.kin import Kin
    from alerts.plan import Given, Planned
    from alerts.subscription import Subscription, Subscriptions

OVERLAP = timedelta(days=2)
"""Events this much older than the last plan are looked at again: they may have been stored late."""
SILENCE = timedelta(hours=25)
"""Longer than this between two plannings, and callwatch has not run."""
PART = 500
"""Contacts whose subscriptions are planned and written together: bounds memory, and what a crash can cost."""
PLANNED_AT = "planned at"
LOOKED_OVER_AT = "deliveries looked over at"


def plan_messages(wiring: Wiring, store: Store, now: datetime, number: int | None = None) -> list[NewMessage]:
    """Write what is to be told into the outbox, once, to all subscriptions or to those of slice `number`. Raises
    Busy while another process plans the same."""
    return [message for part in plan_parts(wiring, store, now, number) for message in part]


def plan_parts(
    wiring: Wiring, store: Store, now: datetime, number: int | None = None
) -> Iterator[list[NewMessage]]:
    """What `plan_messages` does and returns, part by part: has to be taken to its end."""
    with (
        store.lock("plan" if number is None else f"plan {number}"),
        traced("plan", slice=-1 if number is None else number) as trace,
        calm(),
    ):
        with trace.stage("look at calls"):
            live = current_calls(store, now)
            note_closing(store, live, now)
            note_unmatched(wiring, store, live, now)
        outbox, written = Outbox(store), 0
        with trace.stage("match and write"):
            for subscriptions, part in _drafts(wiring, store, live, now, number):
                new = outbox.commit_plans([(one.subscription, one.messages, one.state) for one in part])
                yield (both := [*confirming.ask(wiring, store, subscriptions, now), *new])
                written += len(both)
        trace.end(messages=written, calls=len(live))
        with store.begin() as conn:
            for each in range(SLICES) if number is None else [number]:
                marks.note_time(conn, _mark(each), now)
            marks.note_time(conn, PLANNED_AT, now)


def _mark(number: int | None) -> str:
    return PLANNED_AT if number is None else f"{PLANNED_AT} {number}"


def planned_at(store: Store) -> dict[int, datetime]:
    """When each slice was last planned; those that never were are left out."""
    with store.read() as conn:
        return {number: at for number in range(SLICES) if (at := marks.time_of(conn, _mark(number)))}


def active(store: Store, subscriptions: Subscriptions) -> list[Subscription]:
    """The subscriptions that are planned: none that was stopped, no mail to an address that has not agreed."""
    with store.read() as conn:
        stopped = people.stopped(conn)
    return _active(store, subscriptions, stopped)


def _active(store: Store, subscriptions: Subscriptions, stopped: Collection[str]) -> list[Subscription]:
    waiting = confirming.unconfirmed(store, subscriptions)
    return [
        subscription
        for subscription in subscriptions.subscriptions
        if subscription.key not in stopped
        and not (subscription.channel == "email" and subscription.contact in waiting)
    ]


def draft(wiring: Wiring, store: Store, now: datetime, *, afresh: bool = False) -> list[Planned]:
    """What would be told at `now`, nothing written. `afresh`: as if every subscription began now."""
    live = current_calls(store, now)
    if not afresh:
        return [one for _, part in _drafts(wiring, store, live, now) for one in part]
    from alerts.plan import plan

    kin, subscriptions = kin_of(wiring, store), effective(wiring, store)
    return plan(subscriptions, given(wiring, store, (), live, now, kin))


def _drafts(
    wiring: Wiring, store: Store, live: Sequence[StoredCall], now: datetime, number: int | None = None
) -> Iterator[tuple[Subscriptions, list[Planned]]]:
    """Plans, some hundred contacts at a time: who they are and what is memorised of them is read as they come."""
    from alerts.plan import planning
    from alerts.table import Table

    outbox = Outbox(store)
    with store.read() as conn:
        stopped = people.stopped(conn)
    changed = outbox.candidates(_horizon(wiring, store, stopped, now, number))
    kin = kin_of(wiring, store)
    event_ids = sorted({candidate.event_id for candidate in changed} | kin.needed(changed))
    table = Table(changed, live, wiring.subscriptions.known, now, kin)
    whole = given(wiring, store, changed, live, now, kin, number)
    for part in parts(wiring, store, number, PART):
        subscriptions, asked = part.read(), set(part.keys)
        chosen = [one for one in _active(store, subscriptions, stopped) if one.key in asked]
        with store.read() as conn:
            choices = people.choices_of(conn, subscriptions.contacts)
        memory = outbox.memory([one.key for one in chosen], event_ids)
        rest = msgspec.structs.replace(whole, memory=memory, choices=choices)
        yield subscriptions, list(planning(chosen, subscriptions, rest, table))


def _horizon(
    wiring: Wiring, store: Store, stopped: Collection[str], now: datetime, number: int | None
) -> datetime:
    """From when on events have to be looked at for the subscriptions that are planned. Contacts are only checked
    where one of theirs may be the one that has been left behind."""
    outbox, horizon = Outbox(store), now
    for part in parts(wiring, store, number, PART):
        if (told := outbox.told_up_to(part.keys)) is not None and told < horizon:
            asked = set(part.keys)
            keys = [one.key for one in _active(store, part.read(), stopped) if one.key in asked]
            horizon = min(horizon, outbox.told_up_to(keys) or horizon)
    return horizon - OVERLAP


def given(
    wiring: Wiring,
    store: Store,
    changed: Sequence[Candidate],
    live: Sequence[StoredCall],
    now: datetime,
    kin: Kin,
    number: int | None = None,
) -> Given:
    """All that a planning rests on but what is memorised of subscriptions, with all contacts' choices."""
    from alerts.plan import Given

    with store.read() as conn:
        choices = people.choices_of(conn)
        before = marks.time_of(conn, _mark(number)) or marks.time_of(conn, PLANNED_AT)
    return Given(
        events=changed,
        live=live,
        memory=Memory({}, {}, {}, {}),
        now=now,
        choices=choices,
        proof=sources.proofs(wiring, store, now),
        gap=(before, now) if before and now - before > SILENCE else None,
        storm=wiring.settings.storm_limit,
        kin=kin,
    )


def deliver_messages(
    wiring: Wiring,
    store: Store,
    now: datetime,
    *,
    stopping: Callable[[], bool] = lambda: False,
    besides: Collection[str] = (),
) -> DeliveryReport:
    """Send what is due, each message once, and record what became of it; `stopping` and `besides` as in
    alerts.deliver."""
    from alerts.channels import NAMES
    from alerts.deliver import deliver
    from callwatch.readers import Readers

    channels = {name: OnDemand(wiring, name, store) for name in NAMES}
    outbox, people, clock = Outbox(store), Readers(wiring, store), wiring.clock
    with traced("deliver") as trace:
        with trace.stage("send"):
            report = deliver(outbox, channels, people, now, clock=clock, stopping=stopping, besides=besides)
        with trace.stage("look over"):
            look_over(wiring, store, report, now)
        trace.end(sent=report.sent, retried=report.retried, failed_for_good=report.failed)
    return report


def look_over(wiring: Wiring, store: Store, report: DeliveryReport, begun: datetime) -> None:
    """Draw the conclusions from a round of delivery, and from those that died before they could.

    One after the other: two deliverers that meet with the same trouble must not both tell of it. Raises Busy if
    another one takes longer than a minute; its conclusions and ours are then drawn next time.
    """
    with locks.hold(store.engine, ops.LOOK_OVER, wait=60):
        now = wiring.clock()
        with store.read() as conn:
            since = marks.time_of(conn, LOOKED_OVER_AT) or begun
        whole = msgspec.structs.replace(report, details=[*report.details, *_unheard_of(store, report, since)])
        note_refusals(store, whole, now)
        ops.watch(wiring, store, whole, now)
        sources.watch(wiring, store, now)
        with store.begin() as conn:
            marks.note_time(conn, LOOKED_OVER_AT, now)


def _unheard_of(store: Store, report: DeliveryReport, since: datetime) -> Iterator[Detail]:
    """What failed for good after `since`, in other rounds than this one."""
    from alerts.delivery import Detail

    known = {detail.message_id for detail in report.details}
    for entry in Outbox(store).failed_since(since):
        m = entry.message
        if m.id not in known:
            who = m.id, m.contact, m.subscription, m.channel, m.target
            yield Detail(*who, outcome="failed", note=entry.last_error)

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
from callwatch.on_demand import OnDemand
from callwatch.wiring import Wiring
from pipeline import changes
from pipeline.linking.happenings import unmatched
from pipeline.models import Kind
from pipeline.outbox import Candidate, Memory, NewMessage, StoredCall
from pipeline.store import Outbox, Store, calls, events, locks, marks, people
from pipeline.store.outbox_plan import SLICES, slice_of
from pipeline.store.sqlx import chunks

if TYPE_CHECKING:
    from alerts.delivery import DeliveryReport, Detail
    from alerts.kin import Kin
    from alerts.plan import Given, Planned
    from alerts.subscription import Subscription, Subscriptions

CLOSING_SOON = timedelta(days=14)
"""How long before a deadline it is noted as an event that it comes near."""
OVERLAP = timedelta(days=2)
"""Events this much older than the last plan are looked at again: they may have been stored late."""
LOOK_BACK = timedelta(days=14)
"""Calls that closed since are looked at: a reminder that came too late has to be owned up to."""
SILENCE = timedelta(hours=25)
"""Longer than this between two plannings, and callwatch has not run."""
PART = 500
"""Subscriptions planned and written together: bounds memory, and what a crash can cost."""
PLANNED_AT = "planned at"
LOOKED_OVER_AT = "deliveries looked over at"


def plan_messages(wiring: Wiring, store: Store, now: datetime, number: int | None = None) -> list[NewMessage]:
    """Write what is to be told into the outbox, once, to all subscriptions or to those of slice `number`. Raises
    Busy while another process plans the same."""
    return [message for part in plan_parts(wiring, store, now, number) for message in part]


def plan_parts(
    wiring: Wiring, store: Store, now: datetime, number: int | None = None
) -> Iterator[list[NewMessage]]:
    """The same part by part, each of them written: messages to a hundred thousand contacts do not fit into memory.
    It has to be gone through to its end."""
    with store.lock("plan" if number is None else f"plan {number}"):
        live = current_calls(store, now)
        note_closing(store, live, now)
        note_unmatched(wiring, store, live, now)
        subscriptions, outbox = effective(wiring, store), Outbox(store)
        if not number:
            yield confirming.ask(wiring, store, subscriptions, now)
        chosen = [s for s in active(store, subscriptions) if number in (None, slice_of(s.key))]
        for part in _drafts(wiring, store, subscriptions, chosen, live, now, number):
            yield outbox.commit_plans([(one.subscription, one.messages, one.state) for one in part])
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
    waiting = confirming.unconfirmed(store, subscriptions)
    return [
        subscription
        for subscription in subscriptions.subscriptions
        if subscription.key not in stopped
        and not (subscription.channel == "email" and subscription.contact in waiting)
    ]


def draft(wiring: Wiring, store: Store, now: datetime, *, afresh: bool = False) -> list[Planned]:
    """What would be told at `now`, nothing written. `afresh`: as if every subscription began now."""
    subscriptions = effective(wiring, store)
    chosen, live = active(store, subscriptions), current_calls(store, now)
    if not afresh:
        return [one for part in _drafts(wiring, store, subscriptions, chosen, live, now) for one in part]
    from alerts.plan import plan

    kin = kin_of(wiring, store)
    return plan(subscriptions, given(wiring, store, (), live, Memory({}, {}, {}, {}), now, kin))


def _drafts(
    wiring: Wiring,
    store: Store,
    subscriptions: Subscriptions,
    chosen: Sequence[Subscription],
    live: Sequence[StoredCall],
    now: datetime,
    number: int | None = None,
) -> Iterator[list[Planned]]:
    """Plans for the chosen subscriptions, some hundred at a time: what is memorised of them is read as they
    come."""
    from alerts.plan import planning
    from alerts.table import Table

    outbox = Outbox(store)
    changed = outbox.candidates(_horizon(outbox.memory([one.key for one in chosen], ()), now))
    kin = kin_of(wiring, store)
    event_ids = sorted({candidate.event_id for candidate in changed} | kin.needed(changed))
    table = Table(changed, live, subscriptions.known, now, kin)
    for part in chunks(chosen, PART):
        memory = outbox.memory([subscription.key for subscription in part], event_ids)
        rest = given(wiring, store, changed, live, memory, now, kin, number)
        yield list(planning(part, subscriptions, rest, table))


def _horizon(memory: Memory, now: datetime) -> datetime:
    """From when on events have to be looked at for these subscriptions."""
    starts = [state.planned_to for state in memory.states.values()]
    return min([now, *starts, *memory.unsaid_since.values()]) - OVERLAP


def given(
    wiring: Wiring,
    store: Store,
    changed: Sequence[Candidate],
    live: Sequence[StoredCall],
    memory: Memory,
    now: datetime,
    kin: Kin,
    number: int | None = None,
) -> Given:
    """All that a planning rests on."""
    from alerts.plan import Given

    with store.read() as conn:
        choices = people.choices_of(conn)
        before = marks.time_of(conn, _mark(number)) or marks.time_of(conn, PLANNED_AT)
    return Given(
        events=changed,
        live=live,
        memory=memory,
        now=now,
        choices=choices,
        proof=sources.proofs(wiring, store, now),
        gap=(before, now) if before and now - before > SILENCE else None,
        storm=wiring.settings.storm_limit,
        kin=kin,
    )


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
    report = deliver(outbox, channels, people, now, clock=clock, stopping=stopping, besides=besides)
    look_over(wiring, store, report, now)
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

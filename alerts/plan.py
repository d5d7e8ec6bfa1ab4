"""Who is to be told what: subscriptions, events and the time become messages. Pure and repeatable.

What is told to a subscription is remembered per event, so planning again says nothing twice; ids of messages are
derived from what they say, so even two planners at once cannot.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from alerts import digest
from alerts.contact import Contact
from alerts.fold import fold
from alerts.items import item
from alerts.match import available, match_call, wanted
from alerts.message import Item, Message, MessageKind, Proof, encode
from alerts.subscription import Subscription, Subscriptions
from pipeline.models import EventKind
from pipeline.outbox import Candidate, NewMessage, SubscriptionState

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "messages.callwatch")
LONGEST_RUN = timedelta(hours=6)
"""An event bears the time at which its run began, and may be stored that much later."""
FAR = datetime.max.replace(tzinfo=UTC)

Told = Mapping[str, AbstractSet[int]]
"""By subscription key, the numbers of the events it was told of."""


class Planned(msgspec.Struct, frozen=True):
    """What the store has to write in one transaction for one subscription."""

    subscription: str
    messages: tuple[NewMessage, ...]
    state: SubscriptionState


class _Found(NamedTuple):
    item: Item
    event_ids: tuple[int, ...]


class _Desk(NamedTuple):
    """One subscription's part of the work: what there is to look at, and for whom."""

    subscription: Subscription
    contact: Contact
    subscriptions: Subscriptions
    calls: Mapping[str, Sequence[Candidate]]
    told: AbstractSet[int]
    now: datetime
    proof: tuple[Proof, ...]


def plan(
    subscriptions: Subscriptions,
    candidates: Iterable[Candidate],
    told: Told,
    states: Mapping[str, SubscriptionState],
    now: datetime,
    proof: Sequence[Proof] = (),
) -> list[Planned]:
    """What each subscription is to be told at `now` (UTC); subscriptions of which nothing changes are left out.

    For a subscription without a state, `candidates` must hold the events of all live calls: it gets one welcome
    with every call that suits it, and all events of these calls count as told. Without any candidate it waits.
    """
    calls = _by_call(candidates)
    planned = []
    for subscription in subscriptions.subscriptions:
        contact = subscriptions.contacts[subscription.contact]
        already = told.get(subscription.key, frozenset())
        desk = _Desk(subscription, contact, subscriptions, calls, already, now, tuple(proof))
        one = _plan(desk, states.get(subscription.key))
        if one is not None:
            planned.append(one)
    return planned


def _by_call(candidates: Iterable[Candidate]) -> dict[str, list[Candidate]]:
    calls: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        calls.setdefault(candidate.event.call_id, []).append(candidate)
    return calls


def _plan(desk: _Desk, state: SubscriptionState | None) -> Planned | None:
    if state is None:
        return _welcome(desk) if desk.calls else None
    if desk.subscription.cadence == "at_once":
        return _alert(desk, state)
    return _digest(desk, state)


def _welcome(desk: _Desk) -> Planned:
    """Everything that one can apply to now, nearest deadline first. The period under way is thereby told."""
    found = [found for call in desk.calls.values() if (found := _live(desk, call))]
    found.sort(key=lambda f: (_nearest(f.item, desk.now), f.item.call_id))
    period = ""
    if desk.subscription.cadence != "at_once":
        period = digest.latest_slot(desk.subscription, desk.contact.zone, desk.now).period
    messages = _outgoing(desk, _message(desk, MessageKind.WELCOME), found) if _greets(desk.subscription) else ()
    state = SubscriptionState(first_planned_at=desk.now, planned_to=desk.now, last_period=period)
    return Planned(desk.subscription.key, messages, state)


def _greets(subscription: Subscription) -> bool:
    """Who asked for alarms only is not sent a list of all calls to begin with."""
    return not subscription.filters.events or EventKind.NEW in subscription.filters.events


def _alert(desk: _Desk, state: SubscriptionState) -> Planned:
    found = _news(desk, state)
    messages = _outgoing(desk, _message(desk, MessageKind.ALERT), found) if found else ()
    after = msgspec.structs.replace(state, planned_to=max(desk.now, state.planned_to))
    return Planned(desk.subscription.key, messages, after)


def _digest(desk: _Desk, state: SubscriptionState) -> Planned | None:
    """One digest per period, about everything since the last one; a quiet period passes without a message."""
    slot = digest.due(desk.subscription, desk.contact.zone, state, desk.now)
    if slot is None:
        return None
    found = _news(desk, state)
    message = _message(desk, MessageKind.DIGEST, period=slot.period, window=(state.planned_to, desk.now))
    messages = _outgoing(desk, message, found) if found else ()
    after = msgspec.structs.replace(state, planned_to=desk.now, last_period=slot.period)
    return Planned(desk.subscription.key, messages, after)


def _live(desk: _Desk, call: Sequence[Candidate]) -> _Found | None:
    stored = call[0].stored
    known = desk.subscriptions.known
    match = match_call(desk.subscription, stored, known) if available(stored, desk.now) else None
    if match is None:
        return None
    shown = item(stored, (), match, desk.contact, known, desk.now)
    return _Found(shown, tuple(sorted(c.event_id for c in call if c.event_id not in desk.told)))


def _news(desk: _Desk, state: SubscriptionState) -> list[_Found]:
    """What happened since the subscription began and was not told, worst first, then by nearest deadline."""
    found = [found for call in desk.calls.values() if (found := _happened(desk, state, call))]
    return sorted(found, key=lambda f: (_harm(f.item), _nearest(f.item, desk.now), f.item.call_id))


def _happened(desk: _Desk, state: SubscriptionState, call: Sequence[Candidate]) -> _Found | None:
    begun = state.first_planned_at - LONGEST_RUN
    fresh = [c for c in call if c.event.at >= begun and c.event_id not in desk.told]
    fresh = [c for c in fresh if wanted(desk.subscription, c, desk.now)]
    if not fresh:
        return None
    stored, known = fresh[0].stored, desk.subscriptions.known
    changes = fold((c.event for c in fresh), stored)
    match = match_call(desk.subscription, stored, known) if changes else None
    if match is None:
        return None
    shown = item(stored, changes, match, desk.contact, known, desk.now)
    return _Found(shown, tuple(sorted(c.event_id for c in fresh)))


def _harm(shown: Item) -> int:
    return shown.event.harm if shown.event else 0


def _nearest(shown: Item, now: datetime) -> datetime:
    deadline = shown.next_deadline(now)
    return deadline.at if deadline else FAR


def _message(
    desk: _Desk, kind: MessageKind, *, period: str = "", window: tuple[datetime, datetime] | None = None
) -> Message:
    return Message(
        kind=kind,
        contact=desk.contact.name,
        contact_key=desk.subscription.contact,
        language=desk.contact.language,
        time_zone=desk.contact.time_zone,
        subscription=desk.subscription.key,
        subscription_name=desk.subscription.title,
        cadence=desk.subscription.cadence,
        at=desk.now,
        period=period,
        window=window,
        proof=desk.proof,
    )


def _outgoing(desk: _Desk, message: Message, found: Sequence[_Found]) -> tuple[NewMessage, ...]:
    """`message` about all that was found."""
    whole = msgspec.structs.replace(message, items=tuple(f.item for f in found))
    return (_new(desk, whole, [n for f in found for n in f.event_ids]),)


def _new(desk: _Desk, message: Message, event_ids: Sequence[int]) -> NewMessage:
    subscription = desk.subscription
    told = ",".join(str(number) for number in sorted(event_ids))
    name = "|".join((subscription.key, subscription.channel, message.kind, message.period, told))
    return NewMessage(
        id=str(uuid.uuid5(NAMESPACE, name)),
        contact=subscription.contact,
        subscription=subscription.key,
        channel=subscription.channel,
        target=subscription.target(desk.contact),
        kind=message.kind.value,
        payload=encode(message),
        event_ids=tuple(event_ids),
        call_ids=tuple(i.call_id for i in message.items),
        period=message.period,
        created_at=desk.now,
        not_before=desk.now,
    )

"""Who is to be told what: subscriptions, events and the time become messages. Pure and repeatable.

What is told to a subscription is remembered per event and per reminder, so planning again says nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from alerts import digest
from alerts.kin import NO_KIN, Kin
from alerts.message import MessageKind, Proof, Section
from alerts.news import in_order, is_urgent, news, still_open
from alerts.outgoing import Frame, Tidings, outgoing, together
from alerts.subscription import Subscription, Subscriptions
from alerts.table import Desk, Table
from alerts.window import is_open
from pipeline.models import EventKind
from pipeline.outbox import Candidate, Memory, NewMessage, StoredCall, SubscriptionState
from pipeline.people import Choice

STORM = 200
"""Changed calls in one alert that are believed; more wait for an operator (a portal that lists everything
anew)."""
DIGEST_STORM = 5
"""So many times as many are believed in a digest, which covers a longer time and rings no bell."""


class Planned(msgspec.Struct, frozen=True):
    """What the store has to write in one transaction for one subscription."""

    subscription: str
    messages: tuple[NewMessage, ...]
    state: SubscriptionState


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """All that a planning at `now` (UTC) rests on.

    `events` are those since the last planning of any subscription, for one that was never planned those of all
    live calls; `live` are all calls that one can apply to now or later. `choices`: by contact, what they said of
    calls. `kin`: which calls are one. `gap`: from when to when callwatch did not run. `storm`: see `STORM`.
    """

    events: Sequence[Candidate]
    live: Sequence[StoredCall]
    memory: Memory
    now: datetime
    choices: Mapping[str, Mapping[str, Choice]] = {}
    proof: tuple[Proof, ...] = ()
    gap: tuple[datetime, datetime] | None = None
    storm: int = STORM
    kin: Kin = NO_KIN


def plan(subscriptions: Subscriptions, given: Given) -> list[Planned]:
    """What each subscription is to be told; those of which nothing changes are left out.

    A subscription without a state gets one welcome with every call that suits it, and all events of these calls
    count as told. Without any call it waits.
    """
    return list(planning(subscriptions.subscriptions, subscriptions, given))


def planning(
    chosen: Iterable[Subscription], subscriptions: Subscriptions, given: Given, table: Table | None = None
) -> Iterator[Planned]:
    """`plan` for some of the subscriptions; with the `table` of an earlier call nothing is found out twice."""
    table = table or Table(given.events, given.live, subscriptions.known, given.now, given.kin)
    leading = subscriptions.leading
    for subscription in chosen:
        contact = subscriptions.contacts[subscription.contact]
        state = given.memory.states.get(subscription.key)
        desk = Desk(
            subscription=subscription,
            contact=contact,
            state=state or SubscriptionState(given.now, given.now),
            told=given.memory.told.get(subscription.key, frozenset()),
            reminded=given.memory.reminded.get(subscription.key, frozenset()),
            choices=table.kin.lifted(given.choices.get(subscription.contact, {})),
        )
        is_leading = leading[subscription.contact] == subscription.key
        one = _plan(desk, table, given, is_leading=is_leading) if state else _welcome(desk, table, given)
        if one is not None:
            yield one


def _plan(desk: Desk, table: Table, given: Given, *, is_leading: bool) -> Planned | None:
    if not is_leading:
        desk = _without_followed(desk)
    if desk.subscription.cadence == "at_once":
        return _alert(desk, table, given)
    slot = digest.due(desk.subscription, desk.contact.zone, desk.state, given.now)
    if slot is not None and is_open(desk.contact, given.now):
        return _digest(desk, table, given, slot.period)
    if desk.followed:
        return _followed(desk._replace(only_followed=True), table, given)
    return None


def _without_followed(desk: Desk) -> Desk:
    """Another subscription of the contact tells of the calls they follow, unless this one matches them anyway."""
    return desk._replace(
        choices={c: choice for c, choice in desk.choices.items() if choice is not Choice.FOLLOWED}
    )


def _welcome(desk: Desk, table: Table, given: Given) -> Planned | None:
    """Everything that one can apply to now, nearest deadline first. The period under way is thereby told."""
    if not table.calls:
        return None
    subscription, contact = desk.subscription, desk.contact
    period = ""
    if subscription.cadence != "at_once":
        period = digest.latest_slot(subscription, contact.zone, given.now).period
    messages: tuple[NewMessage, ...] = ()
    if _greets(subscription):
        frame = Frame(MessageKind.WELCOME, given.now, given.proof)
        tidings = together(still_open(desk, table, section=Section.FRESH))
        messages = (outgoing(subscription, contact, frame, tidings),)
    return Planned(subscription.key, messages, SubscriptionState(given.now, given.now, period))


def _greets(subscription: Subscription) -> bool:
    """Who asked for alarms only is not sent a list of all calls to begin with."""
    return not subscription.filters.events or EventKind.NEW in subscription.filters.events


def _alert(desk: Desk, table: Table, given: Given) -> Planned | None:
    """One message about all that is new. Outside the contact's hours only what is urgent; the rest is looked at
    again."""
    awake = is_open(desk.contact, given.now)
    found = news(desk, table, desk.state.planned_to, reminding=awake)
    if not awake:
        return _urgent(desk, given, found)
    after = msgspec.structs.replace(desk.state, planned_to=max(given.now, desk.state.planned_to))
    return _at_once(desk, given, found, after)


def _followed(desk: Desk, table: Table, given: Given) -> Planned | None:
    """What happens to followed calls between two digests."""
    awake = is_open(desk.contact, given.now)
    found = news(desk, table, desk.state.planned_to, reminding=awake)
    if not awake:
        return _urgent(desk, given, found)
    return _at_once(desk, given, found, desk.state) if found.found else None


def _urgent(desk: Desk, given: Given, found: Tidings) -> Planned | None:
    urgent = [one for one in found.found if is_urgent(one)]
    return _at_once(desk, given, together(urgent), desk.state) if urgent else None


def _at_once(desk: Desk, given: Given, found: Tidings, after: SubscriptionState) -> Planned:
    messages: tuple[NewMessage, ...] = ()
    if found.found:
        kind = MessageKind.ALERT if found.changed else MessageKind.REMINDER
        frame = Frame(kind, given.now, given.proof, gap=given.gap, held=found.changed > given.storm)
        messages = (outgoing(desk.subscription, desk.contact, frame, found),)
    return Planned(desk.subscription.key, messages, after)


def _digest(desk: Desk, table: Table, given: Given, period: str) -> Planned:
    """One digest per period, about everything since the last one that arrived."""
    since = given.memory.unsaid_since.get(desk.subscription.key, desk.state.planned_to)
    found = news(desk, table, since)
    frame = Frame(
        MessageKind.DIGEST,
        given.now,
        given.proof,
        period,
        window=(since, given.now),
        gap=given.gap,
        held=found.changed > DIGEST_STORM * given.storm,
    )
    messages: tuple[NewMessage, ...] = ()
    if found.found:
        rest = still_open(desk, table, besides=found.found) if _greets(desk.subscription) else []
        everything = in_order([*found.found, *(one._replace(event_ids=()) for one in rest)])
        messages = (outgoing(desk.subscription, desk.contact, frame, together(everything)),)
    elif desk.subscription.sends_empty:
        messages = (outgoing(desk.subscription, desk.contact, frame, found),)
    after = msgspec.structs.replace(desk.state, planned_to=given.now, last_period=period)
    return Planned(desk.subscription.key, messages, after)

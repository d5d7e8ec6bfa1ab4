"""What there is to tell one subscription: changes, stages that come near, calls that are still open. Pure.

A `Table` holds what all subscriptions share, so that equal work is done once: which calls match equal filters,
which stages come near by equal lead times, and the items of equal readers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from alerts import reminders
from alerts.contact import Contact
from alerts.fold import fold
from alerts.items import item
from alerts.match import ALARMS, asked_for, available, wanted
from alerts.matcher import Matcher
from alerts.message import Change, Item, Notice, Reason, Section
from alerts.outgoing import Found
from alerts.reminders import Due
from alerts.subscription import Subscription
from alerts.words import KnownWords
from pipeline.models import EventKind
from pipeline.outbox import Candidate, Reminded, StoredCall, SubscriptionState
from pipeline.people import Choice

LONGEST_RUN = timedelta(hours=6)
"""An event bears the time at which its run began, and may be stored that much later."""
FAR = datetime.max.replace(tzinfo=UTC)

LATER = frozenset({EventKind.DEADLINE_EXTENDED, EventKind.DEADLINE_ADDED})
FRESH = frozenset({EventKind.OPENED, EventKind.NEW})
FOLLOWED = (Reason("followed"),)
ORDER = {section: position for position, section in enumerate(Section)}


class Desk(NamedTuple):
    """One subscription's part of the work. `only_followed`: nothing but the calls its contact follows."""

    subscription: Subscription
    contact: Contact
    state: SubscriptionState
    told: AbstractSet[int]
    reminded: AbstractSet[Reminded]
    choices: Mapping[str, Choice]
    only_followed: bool = False

    @property
    def hidden(self) -> AbstractSet[str]:
        """Calls of which the contact wants to hear nothing more."""
        return {call_id for call_id, choice in self.choices.items() if choice is not Choice.FOLLOWED}

    @property
    def followed(self) -> AbstractSet[str]:
        """Calls of which the contact wants to hear everything."""
        return {call_id for call_id, choice in self.choices.items() if choice is Choice.FOLLOWED}


class Table:
    """The calls and events of one planning, and what was found out about them for any subscription so far."""

    def __init__(
        self, events: Iterable[Candidate], live: Iterable[StoredCall], known: KnownWords, now: datetime
    ) -> None:
        self.known, self.now = known, now
        self.changed: dict[str, list[Candidate]] = {}
        for candidate in events:
            self.changed.setdefault(candidate.event.call_id, []).append(candidate)
        calls = {stored.call.id: stored for stored in live}
        for call_id, candidates in self.changed.items():
            calls.setdefault(call_id, candidates[0].stored)
        self.calls = calls
        self.matcher = Matcher(calls.values(), known)
        self._near: dict[object, dict[str, tuple[Due, ...]]] = {}
        self._items: dict[object, Item] = {}

    def reasons(self, desk: Desk) -> Mapping[str, tuple[Reason, ...]]:
        """By call id, why the reader hears of it: calls that match and those they follow, without the hidden
        ones."""
        matching = self.matcher.matching(desk.subscription)
        if not desk.choices and not desk.only_followed:
            return matching
        chosen = {} if desk.only_followed else {c: why for c, why in matching.items() if c not in desk.hidden}
        for call_id in desk.followed & self.calls.keys():
            chosen.setdefault(call_id, matching.get(call_id, FOLLOWED))
        return chosen

    def near(self, contact: Contact, since: datetime, *, with_openings: bool) -> Mapping[str, tuple[Due, ...]]:
        """By call id, the stages that come near by the contact's lead times and hours; shared by equal
        contacts."""
        key = contact.reminders, contact.time_zone, contact.country, contact.window, since, with_openings
        if key not in self._near:
            found = self._near[key] = {}
            for call_id, stored in self.calls.items():
                if stored.gone_since is not None:
                    continue
                due = reminders.closing(stored.call, contact, since, self.now)
                if with_openings:
                    due += reminders.opening(stored.call, contact, since, self.now)
                if due:
                    found[call_id] = due
        return self._near[key]

    def item(
        self,
        call_id: str,
        desk: Desk,
        reasons: tuple[Reason, ...],
        section: Section,
        fresh: Sequence[Candidate] = (),
        changes: tuple[Change, ...] = (),
        notices: tuple[Notice, ...] = (),
    ) -> Item:
        """One call as this reader sees it; made once for all readers who see the same."""
        contact, followed = desk.contact, call_id in desk.followed
        told = tuple(candidate.event_id for candidate in fresh)
        key = call_id, contact.language, contact.regions, reasons, section, told, notices, followed
        shown = self._items.get(key)
        if shown is None:
            shown = self._items[key] = item(
                self.calls[call_id],
                changes,
                reasons,
                contact,
                self.known,
                self.now,
                section=section,
                notices=notices,
                followed=followed,
            )
        return shown


def news(desk: Desk, table: Table, since: datetime, *, reminding: bool = True) -> list[Found]:
    """Changes that were not told and, with `reminding`, the stages that came near after `since`, the worst
    first."""
    reasons = table.reasons(desk)
    near: Mapping[str, tuple[Due, ...]] = {}
    if reminding and (desk.only_followed or asked_for(desk.subscription, EventKind.CLOSING_SOON)):
        digest = desk.subscription.cadence != "at_once" and not desk.only_followed
        near = table.near(desk.contact, since, with_openings=digest)
    found = []
    for call_id in dict.fromkeys([*table.changed, *near]):
        if call_id in reasons:
            one = _tell(call_id, desk, table, reasons[call_id], near.get(call_id, ()))
            if one is not None:
                found.append(one)
    return in_order(found, table.now)


def still_open(desk: Desk, table: Table, besides: Iterable[Found] = ()) -> list[Found]:
    """Everything that one can apply to now or later, nearest deadline first. Their events count as told."""
    named = {one.item.call_id for one in besides}
    found = []
    for call_id, why in table.reasons(desk).items():
        if call_id not in named and available(table.calls[call_id], table.now):
            untold = tuple(c.event_id for c in table.changed.get(call_id, ()) if c.event_id not in desk.told)
            found.append(Found(table.item(call_id, desk, why, Section.STILL_OPEN), untold))
    return in_order(found, table.now)


def is_urgent(found: Found) -> bool:
    """Whether it is told at any hour."""
    return any(change.kind in ALARMS for change in found.item.changes)


def in_order(found: Iterable[Found], now: datetime) -> list[Found]:
    """By section, harm and nearness of the next deadline."""

    def rank(one: Found) -> tuple[int, int, datetime, str]:
        shown = one.item
        deadline = shown.next_deadline(now)
        harm = shown.event.harm if shown.event else 0
        return ORDER[shown.section], harm, deadline.at if deadline else FAR, shown.call_id

    return sorted(found, key=rank)


def _tell(
    call_id: str, desk: Desk, table: Table, reasons: tuple[Reason, ...], near: Sequence[Due]
) -> Found | None:
    fresh = _fresh(table.changed.get(call_id, ()), desk, table.now)
    changes = fold((candidate.event for candidate in fresh), table.calls[call_id]) if fresh else ()
    due = [stage for stage in near if desk.reminded.isdisjoint(stage.settled[:1])]
    if not changes and not due:
        return None
    notices = tuple(stage.notice for stage in due)
    section = _section(changes, due)
    shown = table.item(call_id, desk, reasons, section, fresh, changes, notices)
    settled = tuple(r for stage in due for r in stage.settled if r not in desk.reminded)
    return Found(shown, tuple(sorted(c.event_id for c in fresh)), settled)


def _fresh(candidates: Sequence[Candidate], desk: Desk, now: datetime) -> list[Candidate]:
    begun = desk.state.first_planned_at - LONGEST_RUN
    untold = [c for c in candidates if c.event.at >= begun and c.event_id not in desk.told]
    if untold and untold[0].event.call_id in desk.followed:
        return [c for c in untold if c.event.kind is not EventKind.CLOSING_SOON]
    asked = [c for c in untold if wanted(desk.subscription, c, now)]
    if asked and not desk.subscription.filters.events:  # new wording alone interrupts nobody, but belongs to the rest
        asked = [c for c in untold if c in asked or c.event.kind is EventKind.TEXT_CHANGED]
    return asked


def _section(changes: Sequence[Change], due: Sequence[Due]) -> Section:
    if changes:
        kind = changes[0].kind
        if kind in ALARMS:
            return Section.ALARM
        if kind in LATER:
            return Section.LATER
        return Section.FRESH if kind in FRESH else Section.CHANGED
    if all(stage.missed for stage in due):
        return Section.MISSED
    return Section.OPENING if all(stage.notice.days == 0 for stage in due) else Section.CLOSING

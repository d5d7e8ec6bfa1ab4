"""What there is to tell one subscription: changes, stages that come near, calls that are still open. Pure.

A `Table` holds what all subscriptions share, so that equal work is done once: which calls match equal filters,
which stages come near by equal lead times, and the items of equal readers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

import msgspec

from alerts import reminders
from alerts.contact import Contact
from alerts.fold import fold
from alerts.items import item
from alerts.match import ALARMS, asked_for, available, wanted
from alerts.matcher import Matcher
from alerts.message import Change, Item, Reason, Section
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
        self._found: dict[object, Found | None] = {}
        self.news: dict[object, list[Found]] = {}
        self.earliest = min((c.event.at for found in self.changed.values() for c in found), default=now)

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

    def told(
        self,
        call_id: str,
        desk: Desk,
        reasons: tuple[Reason, ...],
        fresh: Sequence[Candidate] = (),
        due: Sequence[Due] = (),
    ) -> Found | None:
        """What this reader is told of one call, made once for all readers who are told the same; None: nothing.

        Without fresh events and stages that come near it is a call that is still open.
        """
        followed = call_id in desk.followed
        event_ids = tuple([candidate.event_id for candidate in fresh])
        key = call_id, desk.contact.language, desk.contact.regions, reasons, followed, event_ids, tuple(due)
        if key not in self._found:
            self._found[key] = self._tell(call_id, desk, reasons, fresh, due, followed=followed)
        return self._found[key]

    def _tell(
        self,
        call_id: str,
        desk: Desk,
        reasons: tuple[Reason, ...],
        fresh: Sequence[Candidate],
        due: Sequence[Due],
        *,
        followed: bool,
    ) -> Found | None:
        stored = self.calls[call_id]
        changes = fold((candidate.event for candidate in fresh), stored) if fresh else ()
        if fresh and not changes and not due:
            return None
        shown = item(
            stored,
            changes,
            reasons,
            desk.contact,
            self.known,
            self.now,
            section=_section(changes, due),
            notices=tuple(stage.notice for stage in due),
            followed=followed,
        )
        return Found(
            shown,
            _rank(shown, self.now),
            msgspec.Raw(msgspec.json.encode(shown)),
            tuple(sorted(candidate.event_id for candidate in fresh)),
            tuple(reminded for stage in due for reminded in stage.settled),
        )


def news(desk: Desk, table: Table, since: datetime, *, reminding: bool = True) -> list[Found]:
    """Changes that were not told and, with `reminding`, the stages that came near after `since`, the worst first.

    Found once for subscriptions that ask for the same and have been told the same.
    """
    subscription, contact = desk.subscription, desk.contact
    key = (
        *(subscription.filters, subscription.cadence, contact.language, contact.regions, contact.reminders),
        *(contact.time_zone, contact.country, contact.window, since, reminding, desk.only_followed),
        *(frozenset(desk.told), frozenset(desk.reminded), tuple(desk.choices.items())),
        max(desk.state.first_planned_at - LONGEST_RUN, table.earliest),
    )
    found = table.news.get(key)
    if found is None:
        found = table.news[key] = _news(desk, table, since, reminding=reminding)
    return found


def _news(desk: Desk, table: Table, since: datetime, *, reminding: bool) -> list[Found]:
    reasons = table.reasons(desk)
    near: Mapping[str, tuple[Due, ...]] = {}
    if reminding and (desk.only_followed or asked_for(desk.subscription, EventKind.CLOSING_SOON)):
        digest = desk.subscription.cadence != "at_once" and not desk.only_followed
        near = table.near(desk.contact, since, with_openings=digest)
    found = []
    for call_id in reasons:
        fresh = _fresh(table.changed.get(call_id, ()), desk, table.now)
        due = [stage for told in near.get(call_id, ()) if (stage := _not_reminded(told, desk.reminded))]
        one = table.told(call_id, desk, reasons[call_id], fresh, due) if fresh or due else None
        if one is not None:
            found.append(one)
    return in_order(found)


def still_open(desk: Desk, table: Table, besides: Iterable[Found] = ()) -> list[Found]:
    """Everything that one can apply to now or later, nearest deadline first; events that were not told count as
    told with it."""
    named = {one.item.call_id for one in besides}
    found = []
    for call_id, why in table.reasons(desk).items():
        if call_id not in named and available(table.calls[call_id], table.now):
            one = table.told(call_id, desk, why)
            untold = tuple(c.event_id for c in table.changed.get(call_id, ()) if c.event_id not in desk.told)
            if one is not None:
                found.append(one._replace(event_ids=untold) if untold else one)
    return in_order(found)


def is_urgent(found: Found) -> bool:
    """Whether it is told at any hour."""
    return any(change.kind in ALARMS for change in found.item.changes)


def in_order(found: Iterable[Found]) -> list[Found]:
    """By section, harm and nearness of the next deadline."""
    return sorted(found, key=_by_rank)


_by_rank = attrgetter("rank")


def _rank(shown: Item, now: datetime) -> tuple[int, int, datetime, str]:
    deadline = shown.next_deadline(now)
    harm = shown.event.harm if shown.event else 0
    return ORDER[shown.section], harm, deadline.at if deadline else FAR, shown.call_id


def _fresh(candidates: Sequence[Candidate], desk: Desk, now: datetime) -> list[Candidate]:
    begun = desk.state.first_planned_at - LONGEST_RUN
    untold = [c for c in candidates if c.event.at >= begun and c.event_id not in desk.told]
    if untold and untold[0].event.call_id in desk.followed:
        return [c for c in untold if c.event.kind is not EventKind.CLOSING_SOON]
    asked = [c for c in untold if wanted(desk.subscription, c, now)]
    if asked and not desk.subscription.filters.events:
        # New wording alone interrupts nobody, but it belongs to the rest.
        asked = [c for c in untold if c in asked or c.event.kind is EventKind.TEXT_CHANGED]
    return asked


def _not_reminded(stage: Due, reminded: AbstractSet[Reminded]) -> Due | None:
    """The stage without the lead times that were settled before; None if the one that has come is among them."""
    if reminded.isdisjoint(stage.settled):
        return stage
    if stage.settled[0] in reminded:
        return None
    return stage._replace(settled=tuple(one for one in stage.settled if one not in reminded))


def _section(changes: Sequence[Change], due: Sequence[Due]) -> Section:
    if changes:
        kind = changes[0].kind
        if kind in ALARMS:
            return Section.ALARM
        if kind in LATER:
            return Section.LATER
        return Section.FRESH if kind in FRESH else Section.CHANGED
    if not due:
        return Section.STILL_OPEN
    if all(stage.missed for stage in due):
        return Section.MISSED
    return Section.OPENING if all(stage.notice.days == 0 for stage in due) else Section.CLOSING

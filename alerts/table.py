"""What all subscriptions of one planning share, so that equal work is done once.

Which calls match equal filters, which stages come near by equal lead times and hours, what equal readers are told
of one call, and the whole news of equal subscriptions. Nothing here depends on who asked first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from alerts import reminders
from alerts.contact import Contact
from alerts.fold import fold
from alerts.items import item, labelled
from alerts.kin import NO_KIN, Kin
from alerts.match import ALARMS, find_words
from alerts.matcher import Matcher
from alerts.message import Change, Item, Reason, Section
from alerts.outgoing import Found, Tidings
from alerts.reminders import Due
from alerts.subscription import Filters, Subscription
from alerts.words import KnownWords
from pipeline.models import EventKind
from pipeline.outbox import Candidate, Reminded, StoredCall, SubscriptionState
from pipeline.people import Choice

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
        self,
        events: Iterable[Candidate],
        live: Iterable[StoredCall],
        known: KnownWords,
        now: datetime,
        kin: Kin = NO_KIN,
    ) -> None:
        self.known, self.now, self.kin = known, now, kin
        self.changed: dict[str, list[Candidate]] = {}
        for candidate in events:
            told = kin.home(candidate) if kin.is_silent(candidate.stored, now) else candidate
            if told is not None:
                self.changed.setdefault(told.event.call_id, []).append(told)
        calls = {stored.call.id: stored for stored in live if not kin.is_silent(stored, now)}
        for call_id, candidates in self.changed.items():
            calls.setdefault(call_id, candidates[0].stored)
        self.calls = calls
        self.matcher = Matcher(calls.values(), known)
        silent = [kin.calls[other] for other, speaker in kin.voices.items() if speaker in calls]
        self._silent_matcher = Matcher(silent, known)
        self._matching: dict[Filters, Mapping[str, tuple[Reason, ...]]] = {}
        self._near: dict[object, dict[str, tuple[Due, ...]]] = {}
        self._found: dict[object, Found | None] = {}
        self._shown: dict[object, Item] = {}
        self.news: dict[object, Tidings] = {}
        self.earliest = min((c.event.at for found in self.changed.values() for c in found), default=now)

    def reasons(self, desk: Desk) -> Mapping[str, tuple[Reason, ...]]:
        """By call id, why the reader hears of it: calls that match and those they follow, without the hidden
        ones."""
        matching = self._suiting(desk.subscription)
        if not desk.choices and not desk.only_followed:
            return matching
        chosen = {} if desk.only_followed else {c: why for c, why in matching.items() if c not in desk.hidden}
        for call_id in desk.followed & self.calls.keys():
            chosen.setdefault(call_id, matching.get(call_id, FOLLOWED))
        return chosen

    def _suiting(self, subscription: Subscription) -> Mapping[str, tuple[Reason, ...]]:
        """Calls that match, and those that do as another portal shows them; the reason says so."""
        filters = subscription.filters
        if filters not in self._matching:
            found = dict(self.matcher.matching(subscription))
            for other, why in self._silent_matcher.matching(subscription).items():
                speaker = self.kin.voices[other]
                if speaker not in found and not find_words(filters.exclude, self.calls[speaker].call):
                    found[speaker] = (*why, Reason("source", other, self.kin.name(other)))
            self._matching[filters] = found
        return self._matching[filters]

    def near(self, contact: Contact, since: datetime, cadence: str) -> Mapping[str, tuple[Due, ...]]:
        """By call id, the stages that come near by the contact's lead times and hours; shared by equal
        contacts."""
        key = contact.reminders, contact.time_zone, contact.country, contact.window, since, cadence
        if key not in self._near:
            found = self._near[key] = {}
            for call_id, stored in self.calls.items():
                if stored.gone_since is not None:
                    continue
                due = reminders.closing(stored.call, contact, since, self.now, cadence)
                if cadence != "at_once":
                    due += reminders.opening(stored.call, contact, since, self.now, cadence)
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
        section: Section = Section.STILL_OPEN,
    ) -> Found | None:
        """What this reader is told of one call, made once for all readers who are told the same; None: nothing.

        Without fresh events and stages that come near it is a call that is still open, and stands in `section`.
        """
        followed = call_id in desk.followed
        event_ids = tuple([candidate.event_id for candidate in fresh])
        reader = desk.contact.language, desk.contact.regions, followed
        key = call_id, reader, reasons, event_ids, tuple(due), section
        if key not in self._found:
            self._found[key] = self._tell(call_id, desk, reasons, fresh, due, section)
        return self._found[key]

    def _tell(
        self,
        call_id: str,
        desk: Desk,
        reasons: tuple[Reason, ...],
        fresh: Sequence[Candidate],
        due: Sequence[Due],
        section: Section,
    ) -> Found | None:
        changes = fold((candidate.event for candidate in fresh), self.calls[call_id]) if fresh else ()
        if fresh and not changes and not due:
            return None
        shown = msgspec.structs.replace(
            self._facts(call_id, desk.contact),
            changes=changes,
            reasons=labelled(reasons, desk.contact.language, self.known),
            section=_section(changes, due) or section,
            notices=tuple([stage.notice for stage in due]),
            followed=call_id in desk.followed,
        )
        return Found(
            shown,
            _rank(shown, self.now),
            msgspec.Raw(msgspec.json.encode(shown)),
            tuple(sorted(candidate.event_id for candidate in fresh)),
            tuple(reminded for stage in due for reminded in stage.settled),
        )

    def _facts(self, call_id: str, contact: Contact) -> Item:
        """What readers of one language and home are shown of a call, whatever happened to it."""
        key = call_id, contact.language, contact.regions
        if key not in self._shown:
            self._shown[key] = item(
                self.calls[call_id],
                (),
                (),
                contact,
                self.known,
                self.now,
                sources=self.kin.sources(call_id),
                conflicts=self.kin.conflicts(call_id, self.now),
            )
        return self._shown[key]


def _rank(shown: Item, now: datetime) -> tuple[int, int, datetime, str]:
    deadline = shown.next_deadline(now)
    harm = shown.event.harm if shown.event else 0
    return ORDER[shown.section], harm, deadline.at if deadline else FAR, shown.call_id


def _section(changes: Sequence[Change], due: Sequence[Due]) -> Section | None:
    if changes:
        kind = changes[0].kind
        if kind in ALARMS:
            return Section.ALARM
        if kind in LATER:
            return Section.LATER
        return Section.FRESH if kind in FRESH else Section.CHANGED
    if not due:
        return None
    if all(stage.missed for stage in due):
        return Section.MISSED
    return Section.OPENING if all(stage.notice.days == 0 for stage in due) else Section.CLOSING

"""What a subscription would have sent, from stored history, before anybody is bothered. Pure.

Events are matched with their calls as they are now, in the weeks in which they happened; reminders are counted on
the mornings on which they would have come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from alerts.contact import Contact
from alerts.digest import latest_slot
from alerts.match import asked_for, wanted
from alerts.matcher import Matcher
from alerts.reminders import closing
from alerts.subscription import Subscription
from alerts.words import KnownWords
from pipeline.models import EventKind
from pipeline.outbox import Candidate, StoredCall

REMINDER = "reminder"


class Week(msgspec.Struct):
    """One ISO week: messages, and the calls in them by kind of event; a reminder counts as "reminder"."""

    week: str
    messages: int = 0
    calls: dict[str, int] = {}


def preview(
    subscription: Subscription,
    contact: Contact,
    events: Iterable[Candidate],
    calls: Sequence[StoredCall],
    known: KnownWords,
    since: datetime,
    now: datetime,
) -> list[Week]:
    """The weeks from `since` to `now`, also those in which nothing would have been sent."""
    changed = list(events)
    everything = {stored.call.id: stored for stored in [*calls, *(candidate.stored for candidate in changed)]}
    matching = Matcher(everything.values(), known).matching(subscription)
    told = [
        (candidate.event.at, candidate.event.kind.value)
        for candidate in changed
        if candidate.event.call_id in matching and wanted(subscription, candidate, candidate.event.at)
    ]
    if asked_for(subscription, EventKind.CLOSING_SOON):
        for call_id in matching:
            told += _reminders(everything[call_id], contact, since, now)
    return _weeks(told, subscription, contact, since, now)


def _reminders(
    stored: StoredCall, contact: Contact, since: datetime, now: datetime
) -> Iterable[tuple[datetime, str]]:
    """Each morning of the time on which a stage of the call came near."""
    begun = max(since, stored.first_seen)
    day = begun
    while day < now:
        following = min(day + timedelta(days=1), now)
        for _ in closing(stored.call, contact, day, following):
            yield following, REMINDER
        day = following


def _weeks(
    told: Iterable[tuple[datetime, str]],
    subscription: Subscription,
    contact: Contact,
    since: datetime,
    now: datetime,
) -> list[Week]:
    weeks: dict[str, Week] = {}
    day = since
    while day <= now + timedelta(days=6):
        name = _week(min(day, now), contact)
        weeks.setdefault(name, Week(name, 0, {}))
        day += timedelta(days=7)
    sent: dict[str, set[object]] = {}
    for at, kind in sorted(told):
        week = weeks.setdefault(_week(at, contact), Week(_week(at, contact), 0, {}))
        week.calls[kind] = week.calls.get(kind, 0) + 1
        sent.setdefault(week.week, set()).add(_message_of(at, subscription, contact))
    for week in weeks.values():
        week.messages = len(sent.get(week.week, ()))
    return sorted(weeks.values(), key=lambda week: week.week)


def _message_of(at: datetime, subscription: Subscription, contact: Contact) -> object:
    """What falls together in one message: a run, or the period of a digest."""
    if subscription.cadence == "at_once":
        return at
    return latest_slot(subscription, contact.zone, at).period


def _week(at: datetime, contact: Contact) -> str:
    year, week, _ = at.astimezone(contact.zone).isocalendar()
    return f"{year}-W{week:02}"

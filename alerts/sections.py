"""The sections of a message: their headings, badges and tones, and what a reminder says. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from alerts import telling
from alerts.message import Item, Notice, Section
from alerts.wording import STAR, Wording, capital, days_between
from pipeline.models import EventKind, Precision
from pipeline.text import clean

HEADINGS = {
    Section.ALARM: "Check your plans",
    Section.LATER: "More time or more chances",
    Section.FRESH: "New and newly open",
    Section.CHANGED: "Other changes",
    Section.OPENING: "Opening soon",
    Section.CLOSING: "Closing soon",
    Section.MISSED: "Deadlines that have passed",
    Section.STILL_OPEN: "Still open for you",
}
BADGES = {
    Section.OPENING: "Opens soon",
    Section.CLOSING: "Closing soon",
    Section.MISSED: "Deadline passed",
}
"""Of items that stand in a message because of a date, not of a change."""
_TONES = {
    Section.OPENING: "fresh",
    Section.CLOSING: "soon",
    Section.MISSED: "alarm",
    Section.STILL_OPEN: "plain",
}
_EVENT_TONES = {
    EventKind.DEADLINE_BROUGHT_FORWARD: "alarm",
    EventKind.WITHDRAWN: "alarm",
    EventKind.DEADLINE_REMOVED: "alarm",
    EventKind.DEADLINE_EXTENDED: "later",
    EventKind.DEADLINE_ADDED: "later",
    EventKind.OPENED: "fresh",
    EventKind.NEW: "fresh",
    EventKind.CLOSING_SOON: "soon",
}


def tone(item: Item) -> str:
    """How loud the badge of an item may be: alarm, later, fresh, soon or plain."""
    by_event = _EVENT_TONES.get(item.event, "plain") if item.event else "plain"
    return _TONES.get(item.section, by_event)


def badge(item: Item, words: Wording) -> str:
    """The one or two words above the title; empty in a welcome, where nothing has happened."""
    if item.section in BADGES:
        return words.t(BADGES[item.section])
    return words.t(telling.BADGES[item.event]) if item.event else ""


def notices(item: Item, words: Wording, now: datetime) -> Iterator[str]:
    """A sentence for each stage or opening that comes near, and one more for those that are told late."""
    for notice in item.notices:
        if item.section is Section.MISSED:
            yield _missed(notice, item, words)
            continue
        yield closing(notice, item, words, now) if notice.days else opening(notice, words, now)
        if notice.late:
            yield _late(notice, words)


def closing(notice: Notice, item: Item, words: Wording, now: datetime) -> str:
    """ "Stage 1 closes in 5 days: 17 March 2027 at 17:00 (Brussels)"."""
    stage, moment = _stage(notice, item, words), _moment(notice, item, words)
    if notice.at <= now:
        if stage:
            return words.t("{stage} is over: {moment}", stage=stage, moment=moment)
        return words.t("The deadline has passed: {moment}", moment=moment)
    when = words.when(days_between(now, notice.at))
    if stage:
        return words.t("{stage} closes {when}: {moment}", stage=stage, when=when, moment=moment)
    return words.t("Closes {when}: {moment}", when=when, moment=moment)


def opening(notice: Notice, words: Wording, now: datetime) -> str:
    """ "Opens in 5 days: 17 March 2027"."""
    day = words.day(notice.at)
    if notice.at <= now:
        return words.t("Open since {day}", day=day)
    return words.t("Opens {when}: {day}", when=words.when(days_between(now, notice.at)), day=day)


def _late(notice: Notice, words: Wording) -> str:
    if not notice.days:
        return words.t("This notice was to come earlier, but callwatch did not run.")
    return words.n(
        "This reminder was to come {count} day ahead, but callwatch did not run.",
        "This reminder was to come {count} days ahead, but callwatch did not run.",
        notice.days,
    )


def _missed(notice: Notice, item: Item, words: Wording) -> str:
    stage, moment = _stage(notice, item, words), _moment(notice, item, words)
    why = words.t("No reminder could be sent in time, because callwatch did not run.")
    if stage:
        return words.t("{stage} is over: {moment}", stage=stage, moment=moment) + ". " + why
    return words.t("The deadline has passed: {moment}", moment=moment) + ". " + why


def _stage(notice: Notice, item: Item, words: Wording) -> str:
    """The stage with a capital letter; empty where a call has only one."""
    return capital(words.stage(clean(notice.stage, 60))) if len(item.deadlines) > 1 else ""


def _moment(notice: Notice, item: Item, words: Wording) -> str:
    """Marked where the portal gave no hour."""
    known = (d.deadline for d in item.deadlines if d.deadline.at == notice.at)
    day_only = any(deadline.precision is Precision.DATE for deadline in known)
    return words.moment(notice.at, star=STAR if day_only else "")

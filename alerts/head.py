"""What stands above the calls of a message: subject, heading, introduction and a word of warning. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts import sections
from alerts.message import Item, Message, MessageKind, Section
from alerts.wording import Wording, days_between
from pipeline.harvest import Verdict
from pipeline.models import EventKind
from pipeline.text import clean

SUBJECT = 120
"""Characters of a subject, the mark of a part included."""


def subject(message: Message, words: Wording, now: datetime, mark: str = "") -> str:
    """At most 120 characters with `mark` ("(2/3)") at its end, the most harmful thing first, safe as a header."""
    room = SUBJECT - len(mark) - bool(mark)
    text = _subject(message, words, now, room)
    return f"{text} {mark}" if mark else text


def loud(message: Message) -> tuple[Item, ...]:
    """The items there is something to say about; the others are just still open."""
    return tuple(item for item in message.items if item.section is not Section.STILL_OPEN)


def quiet(message: Message) -> tuple[Item, ...]:
    """The items that are only still open."""
    return tuple(item for item in message.items if item.section is Section.STILL_OPEN)


def _subject(message: Message, words: Wording, now: datetime, room: int) -> str:
    if message.kind in (MessageKind.CONFIRMATION, MessageKind.OPS, MessageKind.WELCOME):
        return clean(heading(message, words), room)
    period = f"{_period(message, words)} · " if message.kind is MessageKind.DIGEST else ""
    items = loud(message)
    if not items:
        return clean(period + _nothing(message, words), room)
    more = words.n(" + {count} more", " + {count} more", len(items) - 1) if len(items) > 1 else ""
    head = period + _headline(items[0], words, now)
    left = max(room - len(head) - len(more) - 2, 20)
    title = clean(items[0].title, left) or clean(items[0].identifier, left)
    return f"{clean(head, room - len(more) - 22)}: {title}{more}"


def _headline(item: Item, words: Wording, now: datetime) -> str:
    """The badge with the date that it is about."""
    if item.section in sections.BADGES and item.notices:
        return _coming(item, words, now)
    badge, deadline = sections.badge(item, words), item.next_deadline(now)
    if deadline is None or item.event is EventKind.WITHDRAWN:
        return badge
    day = words.day(deadline.at)
    if sections.tone(item) in ("alarm", "later"):
        return words.t("{badge}, now {day}", badge=badge, day=day)
    if item.section is Section.CLOSING or item.event is EventKind.CLOSING_SOON:
        return words.t("{badge}, {day}", badge=badge, day=day)
    return words.t("{badge}, closes {day}", badge=badge, day=day)


def _coming(item: Item, words: Wording, now: datetime) -> str:
    """ "Closes in 5 days, 17 March 2027"."""
    notice = item.notices[0]
    day = words.day(notice.at)
    if item.section is Section.MISSED or notice.at <= now:
        return words.t("{badge}, {day}", badge=sections.badge(item, words), day=day)
    when = words.when(days_between(now, notice.at))
    if notice.days:
        return words.t("Closes {when}, {day}", when=when, day=day)
    return words.t("Opens {when}, {day}", when=when, day=day)


def heading(message: Message, words: Wording) -> str:
    """The first line of the message itself."""
    if message.kind is MessageKind.CONFIRMATION:
        return words.t("Please confirm your address")
    if message.kind is MessageKind.OPS:
        return (
            words.t("callwatch: the trouble is over") if _over(message, words) else words.t("callwatch needs you")
        )
    if message.kind is MessageKind.WELCOME:
        return _matching(len(message.items), words)
    total = len(loud(message))
    if message.kind is MessageKind.DIGEST:
        what = words.n("{count} call for you", "{count} calls for you", total) if total else words.t("nothing new")
        return f"{_period(message, words)}: {what}"
    if message.kind is MessageKind.REMINDER:
        return words.n("Reminder: {count} call", "Reminder: {count} calls", total)
    return words.n("{count} call you should know about", "{count} calls you should know about", total)


def _over(message: Message, words: Wording) -> bool:
    """Whether all that operators are told of (alerts.trouble) has ended."""
    begins = words.t("Over: {what}, since {moment}.", what="\n", moment="").partition("\n")[0]
    return bool(message.lines) and all(line.startswith(begins) for line in message.lines)


def intro(message: Message, words: Wording) -> str:
    """A sentence or two on what this message is."""
    return " ".join(_intro(message, words))


def _intro(message: Message, words: Wording) -> Iterator[str]:
    if message.kind is MessageKind.WELCOME:
        again = {
            "at_once": words.t("From now on you hear at once when something changes or a new call fits."),
            "daily": words.t("From now on you get what is new and what changed once a day."),
            "weekly": words.t("From now on you get what is new and what changed once a week."),
        }
        yield again[message.cadence]
    if message.kind is MessageKind.CONFIRMATION:
        name = clean(message.subscription_name, 100)
        yield words.t(
            "Those who run callwatch entered this address for {contact}, to send EU funding calls by the "
            "subscription “{name}”.",
            contact=clean(message.contact, 100),
            name=name,
        )
    if message.kind is MessageKind.DIGEST and message.window:
        start, end = _span(message.window, message, words)
        if loud(message):
            yield words.t("New and changed from {start} to {end}.", start=start, end=end)
        else:
            yield words.t("Nothing new and nothing changed for you from {start} to {end}.", start=start, end=end)
    if message.gap:
        start, end = _span(message.gap, message, words)
        yield words.t(
            "callwatch did not run from {start} to {end}, so this covers a longer time.", start=start, end=end
        )


def warning(message: Message, words: Wording) -> str:
    """An honest word where silence about a call does not mean that there is none."""
    unread = [clean(p.name or p.portal, 80) for p in message.proof if p.verdict is not Verdict.COMPLETE]
    late = [clean(p.name or p.portal, 80) for p in message.proof if p.verdict is Verdict.COMPLETE and p.ill]
    said = (
        words.t(
            "{portals} could not be read completely last time; calls may be missing here.",
            portals=", ".join(unread),
        ),
        words.t("{portals} could not be read lately; calls may be missing here.", portals=", ".join(late)),
    )
    return " ".join(text for names, text in zip((unread, late), said, strict=True) if names)


def _matching(total: int, words: Wording) -> str:
    if not total:
        return words.t("No open call matches you now")
    return words.n("{count} open call matches you now", "{count} open calls match you now", total)


def _nothing(message: Message, words: Wording) -> str:
    still = len(quiet(message))
    if still:
        return words.n(
            "nothing new, {count} call still open for you", "nothing new, {count} calls still open for you", still
        )
    return words.t("nothing new for “{name}”", name=clean(message.subscription_name, 60))


def _period(message: Message, words: Wording) -> str:
    if "W" in message.period:
        return words.t("Week {week}", week=int(message.period[-2:]))
    return words.day(message.at, ZoneInfo(message.time_zone))


def _span(window: tuple[datetime, datetime], message: Message, words: Wording) -> tuple[str, str]:
    """Both days in the reader's zone."""
    zone = ZoneInfo(message.time_zone)
    return words.day(window[0], zone), words.day(window[1], zone)

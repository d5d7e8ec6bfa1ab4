"""Deadlines as calendar entries (RFC 5545): those of one message for a mail, or of a subscription as a feed. Pure.

Each entry is an instant without length: every calendar then shows the very hour of the deadline, where a block
that ends at the deadline would be listed by the hour at which it begins. Its UID is made of the call and stage, so
a moved deadline moves; SEQUENCE is the version of the call. Nothing depends on when a feed is asked for.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import icalendar

from alerts import gist
from alerts.contact import LEAD_DAYS
from alerts.fold import instant, stage
from alerts.message import Item, Message
from alerts.same import Same
from alerts.wording import Wording, speaking
from pipeline.models import EventKind
from pipeline.text import clean, safe_url

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "calendar.callwatch")
IN_MAIL, IN_FEED = 100, 1_000
"""Entries at most, the next ones first."""
REFRESH = timedelta(hours=6)
TITLE = 200
REMEMBERED = 4096
"""Entries kept, of 2 KB at most."""

_NUMBER = re.compile(r"(?:stage|cut-off) (\d+)")


@dataclass(frozen=True)
class Entry:
    """A call in a calendar. `changed_at`: since when it is as it is; `gone`: withdrawn by the portal."""

    item: Item
    changed_at: datetime
    gone: bool = False


@dataclass(frozen=True)
class _Point:
    """One instant of a call: a stage's deadline (`stage` as the portal names it), or its opening (None)."""

    entry: Entry
    uid: str
    at: datetime
    stage: str | None
    cancelled: bool = False


def of_message(message: Message, domain: str, lead_days: Sequence[int] = LEAD_DAYS) -> bytes:
    """A calendar with the deadlines still ahead of the message's calls; those that fell away are cancelled.

    `domain` ends the UIDs; the calendar reminds `lead_days` before each deadline. Empty bytes if none is ahead.
    """
    points = []
    for item in message.items:
        gone = any(change.kind is EventKind.WITHDRAWN for change in item.changes)
        entry = Entry(item, message.at, gone)
        over = {shown.deadline.at for shown in item.deadlines if shown.passed}
        points += [p for p in (*_deadlines(entry, domain), *_removed(entry, domain)) if p.at not in over]
    soonest = sorted((p for p in points if p.at > message.at), key=_order)[:IN_MAIL]
    words = speaking(message.language, message.time_zone)
    lead = tuple(sorted(set(lead_days), reverse=True))
    return _calendar("", (_for_many(point, words, lead) for point in soonest)) if soonest else b""


def feed(
    name: str, entries: Iterable[Entry], words: Wording, domain: str, lead_days: Sequence[int], now: datetime
) -> bytes:
    """A calendar called `name` with every stage of these calls, and the openings of those that have one.

    `now` decides only which entries are kept should there be more than `IN_FEED`: those ahead, soonest first.
    """
    points = [p for entry in entries for p in (*_deadlines(entry, domain), *_opening(entry, domain))]
    kept = sorted(points, key=lambda p: (p.at <= now, *_order(p)))[:IN_FEED]
    lead = sorted(set(lead_days), reverse=True)
    return _calendar(name, (_event(point, words, lead) for point in sorted(kept, key=_order)))


def uid(call_id: str, stage_name: str, domain: str, again: int = 0) -> str:
    """The same for as long as the call has this stage. A single deadline that becomes the first of several stays
    the entry it was. `again` tells stages of one name apart."""
    number = _NUMBER.fullmatch(stage_name)
    place = number[1] if number else "1" if stage_name in ("", "single") else stage_name
    return f"{uuid.uuid5(NAMESPACE, f'{call_id}|{place}|{again}')}@{domain}"


def _order(point: _Point) -> tuple[datetime, str]:
    return point.at, point.uid


def _deadlines(entry: Entry, domain: str) -> Iterator[_Point]:
    seen: set[str] = set()
    for shown in entry.item.deadlines:
        deadline, again = shown.deadline, 0
        while (name := uid(entry.item.call_id, deadline.stage, domain, again)) in seen:
            again += 1
        seen.add(name)
        yield _Point(entry, name, deadline.at, deadline.stage, entry.gone)


def _removed(entry: Entry, domain: str) -> Iterator[_Point]:
    """Deadlines that fell away, unless another has taken their place."""
    removed = [change for change in entry.item.changes if change.kind is EventKind.DEADLINE_REMOVED]
    present = {point.uid for point in _deadlines(entry, domain)} if removed else set[str]()
    for change in removed:
        at, name = instant(change.before), stage(change.before)
        if at is not None:
            point = _Point(entry, uid(entry.item.call_id, name, domain), at, name, cancelled=True)
            if point.uid not in present:
                yield point


def _opening(entry: Entry, domain: str) -> Iterator[_Point]:
    opens_at = entry.item.opens_at
    if opens_at is not None and entry.item.status == "forthcoming":
        yield _Point(entry, uid(entry.item.call_id, "opening", domain), opens_at, None, entry.gone)


def _calendar(name: str, events: Iterable[bytes]) -> bytes:
    head, end = _around(name)
    return b"".join((head, *events, end))


@lru_cache(maxsize=16)
def _around(name: str) -> tuple[bytes, bytes]:
    """What stands before and behind the entries of a calendar."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//callwatch//callwatch//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    if name:
        for key in ("name", "x-wr-calname"):
            calendar.add(key, _plain(clean(name, 100)))
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT6H")
    head, end, rest = calendar.to_ical().rpartition(b"END:VCALENDAR")
    return head, end + rest


def _event(point: _Point, words: Wording, lead_days: Sequence[int]) -> bytes:
    event, item = icalendar.Event(), point.entry.item
    summary = _summary(point, words)
    event.add("uid", point.uid)
    event.add("dtstamp", point.entry.changed_at)
    event.add("last-modified", point.entry.changed_at)
    event.add("sequence", item.version)
    event.add("dtstart", point.at)
    event.add("summary", _plain(summary))
    url = safe_url(item.url)
    event.add("description", _plain("\n".join(filter(None, (*gist.lines(item, words), url)))))
    if url:
        event.add("url", url)
    event.add("status", "CANCELLED" if point.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    if point.stage is not None and not point.cancelled:
        for days in lead_days:
            if point.at - timedelta(days=days) > point.entry.changed_at:  # one in the past would ring at once
                event.add_component(_alarm(days, clean(summary, 80)))
    written: bytes = event.to_ical()
    return written


def _for_many(point: _Point, words: Wording, lead_days: tuple[int, ...]) -> bytes:
    """An entry as a mail has it: written once for all who are told of the call."""
    rest = point.uid, point.at, point.stage, point.cancelled
    return _kept(
        Same((point.entry.item,)), point.entry.changed_at, rest, words.language, words.zone.key, lead_days
    )


@lru_cache(maxsize=REMEMBERED)
def _kept(
    same: Same[Item],
    changed_at: datetime,
    rest: tuple[str, datetime, str | None, bool],
    language: str,
    zone: str,
    lead_days: tuple[int, ...],
) -> bytes:
    point = _Point(Entry(same.things[0], changed_at), *rest)
    return _event(point, speaking(language, zone), lead_days)


def _summary(point: _Point, words: Wording) -> str:
    title = gist.title(point.entry.item, TITLE)
    if point.cancelled:
        return words.t("No longer: {title}", title=title)
    if point.stage is None:
        return words.t("Opens: {title}", title=title)
    name = words.stage(clean(point.stage, 60))
    if name:
        return words.t("Deadline, {stage}: {title}", stage=name, title=title)
    return words.t("Deadline: {title}", title=title)


def _alarm(days: int, summary: str) -> icalendar.Alarm:
    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", timedelta(days=-days))
    alarm.add("description", _plain(summary))
    return alarm


def _plain(text: str) -> str:
    r"""The library takes a written \N for a line break."""
    return text.replace("\\N", "\\ N")

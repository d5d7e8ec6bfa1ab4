"""A message laid out in words: one view, from which every channel makes its own form. Pure.

Foreign text is made clean and short here, so that no form has to remember to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from alerts import telling
from alerts.card import ItemView, item_view, tone
from alerts.message import Item, Message, MessageKind
from alerts.wording import STAR, Wording
from pipeline.harvest import Verdict
from pipeline.models import EventKind, Precision
from pipeline.text import clean


@dataclass(frozen=True)
class View:
    """A message in words. Calls beyond the first ones stand in `rest`, to be shown by one line each."""

    language: str
    subject: str
    heading: str
    intro: str
    warning: str
    sections: tuple[tuple[str, tuple[ItemView, ...]], ...]
    rest_heading: str
    rest: tuple[ItemView, ...]
    footer: tuple[str, ...]


def view(message: Message, now: datetime, full: int) -> View:
    """`message` as it is read at `now`: the first `full` calls with all facts, the others by one line each."""
    words = Wording(message.language, ZoneInfo(message.time_zone))
    shown, rest = message.items[:full], message.items[full:]
    return View(
        language=words.language,
        subject=subject(message, words, now),
        heading=_heading(message, words),
        intro=_intro(message, words),
        warning=_warning(message, words),
        sections=tuple(_sections(message, shown, words, now)),
        rest_heading=words.n("{count} more call", "{count} more calls", len(rest)) if rest else "",
        rest=tuple(item_view(item, words, now) for item in rest),
        footer=tuple(_footer(message, words)),
    )


def subject(message: Message, words: Wording, now: datetime) -> str:
    """At most 120 characters, the most harmful thing first, safe as a header."""
    total = len(message.items)
    if message.kind is MessageKind.WELCOME or not message.items:
        return clean(_count(total, words), 120)
    first = message.items[0]
    more = words.n(" + {count} more", " + {count} more", total - 1) if total > 1 else ""
    head = _headline(first, words, now)
    room = 120 - len(head) - len(more) - 2
    return f"{head}: {clean(first.title, max(room, 20))}{more}"


def _headline(item: Item, words: Wording, now: datetime) -> str:
    badge = words.t(telling.BADGES[item.event]) if item.event else ""
    deadline = item.next_deadline(now)
    if deadline is None or item.event is EventKind.WITHDRAWN:
        return badge
    if tone(item.event) in ("alarm", "later"):
        return words.t("{badge}, now {day}", badge=badge, day=words.day(deadline.at))
    if item.event is EventKind.CLOSING_SOON:
        return words.t("{badge}, {day}", badge=badge, day=words.day(deadline.at))
    return words.t("{badge}, closes {day}", badge=badge, day=words.day(deadline.at))


def _count(total: int, words: Wording) -> str:
    if not total:
        return words.t("No open call matches you now")
    return words.n("{count} open call matches you now", "{count} open calls match you now", total)


def _heading(message: Message, words: Wording) -> str:
    total = len(message.items)
    if message.kind is MessageKind.WELCOME:
        return _count(total, words)
    if message.kind is MessageKind.DIGEST:
        period = (
            words.t("Week {week}", week=int(message.period[-2:]))
            if "W" in message.period
            else words.day(message.at)
        )
        return f"{period}: " + words.n("{count} call for you", "{count} calls for you", total)
    return words.n("{count} call you should know about", "{count} calls you should know about", total)


def _intro(message: Message, words: Wording) -> str:
    if message.kind is MessageKind.WELCOME:
        again = {
            "at_once": words.t("From now on you hear at once when something changes or a new call fits."),
            "daily": words.t("From now on you get what is new and what changed once a day."),
            "weekly": words.t("From now on you get what is new and what changed once a week."),
        }
        return again[message.cadence]
    if message.kind is MessageKind.DIGEST and message.window:
        zone = ZoneInfo(message.time_zone)
        start, end = (words.day(at, zone) for at in message.window)
        return words.t("New and changed from {start} to {end}.", start=start, end=end)
    return ""


def _warning(message: Message, words: Wording) -> str:
    """An honest word where silence about a call does not mean that there is none."""
    names = [clean(p.name or p.portal, 80) for p in message.proof if p.verdict is not Verdict.COMPLETE]
    if not names:
        return ""
    return words.t(
        "{portals} could not be read completely last time; calls may be missing here.", portals=", ".join(names)
    )


def _sections(
    message: Message, items: Sequence[Item], words: Wording, now: datetime
) -> Iterator[tuple[str, tuple[ItemView, ...]]]:
    headings = {
        "alarm": words.t("Check your plans"),
        "later": words.t("More time or more chances"),
        "fresh": words.t("New and newly open"),
        "soon": words.t("Closing soon"),
        "plain": words.t("Other changes"),
    }
    groups = [(name, list(group)) for name, group in groupby(items, key=lambda item: tone(item.event))]
    plain = len(groups) == 1 and message.kind is not MessageKind.DIGEST
    for name, group in groups:
        heading = "" if plain or message.kind is MessageKind.WELCOME else headings[name]
        yield heading, tuple(item_view(item, words, now) for item in group)


def _footer(message: Message, words: Wording) -> Iterator[str]:
    dates = (d.deadline.precision for item in message.items for d in item.deadlines)
    if any(precision is Precision.DATE for precision in dates):
        yield STAR + " " + words.t("The portal names only the day; 17:00 in Brussels is its general rule.")
    name = clean(message.subscription_name, 100)
    yield words.t("You get this because of your subscription “{name}”.", name=name)
    for proof in message.proof:
        yield _proof(proof.name or proof.portal, proof.finished_at, proof.verdict, words)


def _proof(portal: str, at: datetime, verdict: Verdict, words: Wording) -> str:
    state = {
        Verdict.COMPLETE: words.t("read completely"),
        Verdict.PARTIAL: words.t("read in part"),
        Verdict.FAILED: words.t("could not be read"),
    }
    return words.t(
        "{portal}: {state} on {moment}.", portal=clean(portal, 80), state=state[verdict], moment=words.moment(at)
    )

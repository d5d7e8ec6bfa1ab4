"""One call of a message in words: badge, title, changes and facts, and all of it in one line. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from alerts import telling
from alerts.message import Item
from alerts.wording import STAR, Wording
from pipeline.models import Deadline, EventKind, Precision
from pipeline.text import clean, safe_url

TITLE, LINE_TITLE = 240, 100
"""Characters of a title in full and on one line."""

_URGENT = (EventKind.DEADLINE_BROUGHT_FORWARD, EventKind.WITHDRAWN, EventKind.DEADLINE_REMOVED)
_LATER = (EventKind.DEADLINE_EXTENDED, EventKind.DEADLINE_ADDED)
_FRESH = (EventKind.OPENED, EventKind.NEW)

COLOURS = {"alarm": "#c9252b", "later": "#d9730d", "fresh": "#1a8f52", "soon": "#c79a00", "plain": "#8a97a5"}


class Fact(NamedTuple):
    """A labelled fact; `strong` is what must be seen first."""

    label: str
    value: str
    strong: bool = False


@dataclass(frozen=True)
class ItemView:
    """One call in words. `tone` is alarm, later, fresh, soon or plain; `line` is all of it in one line."""

    badge: str
    tone: str
    left: str
    title: str
    note: str
    url: str
    changes: tuple[str, ...]
    facts: tuple[Fact, ...]
    line: str
    line_title: str

    @property
    def colour(self) -> str:
        """The colour of the card's edge."""
        return COLOURS[self.tone]


def item_view(item: Item, words: Wording, now: datetime) -> ItemView:
    """One call in words, as it is read at `now`."""
    deadline = item.next_deadline(now)
    left = words.left(deadline, now) if deadline and item.event is not EventKind.WITHDRAWN else ""
    badge = words.t(telling.BADGES[item.event]) if item.event else ""
    title = clean(item.title, TITLE) or clean(item.identifier, TITLE)
    return ItemView(
        badge=badge,
        tone=tone(item.event),
        left=left,
        title=title,
        note=words.tongue(item.language),
        url=safe_url(item.url),
        changes=tuple(_changes(item, words)),
        facts=tuple(_facts(item, words, now)),
        line=" · ".join(filter(None, (badge, _line_deadline(item, words, now), clean(item.identifier, 80)))),
        line_title=clean(title, LINE_TITLE),
    )


def tone(event: EventKind | None) -> str:
    """How loud a badge may be."""
    if event in _URGENT:
        return "alarm"
    if event in _LATER:
        return "later"
    if event in _FRESH:
        return "fresh"
    return "soon" if event is EventKind.CLOSING_SOON else "plain"


def _changes(item: Item, words: Wording) -> Iterator[str]:
    """A sentence for each change; the badges of all but the first, which stands above the title."""
    for number, what in enumerate(item.changes):
        text = telling.change(what, words)
        badge = words.t(telling.BADGES[what.kind]) if number else ""
        if text or badge:
            yield ": ".join(filter(None, (badge, text)))


def _facts(item: Item, words: Wording, now: datetime) -> Iterator[Fact]:
    yield Fact(words.t("Deadline"), _deadline(item, words, now), strong=True)
    if len(item.deadlines) > 1:
        stages = (_stage(d.deadline, words, now) for d in item.deadlines)
        yield Fact(words.t("All deadlines"), "; ".join(stages))
    if item.opens_at and item.opens_at > now:
        yield Fact(words.t("Opens"), words.day(item.opens_at))
    yield Fact(words.t("Budget"), telling.money(item.budget, words) or words.t("not stated"))
    yield Fact(words.t("Why you"), "; ".join(filter(None, telling.reasons(item, words))))
    yield Fact(words.t("What"), ", ".join(_what(item, words)))
    known = {r.value for r in item.reasons}
    others = [clean(name, 80) for key, name in item.ecosystems.items() if key not in known]
    if others:
        yield Fact(words.t("Ecosystems"), ", ".join(others))
    if item.s3 and item.s3.region not in known:
        yield Fact(words.t("Region"), telling.region(item.s3.name, item.s3.score, item.s3.priority, words))
    if item.applicants:
        yield Fact(words.t("Who can apply"), clean(item.applicants, 200))


def _what(item: Item, words: Wording) -> Iterator[str]:
    programme = clean(item.programme_name or item.programme, 100)
    if programme:
        yield programme
    if item.type_of_action:
        yield clean(item.type_of_action, 100)
    yield words.t(telling.KINDS[item.kind])
    if item.identifier:
        yield clean(item.identifier, 100)


def _deadline(item: Item, words: Wording, now: datetime) -> str:
    deadline = item.next_deadline(now)
    if deadline is None:
        last = item.deadlines[-1].deadline if item.deadlines else None
        return words.t("closed since {moment}", moment=_moment(last, words)) if last else words.t("none stated")
    stage = words.stage(clean(deadline.stage, 60)) if len(item.deadlines) > 1 else ""
    text = _moment(deadline, words)
    return f"{stage}: {text}" if stage else text


def _stage(deadline: Deadline, words: Wording, now: datetime) -> str:
    over = words.t(" (over)") if deadline.passed(now) else ""
    name = words.stage(clean(deadline.stage, 60))
    return f"{name}: {_moment(deadline, words)}{over}" if name else _moment(deadline, words) + over


def _moment(deadline: Deadline, words: Wording) -> str:
    return words.moment(deadline.at, star=STAR if deadline.precision is Precision.DATE else "")


def _line_deadline(item: Item, words: Wording, now: datetime) -> str:
    deadline = item.next_deadline(now)
    if deadline is None:
        return words.t("closed") if item.deadlines else words.t("no deadline stated")
    return f"{words.day(deadline.at)}, {words.left(deadline, now)}"

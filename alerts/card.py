"""One call of a message in words: badge, title, changes and facts, and all of it in one line. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from alerts import sections, telling
from alerts.links import Action, Links
from alerts.message import Item
from alerts.pages import Sources, conflicts, pages
from alerts.wording import STAR, Wording, capital
from pipeline.models import Deadline, EventKind, Precision, Status
from pipeline.text import clean, safe_url

NO_LINKS = Links()
TITLE, LINE_TITLE = 240, 100
"""Characters of a title in full and on one line."""
DEADLINES, CHANGES = 24, 12
"""How many deadlines and changes of one call are shown; real calls have at most about twelve cut-offs."""

COLOURS = {"alarm": "#c9252b", "later": "#d9730d", "fresh": "#1a8f52", "soon": "#c79a00", "plain": "#8a97a5"}
STATES = {Status.OPEN: "Open", Status.FORTHCOMING: "Forthcoming", Status.CLOSED: "Closed"}
CHOICES = {
    Action.FOLLOW: "Follow this call",
    Action.MUTE: "Mute this call",
    Action.IRRELEVANT: "Not relevant for us",
}


class Fact(NamedTuple):
    """A labelled fact; `strong` is what must be seen first."""

    label: str
    value: str
    strong: bool = False


class Choice(NamedTuple):
    """Something the reader may do: the words of a link, its address, and the name of the action."""

    label: str
    url: str
    action: str = ""


@dataclass(frozen=True)
class ItemView:
    """One call in words. In full: `tone` is alarm, later, fresh, soon or plain; `left` the status with the days
    left; `changes` one sentence each, reminders first; `sources` are other pages about it. On one line: `line`
    stands behind `line_title`. `actions` are links, none without a public address."""

    url: str
    actions: tuple[Choice, ...]
    badge: str = ""
    tone: str = "plain"
    left: str = ""
    title: str = ""
    note: str = ""
    changes: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    sources: tuple[Sources, ...] = ()
    line: str = ""
    line_title: str = ""

    @property
    def colour(self) -> str:
        """The colour of the card's edge."""
        return COLOURS[self.tone]


def item_view(item: Item, words: Wording, now: datetime, links: Links = NO_LINKS) -> ItemView:
    """One call in full, as it is read at `now`."""
    return ItemView(
        url=safe_url(item.url),
        actions=tuple(actions(item, words, links)),
        badge=sections.badge(item, words),
        tone=sections.tone(item),
        left=_left(item, words, now),
        title=_title(item),
        note=words.tongue(item.language),
        changes=tuple(_changes(item, words, now)),
        facts=tuple(_facts(item, words, now)),
        sources=tuple(pages(item, words)),
    )


def line_view(item: Item, words: Wording, now: datetime, links: Links = NO_LINKS) -> ItemView:
    """One call on one line, where it can only be muted."""
    return ItemView(
        url=safe_url(item.url),
        actions=tuple(actions(item, words, links, (Action.MUTE,))),
        line=" · ".join(filter(None, _line(item, words, now))),
        line_title=clean(_title(item), LINE_TITLE),
    )


def _title(item: Item) -> str:
    return clean(item.title, TITLE) or clean(item.identifier, TITLE)


def actions(
    item: Item, words: Wording, links: Links, offered: Iterable[Action] = tuple(CHOICES)
) -> Iterator[Choice]:
    """What the reader may do with this call. One who follows it need not be asked to."""
    for action in offered:
        url = links.act(action, item.call_id)
        if url and not (item.followed and action is Action.FOLLOW):
            yield Choice(words.t(CHOICES[action]), url, action.value)


def status(item: Item, now: datetime) -> Status:
    """Open, forthcoming or closed as of `now`; the item knows what it was when the message was written."""
    if item.deadlines and item.next_deadline(now) is None:
        return Status.CLOSED
    if item.opens_at:
        return Status.FORTHCOMING if now < item.opens_at else Status.OPEN
    return Status(item.status) if item.status in set(Status) else Status.OPEN


def _left(item: Item, words: Wording, now: datetime) -> str:
    """ "Open · 12 days left"."""
    if item.event is EventKind.WITHDRAWN:
        return words.t("no longer listed")
    state, deadline = status(item, now), item.next_deadline(now)
    shown = words.t(STATES[state])
    return f"{shown} · {words.left(deadline, now)}" if deadline and state is not Status.CLOSED else shown


def _changes(item: Item, words: Wording, now: datetime) -> Iterator[str]:
    """What comes near, then a sentence for each change with its badge, unless that stands above the title."""
    yield from sections.notices(item, words, now)
    for number, what in enumerate(item.changes[:CHANGES]):
        text = telling.change(what, words)
        above = number == 0 and item.section not in sections.BADGES
        badge = "" if above else words.t(telling.BADGES[what.kind])
        if text or badge:
            yield capital(": ".join(filter(None, (badge, text))))
    if len(item.changes) > CHANGES:
        yield words.t("and {count} more", count=len(item.changes) - CHANGES)


def _facts(item: Item, words: Wording, now: datetime) -> Iterator[Fact]:
    noticed = {notice.at for notice in item.notices}
    if not noticed & {deadline.at for deadline in _main(item, now)}:
        yield Fact(words.t("Deadline"), _deadline(item, words, now), strong=True)
    yield from (Fact(words.t("Differs"), said, strong=True) for said in conflicts(item, words))
    if len(item.deadlines) > 1:
        yield Fact(words.t("All deadlines"), "; ".join(_stages(item, words, now)))
    yield from (Fact(words.t("Note"), clean(remark, 300), strong=True) for remark in item.remarks)
    if item.opens_at and item.opens_at > now and item.opens_at not in noticed:
        yield Fact(words.t("Opens"), words.day(item.opens_at))
    yield Fact(words.t("Budget"), telling.money(item.budget, words) or words.t("not stated"))
    reasons = "; ".join(filter(None, telling.reasons(item, words)))
    if reasons:
        yield Fact(words.t("Why you"), reasons)
    yield Fact(words.t("What"), ", ".join(_what(item, words)))
    yield from _source(item, words)
    known = {r.value for r in item.reasons}
    others = [clean(name, 80) for key, name in item.ecosystems.items() if key not in known]
    if others:
        yield Fact(words.t("Ecosystems"), ", ".join(others))
    if item.s3 and item.s3.region not in known:
        yield Fact(
            words.t("Region"), telling.region(item.s3.name, item.s3.score, item.s3.priority, words, item.s3.hint)
        )
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


def _source(item: Item, words: Wording) -> Iterator[Fact]:
    """The portal, and what it is worth where that is not known yet."""
    said = ". ".join(filter(None, (clean(item.portal_name, 80), telling.doubt(item, words))))
    if said:
        yield Fact(words.t("Source"), said, strong=item.unproven)


def _main(item: Item, now: datetime) -> tuple[Deadline, ...]:
    """The next deadline, or the last one of a call that is closed; none where none is stated."""
    following = item.next_deadline(now)
    return (following,) if following else tuple(d.deadline for d in item.deadlines[-1:])


def _deadline(item: Item, words: Wording, now: datetime) -> str:
    if not item.deadlines:
        return words.t("none stated")
    (deadline,) = _main(item, now)
    if deadline.passed(now):
        return words.t("closed since {moment}", moment=_moment(deadline, words))
    stage = words.stage(clean(deadline.stage, 60)) if len(item.deadlines) > 1 else ""
    text = _moment(deadline, words)
    return f"{capital(stage)}: {text}" if stage else text


def _stages(item: Item, words: Wording, now: datetime) -> Iterator[str]:
    """Every deadline with the days left; of very many those that are still ahead come first."""
    ahead = [d.deadline for d in item.deadlines if not d.deadline.passed(now)]
    shown = [d.deadline for d in item.deadlines] if len(item.deadlines) <= DEADLINES else ahead[:DEADLINES]
    for deadline in shown:
        name = words.stage(clean(deadline.stage, 60))
        text = f"{_moment(deadline, words)} ({words.left(deadline, now)})"
        yield f"{name}: {text}" if name else text
    if len(shown) < len(item.deadlines):
        yield words.t("and {count} more", count=len(item.deadlines) - len(shown))


def _moment(deadline: Deadline, words: Wording) -> str:
    return words.moment(deadline.at, star=STAR if deadline.precision is Precision.DATE else "")


def _line(item: Item, words: Wording, now: datetime) -> Iterator[str]:
    """What stands behind the title of a call that is shown on one line."""
    yield sections.badge(item, words)
    yield _line_deadline(item, words, now)
    yield clean(item.identifier, 80)
    if item.unproven:
        yield words.t("new source, check the dates")


def _line_deadline(item: Item, words: Wording, now: datetime) -> str:
    deadline = item.next_deadline(now)
    if deadline is None:
        return words.t("closed") if item.deadlines else words.t("no deadline stated")
    return f"{words.day(deadline.at)}, {words.left(deadline, now)}"

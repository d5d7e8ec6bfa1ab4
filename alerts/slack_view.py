"""A message in words, as the posts for Slack need it: each call beside its item. The one place that asks for the
words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from alerts.card import ItemView
from alerts.links import Links
from alerts.message import Item, Message
from alerts.slack_text import escape
from alerts.view import View, view
from pipeline.text import clean


class Told(NamedTuple):
    """One call; `heading` stands above the first of its section."""

    item: Item
    call: ItemView
    heading: str = ""


class Shown(NamedTuple):
    """`cards` are shown with all facts, `lines` by one line each, in the order of the message. `own`: the words of
    a message that is not about calls. `footer` is escaped already, for it may contain links of ours."""

    frame: View
    own: tuple[str, ...]
    cards: tuple[Told, ...]
    lines: tuple[Told, ...]
    footer: tuple[str, ...]


def shown(message: Message, now: datetime, full: int, links: Links) -> Shown:
    """`message` as it is read at `now`, with the first `full` calls as cards."""
    words = view(message, now, full)
    calls = [told for heading, group in words.sections for told in _headed(heading, group)]
    return Shown(
        frame=words,
        own=tuple(filter(None, (clean(line) for line in message.lines))),
        cards=tuple(_told(message.items[:full], calls)),
        lines=tuple(_told(message.items[full:], list(_headed(words.rest_heading, words.rest)))),
        footer=tuple(escape(line) for line in words.footer),
    )


def _headed(heading: str, calls: Sequence[ItemView]) -> Iterator[tuple[ItemView, str]]:
    for number, call in enumerate(calls):
        yield call, "" if number else heading


def _told(items: Sequence[Item], calls: Sequence[tuple[ItemView, str]]) -> Iterator[Told]:
    for item, (call, heading) in zip(items, calls, strict=True):
        yield Told(item, call, heading)

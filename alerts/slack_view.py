"""A message in words, as the posts for Slack need it: each call beside its item. The one place that asks for the
words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from alerts import head
from alerts.card import Choice, ItemView
from alerts.links import Links
from alerts.message import Item, Message
from alerts.slack_text import escape, weight
from alerts.view import View, view

CHOICES = 800
"""Weight of the links in the footer."""


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
    words = view(message, now, full, links)
    calls = [told for heading, group in words.sections for told in _headed(heading, group)]
    told = head.loud(message)
    button = [f"{words.button.label}: {words.button.url}"] if words.button else []
    return Shown(
        frame=words,
        own=(*words.lines, *button),
        cards=tuple(_told(told[:full], calls)),
        lines=(
            *_told(told[full:], list(_headed(words.rest_heading, words.rest))),
            *_told(head.quiet(message), list(_headed(words.still_heading, words.still))),
        ),
        footer=(*_choices(words.choices), *map(escape, words.footer)),
    )


def _choices(choices: Sequence[Choice]) -> list[str]:
    """What can be done about the subscription, in one line that is never cut: what has no room is left out."""
    line = ""
    for choice in choices:
        longer = " · ".join(filter(None, (line, f"<{escape(choice.url)}|{escape(choice.label)}>")))
        line = longer if weight(longer) <= CHOICES else line
    return [line] if line else []


def _headed(heading: str, calls: Sequence[ItemView]) -> Iterator[tuple[ItemView, str]]:
    for number, call in enumerate(calls):
        yield call, "" if number else heading


def _told(items: Sequence[Item], calls: Sequence[tuple[ItemView, str]]) -> Iterator[Told]:
    for item, (call, heading) in zip(items, calls, strict=True):
        yield Told(item, call, heading)

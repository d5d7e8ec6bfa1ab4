"""A message laid out in words: one view, from which every channel makes its own form. Pure.

Foreign text is made clean and short here, so that no form has to remember to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from alerts import foot, head, sections
from alerts.card import NO_LINKS, Choice, ItemView, item_view, line_view
from alerts.links import Links
from alerts.message import Item, Message, MessageKind
from alerts.wording import Wording, speaking
from pipeline.text import clean, safe_url

LINES, ROOM = 400, 20_000
"""Characters of a line, and bytes of all lines, of a message that is not about calls."""


@dataclass(frozen=True)
class Part:
    """What of a message stands in one mail: calls with all facts, calls by one line, and those still open."""

    number: int
    of: int
    cards: tuple[Item, ...]
    rest: tuple[Item, ...]
    still: tuple[Item, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """All its calls."""
        return self.cards + self.rest + self.still

    @property
    def mark(self) -> str:
        """ "(2/3)", empty for the only part."""
        return f"({self.number}/{self.of})" if self.of > 1 else ""


@dataclass(frozen=True)
class Frame:
    """What stands around the calls. `lines` are the words of a message that is not about calls; `button` is what a
    confirmation asks for; `choices` are links about the subscription."""

    language: str
    subject: str
    heading: str
    intro: str
    warning: str
    lines: tuple[str, ...]
    button: Choice | None
    footer: tuple[str, ...]
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class View(Frame):
    """A message in words. Calls beyond the first ones stand in `rest`, those that are only still open in `still`:
    both are shown by one line each."""

    sections: tuple[tuple[str, tuple[ItemView, ...]], ...]
    rest_heading: str
    rest: tuple[ItemView, ...]
    still_heading: str
    still: tuple[ItemView, ...]


def view(message: Message, now: datetime, full: int, links: Links = NO_LINKS) -> View:
    """`message` as it is read at `now`: the first `full` calls with all facts, the others by one line each."""
    words = wording(message)
    part = whole(message, full)
    return View(
        **vars(frame(message, part, words, now, links)),
        sections=tuple(
            (heading, tuple(item_view(item, words, now, links) for item in items))
            for heading, items in grouped(message, part.cards, words)
        ),
        rest_heading=rest_heading(part, words),
        rest=tuple(line_view(item, words, now, links) for item in part.rest),
        still_heading=still_heading(part, words),
        still=tuple(line_view(item, words, now, links) for item in part.still),
    )


def wording(message: Message) -> Wording:
    """The words of the message's reader."""
    return speaking(message.language, message.time_zone)


def whole(message: Message, full: int) -> Part:
    """All of a message in one part."""
    items = head.loud(message)
    return Part(1, 1, items[:full], items[full:], head.quiet(message))


def frame(message: Message, part: Part, words: Wording, now: datetime, links: Links = NO_LINKS) -> Frame:
    """What stands around the calls of `part`. What is said once of the message is said in its first part."""
    heading = head.heading(message, words)
    first = part.number == 1
    lines, button = _lines(message, words)
    return Frame(
        language=words.language,
        subject=head.subject(message, words, now, part.mark),
        heading=f"{heading} {part.mark}" if part.mark else heading,
        intro=head.intro(message, words) if first else "",
        warning=head.warning(message, words) if first else "",
        lines=lines,
        button=button,
        footer=tuple(foot.footer(message, part.items, words, part.number, part.of)),
        choices=tuple(foot.choices(message, words, links)),
    )


def grouped(message: Message, items: Sequence[Item], words: Wording) -> Iterator[tuple[str, tuple[Item, ...]]]:
    """The items by section, in their order, with headings where they help: in a digest, and between sections."""
    groups = [(section, tuple(group)) for section, group in groupby(items, key=lambda item: item.section)]
    bare = message.kind is MessageKind.WELCOME or (len(groups) == 1 and message.kind is not MessageKind.DIGEST)
    for section, group in groups:
        yield "" if bare else words.t(sections.HEADINGS[section]), group


def rest_heading(part: Part, words: Wording) -> str:
    """Above the calls beyond the first ones; empty when there are none."""
    return words.n("{count} more call", "{count} more calls", len(part.rest)) if part.rest else ""


def still_heading(part: Part, words: Wording) -> str:
    """Above the calls that are only still open; empty when there are none."""
    return words.t("Still open for you") if part.still else ""


def _lines(message: Message, words: Wording) -> tuple[tuple[str, ...], Choice | None]:
    """The words of an ops message; of a confirmation what is asked for, with the link if there is one."""
    if message.kind is not MessageKind.CONFIRMATION:
        return tuple(_bounded(message.lines, words)), None
    url = safe_url(message.lines[0]) if message.lines else ""
    more = tuple(_bounded(message.lines[1:], words))
    if url:
        return more, Choice(words.t("Yes, send me these alerts"), url, "confirm")
    return (*more, words.t("Please answer this mail to confirm that the address is yours.")), None


def _bounded(lines: Sequence[str], words: Wording) -> Iterator[str]:
    """As many as a mail can hold; the others are counted."""
    room = ROOM
    for number, line in enumerate(lines):
        text = clean(line, LINES)
        if not text:
            continue
        room -= len(text) if text.isascii() else 3 * len(text.encode())
        if room < 0:
            yield words.t("and {count} more", count=len(lines) - number)
            return
        yield text

"""A message in the form of each medium: subject, plain text, HTML, Slack blocks. The same content in all of them.

A page is put together of pieces, one for each call, so that a mail can be weighed before it is made, and a call
that many are told of is rendered once. `now` is when it is read; days left are counted from it. Without it they
are counted from when the message was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

import css_inline
import jinja2

from alerts.card import NO_LINKS, ItemView, item_view, line_view
from alerts.links import Links
from alerts.message import Item, Message
from alerts.slack_blocks import SlackPart, slack
from alerts.view import Frame, Part, frame, grouped, rest_heading, still_heading, whole, wording
from alerts.wording import Wording

__all__ = ["SlackPart", "html", "slack", "subject", "text"]

TEMPLATES = Path(__file__).parent / "templates"
FULL = 25
"""How many calls are shown with all facts; the others by one line each."""
WIDTH = 78


class Piece(NamedTuple):
    """A part of a page in both forms; each ends with a line break, so pieces can be put one after the other."""

    html: str
    text: str


class Block(NamedTuple):
    """What a piece is made of: a heading, or a call in full (`card`) or on one line."""

    heading: str = ""
    item: Item | None = None
    card: bool = True


def subject(message: Message, now: datetime | None = None) -> str:
    """One line of at most 120 characters."""
    at = now or message.at
    return frame(message, whole(message, 0), wording(message), at).subject


def text(message: Message, now: datetime | None = None, links: Links = NO_LINKS) -> str:
    """All of the message as plain text in lines of at most 78 characters (links may be longer)."""
    return "".join(piece.text for piece in pieces(message, whole(message, FULL), now or message.at, links))


def html(message: Message, now: datetime | None = None, links: Links = NO_LINKS) -> str:
    """All of the message as one HTML page."""
    return "".join(piece.html for piece in pieces(message, whole(message, FULL), now or message.at, links))


def pieces(message: Message, part: Part, now: datetime, links: Links = NO_LINKS) -> Iterator[Piece]:
    """The pieces of one part of a message, in order."""
    words = wording(message)
    around = frame(message, part, words, now, links)
    yield top(around)
    for block in blocks(message, part, words):
        yield piece(block, words, now, links)
    yield bottom(around)


def blocks(message: Message, part: Part, words: Wording) -> Iterator[Block]:
    """Headings and calls of one part in order."""
    for above, items in grouped(message, part.cards, words):
        if above:
            yield Block(above)
        yield from (Block(item=item) for item in items)
    for above, items in ((rest_heading(part, words), part.rest), (still_heading(part, words), part.still)):
        if items:
            yield Block(above)
        yield from (Block(item=item, card=False) for item in items)


def piece(block: Block, words: Wording, now: datetime, links: Links = NO_LINKS) -> Piece:
    """One block in both forms."""
    if block.item is None:
        return heading(block.heading)
    if block.card:
        return _both("card", item_view(block.item, words, now, links))
    return _both("line", line_view(block.item, words, now, links))


def heading(words: str) -> Piece:
    """A heading between calls."""
    return _both("heading", words)


def top(around: Frame) -> Piece:
    """From the beginning of the page to the first call."""
    return _both("top", around)


def bottom(around: Frame) -> Piece:
    """From the last call to the end of the page."""
    return _both("bottom", around)


def _both(name: str, about: str | Frame | ItemView) -> Piece:
    return Piece(str(getattr(_hypertext(), name)(about)), str(getattr(_plain(), name)(about)))


@cache
def _plain() -> jinja2.environment.TemplateModule:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701 - plain text, where escaping would be shown
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["fold"] = fold
    return environment.get_template("message.txt.j2").module


@cache
def _hypertext() -> jinja2.environment.TemplateModule:
    """The template is a page as it stands: its statements are comments, so that its CSS can be inlined once."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_inlined),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        block_start_string="<!--%",
        block_end_string="%-->",
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("message.html.j2").module


def _inlined(name: str) -> str:
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True, minify_css=True)
    page: str = inliner.inline((TEMPLATES / name).read_text(encoding="utf-8"))
    return page


def fold(line: str, first: str = "", others: str = "") -> str:
    """`line` broken at `WIDTH`; `first` stands before its first line, `others` before the following ones.

    Words are never broken, nor amounts, which no-break spaces hold together. Does what textwrap does, in a tenth
    of the time: most lines are short.
    """
    lines, indent = [], first
    while len(indent) + len(line) > WIDTH:
        room = WIDTH - len(indent)
        end = line.rfind(" ", 0, room + 1)
        end = end if end >= 0 else line.find(" ", room)
        if end < 0:
            break
        lines.append(indent + line[:end])
        line, indent = line[end + 1 :], others
    return "\n".join([*lines, indent + line])

"""Pieces of a mail, encoded once for all who get them, with marks where each reader's own links will stand.

A mail is quoted-printable, and its lines are broken at 76 characters; so a mark stands on a line of its own, and
what is put in its place needs no new encoding. The marks are made anew by each process: no title can contain one
and so get hold of a reader's link.
"""

from __future__ import annotations

import re
import secrets
from binascii import b2a_qp
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import NamedTuple

from alerts import render
from alerts.card import NO_LINKS
from alerts.links import PLACEHOLDER, Links
from alerts.message import Item
from alerts.render import Block, Piece
from alerts.same import Same
from alerts.view import Frame
from alerts.wording import Wording, speaking
from pipeline.models import BRUSSELS, Precision

_MARK = f"{PLACEHOLDER}-{secrets.token_hex(8)}"
BASE, TOKEN, STOP, FEED = (f"{_MARK}-{name}" for name in ("base", "token", "stop", "feed"))
MARKED = Links(public_url=BASE, token=TOKEN, stop_token=STOP, feed_token=FEED)
"""Links for a body that is built for many."""
_MARKS = re.compile(f"({BASE}|{TOKEN}|{STOP}|{FEED})")
_SOFT = b"=\r\n"

REMEMBERED = 4096
"""Pieces kept: about 25 MB, and more than all the calls that are open at a time."""


class Quoted(NamedTuple):
    """A piece in both forms, encoded, and how many links of the reader's own are in it."""

    html: bytes
    text: bytes
    links: int

    def weight(self, link: int) -> int:
        """Bytes it needs in a mail in which each link has `link` more than stands here."""
        return len(self.html) + len(self.text) + self.links * link


def quoted_item(item: Item, words: Wording, now: datetime, *, card: bool, linked: bool) -> Quoted:
    """One call in full or on one line."""
    same, at = Same((item,)), midnight(now)
    if changing := steps(same):
        at = max([at, *(step for step in changing if step <= now)])
    return _item(same, words.language, words.zone.key, at, card, linked)


@lru_cache(maxsize=REMEMBERED)
def steps(same: Same[Item]) -> tuple[datetime, ...]:
    """The instants, besides midnight in Brussels, at which an item is read differently: a stage ends, it opens."""
    (item,) = same.things
    exact = [d.deadline.at for d in item.deadlines if d.deadline.precision is Precision.EXACT]
    opening = [item.opens_at] if item.opens_at else []
    return (*exact, *(notice.at for notice in item.notices), *opening)


@lru_cache(maxsize=64)
def midnight(now: datetime) -> datetime:
    """The last midnight in Brussels, at which days left change."""
    return _midnight(now.astimezone(BRUSSELS).date())


@lru_cache(maxsize=16)
def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, BRUSSELS).astimezone(UTC)


@lru_cache(maxsize=REMEMBERED)
def _item(same: Same[Item], language: str, zone: str, now: datetime, card: bool, linked: bool) -> Quoted:
    block = Block(item=same.things[0], card=card)
    links = MARKED if linked else NO_LINKS
    return _quoted(render.piece(block, speaking(language, zone), now, links))


@lru_cache(maxsize=256)
def quoted_heading(heading: str) -> Quoted:
    """A heading between calls."""
    return _quoted(render.heading(heading))


@lru_cache(maxsize=256)
def quoted_top(around: Frame) -> Quoted:
    """The page before its first call."""
    return _quoted(render.top(around))


@lru_cache(maxsize=256)
def quoted_bottom(around: Frame) -> Quoted:
    """The page behind its last call."""
    return _quoted(render.bottom(around))


def _quoted(piece: Piece) -> Quoted:
    links = piece.html.count(BASE) + piece.text.count(BASE)
    return Quoted(encode(piece.html), encode(piece.text), links)


def encode(text: str) -> bytes:
    """Quoted-printable with CRLF; marks stay as they are, on lines of their own."""
    if _MARK not in text:
        return wrapped(text)
    *before, last = _MARKS.split(text)
    return b"".join(map(_segment, before)) + wrapped(last)


def fill(body: bytes, links: Links) -> bytes:
    """`body` with the reader's own links in place of the marks."""
    own = {BASE: links.public_url.rstrip("/"), TOKEN: links.token, STOP: links.stop_token, FEED: links.feed_token}
    for mark, value in own.items():
        body = body.replace(mark.encode(), wrapped(value))
    return body


@lru_cache(maxsize=256)
def _segment(part: str) -> bytes:
    """A mark, or the text before one; a further character keeps room for the soft break behind it."""
    if part.startswith(_MARK):
        return part.encode() + _SOFT
    return wrapped(part + "x")[:-1] + _SOFT


def wrapped(text: str) -> bytes:
    """Quoted-printable with CRLF, whatever line breaks `text` has."""
    quoted = b2a_qp(text.encode())
    return (quoted.replace(b"\r\n", b"\n") if "\r" in text else quoted).replace(b"\n", b"\r\n")

"""A message as posts of Slack Block Kit: as many as Slack's limits ask for, with nothing lost between them.

Foreign text is always escaped and never parsed (`verbatim`), so no title can call a channel or pose as a link.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from alerts.card import item_view
from alerts.links import Bearer, Links
from alerts.message import Message
from alerts.slack_card import ACTIONS, ROOM, Block, Offer, actions, card, line, mrkdwn, section, size
from alerts.slack_text import cut, escape, fitting, pieces, weight
from alerts.slack_text import packed as packed_lines
from alerts.slack_view import Shown, shown
from alerts.wording import Wording

__all__ = ["BLOCKS", "SIZE", "TEXT", "SlackPart", "escape", "size", "slack"]

BLOCKS = 50
TEXT = 3000
"""Characters of one text object."""
SIZE = 12_000
"""Bytes of all blocks as JSON. Slack refuses more than about 13,200 characters, which it does not document."""
GROWTH = 1_000
"""Left free when calls are dealt to posts, for words that grow by the hour ("closed since 17 March 2027") and for
links in the footer."""
INTRO, FOOT = 1_200, 2_000
"""Weight of the introduction, and of the footer with its links."""
LINES = ROOM - 500
"""Weight of the lines in one block."""
FULL = 10
"""Calls that get a card each in a grouped message; the others get a line."""
HEADER = 150


class SlackPart(NamedTuple):
    """One post: `text` for notifications and screen readers, `blocks` for the eye.

    `alone`: it is about one call and belongs into that call's thread, if there is one; `alarm`: so urgent that it
    must not stay hidden there.
    """

    text: str
    blocks: list[Block]
    call_ids: tuple[str, ...] = ()
    alone: bool = False
    alarm: bool = False


class _Unit(NamedTuple):
    """What is not divided: the blocks of one card with what the reader may do there, or one line."""

    call_id: str
    blocks: tuple[Block, ...] = ()
    line: str = ""
    offered: tuple[Block, ...] = ()


def slack(
    message: Message,
    now: datetime | None = None,
    links: Links | None = None,
    *,
    threads: bool = False,
    listened: bool = False,
) -> list[SlackPart]:
    """The posts of `message` in order, as they are read at `now`. `threads`: replies are possible; `listened`: and
    buttons are heard.

    Which call stands in which post depends on the message alone, not on `now` or the links, so that a later
    attempt can go on where an earlier one stopped.
    """
    words = Wording(message.language, ZoneInfo(message.time_zone))
    bearer = Bearer(message.contact_key, message.subscription)
    offer = Offer(words, bearer, links or Links(), listened)
    if threads and message.goes_on:
        return list(_single(message, now or message.at, offer))
    return list(_grouped(message, now or message.at, offer))


def _single(message: Message, now: datetime, offer: Offer) -> Iterator[SlackPart]:
    """One post for each call, in order; the harvest proof stands in the last one only."""
    count = len(message.items)
    for number, item in enumerate(message.items, start=1):
        proof = message.proof if number == count else ()
        words = shown(msgspec.structs.replace(message, items=(item,), proof=proof), now, 1, offer.links)
        call = words.cards[0].call if words.cards else item_view(item, offer.words, now, offer.links)
        body = [*card(call), *actions(item, offer, alone=True)]
        intro = _intro(words.frame.intro if number == 1 else "", words.frame.warning)
        text = escape(words.frame.subject)
        blocks = [*intro, *body, *_bottom(words)]
        yield SlackPart(text, blocks, (item.call_id,), alone=True, alarm=call.tone == "alarm")


def _grouped(message: Message, now: datetime, offer: Offer) -> Iterator[SlackPart]:
    """All calls, many to a post: cards for the first ones, one line for each of the others."""
    dealt = _deal(message, offer)
    words = shown(message, now, FULL, offer.links)
    units = _units(words, offer)
    for number, (start, end) in enumerate(dealt, start=1):
        mark = f" {number}/{len(dealt)}" if len(dealt) > 1 else ""
        intro = _intro(words.frame.intro, words.frame.warning) if number == 1 else []
        bottom = _bottom(words) if number == len(dealt) else []
        here = units[start:end]
        blocks = [_header(words.frame.heading, mark), *intro, *_body(here), *bottom]
        calls = tuple(unit.call_id for unit in here if unit.call_id)
        yield SlackPart(escape(words.frame.subject + mark), blocks, calls)


def _units(words: Shown, offer: Offer) -> list[_Unit]:
    """What is told, in order."""
    own = [_Unit("", line=piece) for line in words.own for piece in pieces(escape(line), LINES)]
    cards = [
        _Unit(item.call_id, tuple(card(call, heading)), offered=tuple(actions(item, offer, alone=False)))
        for item, call, heading in words.cards
    ]
    lines = [
        _Unit(item.call_id, line=(f"*{escape(heading)}*\n" if heading else "") + line(call))
        for item, call, heading in words.lines
    ]
    return own + cards + lines


def _deal(message: Message, offer: Offer) -> list[tuple[int, int]]:
    """(start, end) of each post's share of the units; at least one post, even if it is empty."""
    words = shown(message, message.at, FULL, Links())
    units, frame = _units(words, offer), words.frame
    around = [_header(frame.heading, " 10/10"), *_intro(frame.intro, frame.warning), *_bottom(words)]
    room = SIZE - GROWTH - size(around)
    shares, start, used, count = [], 0, 0, 0
    for position, unit in enumerate(units):
        here, blocks = _room(unit)
        if position > start and (used + here > room or count + blocks > BLOCKS - 4):
            shares.append((start, position))
            start, used, count = position, 0, 0
        used, count = used + here, count + blocks
    return [*shares, (start, len(units))]


def _room(unit: _Unit) -> tuple[int, int]:
    """Bytes and blocks set aside for a unit: the same with buttons and without."""
    if not unit.blocks:
        return weight(unit.line) + 12, 1
    return size(unit.blocks) + ACTIONS, len(unit.blocks) + 1


def _body(units: Sequence[_Unit]) -> Iterator[Block]:
    for unit in units:
        yield from (*unit.blocks, *unit.offered)
    for text in packed_lines((unit.line for unit in units if not unit.blocks), LINES):
        yield section(text)


def _intro(intro: str, warning: str) -> list[Block]:
    lines = [escape(words) for words in (intro, f"⚠️ {warning}" if warning else "") if words]
    return [section("\n".join(fitting(lines, INTRO)))] if lines else []


def _header(heading: str, mark: str) -> Block:
    """Our own words, and perhaps the name of a subscription."""
    return {"type": "header", "text": {"type": "plain_text", "text": cut(escape(heading), HEADER - 10) + mark}}


def _bottom(words: Shown) -> list[Block]:
    text = "\n".join(fitting(words.footer, FOOT))
    return [{"type": "context", "elements": [mrkdwn(text)]}] if text else []

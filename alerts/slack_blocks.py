"""A message as Slack Block Kit, in as many parts as Slack's limits ask for, with nothing lost between them.

Foreign text is always escaped and never parsed (`verbatim`), so no title can call a channel or pose as a link.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from alerts.card import ItemView
from alerts.message import Message
from alerts.view import View, view

BLOCKS = 50
TEXT = 3000
"""Characters of one text object."""
SIZE = 12_000
"""Bytes of all blocks as JSON. Slack refuses more than about 13,200 characters, which it does not document."""
SPARE = 3_000
"""Left free when calls are dealt to parts, for header and footer, and for words that grow by the hour."""
ROOM = 2_800
"""Bytes of one call's text: below `TEXT`, with room for a heading above it."""
MARGIN = 1_200
"""Bytes of the introduction, and of the footer."""
FULL = 15
LIGHTS = {"alarm": "🔴", "later": "🟠", "fresh": "🟢", "soon": "🟡", "plain": "⚪"}

Block = dict[str, Any]


class SlackPart(NamedTuple):
    """One post: `text` for notifications and screen readers, `blocks` for the eye."""

    text: str
    blocks: list[Block]


def slack(message: Message, now: datetime | None = None) -> list[SlackPart]:
    """The posts of `message` in order. Which call stands in which post depends on the message alone, not on `now`,
    so that a later attempt can go on where an earlier one stopped."""
    dealt = _deal(list(_body(view(message, message.at, FULL))))
    shown = view(message, now or message.at, FULL)
    body = list(_body(shown))
    parts = []
    for number, (start, end) in enumerate(dealt, start=1):
        mark = f" {number}/{len(dealt)}" if len(dealt) > 1 else ""
        top = _top(shown, mark) if number == 1 else [_header(shown.heading, mark)]
        bottom = _bottom(shown) if number == len(dealt) else []
        parts.append(SlackPart(escape(shown.subject + mark), [*top, *body[start:end], *bottom]))
    return parts


def escape(text: str) -> str:
    """The three characters that Slack parses."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def size(blocks: Sequence[Block]) -> int:
    """Bytes of `blocks` as they are sent: JSON with every character beyond ASCII written as an escape."""
    return len(json.dumps(list(blocks)))


def _deal(body: list[Block]) -> list[tuple[int, int]]:
    """(start, end) of each part's share of `body`; at least one part, even if it is empty."""
    shares, start, used = [], 0, 0
    for position, block in enumerate(body):
        here = size([block])
        if position > start and (used + here > SIZE - SPARE or position - start >= BLOCKS - 4):
            shares.append((start, position))
            start, used = position, 0
        used += here
    return [*shares, (start, len(body))]


def _body(shown: View) -> Iterator[Block]:
    for heading, items in shown.sections:
        for number, item in enumerate(items):
            title = f"*{escape(heading)}*\n" if heading and not number else ""
            yield _section(title + _item(item))
    lines = [_line(item) for item in shown.rest]
    for number, text in enumerate(_packed(lines)):
        yield _section((f"*{escape(shown.rest_heading)}*\n" if not number else "") + text)


def _item(item: ItemView) -> str:
    badge = f"{LIGHTS[item.tone]} *{escape(item.badge)}*" if item.badge else ""
    left = escape(item.left)
    note = f" ({escape(item.note)})" if item.note else ""
    lines = [" · ".join(filter(None, (badge, left))), _link(item.url, item.title, 1200) + note]
    lines += [escape(change) for change in item.changes]
    lines += [f"*{escape(fact.label)}:* {escape(fact.value)}" for fact in item.facts]
    return _fit([line for line in lines if line], ROOM)


def _line(item: ItemView) -> str:
    return f"• {_link(item.url, item.line_title, 400)} – {_cut(escape(item.line), 500)}"


def _link(url: str, label: str, room: int) -> str:
    """A link is written only around an address that `safe_url` let pass; a bar would end the address."""
    words = _cut(escape(label), room)
    address = escape(url.replace("|", "%7C"))
    return f"<{address}|{words}>" if url and len(address) <= 1000 else words


def weight(text: str) -> int:
    """Bytes of `text` in the JSON that is sent: an emoji counts 12."""
    return len(json.dumps(text)) - 2


def _fit(lines: Sequence[str], room: int) -> str:
    """Lines that together weigh at most `room`; what is too long (40 deadlines) ends in an ellipsis."""
    kept: list[str] = []
    for line in lines:
        short = _cut(line, room)
        kept.append(short)
        room -= weight(short) + 2
        if room < 80:
            break
    return "\n".join(kept)


def _cut(line: str, room: int) -> str:
    """`line` shortened to weigh at most `room`, never inside an escaped character."""
    if weight(line) <= room:
        return line
    short = line[:room]
    while weight(short) > room - 6:
        short = short[: len(short) * 9 // 10]
    start = short.rfind("&", max(0, len(short) - 5))
    return (short[:start] if start >= 0 and ";" not in short[start:] else short) + "…"


def _packed(lines: Sequence[str]) -> Iterator[str]:
    """Lines joined to texts that fit one block."""
    pack: list[str] = []
    for line in lines:
        if pack and sum(map(weight, pack)) + weight(line) > ROOM - 500:
            yield "\n".join(pack)
            pack = []
        pack.append(line)
    if pack:
        yield "\n".join(pack)


def _top(shown: View, mark: str) -> list[Block]:
    lines = [escape(line) for line in (shown.intro, f"⚠️ {shown.warning}" if shown.warning else "") if line]
    return [_header(shown.heading, mark), *([_section(_fit(lines, MARGIN))] if lines else [])]


def _header(heading: str, mark: str) -> Block:
    """Our own words only; 150 characters are the limit."""
    return {"type": "header", "text": {"type": "plain_text", "text": heading[: 150 - len(mark)] + mark}}


def _bottom(shown: View) -> list[Block]:
    text = _fit([escape(line) for line in shown.footer], MARGIN)
    return [{"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}]


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}

"""Text for Slack: escaped, linked, and cut or split to fit. Pure.

Lengths are measured by weight: bytes in the JSON that is sent, where an emoji counts 12. That is never less than
the characters that Slack counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

ELLIPSIS = 6
"""The weight of "…"."""


def escape(text: str) -> str:
    """The three characters that Slack parses."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def weight(text: str) -> int:
    """Bytes of `text` in the JSON that is sent."""
    return len(json.dumps(text)) - 2


def link(url: str, label: str, room: int) -> str:
    """A link is written only around an address that `safe_url` let pass; a bar would end the address."""
    words = cut(escape(label or url), room)
    address = escape(url.replace("|", "%7C"))
    return f"<{address}|{words}>" if url and len(address) <= 1000 else words


def cut(line: str, room: int) -> str:
    """`line`, ending in an ellipsis if it weighs more than `room`; never inside an escaped character."""
    return line if weight(line) <= room else line[: _fitting(line, room - ELLIPSIS)] + "…"


def pieces(line: str, room: int) -> Iterator[str]:
    """All of `line`, in pieces that weigh at most `room` (50 or more); broken at a space where there is one."""
    while weight(line) > room:
        end = _fitting(line, room)
        space = line.rfind(" ", end // 2, end)
        end = space if space > 0 else end
        yield line[:end]
        line = line[end:].lstrip(" ")
    yield line


def fitting(lines: Iterable[str], room: int) -> list[str]:
    """The first lines, which together weigh at most `room`; the last may end in an ellipsis."""
    kept: list[str] = []
    for line in lines:
        short = cut(line, room)
        kept.append(short)
        room -= weight(short) + 2
        if room < 80:
            break
    return kept


def packed(lines: Iterable[str], room: int) -> Iterator[str]:
    """All lines, joined to texts that weigh at most `room` each; a longer line is split."""
    pack, used = list[str](), 0
    for line in (piece for whole in lines for piece in pieces(whole, room)):
        if pack and used + weight(line) > room:
            yield "\n".join(pack)
            pack, used = [], 0
        pack.append(line)
        used += weight(line) + 2
    if pack:
        yield "\n".join(pack)


def _fitting(line: str, room: int) -> int:
    """How many characters of `line` weigh at most `room`, without half of an escaped character."""
    low, high = 0, min(len(line), room)
    while low < high:
        middle = (low + high + 1) // 2
        if weight(line[:middle]) <= room:
            low = middle
        else:
            high = middle - 1
    start = line.rfind("&", max(0, low - 4), low)
    return start if start >= 0 and ";" not in line[start:low] else low

"""Finds all terms of all profiles in a text in one pass (Aho-Corasick over folded UTF-8 bytes).

Text and terms are folded alike: case folded, everything but letters and digits a space, byte for byte at the same
place, so that a hit leads back to the words as they stand. A term is kept with a space before it, and after it
unless it ends in `*`: so a word boundary costs nothing at search time.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick

# ASCII: capitals become small, everything but letters and digits a space. Bytes from 0x80 on stay.
_PLAIN = bytes(b if b >= 0x80 else ord(chr(b).lower()) if chr(b).isalnum() else 0x20 for b in range(256))
# First bytes of letters beyond ASCII that may be capitals. Most English texts have none, only dashes and quotes
# (C2 and E2), and need no case folding in Unicode, which would cost more than the search.
_LETTERS = bytes([*range(0xC3, 0xE0), 0xE1, *range(0xEA, 0xF8)])
_SIGNS_2 = re.compile(rb"\xc2[\x80-\xbf]")  # Latin-1: no-break space, guillemets, middle dot
_SIGNS_3 = re.compile(rb"\xe2[\x80-\xaf][\x80-\xbf]")  # dashes, quotes, bullets, arrows, mathematical signs

# (number of the term, first byte, byte after the last one and after the boundary space that closes a whole word).
# A plain tuple, because some eighty are made for each call.
Hit = tuple[int, int, int]
_END = itemgetter(2)


class Folded(NamedTuple):
    """`raw`: the text's UTF-8 bytes; `plain`: the same folded, of the same length."""

    raw: bytes
    plain: bytes


def fold(text: str) -> Folded:
    """Fold `text`; characters whose folded form has another length in bytes stay as they are."""
    raw = text.encode("utf-8", "replace")
    if raw.isascii():
        return Folded(raw, raw.translate(_PLAIN))
    plain = raw
    if len(raw.translate(None, _LETTERS)) != len(raw):
        plain = text.casefold().encode("utf-8", "replace")
        if len(plain) != len(raw):
            plain = b"".join(_fold_one(c) for c in text)
    plain = _SIGNS_3.sub(b"   ", _SIGNS_2.sub(b"  ", plain))
    return Folded(raw, plain.translate(_PLAIN))


def _fold_one(character: str) -> bytes:
    raw = character.encode("utf-8", "replace")
    folded = character.casefold().encode("utf-8", "replace")
    return folded if len(folded) == len(raw) else raw


class Automaton:
    """All terms of all profiles and the vetoes; immutable after construction."""

    def __init__(self, terms: Iterable[str], vetoes: Iterable[str] = ()) -> None:
        """`terms` and `vetoes` as in the profiles ("agricult*"); `numbers` gives a term's number."""
        self.numbers: dict[str, int] = {}
        patterns: dict[bytes, int] = {}
        for term in terms:
            self.numbers[term] = patterns.setdefault(_pattern(term), len(patterns))
        self._terms = len(patterns)
        self._vetoes = {patterns.setdefault(_pattern(veto), len(patterns)) for veto in vetoes}
        self._closing = [pattern.endswith(b" ") for pattern in patterns]
        self._search = BytesAhoCorasick(list(patterns))

    def find(self, folded: Folded) -> list[Hit]:
        """Hits in order of their end, without those that lie within a longer veto."""
        # The space before the text shifts positions by one byte, the space before each pattern shifts them back.
        found: list[Hit] = self._search.find_matches_as_indexes(b" " + folded.plain + b" ", overlapping=True)
        known = self._vetoes
        vetoes = [position for position, hit in enumerate(found) if hit[0] in known]
        return self._allowed(found, vetoes) if vetoes else found

    def _allowed(self, found: list[Hit], vetoes: list[int]) -> list[Hit]:
        closing = self._closing
        dropped = {position for position in vetoes if found[position][0] >= self._terms}
        for veto, first, last in [found[position] for position in vetoes]:
            length = last - closing[veto] - first
            following = bisect_right(found, first, key=_END)
            for position in range(following, bisect_right(found, last + 1, lo=following, key=_END)):
                term, start, end = found[position]
                end -= closing[term]
                if start >= first and end <= first + length and end - start < length:
                    dropped.add(position)
        for position in sorted(dropped, reverse=True):
            del found[position]
        return found


def words_at(folded: Folded, hit: Hit) -> str:
    """The hit as it stands in the text, to the end of its last word."""
    stop = folded.plain.find(b" ", hit[2] - 2)
    return folded.raw[hit[1] : None if stop < 0 else stop].decode("utf-8", "replace")


def _pattern(term: str) -> bytes:
    plain = b" ".join(fold(term.removesuffix("*")).plain.split())
    if not plain:  # signs only: a byte that UTF-8 never has, so that it is found nowhere
        return b"\xff"
    return b" " + plain + (b"" if term.endswith("*") else b" ")

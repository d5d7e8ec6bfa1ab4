"""Guesses about records: which field is the key, which the title, which the address. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from pipeline.normalise.keys import key_of
from pipeline.normalise.pages import Page
from pipeline.normalise.rows import Row
from spiders.base.entries import Entry

_KEYS = re.compile(
    r"(^|[_\W])(id|ref|reference|number|nummer|nr|code|identifier|slug|diarienummer)$|[a-z]I[dD]$", re.I
)
_TITLES = re.compile(
    r"^(title|titel|name|rubrik|heading|call title|topic|bezeichnung|titre|t[ií]tulo|otsikko)", re.I
)
MOST_SEGMENTS = 4


class Columns(msgspec.Struct, frozen=True):
    """Names of fields; empty where nothing fits."""

    key: str
    title: str
    link: str


def columns(rows: Sequence[Row]) -> Columns:
    """The field that tells the records apart, the one that names them, and the one with their addresses."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    values = {name: [row[name] for row in rows if name in row] for name in names}
    apart = [name for name in names if len(set(values[name])) == len(rows)]
    key = next((name for name in apart if _KEYS.search(name)), apart[0] if apart else names[0])
    links = [name for name in names if all(re.match("https?://", text) for text in values[name])]
    titles = [name for name in names if _TITLES.search(name) and name not in (*links, key)]
    prose = sorted(names, key=lambda name: _like_a_title(values[name]), reverse=True)
    title = titles[0] if titles else next((name for name in prose if name not in links), key)
    return Columns(key, title, links[0] if links else "")


def segments(entries: Sequence[Entry]) -> int:
    """How many parts of the path, from its end, tell these pages apart."""
    for number in range(1, MOST_SEGMENTS):
        keys = {key_of(Page("", entry.url), number) for entry in entries}
        if len(keys) == len({entry.url for entry in entries}):
            return number
    return MOST_SEGMENTS


def _like_a_title(texts: Sequence[str]) -> float:
    """Titles are of several words, and short."""
    words = sum(len(text.split()) for text in texts) / len(texts)
    return words if words <= 20 else 20 / words

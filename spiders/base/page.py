"""A web page as an item: the part that matters, without what changes with each visit and without mail addresses.

Kept are elements, their text, and the few attributes that carry meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson
from bs4 import BeautifulSoup, Tag
from bs4.element import PreformattedString
from scrapy.http import Response, TextResponse

from pipeline.harvest import NOTHING_FOUND
from pipeline.source_pages import Source
from pipeline.text import clean
from spiders.base.entries import Entry
from spiders.base.envelope import NotAnAnswer
from spiders.select import NothingFound, many

ATTRIBUTES = frozenset({"href", "datetime", "id", "class", "lang", "colspan", "rowspan"})
NOISE = "script, style, noscript, template, iframe, svg, form, nav, button, input, [hidden]"
PERSONS = 'a[href^="mailto:" i], a[href^="tel:" i]'
TITLES = re.compile(
    r"^(error )?(40[0-9]|50[0-9])\b|\bnot found\b|sidan (kunde inte|kan inte|hittades)|under maintenance|"
    r"temporarily unavailable|service unavailable|access denied|just a moment|are you a robot|tekniskt fel|"
    r"underhållsarbete|internal server error|application error",
    re.IGNORECASE,
)
"""Titles of pages that say that there is no page, with status 200."""
LOGIN = re.compile(r"\b(log ?in|sign in|logga in|logg inn)\b", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")


class Private(ValueError):
    """A page for which one has to log in: not for the public, so not for us."""


def text_of(response: Response) -> str:
    """The body as text in the encoding that it says, or seems to have. Raises NotAnAnswer for what is no text.

    What calls itself UTF-8 and has none beyond ASCII is read as Windows-1252, which holds Latin-1.
    """
    if not isinstance(response, TextResponse):
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        raise NotAnAnswer(f"no text ({clean(kind, 60) or 'no Content-Type'})")
    if response.encoding == "utf-8" and "\ufffd" in response.text:
        wrong = response.body.decode("utf-8", "ignore").isascii()
        return response.body.decode("cp1252", "replace") if wrong else response.text
    return response.text


def items(text: str, entry: Entry, source: Source) -> Iterator[dict[str, Any]]:
    """The page as one item, as many as `source.items` finds in it, or none where it is about something else.

    Raises NothingFound when `keep` or `items` no longer fit, NotAnAnswer for a page that only reports an error,
    Private for one that wants a log-in.
    """
    tree = BeautifulSoup(text, "lxml")
    title = clean(tree.title.get_text(" "), 300) if tree.title else ""
    heading = tree.select_one("h1")
    first = clean(heading.get_text(" "), 300) if heading else ""
    if TITLES.search(title) or (not title and TITLES.search(first)):
        raise NotAnAnswer(f'a page that reports an error: "{title or first}"')
    if LOGIN.search(title) and tree.select_one('input[type="password" i]'):
        raise Private(title)
    kept = many(tree, source.keep)
    for tag in kept:
        _strip(tag, source)
    if source.items is None:
        if source.about and not re.search(
            source.about, " ".join(tag.get_text(" ") for tag in kept), re.IGNORECASE
        ):
            return
        yield _item(entry, source, first or title, kept, "")
        return
    parts = [part for tag in kept for part in many(tag, source.items, at_least=0)]
    if len(parts) < source.at_least:
        raise NothingFound(
            f"{NOTHING_FOUND}: {source.items} ({len(parts)} found, at least {source.at_least} expected)"
        )
    for number, part in enumerate(parts, 1):
        inner = part.select_one("h1, h2, h3, h4, summary, a[href]")
        yield _item(
            entry, source, clean((inner or part).get_text(" "), 300), [part], str(part.get("id") or number)
        )


def without_addresses(text: str) -> str:
    """`text` without e-mail addresses, which are people's."""
    return _MAIL.sub("", text)


def from_entry(entry: Entry, source: Source) -> dict[str, Any]:
    """What a list says of an item whose page is not fetched."""
    return {"source": source.name, "url": entry.url, "fields": entry.fields}


def packed(item: dict[str, Any]) -> bytes:
    """An item as the bytes that are stored: the same for the same item."""
    return orjson.dumps(item, option=orjson.OPT_SORT_KEYS)


def _item(entry: Entry, source: Source, title: str, kept: list[Tag], part: str) -> dict[str, Any]:
    html = without_addresses("\n".join(str(tag) for tag in kept))
    found = {**from_entry(entry, source), "title": title, "html": html}
    return {**found, "part": part} if part else found


def _strip(tag: Tag, source: Source) -> None:
    """Take out what is no content; modifies the tree."""
    for selector in (NOISE, PERSONS, *source.drop):
        for inner in tag.select(selector):
            inner.decompose()
    for text in tag.find_all(string=True):
        if isinstance(text, PreformattedString):  # comments, declarations
            text.extract()
    for inner in (tag, *tag.find_all(True)):
        inner.attrs = {name: value for name, value in inner.attrs.items() if name in ATTRIBUTES}

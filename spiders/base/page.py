"""A web page as an item: the part that matters, without what changes with each visit and without mail addresses.

Kept are elements, their text, and the few attributes that carry meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import orjson
from bs4 import BeautifulSoup, Tag
from bs4.element import PreformattedString
from scrapy.http import Response, TextResponse

from pipeline.harvest import NOTHING_FOUND
from pipeline.source_pages import Source, Split
from pipeline.text import clean
from spiders.base.entries import Entry
from spiders.base.envelope import NotAnAnswer
from spiders.base.parts import parts
from spiders.select import NothingFound, many, value

ATTRIBUTES = frozenset({"href", "datetime", "id", "class", "lang", "colspan", "rowspan"})
NOISE = "script, style, noscript, template, iframe, svg, form, nav, button, input, [hidden]"
HEADING_BUTTONS = ":is(h1, h2, h3, h4, h5, h6, summary) button"
"""Headings of what can be folded are content."""
PERSONS = 'a[href^="mailto:" i], a[href^="tel:" i]'
TITLES = re.compile(
    r"^(error )?(40[0-9]|50[0-9])\b|\bnot found\b|sidan (kunde inte|kan inte|hittades)|under maintenance|"
    r"temporarily unavailable|service unavailable|access denied|just a moment|are you a robot|tekniskt fel|"
    r"underhållsarbete|internal server error|application error",
    re.IGNORECASE,
)
"""Titles of pages that say that there is no page, with status 200."""
LOGIN = re.compile(r"\b(log ?in|sign in|logga in|logg inn)\b", re.IGNORECASE)
_CUT = "\ue000cut\ue000"
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")


class Private(ValueError):
    """A page for which one has to log in: not for the public, so not for us."""


def text_of(response: Response) -> str:
    """The body as text in the encoding that it says, or seems to have. Raises NotAnAnswer for what is no text."""
    if not isinstance(response, TextResponse):
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        raise NotAnAnswer(f"no text ({clean(kind, 60) or 'no Content-Type'})")
    return response.text


def items(text: str, entry: Entry, source: Source) -> Iterator[dict[str, Any]]:
    """The page as one item, as many as `items` or `split` finds in it, or none where it is about something else.

    Raises NothingFound when `keep`, `items` or `split` no longer fit, NotAnAnswer for a page that only reports an
    error, Private for one that wants a log-in.
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
    entry = _with_page_fields(entry, tree, source)
    for tag in kept:
        _strip(tag, source)
    if source.items or isinstance(source.split, str):
        yield from _of_rows(kept, entry, source)
    else:
        yield from _of_page(kept, entry, source, first or title)


def _of_page(kept: list[Tag], entry: Entry, source: Source, title: str) -> Iterator[dict[str, Any]]:
    """The whole page, or the parts it is split into; nothing when it is about something else."""
    if source.about and not re.search(source.about, " ".join(tag.get_text(" ") for tag in kept), re.IGNORECASE):
        return
    several = parts(kept, source.split) if isinstance(source.split, Split) else []
    for part in several:
        yield _item(entry, source, f"{title}: {part.title}", part.tags, part.key)
    if not several:
        yield _item(entry, source, title, kept, "")


def _of_rows(kept: list[Tag], entry: Entry, source: Source) -> Iterator[dict[str, Any]]:
    """Each element of `items`, or what follows each heading of `split`."""
    selector = source.items or str(source.split)
    divide = many if source.items else _sections
    found = [row for tag in kept for row in divide(tag, selector, at_least=0)]
    if len(found) < source.at_least:
        short = f"({len(found)} found, at least {source.at_least} expected)"
        raise NothingFound(f"{NOTHING_FOUND}: {selector} {short}")
    for number, row in enumerate(found, 1):
        inner = row.select_one("h1, h2, h3, h4, summary, a[href]")
        title = clean((inner or row).get_text(" "), 300)
        yield _item(entry, source, title, [row], _name(row, inner) or str(number))


def without_addresses(text: str) -> str:
    """`text` without e-mail addresses, which are people's."""
    return _MAIL.sub("", text)


def without_persons(entry: Entry) -> Entry:
    """An entry of a list without e-mail addresses."""
    fields = {name: without_addresses(text) for name, text in entry.fields.items()}
    return msgspec.structs.replace(entry, fields=fields)


def from_entry(entry: Entry, source: Source) -> dict[str, Any]:
    """What a list says of an item whose page is not fetched."""
    return {"source": source.name, "url": entry.url, "fields": entry.fields}


def packed(item: dict[str, Any]) -> bytes:
    """An item as the bytes that are stored: the same for the same item."""
    return orjson.dumps(item, option=orjson.OPT_SORT_KEYS)


def _with_page_fields(entry: Entry, tree: BeautifulSoup, source: Source) -> Entry:
    """The entry with what the page as a whole says; the list's word stays where the page has none."""
    said = {name: without_addresses(value(tree, selector)) for name, selector in source.page_fields.items()}
    return msgspec.structs.replace(entry, fields={**entry.fields, **{k: v for k, v in said.items() if v}})


def _item(entry: Entry, source: Source, title: str, kept: list[Tag], part: str) -> dict[str, Any]:
    html = without_addresses("\n".join(str(tag) for tag in kept))
    found = {**from_entry(entry, source), "title": title, "html": html}
    return {**found, "part": part} if part else found


def _name(part: Tag, heading: Tag | None) -> str:
    """What the page itself calls a part: the id of it or of its heading."""
    return str(part.get("id") or (heading and heading.get("id")) or "")


def _sections(tag: Tag, selector: str, *, at_least: int) -> list[Tag]:
    """The parts of `tag` that begin with a heading and end before the next one; modifies the tree."""
    for heading in many(tag, selector, at_least=at_least):
        heading.insert_before(_CUT)
    pieces = str(tag).split(_CUT)[1:]
    return [body for piece in pieces if (body := BeautifulSoup(piece, "lxml").body)]


def _strip(tag: Tag, source: Source) -> None:
    """Take out what is no content; modifies the tree."""
    for button in tag.select(HEADING_BUTTONS):
        button.unwrap()
    for selector in (NOISE, PERSONS, *source.drop):
        for inner in tag.select(selector):
            inner.decompose()
    for text in tag.find_all(string=True):
        if isinstance(text, PreformattedString):  # comments, declarations
            text.extract()
    for inner in (tag, *tag.find_all(True)):
        inner.attrs = {name: value for name, value in inner.attrs.items() if name in ATTRIBUTES}

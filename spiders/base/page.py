"""A web page as an item: the part that matters, without what changes with each visit and without mail addresses.

Kept are elements, their text, and the few attributes that carry meaning.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin, urlsplit

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
from spiders.base.frontier import Ask
from spiders.base.parts import parts, sections
from spiders.base.persons import without_addresses
from spiders.select import NothingFound, many, tree_of, value

ATTRIBUTES = frozenset({"href", "datetime", "id", "class", "lang", "colspan", "rowspan"})
NOISE = "script, style, noscript, template, iframe, svg, form, nav, button, input, [hidden]"
HEADING_BUTTONS = ":is(h1, h2, h3, h4, h5, h6, summary) button"
"""Headings of what can be folded are content."""
PERSONS = 'a[href^="mailto:" i], a[href^="tel:" i]'
TITLES = re.compile(
    r"^(http |error )*(40[0-9]|50[0-9])(\s*$|\s*[-–—|:.,!(]|\s+(not|bad|forbidden|unauthori[sz]ed|internal|"
    r"service|gateway|error|page|sidan)\b)|\bnot found\b|sidan (kunde inte|kan inte|hittades)|under maintenance|"
    r"temporarily unavailable|service unavailable|access denied|just a moment|are you a robot|tekniskt fel|"
    r"underhållsarbete|internal server error|application error",
    re.IGNORECASE,
)
"""Titles of pages that say that there is no page, with status 200."""
LOGIN = re.compile(r"\b(log ?in|sign in|logga in|logg inn)\b", re.IGNORECASE)


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """What is no UTF-8, read as Windows-1252."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("callwatch-cp1252", _as_cp1252)


class Private(ValueError):
    """A page for which one has to log in: not for the public, so not for us."""


def text_of(response: Response) -> str:
    """The body as text in the encoding that it says, or seems to have, also with Windows-1252 within UTF-8.

    Raises NotAnAnswer for what is no text.
    """
    if not isinstance(response, TextResponse):
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        raise NotAnAnswer(f"no text ({clean(kind, 60) or 'no Content-Type'})")
    text = response.text
    if "\ufffd" in text and response.encoding == "utf-8":
        return response.body.decode("utf-8", "callwatch-cp1252")
    return text


def items(text: str, entry: Entry, source: Source) -> Iterator[dict[str, Any]]:
    """The page as one item, as many as `items` or `split` finds in it, or none where it is about something else.

    Raises NothingFound when `keep`, `items` or `split` no longer fit, NotAnAnswer for a page that only reports an
    error, Private for one that wants a log-in.
    """
    tree = tree_of(text)
    title = _title(tree)
    kept = many(tree, source.keep)
    entry = _with_page_fields(entry, tree, source)
    for tag in kept:
        _strip(tag, source)
        _whole_links(tag, entry.url)
    if not any(tag.get_text(strip=True) for tag in kept):
        raise NothingFound(f"{NOTHING_FOUND}: {source.keep} (without text)")
    if source.items or isinstance(source.split, str):
        yield from _of_rows(kept, entry, source)
    else:
        yield from _of_page(kept, entry, source, title)


def _of_page(kept: list[Tag], entry: Entry, source: Source, title: str) -> Iterator[dict[str, Any]]:
    """The whole page, or the parts it is split into; nothing when it is about something else."""
    if not _is_about(source, kept):
        return
    several = parts(kept, source.split) if isinstance(source.split, Split) else []
    for part in several:
        yield _item(entry, source, f"{title}: {part.title}", part.tags, part.key)
    if not several:
        yield _item(entry, source, title, kept, "")


def _of_rows(kept: list[Tag], entry: Entry, source: Source) -> Iterator[dict[str, Any]]:
    """Each element of `items`, or what follows each heading of `split`."""
    selector = source.items or str(source.split)
    divide = _rows if source.items else sections
    found = [row for tag in kept for row in divide(tag, selector)]
    least = source.at_least if source.by == "page_watch" else min(1, source.at_least)
    if len(found) < least:
        short = f"({len(found)} found, at least {least} expected)"
        raise NothingFound(f"{NOTHING_FOUND}: {selector} {short}")
    for number, (row, under) in enumerate(found, 1):
        if not _is_about(source, [row], under):
            continue
        inner = row.select_one("h1, h2, h3, h4, h5, h6, summary, a[href]")
        title = clean((inner or row).get_text(" "), 300)
        listed = msgspec.structs.replace(entry, fields={**entry.fields, "under": under}) if under else entry
        yield _item(listed, source, title, [row], _name(row, inner) or str(number))


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
    found = {**from_entry(entry, source), "title": without_addresses(title), "html": html}
    return {**found, "part": without_addresses(part)} if part else found


def _name(part: Tag, heading: Tag | None) -> str:
    """What the page itself calls a part: the id of it or of its heading."""
    return str(part.get("id") or (heading and heading.get("id")) or "")


def _is_about(source: Source, kept: list[Tag], under: str = "") -> bool:
    said = " ".join((under, *(tag.get_text(" ") for tag in kept)))
    return source.about is None or bool(re.search(source.about, said, re.IGNORECASE))


def _rows(tag: Tag, selector: str) -> list[tuple[Tag, str]]:
    return [(row, "") for row in many(tag, selector, at_least=0)]


def _whole_links(tag: Tag, url: str) -> None:
    """Links that begin at the page become addresses; modifies the tree."""
    for link in tag.select("a[href]"):
        with suppress(ValueError):
            link["href"] = urljoin(url, str(link["href"]).strip())


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


def _title(tree: BeautifulSoup) -> str:
    """The first heading, else the title. Raises NotAnAnswer or Private where they say that there is no page."""
    title = clean(tree.title.get_text(" "), 300) if tree.title else ""
    heading = tree.select_one("h1")
    first = clean(heading.get_text(" "), 300) if heading else ""
    if TITLES.search(title) or (not title and TITLES.search(first)):
        raise NotAnAnswer(f'a page that reports an error: "{title or first}"')
    if LOGIN.search(title) and tree.select_one('input[type="password" i]'):
        raise Private(title)
    return first or title


def leads_back(asked: str, landed: str, ask: Ask, listed: str) -> bool:
    """Whether redirects from `asked` have led from an item's page back to the list at `listed`: the item is gone.

    Raises Private, or NotAnAnswer for the front page in place of another one.
    """
    path = urlsplit(landed).path
    if path == urlsplit(asked).path:
        return False
    if ask.source.private and re.search(ask.source.private, landed, re.IGNORECASE):
        raise Private(landed)
    if path in ("", "/") and urlsplit(asked).path not in ("", "/"):
        raise NotAnAnswer("redirected to the front page")
    return not ask.own and path == urlsplit(listed).path

"""The first version of a portal's `harvest:` section, from what its address answered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
from bs4 import BeautifulSoup
from scrapy.http import Response

from callwatch.scaffold import guess
from callwatch.scaffold.guess import About
from pipeline.errors import ConfigError
from pipeline.normalise.shared import decode
from pipeline.source_pages import Source
from spiders.base import json_list, page
from spiders.base.entries import Entry, Listed, wanted
from spiders.base.envelope import NotAnAnswer
from spiders.base.ways import read_list
from spiders.select import NothingFound

BASES = ("json_list", "listing", "feed", "sitemap", "page_watch", "embedded", "bulk_file")
OF_ROWS = ("json_list", "embedded", "bulk_file")
NAME = "calls"


class Draft(msgspec.Struct):
    """What is known of a portal so far. `rows` are its items where these are records and no pages."""

    base: str
    url: str
    about: About
    source: Source
    entries: Sequence[Entry] = ()
    more: Sequence[str] = ()
    rows: Sequence[Mapping[str, Any]] = ()
    remarks: Sequence[str] = ()

    @property
    def number(self) -> int:
        """How many items the first answer held."""
        return len(self.rows or self.entries)


def draft(base: str, url: str, response: Response) -> Draft:
    """What the first answer of a portal tells. Raises ConfigError when it does not fit the base."""
    try:
        if base == "json_list":
            return _of_list(url, response)
        return _of_pages(base, url, response)
    except (NotAnAnswer, NothingFound) as problem:
        raise ConfigError(f"{url}: {problem}. {_hint(base, url, response)}") from problem


def read_on(found: Draft, response: Response) -> Draft:
    """With one part of a sitemap that comes in parts."""
    listed = read_list(response, found.source.url, found.source)
    source = _with_only(found.source, listed)
    entries = tuple(wanted(listed.entries, source))
    return msgspec.structs.replace(found, source=source, entries=entries, more=())


def _of_list(url: str, response: Response) -> Draft:
    items = [decode(bytes(row)) for row in json_list.array(response)]
    rows = [row for row in items if isinstance(row, dict)]
    if not rows:
        raise NotAnAnswer("an array without objects")
    host = urlsplit(url).hostname or url
    source = Source(name=NAME, by="bulk_file", url=url)
    return Draft("json_list", url, About(host, ""), source, rows=rows)


def _of_pages(base: str, url: str, response: Response) -> Draft:
    text = page.text_of(response) if base != "bulk_file" else ""
    tree = BeautifulSoup(text, "lxml-xml" if base in ("feed", "sitemap") else "lxml")
    source = _source(base, url, tree, text)
    if base == "page_watch":
        list(page.items(text, Entry(url), source))
        return Draft(base, url, guess.about(tree, url), source, entries=(Entry(url),))
    listed = read_list(response, url, source)
    if base == "sitemap":
        source = _with_only(source, listed)
    entries = tuple(wanted(listed.entries, source))
    if not (entries or (listed.more and base == "sitemap")):
        raise NotAnAnswer("it names no items")
    found = Draft(base, url, _about(base, url, tree), source, entries, listed.more if base == "sitemap" else ())
    found.remarks = (
        [f"The page names a feed: {feed}" for feed in guess.feeds(tree)[:3]] if base == "listing" else []
    )
    if base in OF_ROWS:
        found.rows = [_row(entry, base) for entry in entries]
    return _with_details(found)


def _source(base: str, url: str, tree: BeautifulSoup, text: str) -> Source:
    given: dict[str, Any] = {"name": NAME, "by": base, "url": url}
    if base == "listing":
        rows = guess.rows(tree)
        if rows is None:
            raise NothingFound("no list of links was found in the page")
        given |= {"rows": rows.rows, "fields": rows.fields}
        given |= {"link": rows.link} if rows.link else {}
        given |= {"next": rows.next} if rows.next else {}
    elif base == "embedded":
        if not (name := guess.variable(text)):
            raise NothingFound("no script of the page holds an array of objects")
        given["variable"] = name
    elif base == "page_watch":
        given["keep"] = guess.keep([tree])
    return Source(**given)


def _with_only(source: Source, listed: Listed) -> Source:
    pattern = guess.only([entry.url for entry in listed.entries])
    return source.model_copy(update={"only": pattern}) if pattern else source


def _with_details(found: Draft) -> Draft:
    """The pages of items are read where most are on the portal's own host and are no files."""
    if found.base in OF_ROWS:
        return found
    host = urlsplit(found.url).hostname
    others = sorted({urlsplit(entry.url).hostname or "" for entry in found.entries} - {host})
    own = [e for e in found.entries if urlsplit(e.url).hostname == host and e.url != found.url]
    files = [entry for entry in own if re.search(r"\.(pdf|docx?|xlsx?|zip)$", urlsplit(entry.url).path, re.I)]
    details = found.base == "sitemap" or 2 * (len(own) - len(files)) > len(found.entries)
    remarks = (
        [f"Links lead to other hosts, too: {', '.join(others[:5])}. Those in `hosts` are followed."]
        if others
        else []
    )
    found.source = found.source.model_copy(update={"details": details})
    found.remarks = [*found.remarks, *remarks]
    return found


def _row(entry: Entry, base: str) -> Mapping[str, Any]:
    row: Mapping[str, Any] = decode(entry.fields["item"]) if base == "embedded" else entry.fields
    return row


def _about(base: str, url: str, tree: BeautifulSoup) -> About:
    known = guess.about(tree, url)
    if base != "feed":
        return known
    title = tree.select_one("channel > title, feed > title")
    language = tree.select_one("channel > language")
    named = " ".join(title.get_text().split())[:80] if title else known.publisher
    code = language.get_text().strip()[:2].lower() if language else ""
    return About(named or known.publisher, code if re.fullmatch("[a-z]{2}", code) else "")


def _hint(base: str, url: str, response: Response) -> str:
    """Where to look next."""
    start = response.body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if base == "listing":
        return (
            "Perhaps a script draws it: look in the network tab of a browser for the JSON it loads "
            "(--like json_list), in its source for an array (--like embedded), or for a feed or sitemap."
        )
    kinds = {"[": "json_list", "{": "bulk_file", "<!doctype html": "listing", "<html": "listing"}
    looks = next((like for begin, like in kinds.items() if start.startswith(begin.encode())), "")
    return f"Try --like {looks}." if looks and looks != base else f"Is this the right address for {base}?"

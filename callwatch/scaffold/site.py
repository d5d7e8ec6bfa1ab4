"""What a portal answered, as files of its test folder: cut to a few items, without scripts and without persons."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Collection, Sequence
from html import unescape
from typing import Any

import msgspec
import yaml
from bs4 import BeautifulSoup, Comment
from openpyxl import load_workbook
from scrapy.http import Response

from pipeline.normalise.keys import key_of
from pipeline.normalise.pages import Page
from pipeline.source_pages import Source
from spiders.base.entries import absolute
from spiders.base.envelope import NotAnAnswer
from spiders.base.page import PERSONS
from spiders.base.page import text_of as page_text
from spiders.base.persons import without_addresses
from spiders.select import many, value

DEAD = (
    "style, noscript, svg, iframe, link[rel=stylesheet], link[rel=preload], meta[name=csrf-token], meta[charset], "
    "meta[http-equiv=content-type i]"
)
AUTHORS = re.compile(
    r"<((?:\w+:)?(?:author|creator|contributor|managingEditor|webMaster|owner))\b[^>]*?(?:/>|>.*?</\1>)", re.DOTALL
)
ITEMS = re.compile(r"<(item|entry|url)\b(?:[^>]*[^/])?>.*?</\1>", re.DOTALL)
LINKS = re.compile(
    r"<link\b[^>]*\bhref=[\"'](.*?)[\"']|<(?:loc|link)\b[^>]*>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</",
    re.DOTALL,
)


class Reply(msgspec.Struct, frozen=True):
    """What an address answered; `text` where it is text, and `source` what was asked for by it.

    `page`: it is the page of an item, not a list.
    """

    url: str
    body: bytes
    text: str | None
    source: Source
    page: bool = False


def files(replies: Sequence[Reply], kept: Collection[str]) -> dict[str, bytes]:
    """`site.yml` and `site/...` of a test folder. A list that leads to pages is cut to those in `kept`.

    Links to a next page that did not come are taken out.
    """
    came = {reply.url for reply in replies}
    found: dict[str, bytes] = {}
    places: dict[str, str] = {}
    for reply in replies:
        body = clean(reply, kept if reply.source.details else (), came)
        name = _name(reply, body, set(places.values()))
        places[reply.url] = name
        found[f"site/{name}"] = body
    text = yaml.safe_dump(places, allow_unicode=True, width=10_000, sort_keys=False)
    return {"site.yml": text.encode(), **found}


def clean(reply: Reply, kept: Collection[str], came: Collection[str] = ()) -> bytes:
    """A body as it may be kept."""
    if reply.text is None or reply.body.startswith(b"PK"):
        return _workbook(reply.body)
    if not _is_html(reply):
        return without_addresses(AUTHORS.sub("", _cut_xml(reply, kept))).encode()
    tree = BeautifulSoup(reply.text, "lxml")
    scripts = "" if reply.source.by == "embedded" and not reply.page else ", script"
    for tag in tree.select(f"{DEAD}, {PERSONS}{scripts}"):
        tag.decompose()
    for comment in tree.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    _leave_out(tree, reply, kept, came)
    return f"<!doctype html>\n{without_addresses(str(tree.html or tree))}\n".encode()


def _leave_out(tree: BeautifulSoup, reply: Reply, kept: Collection[str], came: Collection[str]) -> None:
    """What the YAML drops, of a page; rows not kept and the way to a page that did not come, of a list."""
    source = reply.source
    if reply.page or source.by == "page_watch":
        for tag in (tag for selector in source.drop for tag in tree.select(selector)):
            tag.decompose()
    elif source.by == "listing":
        for row in many(tree, source.rows or "") if kept else ():
            if absolute(source.url, value(row, source.link), source.host) not in kept:
                row.decompose()
        for tag in tree.select(source.next) if source.next else ():
            if absolute(source.url, value(tag, "@href"), source.host) not in came:
                tag.decompose()


def _cut_xml(reply: Reply, kept: Collection[str]) -> str:
    """A feed or sitemap without the items that are not kept; any other text as it is."""
    text = reply.text or ""
    if not kept or reply.source.by not in ("feed", "sitemap"):
        return text

    def cut(match: re.Match[str]) -> str:
        links = (unescape(link[1] or link[2] or "") for link in LINKS.finditer(match[0]))
        return match[0] if any(absolute(reply.url, link, reply.source.host) in kept for link in links) else ""

    return re.sub(r"\n\s*\n+", "\n", ITEMS.sub(cut, text))


def _workbook(body: bytes) -> bytes:
    """A workbook whose cells hold no mail addresses."""
    book = load_workbook(io.BytesIO(body))
    for sheet in book.worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            if isinstance(cell.value, str):
                cell.value = without_addresses(cell.value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _is_html(reply: Reply) -> bool:
    return reply.page or reply.source.by in ("listing", "embedded", "page_watch")


def _name(reply: Reply, body: bytes, taken: set[str]) -> str:
    """A file's name: what was asked for, or the end of the address."""
    stem = re.sub(r"[^\w.-]+", "-", key_of(Page("", reply.url)) if reply.page else reply.source.name)[:80].strip(
        "-."
    )
    endings = {"feed": ".xml", "sitemap": ".xml", "bulk_file": _file_ending(body)}
    ending = ".html" if reply.page else endings.get(reply.source.by, ".html")
    names = (f"{stem or 'page'}{number or ''}{ending}" for number in range(len(taken) + 1))
    return next(name for name in names if name not in taken)


def _file_ending(body: bytes) -> str:
    if body.startswith(b"PK"):
        return ".xlsx"
    return ".json" if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{") else ".csv"


def answer(rows: list[Any]) -> bytes:
    """`answer.json` of these records."""
    return (without_addresses(json.dumps(rows, ensure_ascii=False, indent=1)) + "\n").encode()


def text_of(response: Response) -> str | None:
    """The body as text; None for a file of another kind."""
    try:
        return page_text(response)
    except NotAnAnswer:
        return None

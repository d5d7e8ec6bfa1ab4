"""What reading costs, base by base: all a spider does but the network, beside the bare library on the same bytes.

`python -m tests.bench.bases` measures these alone.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from typing import Any

import feedparser
import lxml.etree
import orjson
from bs4 import BeautifulSoup
from openpyxl import Workbook, load_workbook
from scrapy.http import HtmlResponse, Response

from pipeline.harvest import CrawlReport, PageMemory, RawBatch, WatchedPage
from pipeline.source import PagePortal, Portal, load_portal
from spiders.base.pages import PagesSpider
from spiders.portals.forte import Forte
from spiders.portals.tillvaxtverket import Tillvaxtverket
from tests.bench.figure import Figure
from tests.bench.measure import Step, Turns, always, figure, in_turns
from tests.conftest import ROOT
from tests.portals.facts import answer

ITEMS = 250
HOST = "https://tillvaxtverket.se"
URLS = [f"{HOST}/utlysningar/en-utlysning-med-ett-langt-namn.{10_000 + n}.html" for n in range(ITEMS)]
PROSE = "<p>Pengar till projekt i <b>Norrbotten</b> som hjälper företag att byta bränsle mot el och vätgas.</p>"
CHROME = "<nav>" + "<a class='n' href='/sida'>En sida till</a>" * 60 + "</nav><script>var t=1;</script>"


class Intake:
    """What a store knows of a portal, in memory."""

    complete_at = None
    watched: Mapping[str, WatchedPage] = {}

    def __init__(self) -> None:
        self.digests: dict[str, str] = {}
        self.pages: dict[str, PageMemory] = {}
        self.documents = 0

    def known(self, digest: str) -> str | None:
        return self.digests.get(digest)

    def remembered(self, url: str) -> PageMemory | None:
        return self.pages.get(url)

    def take(self, batch: RawBatch) -> None:
        self.digests |= {record.digest: record.document for record in batch.records}
        self.pages |= {page.url: page for page in batch.pages}
        self.documents += len(batch.records) + len(batch.unchanged)

    def finished(self, report: CrawlReport) -> None:
        """Nothing: nobody reads it."""


def page(number: int) -> bytes:
    """One of 12 KB, as an agency writes it."""
    main = f"<main><h1>Utlysning {number}</h1><ul><li>Stänger 17 februari 2027</li></ul>{PROSE * 40}</main>"
    return f"<html><head><title>Utlysning {number}</title></head><body>{CHROME}{main}</body></html>".encode()


PAGES = {url: page(number) for number, url in enumerate(URLS)}
ROWS = "".join(f"<li class='c'><a href='{url}'>Utlysning</a> <time>2027-02-17</time></li>" for url in URLS)
POSTS = "".join(f"<item><title>Utlysning</title><link>{u}</link><description>x</description></item>" for u in URLS)
PLACES = "".join(f"<url><loc>{url}</loc><lastmod>2026-11-01</lastmod></url>" for url in URLS)
HEADER = ["Title", "Opens", "Closes", "Budget", "Text"]
TABLE = [HEADER, *([f"Call {n}", "2026", "2027", n, "x" * 200] for n in range(ITEMS))]
SECTIONS = "".join(f"<section class=c id=c{n}><h2>Call {n}</h2>{PROSE * 4}</section>" for n in range(ITEMS))
SCRIPT = orjson.dumps([{"title": f"Call {n}", "url": f"/c/{n}", "text": "x" * 500} for n in range(ITEMS)])
LISTS: dict[str, tuple[dict[str, Any], bytes]] = {
    "listing": ({"rows": "li.c", "fields": {"day": "time"}}, f"<html>{CHROME}<ul>{ROWS}</ul></html>".encode()),
    "feed with pages": ({"details": True}, f"<rss version='2.0'><channel>{POSTS}</channel></rss>".encode()),
    "sitemap with pages": ({"details": True}, f"<?xml version='1.0'?><urlset>{PLACES}</urlset>".encode()),
    "page_watch": ({"items": "section.c"}, f"<html>{CHROME}<main>{SECTIONS}</main></html>".encode()),
    "embedded": ({"variable": "calls"}, b"<script>var calls = " + SCRIPT + b";</script>"),
    "bulk_file": ({}, b""),
}  # fmt: skip


def workbook() -> bytes:
    """The table as XLSX."""
    book, packed = Workbook(), io.BytesIO()
    for row in TABLE:
        book.active.append(row)
    book.save(packed)
    return packed.getvalue()


def portal(name: str) -> PagePortal:
    """A portal whose calls are named in that way."""
    shipped = load_portal(ROOT / "config", "tillvaxtverket").model_dump()
    source = {"name": "calls", "by": name.split()[0], "url": f"{HOST}/list", **LISTS[name][0]}
    shipped["harvest"] = {"base": "pages", "sources": [source], "max_items": 10_000}
    return PagePortal.model_validate(shipped)


def crawl(spider: PagesSpider, answers: Mapping[str, bytes], intake: Intake) -> None:
    """All that the spider asks for, to the end. Raises RuntimeError unless its list is proven."""
    questions: list[Any] = list(spider._next())
    while questions:
        request = questions.pop(0)
        ask = request.cb_kwargs["ask"]
        response = HtmlResponse(
            ask.url, body=answers[ask.url], headers={"Content-Type": "text/html; charset=utf-8"}
        )
        for found in spider.parse(response, ask):
            if isinstance(found, RawBatch):
                intake.take(found)
            else:
                questions.append(found)
    if not all(part.proven and part.seen == ITEMS for part in spider.parts_seen()):
        raise RuntimeError(f"this would measure something else: {spider.report()}")


def soup() -> None:
    for text in PAGES.values():
        BeautifulSoup(text, "lxml")


def bare(name: str, body: bytes) -> None:
    """The library alone, on the list and on the pages that are read."""
    if name == "bulk_file":
        for sheet in load_workbook(io.BytesIO(body), read_only=True):
            list(sheet.iter_rows(values_only=True))
    elif name == "embedded":
        orjson.loads(SCRIPT)
    elif name == "feed with pages":
        feedparser.parse(io.BytesIO(body))
        soup()
    elif name == "sitemap with pages":
        lxml.etree.fromstring(body)
        soup()
    else:
        BeautifulSoup(body, "lxml")


def of_pages(name: str, number: int) -> Iterator[Figure]:
    """New items; of a sitemap also items that have not moved."""
    body, chosen = LISTS[name][1] or workbook(), portal(name)
    answers = {f"{HOST}/list": body, **PAGES}

    def new(_: int) -> Step:
        intake = Intake()
        return lambda: crawl(Tillvaxtverket(portal=chosen, intake=intake), answers, intake)

    yield made(name, "new items", in_turns(new, always(lambda: bare(name, body)), number))
    if name.startswith("sitemap"):
        full = Intake()
        crawl(Tillvaxtverket(portal=chosen, intake=full), answers, full)
        again = always(lambda: crawl(Tillvaxtverket(portal=chosen, intake=full), answers, full))
        least = always(lambda: lxml.etree.fromstring(body))
        yield made(name, "items, none moved", in_turns(again, least, number))


def of_list(number: int) -> Figure:
    """A JSON array of a research council."""
    os.environ.setdefault("CALLWATCH_FORTE_KEY", "none")
    rows = [answer("forte")[0] | {"diarienummer": f"2026-{n:05}"} for n in range(ITEMS)]
    body = orjson.dumps(rows)
    shipped = load_portal(ROOT / "config", "forte")
    ours = always(lambda: read_list(shipped, body))
    return made("json_list", "new items", in_turns(ours, always(lambda: orjson.loads(body)), number))


def read_list(shipped: Portal, body: bytes) -> None:
    """Raises RuntimeError unless all was read."""
    intake = Intake()
    for found in Forte(portal=shipped, intake=intake).parse(Response("http://127.0.0.1/", body=body)):
        if isinstance(found, RawBatch):
            intake.take(found)
    if intake.documents != ITEMS:
        raise RuntimeError("this would measure something else")


def made(name: str, what: str, turns: Turns) -> Figure:
    return figure(f"base {name}, {what}", f"{name}: {ITEMS} {what}", turns, "the library alone", count=ITEMS)


def reading(number: int) -> list[Figure]:
    """A line for each base."""
    return [line for name in LISTS for line in of_pages(name, number)] + [of_list(number)]

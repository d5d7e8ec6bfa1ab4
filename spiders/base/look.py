"""One look at a portal: the first question its spider would ask, and what the spider makes of the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from scrapy import Request
from scrapy.exceptions import CloseSpider
from scrapy.http import Response

from pipeline.errors import PortalDrift
from pipeline.harvest import CrawlReport, Issue, PageMemory, RawBatch, WatchedPage
from pipeline.normalise.shared import decode
from pipeline.source import PagePortal
from pipeline.source_pages import Source
from spiders.base import json_list, linked, page
from spiders.base.asks import Ask, Slice
from spiders.base.entries import Entry, wanted
from spiders.base.envelope import NotAnAnswer, is_web_page, page_title
from spiders.base.json_list import JsonListSpider
from spiders.base.planned import PlannedSpider
from spiders.base.portal_spider import PortalSpider
from spiders.base.ways import read_list

Items = list[Mapping[str, Any]]
UNFINISHED = ("crawl", "closed")
"""Fields of Issues that say that a harvest was not ended; it was not meant to be."""


class Recent:
    """An intake that knows nothing but that a harvest was complete a day ago: so little is asked for."""

    def __init__(self, now: datetime | None = None) -> None:
        self.watched: Mapping[str, WatchedPage] = {}
        self.complete_at = (now or datetime.now(UTC)) - timedelta(days=1)

    def remembered(self, url: str) -> PageMemory | None:
        return None

    def known(self, digest: str) -> str | None:
        return None

    def take(self, batch: RawBatch) -> None:
        """Nothing is kept."""

    def finished(self, report: CrawlReport) -> None:
        """Nothing is kept."""


class Seen(msgspec.Struct):
    """What an answer holds: its items as they came, what they become as records, and what the spider had to say.

    `total` is how many items there are as far as the answer tells; `whole`: it holds all of its part.
    """

    part: str
    items: Items
    batch: RawBatch
    issues: Sequence[Issue]
    total: int
    whole: bool


async def question(spider: PortalSpider) -> Request:
    """The request for the first list, or the first page of a search."""
    if isinstance(spider, PlannedSpider):
        ask = _search_ask(spider)
        url, body, content_type = spider.request(ask)
        headers = {"Content-Type": content_type, "Accept": "application/json"}
        meta = {"json": True, "handle_httpstatus_list": list(spider.read_faults)}
        return Request(url, method="POST", body=body, headers=headers, meta=meta)
    async for request in spider.start():
        return request  # type: ignore[no-any-return]
    raise AssertionError("a spider that asks nothing")


def look(spider: PortalSpider, response: Response, about: Mapping[str, Any]) -> Seen:
    """What the answer to `question` holds; `about` are the arguments of the callback that it was made for.

    Raises NotAnAnswer or NothingFound when it holds nothing that can be read.
    """
    if isinstance(spider, PlannedSpider):
        return _search(spider, response)
    batches: list[RawBatch] = []
    with suppress(CloseSpider):  # a refusal stands in the report
        batches = [each for each in spider.parse(response, **about) if isinstance(each, RawBatch)]
    items: Items = []
    whole = True
    if isinstance(spider, JsonListSpider):
        items = _rows(spider, response)
    elif isinstance(spider.portal, PagePortal):
        items, whole = entries(spider.portal, response)
    report = spider.report()
    said = [*report.issues, *(issue for batch in batches for issue in batch.issues)]
    issues = [issue for issue in said if issue.field not in UNFINISHED]
    if report.refused:
        issues.append(Issue("", "answer", report.refused))
    batch = batches[0] if batches else RawBatch(portal=spider.portal.name)
    return Seen(report.parts[0].name, items, batch, issues, len(items), whole)


def entries(portal: PagePortal, response: Response) -> tuple[Items, bool]:
    """What the first list of a portal of pages says of each item, or the items of its page; whether it is whole.

    Raises NotAnAnswer or NothingFound.
    """
    source = portal.harvest.sources[0]
    if source.by == "page_watch":
        found = page.items(page.text_of(response), Entry(source.url), source)
        return [{name: item.get(name, "") for name in ("title", "html", "part")} for item in found], True
    if source.file:
        return [{"(file)": linked.file_on(page.text_of(response), source, portal.requests.hosts)}], False
    listed = read_list(response, source.url, source)
    if listed.more and not listed.entries:
        return [{"(list)": url} for url in listed.more], False
    return [_said(entry, source) for entry in wanted(listed.entries, source)], not listed.more


def _said(entry: Entry, source: Source) -> Mapping[str, Any]:
    if source.by == "embedded":
        found: Mapping[str, Any] = decode(entry.fields["item"])
        return found
    link = entry.url if entry.url != source.url else ""
    return {**entry.fields, "(link)": link, "(lastmod)": entry.lastmod}


def _rows(spider: JsonListSpider, response: Response) -> Items:
    rows = [json_list.without(row, spider.portal.harvest.drop) for row in json_list.array(response)]
    return [row for row in map(decode, rows) if isinstance(row, dict)]


def _search(spider: PlannedSpider, response: Response) -> Seen:
    ask = _search_ask(spider)
    if is_web_page(response.body):
        raise NotAnAnswer(f'a web page instead of JSON: "{page_title(response.body)}"')
    try:
        answer, batch = spider.read(response, ask)
    except PortalDrift as drift:
        raise NotAnAnswer(str(drift)) from drift
    found = batch or RawBatch(portal=spider.portal.name)
    items = [decode(record.body) for record in found.records]
    issues = (*spider.report().issues, *found.issues)
    told = [issue for issue in issues if issue.field not in UNFINISHED]
    return Seen(ask.part.name, items, found, told, answer.total, answer.total <= len(items))


def _search_ask(spider: PlannedSpider) -> Ask:
    part = spider.parts()[0]
    return Ask(part=part, where=Slice(), size=spider.limits().page_size, sort=part.sort)

"""The one item pipeline: hands batches of raw records to whoever takes them in."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from pipeline.harvest import CrawlReport, PageMemory, RawBatch, WatchedPage


class Intake(Protocol):
    """Who takes in what a crawl finds.

    `complete_at`: when the last complete harvest began, if there was one. `watched`: pages from which the
    calls came that are still live, by address.
    """

    @property
    def complete_at(self) -> datetime | None: ...

    @property
    def watched(self) -> Mapping[str, WatchedPage]: ...

    def remembered(self, url: str) -> PageMemory | None:
        """What is remembered of a page, or of a list, under that name; from memory."""

    def known(self, digest: str) -> str | None:
        """Document whose stored current body has this SHA-256. Called in the event loop: from memory, at once."""

    def take(self, batch: RawBatch) -> None:
        """Keep one page. May block: called in a thread, never twice at a time. An exception ends the crawl."""

    def finished(self, report: CrawlReport) -> None:
        """Called in a thread after the last `take`, unless one has failed."""


class Handover:
    """Passes each RawBatch on and keeps it from feeds; everything else goes through.

    An exception of the intake is kept as `spider.failure` for the caller to raise; the crawl then ends.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._lock = asyncio.Lock()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Handover:
        return cls(crawler)

    async def process_item(self, item: Any) -> Any:
        """Raises DropItem for every batch: it has arrived where it belongs."""
        if not isinstance(item, RawBatch):
            return item
        spider: Any = self._crawler.spider
        async with self._lock:
            if spider.failure is None:
                try:
                    await asyncio.to_thread(spider.intake.take, item)
                except Exception as error:  # noqa: BLE001 - whatever it is, the caller raises it again
                    self._fail(error)
        raise DropItem("handed over", log_level="DEBUG")

    async def close_spider(self) -> None:
        """Report, once everything has been handed over."""
        spider: Any = self._crawler.spider
        if spider.intake is None or spider.failure is not None:
            return
        try:
            await asyncio.to_thread(spider.intake.finished, spider.report())
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller raises it again
            spider.failure = error

    def _fail(self, error: Exception) -> None:
        spider: Any = self._crawler.spider
        spider.failure = error
        spider.give_up("what was fetched could not be kept")

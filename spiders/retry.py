"""Retries with growing pauses, where Scrapy's own middleware retries at once and ignores Retry-After."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Response
from scrapy.utils.misc import load_object

_HOPELESS = 3
"""After so many requests given up in a row the portal is down: the others fail without retries."""
_SLICE = 0.2


class BackOffRetry:
    """Retries what Scrapy's settings RETRY_* name, and web pages where `meta["json"]` was asked for.

    A pause holds the one request; a Retry-After holds all of them. Nothing blocks the loop. After RETRY_TIMES the
    answer or fault goes on to the spider.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._codes = {int(code) for code in crawler.settings.getlist("RETRY_HTTP_CODES")}
        self._faults = tuple(load_object(fault) for fault in crawler.settings.getlist("RETRY_EXCEPTIONS"))
        self._first = crawler.settings.getfloat("RETRY_FIRST_PAUSE", 1.0)
        self._longest = crawler.settings.getfloat("RETRY_LONGEST_PAUSE", 60.0)
        self._given_up = 0
        self._held_until = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> BackOffRetry:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Wait while the portal has asked for a pause."""
        loop = asyncio.get_running_loop()
        while (left := self._held_until - loop.time()) > 0 and self._going_on():
            await asyncio.sleep(min(left, _SLICE))

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        if response.status not in self._codes and not _page_instead(request, response):
            self._given_up = 0
            return response
        wait = retry_after(response, datetime.now(UTC))
        return await self._again(request, f"HTTP {response.status}", wait) or response

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        if not isinstance(exception, self._faults):
            return None
        return await self._again(request, exception, None)

    async def _again(self, request: Request, reason: str | Exception, asked: float | None) -> Request | None:
        """The request once more, after a pause; None when it has failed for good."""
        retried = None
        if self._given_up < _HOPELESS and self._going_on() and self.crawler.spider:
            retried = get_retry_request(request, spider=self.crawler.spider, reason=reason)
        if retried is None:
            self._given_up += 1
            return None
        loop = asyncio.get_running_loop()
        pause = back_off(request.meta.get("retry_times", 0), self._first, self._longest, asked)
        until = loop.time() + pause
        if asked is not None:
            self._held_until = max(self._held_until, until)
        while (left := until - loop.time()) > 0 and self._going_on():
            await asyncio.sleep(min(left, _SLICE))
        return retried

    def _going_on(self) -> bool:
        """False when the crawl ends: nobody waits for a pause then."""
        return self.crawler.crawling and not getattr(self.crawler.spider, "over", False)


def back_off(times: int, first: float, longest: float, asked: float | None) -> float:
    """Seconds before the next try after `times` earlier ones; the server's wish counts, up to `longest`."""
    return min(longest, first * 2.0**times if asked is None else asked)


def retry_after(response: Response, now: datetime) -> float | None:
    """Seconds the server asks to wait: a number or a date (RFC 9110); None if it does not, or unreadably."""
    text = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if text.isdecimal() and text.isascii() and len(text) <= 9:
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())


def _page_instead(request: Request, response: Response) -> bool:
    """A maintenance page answers with status 200."""
    kind = (response.headers.get("Content-Type") or b"").lower()
    return bool(request.meta.get("json")) and response.status == 200 and b"html" in kind

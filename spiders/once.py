"""A few questions to a portal, each asked once and in order: for looking at a portal, not for harvesting it.

Everything that guards a harvest guards these too: robots.txt, name, hosts, sizes, pace. Nothing is asked again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from pipeline.harvest import Issue
from pipeline.source import Portal
from spiders.base.portal_spider import reason
from spiders.base.requests import portal_settings
from spiders.keyed import Secret

ABOUT = "about"
"""Where in `meta` the arguments of the callback stand that a request was made for."""
Take = Callable[[Response], Iterable[Request]]
"""Takes an answer, and names what to ask next."""


class Once(Spider):
    """`first` is asked, each answer goes to `take`; `problems` says what was not answered, by address.

    `failure` is a fault of ours in `take`, for the caller to raise.
    """

    name = "once"
    intake = None

    def __init__(
        self,
        *,
        portal: Portal,
        base_url: str,
        first: Callable[[], Awaitable[Request]],
        take: Take,
        secret: Secret | None = None,
    ) -> None:
        super().__init__()
        self.portal, self.base_url, self.secret = portal, base_url, secret
        self._first, self._take = first, take
        self.problems: dict[str, str] = {}
        self.failure: BaseException | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Once:
        spider = super().from_crawler(crawler, *args, **kwargs)
        own = portal_settings(spider.portal, spider.base_url) | {"RETRY_TIMES": 0, "CONCURRENT_REQUESTS": 1}
        for name, value in own.items():
            crawler.settings.set(name, value, priority="spider")
        crawler.signals.connect(spider._fault, signal=signals.spider_error)
        return spider

    def note(self, issue: Issue) -> None:
        """What the guard refused; the request itself fails with the same words."""

    async def start(self) -> AsyncIterator[Any]:
        yield self._mine(await self._first())

    def parse(self, response: Response) -> Iterator[Request]:
        """Pass an answer on."""
        yield from map(self._mine, self._take(response))

    def failed(self, failure: Failure) -> None:
        """A request without an answer."""
        problem = reason(failure.value)
        request: Request = failure.request  # type: ignore[attr-defined]
        self.problems[request.url] = self.secret.hidden(problem) if self.secret else problem

    def _mine(self, request: Request) -> Request:
        meta = {**request.meta, ABOUT: request.cb_kwargs}
        return request.replace(callback=self.parse, errback=self.failed, cb_kwargs={}, meta=meta, dont_filter=True)

    def _fault(self, failure: Failure, **_: Any) -> None:
        self.failure = self.failure or failure.value

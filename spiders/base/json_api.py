"""Base of spiders that read a JSON search API page by page and prove that they saw all of it.

The planner (plan.py, scan.py) says what to ask; a portal's class says how a question becomes a request and how an
answer is checked; records.py turns items into batches. This class only carries questions and answers to and fro.
"""

from __future__ import annotations

import asyncio
import os
from abc import abstractmethod
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import msgspec
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from pipeline.errors import ConfigError, PortalDrift
from pipeline.harvest import CrawlReport, Issue, RawBatch
from pipeline.normalise import normaliser
from pipeline.source import Portal, load_portal
from spiders.base.arguments import checked_base_url, count, day, flag
from spiders.base.asks import Answer, Ask, Limits, Part
from spiders.base.envelope import NotAnAnswer, is_web_page, page_title
from spiders.base.memory import Memory, config_with
from spiders.base.plan import Plan
from spiders.base.records import Reader
from spiders.base.requests import portal_settings
from spiders.handover import Intake

Output = Iterator[Any]


class JsonApiSpider(Spider):
    """Arguments (all optional; `-a NAME=VALUE` on the command line of Scrapy):

    closed=1           calls that are over, instead of open and forthcoming ones
    since=YYYY-MM-DD   with closed: only those whose last deadline is on that day or later
    limit=N            stop after about N calls; the report then proves nothing
    base_url=URL       scheme://host:port in place of the portal's own; also CALLWATCH_<NAME>_BASE_URL
    intake             an object as in spiders/handover.py; without one the calls come out as items at the end
    portal             a pipeline.source.Portal; without one its YAML is read

    After the crawl `report()` says what was seen, and `failure` is the exception that ended it, or None.
    Raises ConfigError when an argument cannot be used.
    """

    def __init__(
        self,
        *,
        closed: bool | str = False,
        since: str | date = "",
        limit: int | str = 0,
        base_url: str = "",
        intake: Intake | None = None,
        portal: Portal | None = None,
    ) -> None:
        super().__init__()
        self.portal = portal or load_portal(config_with(f"portals/{self.name}.yml"), self.name)
        self.base_url = checked_base_url(base_url or os.environ.get(f"CALLWATCH_{self.name.upper()}_BASE_URL", ""))
        self.over_calls = flag("closed", closed)
        self.since = day("since", since)
        self.limit = count("limit", limit)
        if self.since and not self.over_calls:
            raise ConfigError("since only makes sense together with closed=1: open calls are harvested whole.")
        self.intake = intake
        self.memory = None if intake else Memory(self.portal.name)
        self.failure: BaseException | None = None
        self._refused = ""
        self._notes: dict[Issue, None] = {}
        self._pages = 0
        self._closing: asyncio.Future[None] | None = None
        self.reader = Reader(
            self.portal.name,
            known=intake.known if intake else lambda digest: None,
            identify=normaliser(self.portal.name).identify,
            largest=self.portal.requests.item_kib << 10,
            limit=self.limit,
        )
        abreast = 1 if self.limit else self.portal.requests.concurrency
        self.plan = Plan(self.parts(), self._limits(), abreast=abreast)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> JsonApiSpider:
        """Also sets what the portal's YAML says of pace, sizes and retries; only `scrapy -s` comes above it."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        for name, value in portal_settings(spider.portal, spider.base_url).items():
            crawler.settings.set(name, value, priority="spider")
        crawler.signals.connect(spider._fault, signal=signals.spider_error)
        return spider

    @abstractmethod
    def parts(self) -> Sequence[Part]:
        """The queries of the harvest, the most important first."""

    @abstractmethod
    def request(self, ask: Ask) -> tuple[str, bytes, str]:
        """Address, body and Content-Type of a question."""

    @abstractmethod
    def read(self, response: Response, ask: Ask) -> tuple[Answer, RawBatch | None]:
        """What an answer says. Raises NotAnAnswer, or PortalDrift when it is no answer to this question."""

    @property
    def over(self) -> bool:
        """True when nothing more will be asked."""
        return self.failure is not None or bool(self._refused) or self.plan.done

    async def start(self) -> AsyncIterator[Any]:
        for request in self._requests(self.plan.begin()):
            yield request

    def parse(self, response: Response, ask: Ask) -> Output:
        """Hand over what a page holds, and ask on."""
        if self.over or not self.plan.wants(ask.part):
            return
        try:
            if is_web_page(response.body):
                raise NotAnAnswer(f'a web page instead of JSON: "{page_title(response.body)}"')
            if response.request and response.request.method != "POST":
                raise NotAnAnswer(f"redirected to {response.url[:200]}; the question was lost on the way")
            answer, batch = self.read(response, ask)
        except NotAnAnswer as problem:
            answer, batch = self._missing(ask, str(problem)), None
        except PortalDrift as drift:
            yield from self._refuse(ask, str(drift))
            return
        self._pages += bool(ask.sort) and not answer.problem
        if batch and self.memory:
            self.memory.take(batch)
        elif batch:
            yield batch
        yield from self._go_on(self.plan.answer(ask, answer))

    def failed(self, failure: Failure) -> Output:
        """A request that was given up: its page is missing, nothing else."""
        ask: Ask = failure.request.cb_kwargs["ask"]  # type: ignore[attr-defined]
        if not self.over and self.plan.wants(ask.part):
            yield from self._go_on(self.plan.answer(ask, self._missing(ask, _reason(failure.value))))

    def note(self, issue: Issue) -> None:
        """Keep an Issue for the report, once."""
        self._notes[issue] = None

    def give_up(self, problem: str) -> None:
        """Ask nothing more and close; what was handed over stays."""
        self.plan.stop(problem)
        if self._closing is None:
            closing = self.crawler.engine.close_spider_async(reason="given_up")
            self._closing = asyncio.ensure_future(closing)

    def report(self) -> CrawlReport:
        """What was seen; parts that are not finished count as unproven."""
        issues = list(self._notes)
        if self.limit:
            issues.append(Issue("", "limit", f"stopped after about {self.limit} calls, as asked"))
        else:
            issues += self.plan.issues()
        if not self.plan.done:
            issues.append(Issue("", "crawl", "it was ended before everything had been asked"))
        folded = {"ghost": len(self.reader.ghosts)} if self.reader.ghosts else {}
        return CrawlReport(self.plan.reports(), self._pages, tuple(issues), folded, self._refused)

    def closed(self, reason: str) -> None:
        """Without an intake nobody else would tell the operator."""
        report = self.report()
        if self.memory and report.refused:
            self.logger.error("Not data: %s", report.refused)
        for issue in report.issues if self.memory else ():
            self.logger.warning("%s: %s", issue.field, issue.problem)

    def _limits(self) -> Limits:
        harvest = self.portal.harvest
        return Limits(
            page_size=min(harvest.page_size, self.limit or harvest.page_size),
            window=harvest.window,
            scans=harvest.scans,
            other_sort=harvest.other_sort,
            split_by=harvest.split_by,
            rows=self.limit,
        )

    def _requests(self, asks: Iterable[Ask]) -> Iterator[Request]:
        for ask in asks:
            url, body, content_type = self.request(ask)
            yield Request(
                url,
                method="POST",
                body=body,
                headers={"Content-Type": content_type, "Accept": "application/json"},
                callback=self.parse,
                errback=self.failed,
                cb_kwargs={"ask": ask},
                meta={"json": True},
                dont_filter=True,  # a second scan asks the same questions again
            )

    def _go_on(self, asks: Iterable[Ask]) -> Output:
        yield from self._requests(asks)
        if self.memory and self.plan.done:
            yield from ({"id": call.id, **msgspec.to_builtins(call)} for call in self.memory.calls(self.note))

    def _missing(self, ask: Ask, problem: str) -> Answer:
        what = f"facet {ask.facet}" if ask.facet else f"page {ask.number}" if ask.sort else "total"
        self.note(Issue("", ask.part.name, f"{what}: {problem}"))
        return Answer(problem=f"{what}: {problem}")

    def _refuse(self, ask: Ask, problem: str) -> Output:
        if ask.part.optional:
            yield from self._go_on(self.plan.abandon(ask.part, problem))
            return
        self._refused = f"{ask.part.name}: {problem}"
        self.plan.stop("refused")
        raise CloseSpider("refused")

    def _fault(self, failure: Failure, **_: Any) -> None:
        """A fault of ours in a callback: the caller raises it."""
        if self.failure is None and not isinstance(failure.value, CloseSpider):
            self.failure = failure.value
            self.give_up("a fault of ours")


def _reason(error: BaseException | None) -> str:
    if isinstance(error, HttpError):
        return f"HTTP {error.response.status}"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"

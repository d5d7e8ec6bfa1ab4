"""What every spider of a portal shares: its arguments, its YAML, where what it finds goes, and its report."""

from __future__ import annotations

import asyncio
import os
from abc import abstractmethod
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from pipeline.errors import ConfigError
from pipeline.harvest import CrawlReport, Issue, PartReport, RawBatch
from pipeline.normalise import normaliser
from pipeline.source import Portal, load_portal
from spiders.base.arguments import checked_base_url, count, day, flag
from spiders.base.memory import Memory, config_with
from spiders.base.records import Reader
from spiders.base.requests import portal_settings
from spiders.handover import Intake

Output = Iterator[Any]
ALL_READ = Issue("", "closed", "this portal lists open and closed calls together: all of them were read")
"""Said where closed calls were asked for and cannot be told from the others."""


class PortalSpider(Spider):
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

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> PortalSpider:
        """Also sets what the portal's YAML says of pace, sizes and retries; only `scrapy -s` comes above it."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        for name, value in portal_settings(spider.portal, spider.base_url).items():
            crawler.settings.set(name, value, priority="spider")
        crawler.signals.connect(spider._fault, signal=signals.spider_error)
        return spider

    @property
    @abstractmethod
    def asked_all(self) -> bool:
        """True when everything that was to be asked has been answered, or given up."""

    @abstractmethod
    def stop(self, problem: str) -> None:
        """Ask nothing more; what is not finished counts as unproven."""

    @abstractmethod
    def parts_seen(self) -> tuple[PartReport, ...]:
        """What each part of the harvest has seen so far."""

    @abstractmethod
    def issues(self) -> list[Issue]:
        """What the base itself has to say of a whole harvest."""

    @property
    def over(self) -> bool:
        """True when nothing more will be asked."""
        return self.failure is not None or bool(self._refused) or self.asked_all

    def note(self, issue: Issue) -> None:
        """Keep an Issue for the report, once."""
        self._notes[issue] = None

    def give_up(self, problem: str) -> None:
        """Ask nothing more and close; what was handed over stays."""
        self.stop(problem)
        if self._closing is None:
            closing = self.crawler.engine.close_spider_async(reason="given_up")
            self._closing = asyncio.ensure_future(closing)

    def report(self) -> CrawlReport:
        """What was seen; parts that are not finished count as unproven."""
        issues = list(self._notes)
        if self.limit:
            issues.append(Issue("", "limit", f"stopped after about {self.limit} calls, as asked"))
        else:
            issues += self.issues()
        if not self.asked_all:
            issues.append(Issue("", "crawl", "it was ended before everything had been asked"))
        folded = {"ghost": len(self.reader.ghosts)} if self.reader.ghosts else {}
        return CrawlReport(self.parts_seen(), self._pages, tuple(issues), folded, self._refused)

    def closed(self, reason: str) -> None:
        """Without an intake nobody else would tell the operator."""
        report = self.report()
        if self.memory and report.refused:
            self.logger.error("Not data: %s", report.refused)
        for issue in report.issues if self.memory else ():
            self.logger.warning("%s: %s", issue.field, issue.problem)

    def hand_over(self, batch: RawBatch | None) -> Output:
        """Give a batch to whoever takes it in."""
        if batch and self.memory:
            self.memory.take(batch)
        elif batch:
            yield batch

    def calls_at_the_end(self) -> Output:
        """The calls themselves, where nobody took in the records and nothing more will come."""
        if self.memory and self.asked_all:
            yield from ({"id": call.id, **msgspec.to_builtins(call)} for call in self.memory.calls(self.note))

    def refuse(self, problem: str) -> None:
        """What came is not data. Raises CloseSpider."""
        self._refused = problem
        self.stop("refused")
        raise CloseSpider("refused")

    def _fault(self, failure: Failure, **_: Any) -> None:
        """A fault of ours in a callback: the caller raises it."""
        if self.failure is None and not isinstance(failure.value, CloseSpider):
            self.failure = failure.value
            self.give_up("a fault of ours")


def reason(error: BaseException | None) -> str:
    """Why a request was given up, in one line."""
    if isinstance(error, HttpError):
        return f"HTTP {error.response.status}"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"

"""Base of spiders that ask question after question and prove that they saw all there is.

The planner (plan.py, scan.py) says what to ask; a portal's class says how a question becomes a request and how an
answer is checked; records.py turns items into batches. This class only carries questions and answers to and fro.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from pipeline.errors import PortalDrift
from pipeline.harvest import Issue, PartReport, RawBatch
from spiders.base.asks import Answer, Ask, Limits, Part
from spiders.base.envelope import NotAnAnswer, is_web_page, page_title
from spiders.base.plan import Plan
from spiders.base.portal_spider import Output, PortalSpider, reason


class PlannedSpider(PortalSpider):
    """`read_faults`: HTTP statuses that `read` gets to see, because their answer says what is wrong."""

    read_faults: tuple[int, ...] = ()

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        limits = self.limits()
        abreast = 1 if self.limit else self.portal.requests.concurrency
        self.plan = Plan(self.parts(), limits, abreast=abreast)

    @abstractmethod
    def parts(self) -> Sequence[Part]:
        """The queries of the harvest, the most important first."""

    @abstractmethod
    def limits(self) -> Limits:
        """How a part is paged, and how often it is scanned."""

    @abstractmethod
    def request(self, ask: Ask) -> tuple[str, bytes, str]:
        """Address, body and Content-Type of a question."""

    @abstractmethod
    def read(self, response: Response, ask: Ask) -> tuple[Answer, RawBatch | None]:
        """What an answer says. Raises NotAnAnswer, or PortalDrift when it is no answer to this question."""

    @property
    def asked_all(self) -> bool:
        return self.plan.done

    def stop(self, problem: str) -> None:
        self.plan.stop(problem)

    def parts_seen(self) -> tuple[PartReport, ...]:
        return self.plan.reports()

    def issues(self) -> list[Issue]:
        return list(self.plan.issues())

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
        self._pages += bool(ask.sort) and batch is not None
        yield from self.hand_over(batch)
        yield from self._go_on(self.plan.answer(ask, answer))

    def failed(self, failure: Failure) -> Output:
        """A request that was given up: its page is missing, nothing else."""
        ask: Ask = failure.request.cb_kwargs["ask"]  # type: ignore[attr-defined]
        if not self.over and self.plan.wants(ask.part):
            yield from self._go_on(self.plan.answer(ask, self._missing(ask, reason(failure.value))))

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
                meta={"json": True, "handle_httpstatus_list": list(self.read_faults)},
                dont_filter=True,  # a second scan asks the same questions again
            )

    def _go_on(self, asks: Iterable[Ask]) -> Output:
        yield from self._requests(asks)
        yield from self.calls_at_the_end()

    def _missing(self, ask: Ask, problem: str) -> Answer:
        what = f"facet {ask.facet}" if ask.facet else f"page {ask.number}" if ask.sort else "total"
        self.note(Issue("", ask.part.name, f"{what}: {problem}"))
        return Answer(problem=f"{what}: {problem}")

    def _refuse(self, ask: Ask, problem: str) -> Output:
        if ask.part.optional:
            yield from self._go_on(self.plan.abandon(ask.part, problem))
            return
        self.refuse(f"{ask.part.name}: {problem}")

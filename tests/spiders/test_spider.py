"""The spider without a crawl: what it does with faults of ours, and with answers the portal once gave."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from scrapy.exceptions import CloseSpider
from twisted.python.failure import Failure

from pipeline.harvest import CrawlReport, Issue, RawBatch
from spiders.base import envelope, search_api
from spiders.handover import Handover
from spiders.portals.eu_funding_tenders import EuFundingTenders

AT = datetime(2026, 11, 23, tzinfo=UTC)


class FakeEngine:
    """Notes why it was closed."""

    def __init__(self) -> None:
        self.engine, self.reasons = self, list[str]()
        self.spider: Any = None

    async def close_spider_async(self, *, reason: str) -> None:
        self.reasons.append(reason)


class NoIntake:
    """Refuses the report."""

    def known(self, digest: str) -> str | None:
        return None

    def take(self, batch: RawBatch) -> None:
        raise AssertionError

    def finished(self, report: CrawlReport) -> None:
        raise OSError("gone")


def spider_with(intake: Any = None) -> tuple[EuFundingTenders, FakeEngine]:
    spider, engine = EuFundingTenders(intake=intake), FakeEngine()
    engine.spider = spider
    spider.crawler = engine  # type: ignore[assignment]
    return spider, engine


def test_a_fault_of_ours_ends_the_crawl_and_is_kept_for_the_caller() -> None:
    spider, engine = spider_with()

    async def faults() -> None:
        spider._fault(Failure(CloseSpider("refused")))
        assert spider.failure is None
        spider._fault(Failure(KeyError("first")))
        spider._fault(Failure(KeyError("second")))
        await asyncio.sleep(0)

    spider.plan.begin()
    asyncio.run(faults())
    assert repr(spider.failure) == "KeyError('first')"
    assert spider.over
    assert engine.reasons == ["given_up"]
    assert not any(part.proven for part in spider.report().parts)


def test_a_crawl_that_was_interrupted_says_so() -> None:
    spider, _ = spider_with()
    spider.plan.begin()
    assert spider.report().issues[-1] == Issue("", "crawl", "it was ended before everything had been asked")
    assert spider.report().refused == ""


def test_a_report_that_cannot_be_kept_is_a_failure() -> None:
    spider, engine = spider_with(NoIntake())
    handover = Handover.from_crawler(engine)  # type: ignore[arg-type]
    asyncio.run(handover.close_spider())
    assert repr(spider.failure) == "OSError('gone')"


def test_items_that_are_no_batches_go_through(caplog: pytest.LogCaptureFixture) -> None:
    spider, engine = spider_with()
    handover = Handover.from_crawler(engine)  # type: ignore[arg-type]
    assert asyncio.run(handover.process_item({"id": "x"})) == {"id": "x"}
    asyncio.run(handover.close_spider())
    spider._refused = "topics: the portal ignored the filters"
    spider.closed("refused")
    assert "Not data: topics: the portal ignored the filters" in caplog.text


@pytest.mark.recorded
def test_recorded_answers_are_read_and_those_to_other_questions_told(recorded: Path) -> None:
    topics = next(part for part in spider_with()[0].parts() if part.name == "topics")
    told = set()
    for path in sorted((recorded / "ft" / "raw").glob("*.json")):
        page = envelope.read(path.read_bytes())
        assert page.total > 20_000
        found = spider_with()[0].reader.page(page.items, "https://h/", AT)
        assert len(found.keys) == len(page.items) == len(found.batch.records)
        rows = [search_api.read_row(item) for item in page.items]
        told |= {search_api.foreign(row, topics).partition(" although")[0] for row in rows if row}
    assert told >= {"a row of language 'bg'", "a row of type '6'", "a row of status '31094503'"}

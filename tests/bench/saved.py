"""Our own way with saved pages, without any network: read, check, keep, normalise, classify, store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from scrapy.http import Response

from callwatch.wiring import Wiring
from pipeline.harvest import CrawlReport, PartReport, RawBatch, RunReport
from pipeline.models import Call
from pipeline.run import Run
from pipeline.store import Store, calls
from spiders.base.asks import Ask, Slice
from spiders.base.search_api import Question
from spiders.portals.eu_funding_tenders import EuFundingTenders
from tests.bench.data import PAGE

NAME = "eu_funding_tenders"
Page = tuple[tuple[str, str], bytes]


def parts_of(spider: EuFundingTenders) -> dict[tuple[str, str], Question]:
    """What the spider asks for, by type and language."""
    return {(part.type, part.language): part for part in spider.parts() if isinstance(part, Question)}


def batches(spider: EuFundingTenders, pages: Iterable[Page]) -> Iterator[tuple[tuple[str, str], int, RawBatch]]:
    """Of each page its kind, the number of items on it, and what the spider hands over."""
    parts = parts_of(spider)
    numbers = dict.fromkeys(parts, 0)
    for kind, body in pages:
        part = parts[kind]
        numbers[kind] += 1
        ask = Ask(part=part, where=Slice(), size=PAGE, number=numbers[kind], sort=part.sort)
        answer, batch = spider.read(Response("http://127.0.0.1/search", body=body), ask)
        yield kind, len(answer.keys), batch or RawBatch(portal=NAME, records=(), unchanged=())


def harvest(wiring: Wiring, pages: Iterable[Page], url: str) -> RunReport:
    """One whole run of the portal from its saved answers, into the store at `url`."""
    portal = wiring.portal(NAME)
    with Store.open(url, upgrade=False) as store:
        run = Run(store, portal, wiring.workshop(NAME), clock=lambda: datetime.now(UTC))
        run.open()
        spider = EuFundingTenders(intake=run.intake, portal=portal)
        parts = parts_of(spider)
        seen, number = dict.fromkeys(parts, 0), 0
        for kind, items, batch in batches(spider, pages):
            seen[kind] += items
            number += 1
            run.intake.take(batch)
        told = tuple(PartReport(p.name, seen[kind], seen[kind], True, p.role) for kind, p in parts.items())
        run.intake.finished(CrawlReport(told, number))
        return run.close()


def stored(url: str) -> Sequence[Call]:
    """The calls in a store."""
    with Store.open(url) as store, store.read() as conn:
        return [found.call for found in calls.query(conn)]

"""Our own way with saved pages, without any network: read, check, keep, normalise, classify, store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from scrapy.http import Response

from callwatch.wiring import Wiring
from pipeline.harvest import CrawlReport, PartReport, RunReport
from pipeline.models import Call
from pipeline.run import Run
from pipeline.store import Store, calls
from spiders.base.asks import Ask, Slice
from spiders.base.search_api import Question
from spiders.portals.eu_funding_tenders import EuFundingTenders
from tests.bench.data import PAGE

NAME = "eu_funding_tenders"
Page = tuple[tuple[str, str], bytes]


def harvest(wiring: Wiring, pages: Sequence[Page], database: Path) -> RunReport:
    """One whole run of the portal from its saved answers."""
    portal = wiring.portal(NAME)
    with Store.open(f"sqlite:///{database}", upgrade=False) as store:
        run = Run(store, portal, wiring.workshop(NAME), clock=lambda: datetime.now(UTC))
        run.open()
        spider = EuFundingTenders(intake=run.intake, portal=portal)
        parts = {(part.type, part.language): part for part in spider.parts() if isinstance(part, Question)}
        seen = dict.fromkeys(parts, 0)
        numbers = dict.fromkeys(parts, 0)
        for kind, body in pages:
            part = parts[kind]
            numbers[kind] += 1
            ask = Ask(part=part, where=Slice(), size=PAGE, number=numbers[kind], sort=part.sort)
            answer, batch = spider.read(Response("http://127.0.0.1/search", body=body), ask)
            seen[kind] += len(answer.keys)
            if batch:
                run.intake.take(batch)
        told = tuple(PartReport(p.name, seen[kind], seen[kind], True, p.role) for kind, p in parts.items())
        run.intake.finished(CrawlReport(told, len(pages)))
        return run.close()


def stored(database: Path) -> list[Call]:
    """The calls in a database."""
    with Store.open(f"sqlite:///{database}") as store, store.read() as conn:
        return [found.call for found in calls.query(conn)]


def prepare(database: Path) -> None:
    """Create an empty database; that is no part of a harvest."""
    Store.open(f"sqlite:///{database}").close()

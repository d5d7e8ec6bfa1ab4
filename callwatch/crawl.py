"""Runs the spiders of some portals in this process, each with its run as intake.

A Twisted reactor starts once per process: call `harvest_portals` once. The portals are crawled side by side.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from callwatch import sources
from callwatch.cli.output import Advance
from callwatch.wiring import Wiring
from pipeline.errors import Busy
from pipeline.harvest import Issue, RunReport, Verdict
from pipeline.run import Run
from pipeline.store import slots

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from pipeline.schedule import Slot
    from pipeline.source import Portal
    from pipeline.store import Store


class Wish(msgspec.Struct, frozen=True):
    """What is asked of a harvest, beyond the everyday one of all open and forthcoming calls."""

    limit: int | None = None
    closed: bool = False
    since: str | None = None
    dry_run: bool = False

    @property
    def whole(self) -> bool:
        """True when everything the portal lists as live is asked for."""
        return not (self.limit or self.closed)

    def arguments(self) -> dict[str, Any]:
        """The spider's own arguments."""
        return {"closed": self.closed, "since": self.since or "", "limit": self.limit or 0}


def harvest_portals(
    wiring: Wiring,
    names: Sequence[str],
    wish: Wish,
    advance: Advance,
    due: Mapping[str, Slot] = {},
) -> list[RunReport]:
    """Harvest these portals; one report each, in their order. `due` names the slots that count as done thereby.

    A fault in one portal leaves the others alone and is raised at the end. Raises Busy when every one of them is
    being harvested by another process.
    """
    if not names:
        return []
    with _store(wiring, wish) as store:
        started, refused = _opened(wiring, store, names, wish, advance, due)
        if refused and not started:
            raise next(iter(refused.values()))
        structlog.contextvars.bind_contextvars(run=",".join(run.id for run in started.values()))
        failures, stopped = _crawl(wiring, started, wish)
        reports = {name: _end(run, failures) for name, run in started.items()}
        for name, busy in refused.items():
            reports[name] = RunReport(portal=name, verdict=Verdict.FAILED, issues=[Issue("", "lock", str(busy))])
        _hand_back(store, stopped, due)
        if not wish.dry_run:
            sources.look_over(wiring, store)
    for failure in failures.values():
        raise failure
    return [reports[name] for name in names]


def _opened(
    wiring: Wiring,
    store: Store,
    names: Sequence[str],
    wish: Wish,
    advance: Advance,
    due: Mapping[str, Slot],
) -> tuple[dict[str, Run], dict[str, Busy]]:
    """The runs that began, and why the others did not."""
    started: dict[str, Run] = {}
    refused: dict[str, Busy] = {}
    for name in names:
        portal, workshop = _portal(wiring, name), wiring.workshop(name)
        clock, places, slot = wiring.clock, wiring.places, due.get(name)
        run = Run(
            store, portal, workshop, clock=clock, places=places, whole=wish.whole, slot=slot, advance=advance
        )
        try:
            run.open()
        except Busy as error:
            refused[name] = error
        else:
            started[name] = run
    return started, refused


def _portal(wiring: Wiring, name: str) -> Portal:
    """The portal; a stand-in of it (another base address) need not list as many calls as the real one."""
    portal = wiring.portal(name)
    if not os.environ.get(f"CALLWATCH_{name.upper()}_BASE_URL"):
        return portal
    return portal.model_copy(update={"bounds": portal.bounds.model_copy(update={"min_items": 1})})


def _hand_back(store: Store, stopped: Sequence[str], due: Mapping[str, Slot]) -> None:
    """Slots whose harvest was asked to stop are due again."""
    for name in stopped:
        if name in due:
            with store.begin() as conn:
                slots.hand_back(conn, slots.harvest_job(name), due[name].key)


def _crawl(wiring: Wiring, runs: dict[str, Run], wish: Wish) -> tuple[dict[str, BaseException], list[str]]:
    """Run the spiders until all are done; by portal what ended one before its time, and which a signal ended."""
    if wiring.settings.contact:
        os.environ.setdefault("CALLWATCH_CONTACT", wiring.settings.contact)
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.settings import Settings

    settings = Settings()
    settings.setmodule("spiders.settings", priority="project")
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    crawls = {}
    for name, run in runs.items():
        crawler = process.create_crawler(_spider(name))
        crawls[name] = crawler, process.crawl(crawler, portal=run.portal, intake=run, **wish.arguments())
    process.start()
    ended = {name: task.exception() or _failure(crawler.spider) for name, (crawler, task) in crawls.items()}
    stopped = [name for name, (crawler, _) in crawls.items() if _reason(crawler) == "shutdown"]
    return {name: failure for name, failure in ended.items() if failure is not None}, stopped


def _reason(crawler: Crawler) -> object:
    return crawler.stats.get_value("finish_reason") if crawler.stats else None


def _failure(spider: Any) -> BaseException | None:
    """What ended a crawl before its time."""
    failure: BaseException | None = spider.failure
    return failure


def _end(run: Run, failures: dict[str, BaseException]) -> RunReport:
    """Close the run; what goes wrong in doing so is added to `failures`, so that the other runs still end."""
    name = run.portal.name
    try:
        return run.abort(failures[name]) if name in failures else run.close()
    except Exception as error:  # noqa: BLE001 - raised by the caller once every run has ended
        failures.setdefault(name, error)
        return run.report


def _spider(portal: str) -> Any:
    module = import_module(f"spiders.portals.{portal}")
    return next(value for value in vars(module).values() if getattr(value, "name", None) == portal)


@contextmanager
def _store(wiring: Wiring, wish: Wish) -> Iterator[Store]:
    """The store; for a dry run a throw-away copy of it (an empty one where it cannot be copied)."""
    with wiring.store() as store:
        if not wish.dry_run:
            yield store
            return
        from pipeline.store import Store

        with TemporaryDirectory() as scratch:
            path = Path(scratch) / "rehearsal.db"
            store.copy_to(path)
            rehearsal = Store.open(f"sqlite:///{path}")
            try:
                yield rehearsal
            finally:
                rehearsal.close()

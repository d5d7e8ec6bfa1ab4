"""Runs the spiders of some portals in this process, each with its run as intake.

A Twisted reactor starts once per process: call `harvest_portals` once. The portals are crawled side by side.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from callwatch import sources
from callwatch.cli.output import Advance
from callwatch.tracing import Trace
from callwatch.wiring import Wiring
from pipeline.errors import Busy, CallwatchError, ConfigError
from pipeline.harvest import Issue, RunReport, Verdict
from pipeline.run import Run
from pipeline.store import slots

if TYPE_CHECKING:
    from pipeline.schedule import Slot
    from pipeline.source import Portal
    from pipeline.store import Store


log = structlog.get_logger()


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

    A fault in one portal leaves the others alone: its report says so, and the log has the traceback. Raised is the
    first fault when no portal could be harvested, and Busy when other processes are harvesting every one of them.
    """
    if not names:
        return []
    gc.freeze()  # modules and profiles stay: walking through them at each collection is a tenth of a harvest
    ended: dict[str, RunReport] = {}
    with _store(wiring, wish) as store:
        traces: dict[str, Trace] = {}
        started, failures = _opened(wiring, store, names, wish, advance, due, traces)
        if started:
            structlog.contextvars.bind_contextvars(run=",".join(run.id for run in started.values()))
            stopped: list[str] = []
            fetched = [traces[name].begin("fetch") for name in started]
            failures |= _crawl(wiring, started, wish, stopped)
            for done in fetched:
                done()
            ended = {name: _end(run, failures, traces[name]) for name, run in started.items()}
            _hand_back(store, stopped, due)
        if started and not wish.dry_run:
            sources.look_over(wiring, store)
    if len(failures) == len(names):
        raise next(iter(failures.values()))
    for name, failure in failures.items():
        if not isinstance(failure, CallwatchError):
            log.error("a fault of callwatch, not of the portal", portal=name, exc_info=failure)
    return [ended.get(name) or _never_begun(name, failures[name]) for name in names]


def _never_begun(name: str, failure: BaseException) -> RunReport:
    problem = Issue("", "lock" if isinstance(failure, Busy) else "run", str(failure))
    return RunReport(portal=name, verdict=Verdict.FAILED, issues=[problem])


def _opened(
    wiring: Wiring,
    store: Store,
    names: Sequence[str],
    wish: Wish,
    advance: Advance,
    due: Mapping[str, Slot],
    traces: dict[str, Trace],
) -> tuple[dict[str, Run], dict[str, BaseException]]:
    """The runs that began, with their `traces`, and why the others did not."""
    started: dict[str, Run] = {}
    failures: dict[str, BaseException] = {}
    for name in names:
        try:
            portal, workshop = portal_of(wiring, name), wiring.workshop(name)
            clock, places, slot = wiring.clock, wiring.places, due.get(name)
            trace = Trace("harvest", {"portal": name})
            run = Run(
                *(store, portal, workshop),
                clock=clock,
                places=places,
                whole=wish.whole,
                slot=slot,
                advance=advance,
                stage=trace.stage,
            )
            run.open()
        except Exception as error:  # noqa: BLE001 - the other portals are harvested all the same
            failures[name] = error
        else:
            started[name], traces[name] = run, trace
    return started, failures


def portal_of(wiring: Wiring, name: str) -> Portal:
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


def _crawl(wiring: Wiring, runs: dict[str, Run], wish: Wish, stopped: list[str]) -> dict[str, BaseException]:
    """Run the spiders until all are done; what ended one before its time, by portal. To `stopped` is added which
    were ended by a signal."""
    process = crawler_process(wiring)
    crawls: dict[str, Any] = {}
    ended: dict[str, BaseException | None] = {}
    for name, run in runs.items():
        try:
            crawler = process.create_crawler(spider_of(name))
            crawls[name] = (
                crawler,
                process.crawl(crawler, portal=run.portal, intake=run.intake, **wish.arguments()),
            )
        except Exception as error:  # noqa: BLE001 - the other portals are harvested all the same
            ended[name] = error
    if crawls:
        process.start()
    stopped += [name for name, (crawler, _) in crawls.items() if _reason(crawler) == "shutdown"]
    ended |= {name: task.exception() or _failure(crawler.spider) for name, (crawler, task) in crawls.items()}
    return {name: failure for name, failure in ended.items() if failure is not None}


def _reason(crawler: Any) -> object:
    """Why a crawl ended, in Scrapy's words."""
    return crawler.stats.get_value("finish_reason") if crawler.stats else None


def crawler_process(wiring: Wiring) -> Any:
    """Scrapy with our settings; `create_crawler`, `crawl`, then `start` once."""
    if wiring.settings.contact:
        os.environ.setdefault("CALLWATCH_CONTACT", wiring.settings.contact)
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.settings import Settings

    settings = Settings()
    settings.setmodule("spiders.settings", priority="project")
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
    settings.set("SPIDER_MODULES", [], priority="cmdline")  # else all of them are imported, broken ones, too
    return AsyncCrawlerProcess(settings)


def _failure(spider: Any) -> BaseException | None:
    """What ended a crawl before its time; without a spider the crawl itself has failed."""
    failure: BaseException | None = getattr(spider, "failure", None)
    return failure


def _end(run: Run, failures: dict[str, BaseException], trace: Trace) -> RunReport:
    """Close the run; what goes wrong in doing so is added to `failures`, so that the other runs still end."""
    name = run.portal.name
    try:
        report = run.abort(failures[name]) if name in failures else run.close()
    except Exception as error:  # noqa: BLE001 - raised by the caller once every run has ended
        failures.setdefault(name, error)
        report = run.report
    counts = {key: getattr(report, key) for key in ("pages", "expected", "seen", "stored", "new", "changed")}
    verdict, issues = report.verdict, len(report.issues)
    trace.end(failed=verdict is Verdict.FAILED, run=run.id, verdict=verdict.value, issues=issues, **counts)
    return report


def spider_of(portal: str) -> Any:
    """The spider's class. Raises ConfigError where there is none of that name."""
    path = f"spiders.portals.{portal}"
    module = import_module(path) if find_spec(path) else None
    found = [value for value in vars(module or object).values() if getattr(value, "name", None) == portal]
    if not found:
        file = f"{path.replace('.', '/')}.py"
        raise ConfigError(f'No spider for portal "{portal}": add {file} (docs/how-to/add-a-portal.md).')
    return found[0]


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

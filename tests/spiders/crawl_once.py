"""Runs crawls in a process of their own (a Twisted reactor cannot start twice) and prints what came of each.

Each line of standard input holds the keyword arguments of `crawling.crawl` as JSON; --serve takes many of them.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, AsyncCrawlerRunner, CrawlerRunnerBase
from scrapy.settings import Settings
from scrapy.utils.log import configure_logging
from scrapy.utils.reactor import install_reactor

from pipeline.harvest import CrawlReport, RawBatch
from pipeline.source import load_portal
from spiders import settings as settings_module
from spiders.portals.eu_funding_tenders import EuFundingTenders

# What Scrapy imports when a crawl starts, so that measurements are of the crawl.
LOADED_ANYWAY = (
    "scrapy.core.downloader.handlers.http11",
    "scrapy.core.engine",
    "scrapy.extensions.feedexport",
    "pipeline.normalise.eu_funding_tenders",
    *(name.rpartition(".")[0] for name in settings_module.DOWNLOADER_MIDDLEWARES_BASE),
)
ROOT = Path(__file__).resolve().parents[2]


class KeepingIntake:
    """An intake that keeps what it is given; raises from the `fail_after`-th batch on (0: never)."""

    def __init__(self, known: dict[str, str], fail_after: int) -> None:
        self.known = known.get
        self.batches: list[RawBatch] = []
        self.reports: list[CrawlReport] = []
        self._fail_after, self._inside = fail_after, False

    def take(self, batch: RawBatch) -> None:
        assert not self._inside, "two batches at a time"
        self._inside = True
        if self._fail_after and len(self.batches) + 1 >= self._fail_after:
            raise OSError(28, "No space left on device")
        time.sleep(0.001)
        self.batches.append(batch)
        self._inside = False

    def finished(self, report: CrawlReport) -> None:
        self.reports.append(report)


class Watched:
    """One crawl to be run, and what came of it."""

    def __init__(self, given: dict[str, Any], runner: CrawlerRunnerBase) -> None:
        self.given, self.runner = given, runner
        self.crawler = runner.create_crawler(EuFundingTenders)
        self.intake = KeepingIntake(given["known"], given["fail_after"])
        self.items: list[Any] = []
        self.listening: list[str] = []
        connect = self.crawler.signals.connect
        connect(lambda item: self.items.append(item), signal=signals.item_scraped, weak=False)
        if given["watch_ports"]:
            connect(lambda **_: self.listening.extend(open_ports()), signal=signals.response_received, weak=False)
        self.before = cpu()

    def begin(self) -> Any:
        portal = load_portal(ROOT / "config", "eu_funding_tenders")
        portal = portal.model_validate(merged(portal.model_dump(), self.given["portal"]))
        intake = self.intake if self.given["intake"] else None
        self.before = cpu()
        return self.runner.crawl(self.crawler, portal=portal, intake=intake, **self.given["arguments"])

    def result(self) -> dict[str, Any]:
        spent = cpu() - self.before
        crawler = self.crawler
        spider: Any = crawler.spider
        return {
            "report": spider.report(),
            "finished": self.intake.reports,
            "failure": repr(spider.failure) if spider.failure else "",
            "batches": [as_dict(batch) for batch in self.intake.batches],
            "items": self.items,
            "stats": {k: v for k, v in crawler.stats.get_stats().items() if isinstance(v, int | float | str)},
            "settings": {name: crawler.settings[name] for name in self.given["show"]},
            "middlewares": [type(m).__name__ for m in crawler.engine.downloader.middleware.middlewares],
            "extensions": [type(m).__name__ for m in crawler.extensions.middlewares],
            "listening": self.listening,
            "cpu": spent,
            "rss_mb": peak_mb(),
        }


def as_dict(batch: RawBatch) -> dict[str, Any]:
    records = [
        {**{f: getattr(r, f) for f in r.__struct_fields__ if f != "body"}, "size": len(r.body)}
        for r in batch.records
    ]
    return {"records": records, "unchanged": batch.unchanged, "issues": batch.issues}


def settings_of(given: dict[str, Any]) -> Settings:
    settings = Settings()
    settings.setmodule("spiders.settings", priority="project")
    settings.setdict(given["settings"], priority="cmdline")
    return settings


def show(result: dict[str, Any]) -> None:
    sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
    sys.stdout.flush()


def once(given: dict[str, Any]) -> None:
    """One crawl in a process of its own, as callwatch runs it; for measurements."""
    for module in LOADED_ANYWAY:
        import_module(module)
    process = AsyncCrawlerProcess(settings_of(given))
    watched = Watched(given, process)
    watched.begin()
    process.start()
    show(watched.result())


async def one_by_one() -> None:
    """Crawls as they are asked for, a line of JSON each, until standard input ends."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        given = json.loads(line)
        watched = Watched(given, AsyncCrawlerRunner(settings_of(given)))
        await watched.begin()
        show(watched.result())


def serve() -> None:
    """One reactor for many crawls: starting a process for each costs a second."""
    configure_logging({"LOG_LEVEL": "WARNING"})
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor

    def begin() -> None:
        task = asyncio.ensure_future(one_by_one())
        task.add_done_callback(lambda _: reactor.stop())

    reactor.callWhenRunning(begin)
    reactor.run()


def merged(old: Any, new: Any) -> Any:
    """`old` with the values of `new`, deeply."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return old | {key: merged(old.get(key), value) for key, value in new.items()}


def open_ports() -> list[str]:
    """Local addresses on which this process listens (Linux)."""
    inodes = {
        target[8:-1]
        for fd in Path("/proc/self/fd").iterdir()
        if fd.is_symlink() and (target := str(fd.readlink())).startswith("socket:[")
    }
    lines = [
        line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()
    ]
    return [line[1] for line in lines if line[3] == "0A" and line[9] in inodes]


def peak_mb() -> float:
    """Most memory ever in use; ru_maxrss would begin with the parent's, which a fork hands on."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    serve() if "--serve" in sys.argv else once(json.loads(sys.stdin.readline()))

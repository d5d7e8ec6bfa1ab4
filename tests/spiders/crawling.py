"""Runs crawls in a subprocess and reads what came of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import msgspec

from pipeline.harvest import CrawlReport

ROOT = Path(__file__).resolve().parents[2]
QUICK = {"RETRY_FIRST_PAUSE": 0.01, "RETRY_TIMES": 2}


@dataclass
class Crawl:
    """What a crawl gave: report, batches as dicts, items of a crawl without intake, and what it cost."""

    report: CrawlReport
    failure: str
    finished: list[Any]
    batches: list[dict[str, Any]]
    items: list[dict[str, Any]]
    stats: dict[str, Any]
    settings: dict[str, Any]
    middlewares: list[str]
    extensions: list[str]
    listening: list[str]
    cpu: float
    rss_mb: float

    @property
    def records(self) -> list[dict[str, Any]]:
        return [record for batch in self.batches for record in batch["records"]]

    @property
    def unchanged(self) -> list[str]:
        return [document for batch in self.batches for document in batch["unchanged"]]

    @property
    def problems(self) -> str:
        """All Issues of report and batches, as one text to look into."""
        told = [f"{issue.reference} {issue.field}: {issue.problem}" for issue in self.report.issues]
        told += [f"{i['reference']} {i['field']}: {i['problem']}" for b in self.batches for i in b["issues"]]
        return "\n".join(told)

    def part(self, name: str) -> Any:
        return next(part for part in self.report.parts if part.name == name)


def crawl(
    base_url: str,
    *,
    settings: dict[str, Any] | None = None,
    known: dict[str, str] | None = None,
    fail_after: int = 0,
    intake: bool = True,
    portal: dict[str, Any] | None = None,
    show: tuple[str, ...] = (),
    watch_ports: bool = False,
    fresh: bool = False,
    **arguments: Any,
) -> Crawl:
    """Crawl the portal at `base_url`; `portal` changes values of its YAML, `settings` stand above everything.

    `fresh`: in a new process, for measurements.
    """
    given = {
        "arguments": {"base_url": base_url, **arguments},
        "settings": {**QUICK, **(settings or {})},
        "known": known or {},
        "fail_after": fail_after,
        "intake": intake,
        "portal": portal or {},
        "show": show,
        "watch_ports": watch_ports,
    }
    worker = Worker("once") if fresh else Worker.shared()
    try:
        result = json.loads(worker.ask(json.dumps(given)))
    finally:
        if fresh:
            worker.stop()
    result["report"] = msgspec.convert(result["report"], CrawlReport)
    return Crawl(**result)


class Worker:
    """The process that crawls; kept from test to test."""

    _shared: Worker | None = None

    def __init__(self, mode: str) -> None:
        self._log = TemporaryFile("w+")  # noqa: SIM115 - closed by stop()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.spiders.crawl_once", f"--{mode}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            cwd=ROOT,
            env={**os.environ, "NO_PROXY": "127.0.0.1"},
        )

    @classmethod
    def shared(cls) -> Worker:
        if cls._shared is None:
            cls._shared = cls("serve")
        return cls._shared

    @classmethod
    def stop_shared(cls) -> None:
        if cls._shared:
            cls._shared.stop()
            cls._shared = None

    def ask(self, line: str) -> str:
        assert self._process.stdin
        assert self._process.stdout
        watchdog = threading.Timer(60, self._process.kill)
        watchdog.start()
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        finally:
            watchdog.cancel()
        if not answer:
            self._log.seek(0)
            raise AssertionError(f"the crawl gave nothing: {self._log.read()[-4000:]}")
        return answer

    def stop(self) -> None:
        self._process.communicate(timeout=20)
        self._log.close()

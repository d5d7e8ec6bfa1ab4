"""The spider as plain Scrapy runs it from a checkout: the same calls, and no database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from callwatch.demo import sample
from callwatch.demo.standin.server import StandIn
from tests.conftest import ROOT
from tests.harvest.commands import BASE_URL, PORTAL, Callwatch
from tests.harvest.days import NOW, TODAY
from tests.harvest.state import stored_calls


def scrapy(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Scrapy's own command in the folder of scrapy.cfg."""
    command = [sys.executable, "-m", "scrapy", *arguments]
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", **env}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True
    )


@pytest.mark.slow
def test_scrapy_crawls_the_same_calls(callwatch: Callwatch, tmp_path: Path) -> None:
    lines, database = tmp_path / "calls.jsonl", tmp_path / "none.db"
    before = set(ROOT.iterdir())
    with StandIn(sample.records(TODAY)) as portal:
        env = {BASE_URL: portal.base_url, "CALLWATCH_DATABASE_URL": f"sqlite:///{database}"}
        done = scrapy("crawl", PORTAL, "-O", str(lines), **env)
        callwatch.harvest(portal.base_url, at=NOW)
    assert "Traceback" not in done.stderr
    crawled = {item.pop("id"): item for item in map(json.loads, lines.read_text().splitlines())}
    harvested = {s.call.id: msgspec.to_builtins(s.call) for s in stored_calls(callwatch).values()}
    assert crawled.keys() == harvested.keys()
    for name, call in harvested.items():
        assert crawled[name] == json.loads(msgspec.json.encode(call)), name
    assert not database.exists()
    assert set(ROOT.iterdir()) == before

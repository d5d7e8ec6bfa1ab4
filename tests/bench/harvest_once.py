"""One harvest as `callwatch harvest` does it, in a process of its own; prints what it cost as JSON.

Everything that is imported at all is imported before the clock starts, and the database is there.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.bench.measure import cpu, peak

PORTAL = "eu_funding_tenders"
ROOT = Path(__file__).resolve().parents[2]
LONGEST = 300
LOADED_LATER = (
    "pipeline.run",
    "callwatch.cli.harvesting",
    "sqlalchemy.dialects.sqlite",
    "concurrent.futures.thread",
    "encodings.charmap",
    "encodings.idna",
    "protego",
    "queuelib",
    "rapidfuzz.fuzz",
    "rapidfuzz.process",
    "rapidfuzz.utils",
    "scrapy.dupefilters",
    "scrapy.extensions.closespider",
    "scrapy.extensions.corestats",
    "scrapy.extensions.memusage",
    "scrapy.extensions.throttle",
    "scrapy.logformatter",
    "scrapy.pqueues",
    "scrapy.robotstxt",
    "scrapy.spidermiddlewares.start",
    "scrapy.squeues",
    "scrapy.statscollectors",
    "scrapy.utils.engine",
    "spiders.keyed",
    "spiders.memusage",
    "spiders.pace",
)


def run(address: str, url: str) -> dict[str, Any]:
    """Harvest the portal at `address` into the store at `url`: cpu and start (seconds), rss (MB), late (modules
    imported while the clock ran), and the report of the run. Raises RuntimeError when the process fails."""
    known = {
        "CALLWATCH_DATABASE_URL": url,
        f"CALLWATCH_{PORTAL.upper()}_BASE_URL": address,
        "NO_PROXY": "127.0.0.1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.harvest_once"],
        env={**os.environ, **known},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the harvest failed:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    from tests.spiders.crawl_once import LOADED_ANYWAY

    for module in (*LOADED_ANYWAY, *LOADED_LATER):
        import_module(module)
    from callwatch.crawl import Wish, harvest_portals
    from callwatch.wiring import Wiring

    before = cpu()
    wiring = Wiring()
    wiring.workshop(PORTAL), wiring.places
    started = cpu() - before
    with wiring.store():
        pass
    gc.collect()
    modules = set(sys.modules)
    before = cpu()
    (report,) = harvest_portals(wiring, [PORTAL], Wish(), lambda done, total, what: None)
    spent = cpu() - before
    found = {
        "cpu": spent,
        "start": started,
        "rss": peak(),
        "late": sorted(set(sys.modules) - modules),
        "verdict": report.verdict,
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "issues": len(report.issues),
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()

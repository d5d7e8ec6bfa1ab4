"""One harvest of the demonstration in a process of its own, at the time that the demonstration plays.

`python -m callwatch.demo.harvest PORTAL 2026-11-30T07:05:00+00:00` prints what `callwatch harvest --json` does.
"""

from __future__ import annotations

import sys
from datetime import datetime

import msgspec

from callwatch.cli import output
from callwatch.crawl import Wish, harvest_portals
from callwatch.logs import configure
from callwatch.wiring import Wiring


def main(portal: str, at: str) -> None:
    """Harvest `portal` as at that time."""
    configure("text", verbose=False)
    now = datetime.fromisoformat(at)
    with output.progress(quiet=True) as advance:
        reports = harvest_portals(Wiring(clock=lambda: now), [portal], Wish(), advance)
    output.json_document({"runs": msgspec.to_builtins(reports)})


if __name__ == "__main__":
    main(*sys.argv[1:])

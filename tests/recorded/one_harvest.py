"""One harvest at a played time, in a process of its own: python -m tests.recorded.one_harvest ISO_TIME"""

from __future__ import annotations

import sys
from datetime import datetime

import msgspec

from callwatch.crawl import Wish, harvest_portals
from callwatch.logs import configure
from callwatch.wiring import Wiring

if __name__ == "__main__":
    configure("text", verbose=False)
    now = datetime.fromisoformat(sys.argv[1])
    wiring = Wiring(clock=lambda: now)
    (report,) = harvest_portals(wiring, ["eu_funding_tenders"], Wish(), lambda done, total, what: None)
    sys.stdout.buffer.write(msgspec.json.encode(report))

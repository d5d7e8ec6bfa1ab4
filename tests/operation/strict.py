"""`callwatch run` with other bounds on its children: `python -m tests.operation.strict SECONDS MEBIBYTES`."""

from __future__ import annotations

import sys

from callwatch.child import Limits
from callwatch.logs import configure
from callwatch.standing import standing
from callwatch.wiring import Wiring

if __name__ == "__main__":
    configure("text", False)
    limits = Limits(float(sys.argv[1]), int(sys.argv[2]))
    sys.exit(standing(Wiring(), seconds=0.5, harvest=limits).run())

"""`python -m callwatch.demo`: the stand-in portal alone, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from callwatch.demo.files import read_records
from callwatch.demo.grow import grow
from callwatch.demo.nextday import next_day
from callwatch.demo.standin.server import StandIn
from callwatch.stopping import stoppable
from pipeline.errors import CallwatchError

_EXAMPLE = "Example: python -m callwatch.demo --port 8899 --grow 1200"


def main(arguments: Sequence[str] | None = None, stopped: threading.Event | None = None) -> int:
    """Serve until interrupted or `stopped`; the base URL is the first line of standard output."""
    options = _parser().parse_args(arguments)
    stopped = stopped or threading.Event()
    try:
        records = _records(options)
        portal = StandIn(records, port=options.port).start()
    except (CallwatchError, ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    with portal, stoppable(signal.SIGINT, signal.SIGTERM, asked=stopped):
        sys.stdout.write(f"{portal.base_url}\n")
        sys.stdout.flush()
        sys.stderr.write(f"The stand-in portal serves {len(records)} items. Ctrl-C ends it.\n")
        stopped.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m callwatch.demo", description=__doc__, epilog=_EXAMPLE)
    parser.add_argument("--port", type=int, default=0, help="port on loopback (default: any free one)")
    parser.add_argument(
        "--records", type=Path, help="a file of items instead of the built-in sample (JSON, .jsonl, .gz)"
    )
    parser.add_argument("--grow", type=int, default=0, metavar="N", help="grow the records to N calls")
    parser.add_argument("--next-day", action="store_true", help="play one day on the records first")
    parser.add_argument(
        "--today",
        type=date.fromisoformat,
        default=datetime.now(UTC).date(),
        help="the day of the sample (YYYY-MM-DD)",
    )
    return parser


def _records(options: argparse.Namespace) -> list[dict[str, Any]]:
    records = read_records(options.records) if options.records else _sample(options.today)
    if options.grow:
        records = grow(records, options.grow)
    return next_day(records, options.today).records if options.next_day else records


def _sample(today: date) -> list[dict[str, Any]]:
    # Only here: serving a file must not read the sample.
    from callwatch.demo.sample import records

    return records(today)


if __name__ == "__main__":
    sys.exit(main())

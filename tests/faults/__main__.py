"""`python -m tests.faults` plays every fault of the registry and a minute of the soak on each store, and prints
what came of it. 1 if anything is not as expected; what cannot be played on this machine is said."""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.registry import FAULTS, Fault, Play

ROOT = Path(__file__).resolve().parent.parent.parent


class Seen:
    """What pytest reports: by test, how it ended, its figures and its seconds."""

    def __init__(self) -> None:
        self.outcomes: dict[str, str] = {}
        self.figures: dict[str, dict[str, float]] = defaultdict(dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A failure at any stage counts; else what the test itself did."""
        if report.when == "call" or report.outcome != "passed":
            before = self.outcomes.get(report.nodeid, "passed")
            self.outcomes[report.nodeid] = before if before == "failed" else report.outcome
        self.figures[report.nodeid] |= {name: float(str(value)) for name, value in report.user_properties}

    def of(self, play: Play, store: str) -> list[str]:
        """The tests of a play on one store."""
        found = [
            node
            for node in self.outcomes
            if node == play.node or node.startswith((f"{play.node}[", f"{play.node}::"))
        ]
        other = {"sqlite": "postgresql", "postgresql": "sqlite"}[store]
        return [node for node in found if other not in node.partition("[")[2]]


Row = tuple[str, ...]
HEADS = ("fault", "", "store", "played", "outcome", "lost", "doubled", "ambiguous", "recovery s")


def row(fault: Fault, store: str, seen: Seen) -> Row:
    """One fault on one store."""
    nodes = [node for play in fault.plays if store in play.stores for node in seen.of(play, store)]
    ends = [seen.outcomes[node] for node in nodes]
    outcome = "NOT PLAYED" if not ends else "as expected"
    if "failed" in ends:
        outcome = "FAILED"
    elif "skipped" in ends:
        outcome = "skipped" if set(ends) == {"skipped"} else f"as expected, {ends.count('skipped')} skipped"
    figures = [seen.figures[node] for node in nodes if seen.outcomes[node] == "passed"]
    sums = [_sum(figures, name) for name in ("lost", "doubled", "ambiguous")]
    slowest = max((each["recovery"] for each in figures if "recovery" in each), default=None)
    recovery = "" if slowest is None else f"{slowest:.1f}"
    return (
        str(fault.number),
        fault.fault,
        store if fault.touches else "any",
        str(len(nodes)),
        outcome,
        *sums,
        recovery,
    )


def _sum(figures: list[dict[str, float]], name: str) -> str:
    there = [each[name] for each in figures if name in each]
    return f"{sum(there):.0f}" if there else ""


def rows(seen: Seen, faults: list[Fault]) -> Iterator[Row]:
    """The table of outcomes."""
    for fault in faults:
        for store in ("sqlite", "postgresql"):
            if any(store in play.stores for play in fault.plays):
                yield row(fault, store, seen)


def short_soak(minutes: float) -> Iterator[Row]:
    """One seed on each store."""
    from tests.faults.soak import place, soak  # what it imports, pytest wants to import first

    for postgresql in (False, True):
        with place(postgresql) as (folder, url):
            result = soak(folder, url, 1 + postgresql, minutes)
        found, sure = result.difference, result.figures
        doubled = found.duplicates + found.strange + sure.slack_repeats + sure.outside + sure.strange
        slowest = f"{max(result.recoveries):.1f}" if result.recoveries else ""
        played = f"{sum(result.kills.values())} kills"
        outcome = "as expected" if result.is_good else "FAILED"
        figures = (str(found.lost + sure.lost), str(doubled), str(sure.mail_repeats), slowest)
        yield ("soak", f"{minutes:g} minutes at random", result.store, played, outcome, *figures)


def main() -> int:
    """0 if all is as expected."""
    parser = argparse.ArgumentParser(description="Play every fault.")
    parser.add_argument("--fault", type=int, nargs="+", help="only these")
    parser.add_argument("--soak", type=float, default=1.0, help="minutes of the soak on each store; 0: none")
    given = parser.parse_args()
    begun, seen = time.monotonic(), Seen()
    faults = [fault for fault in FAULTS if not given.fault or fault.number in given.fault]
    nodes = dict.fromkeys(str(ROOT / play.node) for fault in faults for play in fault.plays)
    code = pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT), *nodes], plugins=[seen])
    table = list(rows(seen, faults))
    if given.soak:
        table += short_soak(given.soak)
    sys.stdout.writelines(f"| {' | '.join(cells)} |\n" for cells in (HEADS, ["---"] * len(HEADS), *table))
    sys.stdout.write(f"\n{time.monotonic() - begun:.0f} seconds.\n")
    bad = [cells for cells in table if cells[4] in ("FAILED", "NOT PLAYED")]
    return 1 if code or bad else 0


if __name__ == "__main__":
    sys.exit(main())

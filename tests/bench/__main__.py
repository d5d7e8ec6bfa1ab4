"""Measures callwatch: `make bench`, and `make bench-check` for CI.

CPU seconds of the process that works (user and system), medians of several runs; servers are processes of their
own. Beside each figure stands what the machine can do at best with the same data, in turns with ours: machines
differ, and one machine differs from minute to minute; ratios stay. Without `--check` it ends with 0 unless
something is broken; a goal that is missed is printed. With it, it ends with 1 if a ratio is more than 30 % worse
than the stored one, three times in a row.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

from tests.bench import compare, results
from tests.bench.benches import BENCHES, measured
from tests.bench.figure import Figure, shown
from tests.bench.measure import say

TIMES = 3
"""So often something has to look worse."""


def main() -> int:
    """Measure and print the table; 1 if something became slower."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure callwatch.")
    parser.add_argument("--quick", action="store_true", help="fewer runs, and nothing that takes long")
    parser.add_argument("--check", action="store_true", help="compare with the stored figures; 1 if slower")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {', '.join(BENCHES)}")
    given = parser.parse_args()
    chosen = given.names or [name for name, bench in BENCHES.items() if bench.quick or not given.quick]
    if unknown := set(chosen) - set(BENCHES):
        parser.error(f"no such bench: {', '.join(sorted(unknown))}")
    found = {name: one(name, given.quick) for name in chosen}
    sys.stdout.write(f"\n{shown(together(found))}\n\n{results.this_machine()}.\n")
    if not given.quick:
        results.keep(together(found))
    return check(found, given.quick) if given.check else 0


def together(found: Mapping[str, Sequence[Figure]]) -> list[Figure]:
    return [figure for of_one in found.values() for figure in of_one]


def one(name: str, quick: bool) -> list[Figure]:
    say(f"{name} ...")
    return measured(name, quick=quick)


def check(found: Mapping[str, Sequence[Figure]], quick: bool) -> int:
    """Compare with what is stored; what looks worse is measured again before that is said."""
    stored = results.read(results.REFERENCE).figures
    latest = {name: list(figures) for name, figures in found.items()}
    for _ in range(TIMES - 1):
        for name in suspects(stored, latest):
            say(f"{name} looks slower than before; once more ...")
            latest[name] = compare.best([latest[name], measured(name, quick=quick)])
    judged = compare.compared(stored, together(latest))
    names = {figure.key: figure.what for figure in [*stored, *together(latest)]}
    sys.stdout.write(f"\nAgainst the stored figures:\n{compare.told(judged, names)}\n")
    slower = compare.worse(judged)
    if slower:
        sys.stdout.write(f"\nMore than {compare.WORSE - 1:.0%} worse, {TIMES} times: {', '.join(slower)}\n")
    return 1 if slower else 0


def suspects(stored: Sequence[Figure], latest: Mapping[str, Sequence[Figure]]) -> list[str]:
    """Benches with a figure that looks worse."""
    return [name for name, figures in latest.items() if compare.worse(compare.compared(stored, figures))]


if __name__ == "__main__":
    sys.exit(main())

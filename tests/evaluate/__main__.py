"""`make evaluate`: the classifier judged by the labelled sets, against floors that only go up.

`--raise-floors` writes floors where a figure has become better. Without the texts (../shared/data) there is
nothing to judge: said, and a failure only where everything is expected to be there (TESTS_REQUIRE_ALL=1).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from callwatch.evaluating import Evaluation, evaluate
from callwatch.evaluating.texts import Library
from callwatch.wiring import Wiring
from tests.evaluate import floors

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
SETS = [DATA / "ecosystems_dev.json", *sorted((Path(__file__).parent / "sets").glob("*.jsonl"))]


def judge() -> list[Evaluation]:
    """Every set, with the texts in ../shared/data."""
    wiring = Wiring()
    library = Library(wiring.programmes)
    library.add(DATA / "ft")
    names = list(wiring.profiles.ecosystems)
    return [evaluate(path, library, wiring.classifier, names, 0) for path in SETS]


def compare(found: Evaluation, least: Mapping[str, float]) -> Iterator[tuple[str, bool]]:
    """A line for each figure, and whether it holds; a figure with a floor that is gone does not."""
    for figure, value in found.figures.items():
        low, high = found.intervals[figure]
        line = f"  {figure:<12} {value:.3f}  [{low:.3f}, {high:.3f}]"
        if figure not in least:
            yield f"{line}  no floor", True
        else:
            margin = floors.above(figure, value, least[figure])
            verdict = f"{margin:.3f} above" if margin >= 0 else f"{-margin:.3f} BELOW"
            yield f"{line}  {verdict} its floor {least[figure]:.2f}", margin >= 0
    for figure in least.keys() - found.figures.keys():
        yield f"  {figure:<12} could not be computed, but has the floor {least[figure]:.2f}", False


def main(arguments: list[str]) -> int:
    """Exit code: 0 if every figure holds."""
    if not DATA.is_dir():
        sys.stdout.write(f"evaluate: skipped, the texts of the labelled calls ({DATA}) are not on this machine\n")
        return 1 if os.environ.get("TESTS_REQUIRE_ALL") == "1" else 0
    found, least = judge(), floors.read()
    if "--raise-floors" in arguments:
        least = floors.raised(least, {each.name: each.figures for each in found})
        floors.write(least)
    holds = True
    for each in found:
        sys.stdout.write(f"{each.name}: {each.calls} calls, {len(each.missing)} without text\n")
        for line, good in compare(each, least.get(each.name, {})):
            sys.stdout.write(line + "\n")
            holds &= good
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

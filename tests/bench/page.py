"""Makes the latest whole run the stored reference, and writes its table into docs/benchmarks.md.

`make bench-store`, after `make bench`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence
from itertools import chain

from tests.bench import results
from tests.bench.figure import HEAD, Figure, cells
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- measured: written by `make bench-store` -->", "<!-- end of what was measured -->"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """As Markdown."""
    lines = chain([head, ["---"] * len(head)], rows)
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def measured(found: results.Results) -> str:
    """What stands between the marks."""
    figures: list[Figure] = found.figures
    limits = dict.fromkeys((one.least, one.what) for one in figures if one.least)
    by_limit: dict[str, list[str]] = {}
    for least, what in limits:
        by_limit.setdefault(least, []).append(what)
    explained = table(("limit", "of"), ((least, "; ".join(of)) for least, of in by_limit.items()))
    return f"{found.machine}.\n\n{table(HEAD, map(cells, figures))}\n\nWhat the limits are:\n\n{explained}"


def written(page: str, found: results.Results) -> str:
    """The page with this table. Raises ValueError if it has no place for it."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{PAGE.name} has no place for the table: {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n\n{measured(found)}\n\n{END}{after}"


def main() -> int:
    """Store and write; 1 if nothing was measured yet."""
    if not results.LATEST.exists():
        sys.stdout.write("nothing was measured yet: run `make bench`\n")
        return 1
    results.REFERENCE.parent.mkdir(exist_ok=True)
    shutil.copy(results.LATEST, results.REFERENCE)
    PAGE.write_text(written(PAGE.read_text("utf-8"), results.read(results.REFERENCE)), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

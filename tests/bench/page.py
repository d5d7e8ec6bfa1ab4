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
    parts = (
        f"{found.machine}.",
        table(HEAD, map(cells, figures)),
        "What the limits are:",
        explained,
        "## Beside other programs",
        beside_peers(figures),
    )
    return "\n\n".join(parts)


PEERS = (
    ("eu-grants-feed (Node)", "0.8 to 1.1 s", "175 MB", "parsed, one JSON file written anew"),
    ("eu-funding-opportunities", "2.3 to 2.6 s", "111 MB", "two passes that have to agree; SQLite"),
    ("eu_funding_scraper", "2.9 to 4.0 s", "139 MB", "and 1,000 pages fetched in vain"),
    ("ec-funding-alert-api", "0.11 s, and 5 ms a new call", "65 MB", "lists titles only; 2 requests a new call"),
    ("eu-grants-agent", "6.9 to 7.3 s", "85 MB", "first date of several only"),
    ("Grant-Radar-CC", "65 to 71 s", "60 MB", "776 topics, each met with its keywords"),
)
"""Name, CPU and peak memory for 1,000 topics, and what was done for it; three runs of each on two shared cores."""


def beside_peers(figures: Sequence[Figure]) -> str:
    """Ours in the same table, as far as it was measured."""
    of_ours = {
        "harvest cold sqlite": "all new: every field, 14 ecosystems, 19 regions, history, links; SQLite",
        "harvest same sqlite": "nothing changed",
    }
    rows = []
    for one in figures:
        if one.key in of_ours:
            name = f"callwatch, {one.what.removesuffix(', SQLite')}"
            rows.append((name, f"{one.ours:.2f} s", f"{one.memory:.0f} MB", of_ours[one.key]))
    return table(("", "CPU for 1,000 topics", "peak memory", "what is done for it"), [*PEERS, *rows])


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

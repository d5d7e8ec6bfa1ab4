"""What becomes of the recorded national calls: 718 records of three research councils, and the rounds of Vinnova.

`python -m tests.portals.recorded_table [FOLDER]` prints it: how many records became calls of which status, with
which dates and money, and every Issue with its explanation. FOLDER (../shared/data beside the checkout) holds the
recorded answers; it exits 1 when an Issue is not explained.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.harvest import Issue
from pipeline.models import Call
from tests.conftest import ROOT
from tests.portals.facts import one

PORTALS = {"Formas": "formas", "Forte": "forte", "Vetenskapsrådet": "vetenskapsradet"}
TAKEN = {  # the day statuses are judged by; that of Vinnova's rounds is not known: a day on which one was open
    **dict.fromkeys(PORTALS.values(), datetime(2026, 1, 9, 12, tzinfo=UTC)),
    "vinnova": datetime(2025, 9, 30, 12, tzinfo=UTC),
}
EXPLAINED = {
    ("formas", "status", "no status and no closing date"): "old entries without dates and page",
    ("vetenskapsradet", "status", "no status and no closing date"): "an old entry without dates and page",
    ("formas", "publiceringsplatser", "the scheme stands twice"): "http://https://...: what was meant is used",
    ("forte", "publiceringsplatser", "the scheme stands twice"): "http://https://...: what was meant is used",
}
"""Portal, field and beginning of an Issue -> why it is right."""


class Record(NamedTuple):
    """One recorded item, and what came of it: a call, or none, and what was odd."""

    portal: str
    row: dict[str, Any]
    call: Call | None
    issues: list[Issue]


class Line(NamedTuple):
    """Counts of one portal and status; `none` stands for records that make no call."""

    calls: int = 0
    opens: int = 0
    closes: int = 0
    money: int = 0
    english: int = 0
    invited: int = 0


def councils(folder: Path) -> list[Record]:
    """The records of the councils."""
    rows = json.loads(gzip.decompress((folder / "portals" / "gdp_utlysningar_2026-01-09.json.gz").read_bytes()))
    return [Record(PORTALS[row["finansiarNamn"]], row, *one(PORTALS[row["finansiarNamn"]], row)) for row in rows]


def rounds(folder: Path) -> list[Record]:
    """The rounds of Vinnova."""
    rows = json.loads((folder / "portals" / "vinnova_ansokningsomgangar_2025.json").read_text(encoding="utf-8"))
    return [Record("vinnova", row, *one("vinnova", row)) for row in rows]


def statuses(records: Iterable[Record]) -> dict[tuple[str, str], Line]:
    """By portal and status on the day of recording, from the dates."""
    found: dict[tuple[str, str], Line] = {}
    for portal, _, call, _ in records:
        status = call.status_at(TAKEN[portal]).value if call else "none"
        line = found.get((portal, status), Line())
        found[portal, status] = Line(*(a + b for a, b in zip(line, _counted(call), strict=True)))
    return dict(sorted(found.items()))


def _counted(call: Call | None) -> Line:
    if call is None:
        return Line(calls=1)
    found = (True, call.opens_at, call.deadlines, call.budget, call.titles.get("en"), call.applicants)
    return Line(*(int(bool(value)) for value in found))


def odd(records: Iterable[Record]) -> Counter[tuple[str, str, str]]:
    """How often each Issue came: portal, field, and the words of EXPLAINED it begins with, or all of its own."""
    return Counter(
        (
            portal,
            issue.field,
            next((known for _, _, known in EXPLAINED if issue.problem.startswith(known)), issue.problem),
        )
        for portal, _, _, issues in records
        for issue in issues
    )


def table(records: list[Record]) -> list[str]:
    """Both as Markdown."""
    lines = [
        "| portal | status | records | opening | closing | money | English title | invited |",
        "|---|---|" + "---|" * 6,
    ]
    for (portal, status), line in statuses(records).items():
        lines.append(f"| `{portal}` | {status} | " + " | ".join(f"{count or ''}" for count in line) + " |")
    lines += ["", "| portal | field | issue | times | explained |", "|---|---|---|---|---|"]
    for (portal, field, problem), times in sorted(odd(records).items()):
        why = EXPLAINED.get((portal, field, problem), "**not explained**")
        lines.append(f"| `{portal}` | `{field}` | {problem} | {times} | {why} |")
    return lines


if __name__ == "__main__":
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "data"
    if not data.is_dir():
        sys.exit(f"{data}: no recorded answers there; name their folder.")
    everything = [*councils(data), *rounds(data)]
    print("\n".join(table(everything)))  # noqa: T201 - what it is for
    sys.exit(not odd(everything).keys() <= EXPLAINED.keys())

"""Measures the extractor: per field exact, missing, wrong. `python -m tests.extract.measure [-v]`.

Three sets: the recorded announcements beside the checkout (facts.csv), the ones the rules were made with, and the
held-out ones.
"""

from __future__ import annotations

import csv
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from pipeline.extract import Extraction, Moment, extract

HERE = Path(__file__).resolve().parent
ANNOUNCEMENTS = HERE.parents[2] / "shared" / "data" / "announcements"
FIELDS = ("deadlines", "opens", "budget", "project_max", "ids")
Tally = dict[str, Counter[str]]


class Case:
    """One announcement and what a reader finds in it; `other` holds days that are not wrong, either."""

    def __init__(self, name: str, text: str, published: date | None, expected: Mapping[str, Any]) -> None:
        self.name, self.text, self.published, self.expected = name, text, published, expected


def own(name: str) -> Iterator[Case]:
    """The announcements of samples/`name`.yml."""
    for row in yaml.safe_load((HERE / "samples" / f"{name}.yml").read_text(encoding="utf-8")):
        days = [_text(day) for day in row.get("deadlines", [])]
        opens = [_text(row["opens"])] if row.get("opens") else []
        expected = {**row, "deadlines": days, "opens": opens, "first": days[:1]}
        yield Case(row["id"], row["text"], row.get("published"), expected)


def made_with() -> Iterator[Case]:
    """All announcements of our own that the rules were made with."""
    for path in sorted((HERE / "samples").glob("tuned*.yml")):
        yield from own(path.stem)


def recorded(folder: Path = ANNOUNCEMENTS) -> Iterator[Case]:
    """The announcements of facts.csv. Days inferred by the page's date are expected when that date is known."""
    with (folder / "facts.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            text = (folder / row["file"]).read_text(encoding="utf-8")
            published = date.fromisoformat(row["published_iso"]) if row["published_iso"] else None
            yield Case(row["file"][:5], text, published, _expected(row, published))


def _expected(row: Mapping[str, str], published: date | None) -> dict[str, Any]:
    first = row["deadline_iso"] or (row["deadline_inferred"] if published else "")
    other = [part.split()[0] for part in row["other_deadlines"].split(";") if part and not part.startswith("--")]
    partial = [row["deadline_partial"], *row["other_deadlines"].split(";")]
    opens = row["opening_iso"] or (row["opening_inferred"] if published else "")
    other_opens = [part[:10] for part in row["other_openings"].split(";") if part[:2] == "20"]
    kind, _, amount = row["budget_other"].partition(":")
    budget = f"{row['budget_eur']} EUR" if row["budget_eur"] else f"{amount} {kind}" if amount else ""
    return {
        "first": [first] if first else [],
        "deadlines": [*([first] if first else []), *other],
        "allowed": [part.split()[0][2:7] for part in partial if part.startswith("--")],
        "opens": [opens] if opens else [],
        "allowed_opens": [*other_opens, row["opening_inferred"], row["opening_partial"][2:]],
        "budget": budget or None,
        "project_max": f"{row['max_per_project_eur']} EUR" if row["max_per_project_eur"] else "?",
        "ids": [part for part in row["call_id"].split(";") if part],
    }


def judge(case: Case, found: Extraction) -> dict[str, tuple[str, str]]:
    """Field -> (exact, missing, wrong or empty; what was found)."""
    expected = case.expected
    deadlines = [written(moment) for moment in found.deadlines]
    opens = [written(moment) for moment in found.openings]
    return {
        "deadlines": _days(expected["deadlines"], deadlines, expected.get("allowed", []), expected["first"]),
        "opens": _days(expected["opens"], opens[:1], expected.get("allowed_opens", []), expected["opens"]),
        "budget": _money(expected.get("budget"), found.budget),
        "project_max": _money(expected.get("project_max"), found.project_max),
        "ids": _set(expected.get("ids", []), list(found.identifiers)),
    }


def written(moment: Moment) -> str:
    """As in the lists of facts: an hour only where the text has one."""
    return f"{moment.at:%Y-%m-%dT%H:%M}" if moment.precision == "exact" else f"{moment.at:%Y-%m-%d}"


def _text(day: object) -> str:
    return day.isoformat() if isinstance(day, date) else str(day)


def _days(expected: list[str], found: list[str], allowed: list[str], first: list[str]) -> tuple[str, str]:
    shown = " ".join(found)
    free = [part for part in allowed if part]
    strange = [day for day in found if day not in expected and not any(part in day for part in free)]
    if strange:
        return "wrong", f"{' '.join(strange)} not in {' '.join(expected)}"
    if not expected:
        return "empty", shown
    return (
        ("exact", shown)
        if found and found[:1] == first
        else ("missing", f"{shown} instead of {' '.join(expected)}")
    )


def _money(expected: str | None, found: Any) -> tuple[str, str]:
    shown = f"{found.amount} {found.currency}" if found else ""
    if expected == "?":
        return "empty", shown
    if not expected:
        return ("wrong", f"{shown} where nothing is stated") if shown else ("empty", "")
    if not shown:
        return "missing", expected
    amount, currency = expected.split()
    same = Decimal(amount) == found.amount and currency == found.currency
    return ("exact", shown) if same else ("wrong", f"{shown} instead of {expected}")


def _set(expected: list[str], found: list[str]) -> tuple[str, str]:
    if not expected:
        return ("wrong", " ".join(found)) if found else ("empty", "")
    return (
        ("exact", "")
        if expected == found
        else ("missing" if not found else "wrong", f"{found} instead of {expected}")
    )


def measure(cases: Iterable[Case]) -> tuple[Tally, list[str], float]:
    """(counts per field, lines about what is not right, texts a second of processor time)."""
    tally: Tally = {field: Counter() for field in FIELDS}
    lines, number = [], 0
    began = time.process_time()
    for case in cases:
        number += 1
        for field, (verdict, said) in judge(case, extract(case.text, published=case.published)).items():
            tally[field][verdict] += 1
            if verdict in ("wrong", "missing"):
                lines.append(f"  {verdict:8} {case.name:8} {field:12} {said}")
    return tally, lines, number / max(time.process_time() - began, 1e-9)


def main(details: bool) -> None:
    """Print the table of each set, and with `details` each mistake."""
    sets = {"made with": list(made_with()), "held out": list(own("held_out"))}
    if ANNOUNCEMENTS.is_dir():
        sets = {"recorded": list(recorded()), **sets}
    for name, cases in sets.items():
        tally, lines, speed = measure(cases)
        sys.stdout.write(f"{name}: {len(cases)} texts, {speed:.0f} a second\n")
        for field, counts in tally.items():
            stated = counts["exact"] + counts["missing"] + counts["wrong"]
            sys.stdout.write(
                f"  {field:12} exact {counts['exact']:3} missing {counts['missing']:3} wrong {counts['wrong']:3} "
                f"of {stated}; nothing where nothing is said {counts['empty']}\n"
            )
        if details and (name != "held out" or "--held-out" in sys.argv):
            sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    main("-v" in sys.argv)

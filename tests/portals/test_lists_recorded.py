"""All 718 records of three research councils and the rounds of Vinnova are read, and every Issue is explained.

`python -m pytest -s tests/portals/test_lists_recorded.py` prints the table.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.dates import STOCKHOLM
from pipeline.harvest import Issue
from pipeline.models import Budget, Call, Precision
from tests.portals.facts import one

pytestmark = pytest.mark.recorded

NOW = datetime(2026, 1, 9, 12, tzinfo=UTC)
PORTALS = {"Formas": "formas", "Forte": "forte", "Vetenskapsrådet": "vetenskapsradet"}
TABLE = {  # calls, with opening and closing day, with budget, for invited applicants only
    ("formas", "closed"): (240, 240, 219, 0),
    ("formas", "forthcoming"): (6, 6, 0, 0),
    ("formas", "open"): (6, 6, 2, 0),
    ("forte", "closed"): (116, 116, 114, 0),
    ("forte", "forthcoming"): (2, 2, 0, 0),
    ("forte", "open"): (3, 3, 2, 0),
    ("vetenskapsradet", "closed"): (320, 320, 300, 49),
    ("vetenskapsradet", "forthcoming"): (18, 18, 0, 6),
    ("vetenskapsradet", "open"): (2, 2, 0, 0),
}
EXPLAINED = {
    # Old entries without status, dates and page: nothing says that one can apply.
    ("formas", "status", "no status and no closing date"): 4,
    ("vetenskapsradet", "status", "no status and no closing date"): 1,
    # http://https://...: the address that was meant is used.
    ("formas", "publiceringsplatser", "the scheme stands twice"): 2,
    ("forte", "publiceringsplatser", "the scheme stands twice"): 1,
}
SUMS = {"formas": 9_967_913_251, "forte": 9_187_875_291, "vetenskapsradet": 40_955_351_260}


@pytest.fixture(scope="module")
def councils(recorded: Path) -> list[tuple[str, dict[str, Any], Call | None, list[Issue]]]:
    packed = (recorded / "portals" / "gdp_utlysningar_2026-01-09.json.gz").read_bytes()
    rows = json.loads(gzip.decompress(packed))
    assert len(rows) == 718
    return [(PORTALS[row["finansiarNamn"]], row, *one(PORTALS[row["finansiarNamn"]], row)) for row in rows]


def test_statuses_dates_and_money(councils: list[Any]) -> None:
    table: dict[tuple[str, str], list[int]] = {}
    for portal, _, call, _ in councils:
        if call:
            assert call.portal_status == call.status_at(NOW)
            line = table.setdefault((portal, call.portal_status), [0, 0, 0, 0])
            found = (True, call.deadlines and call.opens_at, call.budget, call.applicants)
            line[:] = [count + bool(there) for count, there in zip(line, found, strict=True)]
    print("\nportal           status       calls  dates  money  invited")  # noqa: T201 - asked for with -s
    for (portal, status), line in sorted(table.items()):
        print(f"{portal:<16} {status:<11}" + "".join(f"{count:7}" for count in line))  # noqa: T201
    assert {key: tuple(line) for key, line in table.items()} == TABLE


def test_every_issue_is_explained(councils: list[Any]) -> None:
    found = Counter(
        (
            portal,
            issue.field,
            next((why for _, _, why in EXPLAINED if issue.problem.startswith(why)), issue.problem),
        )
        for portal, _, _, issues in councils
        for issue in issues
    )
    assert found == EXPLAINED


def test_days_and_amounts_are_those_that_were_written(councils: list[Any]) -> None:
    sums: Counter[str] = Counter()
    for portal, row, call, _ in councils:
        if call is None:
            assert (row["status"], row["stangningsdatum"]) == (None, None)
            continue
        (closes,) = call.deadlines
        assert closes.precision is Precision.DATE
        assert f"{closes.over_at:%H:%M}" in ("22:00", "23:00"), "midnight in Stockholm"
        assert closes.at.astimezone(STOCKHOLM).date().isoformat() == row["stangningsdatum"]
        if call.budget:
            assert (call.budget.currency, call.budget.total) == ("SEK", Decimal(str(row["budgetBelopp"])))
            sums[portal] += int(call.budget.total)
        assert call.url.startswith("http")
        assert call.title
        assert len(call.links) < max(1, len(row["publiceringsplatser"] or []))
    assert sums == SUMS


def test_rounds_of_vinnova(recorded: Path) -> None:
    rows = json.loads((recorded / "portals" / "vinnova_ansokningsomgangar_2025.json").read_text(encoding="utf-8"))
    (dated, none), (nothing, silent), (announced, nobody) = (one("vinnova", row) for row in rows)
    assert (none, nothing, silent, nobody) == ([], None, [], [])
    assert dated
    assert announced
    assert (dated.opens_at, dated.deadlines[0].at) == (
        datetime(2025, 9, 15, 22, tzinfo=UTC),
        datetime(2025, 10, 31, 13, tzinfo=UTC),
    )
    assert dated.url.startswith("https://ansok.vinnova.se/utlysning/")
    assert (len(dated.links), dated.budget) == (5, Budget("SEK", project_max=Decimal(10_000_000)))
    assert (announced.deadlines, announced.status_at(NOW).value) == ((), "forthcoming")
    assert announced.text.endswith("Aviserad till Januari 2026.")
    assert announced.budget == Budget("SEK", total=Decimal(45_000_000)), "500 000 is for small studies"
    assert set(announced.titles) == set(announced.texts) == {"en"}

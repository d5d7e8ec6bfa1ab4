"""All 718 records of three research councils and the rounds of Vinnova are read, and every Issue is explained.

`python -m tests.portals.recorded_table` prints the table.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.dates import STOCKHOLM
from pipeline.models import Budget, Precision
from tests.conftest import ROOT
from tests.portals import recorded_table
from tests.portals.recorded_table import EXPLAINED, TAKEN, Line, Record

pytestmark = pytest.mark.recorded

TABLE = {  # records, with opening day, closing day, money, English title, for invited applicants only
    ("formas", "closed"): (240, 240, 240, 219, 196, 0),
    ("formas", "forthcoming"): (6, 6, 6, 0, 6, 0),
    ("formas", "none"): (4, 0, 0, 0, 0, 0),
    ("formas", "open"): (6, 6, 6, 2, 5, 0),
    ("forte", "closed"): (116, 116, 116, 114, 115, 0),
    ("forte", "forthcoming"): (2, 2, 2, 0, 2, 0),
    ("forte", "open"): (3, 3, 3, 2, 3, 0),
    ("vetenskapsradet", "closed"): (320, 320, 320, 300, 312, 49),
    ("vetenskapsradet", "forthcoming"): (18, 18, 18, 0, 18, 6),
    ("vetenskapsradet", "none"): (1, 0, 0, 0, 0, 0),
    ("vetenskapsradet", "open"): (2, 2, 2, 0, 2, 0),
    ("vinnova", "forthcoming"): (1, 0, 0, 1, 1, 0),
    ("vinnova", "none"): (1, 0, 0, 0, 0, 0),
    ("vinnova", "open"): (1, 1, 1, 1, 1, 0),
}
ISSUES = (4, 1, 2, 1)
"""How often each of EXPLAINED."""

SUMS = {"formas": 9_967_913_251, "forte": 9_187_875_291, "vetenskapsradet": 40_955_351_260}


@pytest.fixture(scope="module")
def councils(recorded: Path) -> list[Record]:
    return recorded_table.councils(recorded)


@pytest.fixture(scope="module")
def rounds(recorded: Path) -> list[Record]:
    return recorded_table.rounds(recorded)


def test_statuses_dates_and_money(councils: list[Record], rounds: list[Record]) -> None:
    assert (len(councils), len(rounds)) == (718, 3)
    assert recorded_table.statuses([*councils, *rounds]) == {key: Line(*counts) for key, counts in TABLE.items()}
    for portal, _, call, _ in councils:
        assert call is None or call.portal_status == call.status_at(TAKEN[portal])


def test_every_issue_is_explained(councils: list[Record], rounds: list[Record]) -> None:
    assert recorded_table.odd([*councils, *rounds]) == dict(zip(EXPLAINED, ISSUES, strict=True))


def test_the_documented_table_is_that_of_the_records(councils: list[Record], rounds: list[Record]) -> None:
    written = (ROOT / "docs" / "measurements.md").read_text(encoding="utf-8")
    assert "\n".join(recorded_table.table([*councils, *rounds])) in written


def test_days_and_amounts_are_those_that_were_written(councils: list[Record]) -> None:
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


def test_rounds_of_vinnova(rounds: list[Record]) -> None:
    (dated, none), (nothing, silent), (announced, nobody) = ((one.call, one.issues) for one in rounds)
    assert (none, nothing, silent, nobody) == ([], None, [], [])
    assert dated
    assert announced
    assert (dated.opens_at, dated.deadlines[0].at) == (
        datetime(2025, 9, 15, 22, tzinfo=UTC),
        datetime(2025, 10, 31, 13, tzinfo=UTC),
    )
    assert dated.url.startswith("https://ansok.vinnova.se/utlysning/")
    assert (len(dated.links), dated.budget) == (5, Budget("SEK", project_max=Decimal(10_000_000)))
    assert (announced.deadlines, announced.status_at(TAKEN["vinnova"]).value) == ((), "forthcoming")
    assert announced.text.endswith("Aviserad till Januari 2026.")
    assert announced.budget == Budget("SEK", total=Decimal(45_000_000)), "500 000 is for small studies"
    assert set(announced.titles) == set(announced.texts) == {"en"}

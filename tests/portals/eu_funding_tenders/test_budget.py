"""Only the call's own money, and only what is stated."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from pipeline.models import Budget
from tests.portals.eu_funding_tenders.rows import (
    TOPIC,
    assembled,
    cascade,
    fields_of,
    line,
    prospect,
    table,
    topic,
)


def euro(total: int | None, low: int | None = None, high: int | None = None, **fields: Any) -> Budget:
    amounts = [None if amount is None else Decimal(amount) for amount in (total, low, high)]
    return Budget("EUR", *amounts, **fields)


def budget_of(*lines: dict[str, Any]) -> Budget | None:
    call, issues = assembled(topic(budgetOverview=table(*lines)))
    assert issues == []
    return call.budget


YEAR = {"2026": Decimal(15000000)}
OWN = euro(15000000, 4000000, 6000000, grants=3, by_year=YEAR)


def test_own_line_only_and_not_a_sibling_with_a_longer_name() -> None:
    siblings = [line(f"{TOPIC}-two-stage", budgetYearMap={"2026": 99}), line("HORIZON-TEST-2026-01-0")]
    assert budget_of(*siblings, line()) == OWN
    assert budget_of(line(TOPIC.lower())) == OWN


def test_types_of_action_and_years_add_up() -> None:
    second = line(
        action=f"{TOPIC} - HORIZON-IA HORIZON Innovation Actions",
        budgetYearMap={"2026": 1000000.0, "2027": "2.5E6"},
        minContribution="2000000",
        maxContribution=9000000,
        expectedGrants="2",
    )
    years = {"2026": Decimal(16000000), "2027": Decimal(2500000)}
    assert budget_of(line(), second) == euro(18500000, 2000000, 9000000, grants=5, by_year=years)


def test_a_line_printed_twice_counts_once() -> None:
    assert budget_of(line(), line()) == OWN


def test_zero_means_not_stated() -> None:
    zeros = {"expectedGrants": 0, "minContribution": 0, "maxContribution": "0"}
    assert budget_of(line(**zeros)) == euro(15000000, by_year=YEAR)
    assert budget_of(line(**zeros, budgetYearMap={"2026": 0})) is None
    assert budget_of(line(budgetYearMap={})) == euro(None, 4000000, 6000000, grants=3)


def test_one_total_on_every_line_is_the_pot_of_the_call() -> None:
    siblings = [line(f"OTHER-0{n}") for n in (1, 2)]
    assert budget_of(line(), *siblings) == euro(15000000, 4000000, 6000000, grants=3, by_year=YEAR, shared_with=2)
    assert budget_of(line(), siblings[0]) == OWN
    assert budget_of(line(), *siblings, line("OTHER-03", budgetYearMap={"2026": 1})) == OWN


def test_older_tables_have_numbers_and_one_group_for_all() -> None:
    older = {
        "budgetTopicActionMap": {
            "1": [
                {"action": f"{TOPIC} - X", "budgetYearMap": {"2023": 900000}, "budgetTopicActionMap": {}},
                {"action": "OTHER-01 - X", "budgetYearMap": {"2023": 500000}, "budgetTopicActionMap": {}},
            ]
        }
    }
    call, _ = assembled(topic(budgetOverview=json.dumps(older)))
    assert call.budget == euro(900000, by_year={"2023": Decimal(900000)})


@pytest.mark.parametrize(
    ("overview", "budget"),
    [
        (table(line(budgetYearMap={"2026": "much", "2027": 5})), euro(None, 4000000, 6000000, grants=3)),
        (table(line(budgetYearMap={"total": 5})), euro(None, 4000000, 6000000, grants=3)),
        (table(line(expectedGrants="some")), euro(15000000, 4000000, 6000000, by_year=YEAR)),
        (table(line("OTHER-01")), None),
        (["{not json"], None),
        (["[1]"], None),
        (['{"budgetTopicActionMap": []}'], None),
    ],
)
def test_what_is_not_understood_is_reported_and_left_out(overview: list[str], budget: Budget | None) -> None:
    call, issues = assembled(topic(budgetOverview=overview))
    if budget and not budget.total and call.budget:
        budget = euro(None, 4000000, 6000000, grants=3, by_year=call.budget.by_year)
    assert call.budget == budget
    assert set(fields_of(issues)) == {"budgetOverview"}


@pytest.mark.parametrize("overview", [None, [], ["{}"], [""], ['{"budgetTopicActionMap": {}}'], [None]])
def test_no_table_is_no_budget(overview: Any) -> None:
    assert assembled(topic(budgetOverview=overview))[0].budget is None


@pytest.mark.parametrize(
    ("item", "budget", "complaints"),
    [
        (cascade(), Budget("EUR", Decimal(600000)), []),
        (cascade(budget=600000.5, currency="eur"), Budget("EUR", Decimal("600000.5")), []),
        (cascade(budget="0"), None, []),
        (cascade(budget=None), None, []),
        (cascade(budget="about 5"), None, ["budget"]),
        (cascade(currency="XYZ"), None, ["currency"]),
        (prospect(), Budget("EUR", Decimal(2500000)), []),
        (prospect(currency="CHF"), Budget("CHF", Decimal(2500000)), []),
        (prospect(currency=None), None, ["currency"]),
    ],
)
def test_plain_amounts(item: Any, budget: Budget | None, complaints: list[str]) -> None:
    call, issues = assembled(item)
    assert call.budget == budget
    assert fields_of(issues) == complaints

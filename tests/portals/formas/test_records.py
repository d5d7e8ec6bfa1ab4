"""Records of the GDP interface that are not as they should be."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.harvest import Issue
from pipeline.normalise import normaliser
from tests.portals.facts import answer, one


def changed(**values: Any) -> dict[str, Any]:
    return answer("formas")[0] | values


@pytest.mark.parametrize(
    ("values", "field", "told"),
    [
        ({"diarienummer": None}, "diarienummer", "missing or of another form"),
        ({"diarienummer": "2026-80001\n"}, "", ""),
        ({"diarienummer": {"a": 1}}, "diarienummer", "missing or of another form"),
        (
            {"finansiarOrganisationsnummer": "202100-5240"},
            "finansiarOrganisationsnummer",
            "another funder's record",
        ),
    ],
)
def test_what_cannot_be_placed(values: dict[str, Any], field: str, told: str) -> None:
    found = normaliser("formas").identify(changed(**values))
    if not field:
        assert not isinstance(found, Issue)
        assert found.document == "2026-80001"
        return
    assert isinstance(found, Issue)
    assert (found.field, told in found.problem) == (field, True)


@pytest.mark.parametrize(
    ("values", "field", "told"),
    [
        ({"status": "Pausad"}, "status", 'unknown word "Pausad"'),
        ({"stangningsdatum": "19/1 2027"}, "stangningsdatum", "date not understood"),
        ({"stangningsdatum": "2027-02-30"}, "stangningsdatum", "date not understood"),
        ({"oppningsdatum": 20261110}, "oppningsdatum", "date not understood"),
        ({"budgetValuta": None}, "budgetValuta", "unknown currency"),
        ({"budgetBelopp": -5}, "budgetBelopp", "no amount"),
        ({"budgetBelopp": "mycket"}, "budgetBelopp", "no amount"),
        (
            {"publiceringsplatser": [{"webbadress": "javascript:alert(1)"}]},
            "publiceringsplatser",
            "no web address",
        ),
        ({"publiceringsplatser": [{}]}, "publiceringsplatser", "an empty web address"),
    ],
)
def test_what_is_not_understood_is_told_and_left_out(values: dict[str, Any], field: str, told: str) -> None:
    call, issues = one("formas", changed(**values))
    assert call
    assert [told in issue.problem for issue in issues if issue.field == field] == [True]
    assert call.title == "Jordar som binder kol i norr"


def test_nothing_is_made_of_what_says_nothing() -> None:
    assert one("formas", changed(titel=" "))[0] is None
    assert one("formas", changed(status=None, stangningsdatum=None))[0] is None


def test_hostile_text_is_cleaned() -> None:
    call, _ = one("formas", changed(titel="A\u202eB\x00 <b>C</b>", beskrivning="<script>alert(1)</script><p>Text"))
    assert call
    assert call.title == "AB <b>C</b>"
    assert call.text.splitlines()[0] == "Text"
    assert "alert" not in call.text


@pytest.mark.parametrize("field", sorted(answer("formas")[0]))
@pytest.mark.parametrize("value", [None, 0, "", [], {}, [None], [{"namn": 1}], "x" * 5000, True])
def test_nothing_makes_it_fall_over(field: str, value: Any) -> None:
    one("formas", changed(**{field: value}))

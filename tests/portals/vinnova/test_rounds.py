"""Rounds of Vinnova that are not as they should be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.harvest import Issue, Role
from pipeline.models import Precision, Status
from pipeline.normalise import normaliser
from tests.portals.facts import answer, one


def changed(number: int = 0, **values: Any) -> dict[str, Any]:
    return answer("vinnova")[number] | values


@pytest.mark.parametrize(("public", "web"), [(0, 1), (1, 0), (0, 0)])
def test_what_is_not_public_is_never_stored(public: int, web: int) -> None:
    found = normaliser("vinnova").identify(changed(Publik=public, Webbsida=web))
    assert not isinstance(found, Issue)
    assert found.role is Role.HIDDEN


@pytest.mark.parametrize("flag", [None, "1x", 2])
def test_a_flag_that_is_none_is_told(flag: Any) -> None:
    found = normaliser("vinnova").identify(changed(Publik=flag))
    assert isinstance(found, Issue)
    assert "not 0 or 1" in found.problem


def test_local_times_of_winter_and_summer_and_of_the_hour_that_comes_twice() -> None:
    for written, meant in (
        ("2026-12-01T14:00:00", datetime(2026, 12, 1, 13, tzinfo=UTC)),
        ("2026-06-01T14:00:00", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        ("2026-10-25T02:30:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ):
        call, issues = one("vinnova", changed(Stangningsdatum=written))
        assert call
        assert (call.deadlines[0].at, call.deadlines[0].precision, issues) == (meant, Precision.EXACT, [])


def test_midnight_is_a_day_without_an_hour() -> None:
    call, _ = one("vinnova", changed(Stangningsdatum="2027-02-09T00:00:00"))
    assert call
    (deadline,) = call.deadlines
    assert (deadline.precision, deadline.rule) == (Precision.DATE, "end of the day, Europe/Stockholm")
    assert deadline.over_at == datetime(2027, 2, 9, 23, tzinfo=UTC)


def test_a_zone_would_be_new_and_is_not_guessed_at() -> None:
    call, issues = one("vinnova", changed(Stangningsdatum="2027-02-09T14:00:00Z"))
    assert call is None
    assert [issue.field for issue in issues] == ["Stangningsdatum", "Stangningsdatum"]


CLOSES = "2027-02-09T14:00:00"


@pytest.mark.parametrize(
    "written",
    [
        ["2026-12-01T14:00:00", "2027-01-11T14:00:00"],
        ["2027-01-11T14:00:00", "2026-12-01T14:00:00", "2026-12-01T14:00:00", CLOSES],
        [{"Datum": "2026-12-01T14:00:00"}, {"Datum": "2027-01-11T14:00:00", "Id": 7}],
        [
            {"Avlasningsdatum": "2026-12-01T14:00:00", "Beslutsdatum": "2027-01-20T00:00:00"},
            {"Avlasningsdatum": "2027-01-11T14:00:00", "Beslutsdatum": "2027-02-20T00:00:00"},
        ],
    ],
)
def test_cut_offs_come_before_the_closing_day(written: Any) -> None:
    call, issues = one("vinnova", changed(AvlasningstillfalleLista=written))
    assert call
    assert [(deadline.at, deadline.stage) for deadline in call.deadlines] == [
        (datetime(2026, 12, 1, 13, tzinfo=UTC), "cut-off 1"),
        (datetime(2027, 1, 11, 13, tzinfo=UTC), "cut-off 2"),
        (datetime(2027, 2, 9, 13, tzinfo=UTC), "cut-off 3"),
    ]
    assert (call.deadline_model, issues) == ("multiple cut-off", [])


@pytest.mark.parametrize(
    "written",
    [
        ["every month"],
        [{"Datum": "2027-01-01", "Annat": "2027-01-15"}],
        [{"Id": "2026-90001"}],
        [17],
        {"value": []},
        ["2027-02-10T08:00:00"],
        ["2026-12-01T14:00:00Z"],
    ],
)
def test_a_cut_off_that_cannot_be_read_is_told_and_the_closing_day_stays(written: Any) -> None:
    call, issues = one("vinnova", changed(AvlasningstillfalleLista=written))
    assert call
    assert [(d.at, d.stage) for d in call.deadlines] == [(datetime(2027, 2, 9, 13, tzinfo=UTC), "single")]
    assert [issue.field for issue in issues] == ["AvlasningstillfalleLista"]


def test_cut_offs_alone_are_deadlines() -> None:
    call, _ = one("vinnova", changed(Stangningsdatum=None, AvlasningstillfalleLista=["2026-12-01", "2027-03-01"]))
    assert call
    assert [deadline.stage for deadline in call.deadlines] == ["cut-off 1", "cut-off 2"]
    assert {deadline.precision for deadline in call.deadlines} == {Precision.DATE}


def test_a_round_that_is_read_every_day_may_have_no_closing_day() -> None:
    call, issues = one("vinnova", changed(DagligAvlasning=1, Stangningsdatum=None))
    assert call
    assert (call.deadlines, call.deadline_model, issues) == ((), "continuous", [])
    assert call.status_at(datetime(2026, 11, 10, tzinfo=UTC)) is Status.OPEN
    assert call.text.endswith("Ansökningar läses av varje dag.")
    assert call.texts["en"].endswith("Applications are read every day.")
    call, issues = one("vinnova", changed(DagligAvlasning="ja"))
    assert call
    assert (call.deadline_model, [issue.field for issue in issues]) == ("", ["DagligAvlasning"])


def said(swedish: str, english: str) -> dict[str, Any]:
    return changed(WebTextLista=[{"TextID": 3, "TextSv": swedish, "TextEn": english}])


@pytest.mark.parametrize(
    ("swedish", "english", "total", "most"),
    [
        ("Vinnova satsar totalt 25 miljoner kronor i utlysningen.", "x", 25_000_000, None),
        ("Max 4 mkr per projekt. Utlysningens budget är 60 miljoner kronor.", "", 60_000_000, 4_000_000),
        ("Bidrag ges med som mest 1,5 miljoner kronor.", "Grants of at most SEK 1.5 million.", None, 1_500_000),
        ("Se utlysningstexten.", "The budget for the call is SEK 30 million.", 30_000_000, None),
        ("Totalt budget ca 45 miljoner, högst 500 000 kronor per förstudie.", "", 45_000_000, 500_000),
    ],
)
def test_money_in_prose_is_read(swedish: str, english: str, total: int | None, most: int | None) -> None:
    call, issues = one("vinnova", said(swedish, english))
    assert call
    assert call.budget
    assert (call.budget.currency, call.budget.total, call.budget.project_max) == ("SEK", total, most)
    assert issues == []
    assert swedish in call.text, "the words an amount rests on can be read"


@pytest.mark.parametrize(
    "text",
    [
        "Vinnovas bidrag får uppgå till högst 50 procent av kostnaden.",
        "Företaget måste ha en omsättning på minst 5 miljoner kronor.",
        "Den europeiska utlysningens budget är 12 miljoner euro.",
        "",
    ],
)
def test_what_is_no_money_of_the_round_is_not_read(text: str) -> None:
    call, _ = one("vinnova", said(text, ""))
    assert call
    assert call.budget is None


def test_two_languages_that_differ_are_told_and_neither_counts() -> None:
    call, issues = one(
        "vinnova",
        said("Utlysningens budget är 60 miljoner kronor.", "The budget for the call is SEK 6 million."),
    )
    assert call
    assert call.budget is None
    (issue,) = issues
    assert (issue.field, issue.problem.startswith("the money of the call is 6000000 and 60000000 SEK")) == (
        "WebTextLista",
        True,
    )


@pytest.mark.parametrize("nothing", ["x", "XX", "", None, " xx "])
def test_no_english_is_no_translation(nothing: str | None) -> None:
    call, _ = one("vinnova", changed(TitelEngelska=nothing, BeskrivningEngelska=nothing, WebTextLista=[]))
    assert call
    assert (call.titles, call.texts) == ({}, {})


@pytest.mark.parametrize("field", sorted(answer("vinnova")[0]))
@pytest.mark.parametrize("value", [None, 0, "", [], {}, [None], [{"URL": 1}], "x" * 5000, True])
def test_nothing_makes_it_fall_over(field: str, value: Any) -> None:
    one("vinnova", changed(**{field: value}))

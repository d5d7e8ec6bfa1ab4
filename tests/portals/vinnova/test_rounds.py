"""Rounds of Vinnova that are not as they should be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.harvest import Issue, Role
from pipeline.models import Precision
from pipeline.normalise import normaliser
from tests.portals.facts import answer, one


def changed(number: int = 0, **values: Any) -> dict[str, Any]:
    return answer("vinnova")[number] | values


@pytest.mark.parametrize(("public", "web"), [(0, 1), (1, 0), (0, 0)])
def test_what_is_not_public_is_never_stored(public: int, web: int) -> None:
    found = normaliser("vinnova").identify(changed(Publik=public, Webbsida=web))
    assert not isinstance(found, Issue)
    assert found.role is Role.GHOST


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


def test_cut_offs_are_told_as_long_as_they_cannot_be_read() -> None:
    call, issues = one("vinnova", changed(AvlasningstillfalleLista=[{"Datum": "2027-01-01"}]))
    assert call
    assert len(call.deadlines) == 1
    assert [issue.field for issue in issues] == ["AvlasningstillfalleLista"]


@pytest.mark.parametrize("nothing", ["x", "XX", "", None, " xx "])
def test_no_english_is_no_translation(nothing: str | None) -> None:
    call, _ = one("vinnova", changed(TitelEngelska=nothing, BeskrivningEngelska=nothing, WebTextLista=[]))
    assert call
    assert (call.titles, call.texts) == ({}, {})


@pytest.mark.parametrize("field", sorted(answer("vinnova")[0]))
@pytest.mark.parametrize("value", [None, 0, "", [], {}, [None], [{"URL": 1}], "x" * 5000, True])
def test_nothing_makes_it_fall_over(field: str, value: Any) -> None:
    one("vinnova", changed(**{field: value}))

"""No deadline lost, none invented, each at the right minute."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.models import Deadline, Precision
from tests.portals.eu_funding_tenders.rows import (
    action,
    assembled,
    cascade,
    fields_of,
    line,
    prospect,
    table,
    topic,
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def by_day(text: str, stage: str = "single") -> Deadline:
    return Deadline(utc(text), stage, Precision.DATE, "17:00 Europe/Brussels")


def timed(**meta: Any) -> Any:
    """A topic whose dates stand only where `meta` puts them."""
    return topic(**({"actions": "[]", "budgetOverview": None} | meta))


@pytest.mark.parametrize(
    ("written", "deadline"),
    [
        ("2026-09-15T00:00:00.000+0000", "2026-09-15 15:00"),
        ("2023-05-11T02:00:00.000+0200", "2023-05-11 15:00"),
        ("2026-03-29T00:00:00.000+0000", "2026-03-29 15:00"),  # the day clocks go forward
        ("2026-10-25T00:00:00.000+0000", "2026-10-25 16:00"),  # the day they go back
        ("1774310400000", "2026-03-24 16:00"),
        ("1782856800000", "2026-07-01 15:00"),  # midnight in Brussels
        ("2024-02-14T17:00:00.000+0000", "2024-02-14 16:00"),
        ("09 March 2023", "2023-03-09 16:00"),
    ],
)
def test_a_topic_closes_at_17_in_brussels(written: str, deadline: str) -> None:
    call, issues = assembled(timed(deadlineDate=written))
    assert call.deadlines == (by_day(deadline),)
    assert issues == []


@pytest.mark.parametrize(
    ("model", "days", "stages"),
    [
        ("single-stage", 1, ["single"]),
        ("single-stage", 2, ["cut-off 1", "cut-off 2"]),
        ("two-stage", 1, ["stage 1"]),
        ("two-stage", 2, ["stage 1", "stage 2"]),
        ("multiple cut-off", 1, ["cut-off 1"]),
        ("multiple cut-off", 3, ["cut-off 1", "cut-off 2", "cut-off 3"]),
        (None, 1, ["single"]),
        (None, 2, ["cut-off 1", "cut-off 2"]),
    ],
)
def test_stage_names(model: str | None, days: int, stages: list[str]) -> None:
    dates = [f"2026-0{9 - day}-15T00:00:00.000+0000" for day in range(days)]
    call, issues = assembled(timed(deadlineDate=[*dates, dates[0]], deadlineModel=model))
    assert [d.stage for d in call.deadlines] == stages
    assert list(call.deadlines) == sorted(call.deadlines, key=lambda d: d.at)
    assert call.deadline_model == (model or "")
    assert issues == []


def test_a_two_stage_topic_with_three_dates_is_reported() -> None:
    dates = [f"2026-0{month}-15" for month in (3, 4, 5)]
    call, issues = assembled(timed(deadlineDate=dates, deadlineModel="two-stage"))
    assert [d.stage for d in call.deadlines] == ["cut-off 1", "cut-off 2", "cut-off 3"]
    assert fields_of(issues) == ["deadlineModel"]


def test_an_unknown_model_is_reported_and_its_dates_kept() -> None:
    call, issues = assembled(timed(deadlineDate=["2026-09-15", "2026-10-15"], deadlineModel="rolling"))
    assert (call.deadline_model, len(call.deadlines)) == ("", 2)
    assert fields_of(issues) == ["deadlineModel"]


def test_the_model_is_taken_from_the_actions_where_the_row_has_none() -> None:
    actions = [action("2026-09-15", submissionProcedure={"id": 31094505, "abbreviation": "Two-stage"})]
    assert assembled(topic(deadlineModel=None, actions=json.dumps(actions)))[0].deadline_model == "two-stage"


def test_own_actions_and_lines_add_dates_and_a_conflict_is_reported() -> None:
    item = topic(
        actions=json.dumps([action("2026-09-15"), action("15 October 2026")]),
        budgetOverview=table(line(deadlineDates=["2026-11-15"]), line("OTHER-01", deadlineDates=["2027-01-01"])),
    )
    call, issues = assembled(item)
    assert [f"{d.at:%F %H:%M}" for d in call.deadlines] == [
        "2026-09-15 15:00",
        "2026-10-15 15:00",
        "2026-11-15 16:00",
    ]
    assert fields_of(issues) == ["deadlineDate"]
    assert "2026-10-15" in issues[0].problem


def test_without_deadline_date_the_actions_tell() -> None:
    call, issues = assembled(topic(deadlineDate=None))
    assert call.deadlines == (by_day("2026-09-15 15:00"),)
    assert issues == []


def test_an_unreadable_date_is_reported_and_its_neighbours_stay() -> None:
    call, issues = assembled(timed(deadlineDate=["soon\x00", "2026-09-15"]))
    assert call.deadlines == (by_day("2026-09-15 15:00"),)
    assert [(i.field, i.problem) for i in issues] == [("deadlineDate", 'date not understood: "soon"')]


@pytest.mark.parametrize(
    ("written", "deadline"),
    [
        ("2026-07-01T17:00:00.000+0000", Deadline(utc("2026-07-01 15:00"), "single", Precision.EXACT)),
        ("2026-01-31T23:59:59.000+0000", Deadline(utc("2026-01-31 22:59"), "single", Precision.EXACT)),
        ("2026-07-01T14:00:00.000+0200", Deadline(utc("2026-07-01 10:00"), "single", Precision.EXACT)),
        ("2026-07-01T00:00:00.000+0000", by_day("2026-07-01 15:00")),
        ("2026-07-01", by_day("2026-07-01 15:00")),
    ],
)
def test_a_cascade_call_gives_brussels_time_labelled_utc(written: str, deadline: Deadline) -> None:
    assert assembled(cascade(deadlineDate=written))[0].deadlines == (deadline,)


def test_a_cascade_call_without_deadline_date_falls_back_to_its_closing_date_and_says_so() -> None:
    call, issues = assembled(cascade(deadlineDate=None, closingDate="2026-07-01T12:00:00.000+0000"))
    assert [d.at for d in call.deadlines] == [utc("2026-07-01 10:00")]
    assert fields_of(issues) == ["deadlineDate"]
    assert assembled(cascade(deadlineDate=None))[0].deadlines == ()


def test_external_actions_give_true_utc_and_their_seconds_are_noise() -> None:
    call, _ = assembled(prospect(deadlineDate="2026-06-01T21:59:43.000+0000"))
    again, _ = assembled(prospect(deadlineDate="2026-06-01T21:59:07.000+0000"))
    assert call.deadlines == again.deadlines == (Deadline(utc("2026-06-01 21:59"), "single", Precision.EXACT),)


@pytest.mark.parametrize(
    ("item", "opens"),
    [
        (topic(), "2026-05-04 22:00"),
        (topic(startDate=None), "2026-05-04 22:00"),
        (topic(startDate="soon"), "2026-05-04 22:00"),
        (cascade(), "2026-03-01 08:00"),
        (cascade(startDate="2026-03-01"), "2026-02-28 23:00"),
        (prospect(), "2026-03-01 08:12"),
    ],
)
def test_opening(item: Any, opens: str) -> None:
    assert assembled(item)[0].opens_at == utc(opens)


def test_no_opening_stated() -> None:
    assert assembled(cascade(startDate=None))[0].opens_at is None

"""Facts read from prose, judged by hand-written predictions."""

from __future__ import annotations

import json
from datetime import date

import pytest

from callwatch.evaluating.prose import judge_folder, read_predictions
from pipeline.errors import ConfigError
from pipeline.evaluate.facts import judge, summarise
from pipeline.evaluate.moments import Moment, moments


def verdict(field: str, row: dict, found: dict) -> str:
    return next(str(j.verdict) for j in judge({"file": "x.txt", **row}, found) if j.field == field)


def test_moments_are_read_from_a_cell():
    assert moments("2026-01-31T17:00;--02-28 (year from the page)") == [
        Moment(1, 31, 2026, (17, 0)),
        Moment(2, 28),
    ]
    assert moments("") == []


ISO = {"deadline_iso": "2026-01-31T17:00"}
DAY = {"deadline_iso": "2026-01-31"}
PARTIAL = {"deadline_partial": "--01-31", "deadline_inferred": "2026-01-31"}
RULED = {"at": "2026-01-31T16:00:00+00:00", "stage": "single", "precision": "date"}


@pytest.mark.parametrize(
    ("row", "deadlines", "expected"),
    [
        (ISO, ["2026-01-31T16:00:00+00:00"], "exact"),
        (ISO, ["2026-01-31T17:00"], "exact"),
        (ISO, ["2026-01-31"], "exact"),
        (ISO, [{"at": "2026-01-31T16:00:00+00:00", "precision": "exact"}], "exact"),
        (DAY, [RULED], "exact"),
        (DAY, ["2026-01-30T23:30:00+00:00"], "exact"),  # half past midnight in Brussels
        (DAY, ["2026-02-01"], "wrong"),
        (DAY, ["2026-01-31", "2026-05-05"], "wrong"),
        ({**DAY, "other_deadlines": "2026-05-05 (second stage)"}, ["2026-01-31", "2026-05-05"], "exact"),
        ({**DAY, "other_deadlines": "2026-05-05"}, ["2026-05-05"], "missing"),
        (DAY, [], "missing"),
        (DAY, None, "missing"),
        (DAY, ["soon"], "wrong"),
        ({}, ["2026-01-31"], "invented"),
        ({}, [], "empty"),
        ({**PARTIAL, "published_iso": "2025-11-01"}, [], "missing"),
        ({**PARTIAL, "published_iso": "2025-11-01"}, ["2026-01-31"], "exact"),
        ({**PARTIAL, "published_iso": "2025-11-01"}, ["2025-01-31"], "wrong"),
        (PARTIAL, [], "empty"),  # nobody can tell the year
        ({"deadline_partial": "--01-31"}, [], "empty"),
        ({"deadline_partial": "--01-31"}, ["2031-01-31"], "exact"),
        ({"deadline_partial": "--01-31"}, ["2031-02-01"], "wrong"),
        ({"other_deadlines": "2026-05-05"}, ["2026-05-05"], "empty"),
    ],
)
def test_deadline(row, deadlines, expected):
    assert verdict("deadline", row, {"deadlines": deadlines}) == expected


@pytest.mark.parametrize(
    ("row", "deadlines", "expected"),
    [
        (ISO, ["2026-01-31T16:00:00+00:00"], "exact"),
        (ISO, ["2026-01-31T17:00+02:00"], "exact"),  # the clock that the text speaks of
        (ISO, ["2026-01-31T15:00:00+00:00"], "wrong"),
        ({**ISO, "language": "fi"}, ["2026-01-31T15:00:00+00:00"], "exact"),
        ({**ISO, "language": "fi", "deadline_tz": "CET"}, ["2026-01-31T15:00:00+00:00"], "wrong"),
        (ISO, [RULED], "missing"),
        (ISO, ["2026-01-31"], "missing"),
        (ISO, ["2026-03-01T17:00"], "missing"),  # the day is wrong: said there
        (DAY, ["2026-01-31T17:00"], "empty"),
        ({}, [], "empty"),
        ({"deadline_partial": "--01-31T17:00"}, [], "empty"),  # nobody can tell the year
        ({"deadline_partial": "--01-31T17:00"}, ["2031-01-31T17:00"], "exact"),
    ],
)
def test_deadline_time(row, deadlines, expected):
    assert verdict("deadline time", row, {"deadlines": deadlines}) == expected


@pytest.mark.parametrize(
    ("row", "budget", "expected"),
    [
        ({"budget_eur": "42000000"}, {"amount": 42_000_000, "currency": "EUR"}, "exact"),
        ({"budget_eur": "42000000"}, {"amount": "42000000.00", "currency": "EUR"}, "exact"),
        ({"budget_eur": "42000000"}, {"amount": "42000000", "currency": "SEK"}, "wrong"),
        ({"budget_eur": "42000000"}, {"amount": "4200000", "currency": "EUR"}, "wrong"),
        ({"budget_eur": "42000000"}, {"amount": "much", "currency": "EUR"}, "wrong"),
        ({"budget_eur": "42000000"}, None, "missing"),
        ({"budget_eur": "42000000"}, {"amount": None, "currency": "EUR"}, "missing"),
        ({"budget_other": "SEK:40000000"}, {"amount": "40000000", "currency": "SEK"}, "exact"),
        ({}, {"amount": "1", "currency": "EUR"}, "invented"),
        ({}, None, "empty"),
    ],
)
def test_budget(row, budget, expected):
    assert verdict("budget", row, {"budget": budget}) == expected


@pytest.mark.parametrize(
    ("field", "row", "found", "expected"),
    [
        (
            "project max",
            {"max_per_project_eur": "5"},
            {"project_max": {"amount": "5", "currency": "EUR"}},
            "exact",
        ),
        ("project max", {}, {"project_max": {"amount": "5", "currency": "EUR"}}, "invented"),
        ("opening", {"opening_iso": "2026-01-02"}, {"opens_at": "2026-01-02T00:00:00+02:00"}, "exact"),
        ("opening", {"opening_iso": "2026-01-02"}, {"opens_at": "2026-01-01T23:00:00+00:00"}, "exact"),
        ("opening", {"opening_iso": "2026-01-02"}, {"opens_at": None}, "missing"),
        ("opening", {}, {"opens_at": "2026-01-02"}, "invented"),
        ("programme", {"programme": "SMP COSME"}, {"programme": "COSME"}, "exact"),
        ("programme", {"programme": "LIFE"}, {"programme": "life"}, "exact"),
        ("programme", {"programme": "LIFE"}, {"programme": "Interreg Aurora"}, "wrong"),
        ("programme", {"programme": "LIFE"}, {"programme": ""}, "missing"),
        ("identifier", {"call_id": "A-1;B-2"}, {"identifiers": ["b-2"]}, "exact"),
        ("identifier", {"call_id": "A-1"}, {"identifiers": ["A-1", "C-3"]}, "wrong"),
        ("identifier", {}, {"identifiers": []}, "empty"),
        ("identifier", {}, {}, "empty"),
    ],
)
def test_other_fields(field, row, found, expected):
    assert verdict(field, row, found) == expected


def test_the_summary_counts_shares_of_what_is_stated_and_of_all():
    rows = [DAY, DAY, DAY, {}, {}]
    found = [["2026-01-31"], [], ["2026-03-03"], ["2026-03-03"], []]
    judgements = [
        judgement
        for row, deadlines in zip(rows, found, strict=True)
        for judgement in judge(row, {"deadlines": deadlines})
    ]
    deadline = next(f for f in summarise(judgements) if f.name == "deadline")
    assert (deadline.stated, deadline.exact, deadline.missing, deadline.wrong, deadline.invented) == (
        3,
        1,
        1,
        1,
        1,
    )
    assert deadline.right == pytest.approx(1 / 3)
    assert deadline.harm == pytest.approx(2 / 5)
    opening = next(f for f in summarise(judgements) if f.name == "opening")
    assert (opening.stated, opening.right, opening.harm) == (0, None, 0.0)


FACTS = "file,language,deadline_iso,published_iso\na.txt,sv,2026-01-31,2025-12-01\nb.txt,en,,\n"


def test_a_folder_is_read_with_the_day_and_language_of_each_text(tmp_path):
    (tmp_path / "facts.csv").write_text(FACTS, encoding="utf-8")
    (tmp_path / "a.txt").write_text("Sista dag 31 januari", encoding="utf-8")
    (tmp_path / "b.txt").write_text("Nothing", encoding="utf-8")
    asked = []

    def reader(*given):
        asked.append(given)
        return {"deadlines": ["2026-01-31"]}

    judgements, fields = judge_folder(tmp_path, reader)
    assert asked == [
        ("a.txt", "Sista dag 31 januari", date(2025, 12, 1), "sv"),
        ("b.txt", "Nothing", None, "en"),
    ]
    assert {j.file: str(j.verdict) for j in judgements if j.field == "deadline"} == {
        "a.txt": "exact",
        "b.txt": "invented",
    }
    assert next(f for f in fields if f.name == "deadline").stated == 1


def test_wrong_use_is_said(tmp_path):
    with pytest.raises(ConfigError, match=r"facts\.csv: cannot be read"):
        judge_folder(tmp_path, lambda *given: {})
    (tmp_path / "facts.csv").write_text("name\nx\n", encoding="utf-8")
    with pytest.raises(ConfigError, match='no column "file"'):
        judge_folder(tmp_path, lambda *given: {})
    (tmp_path / "p.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"p\.json: not \{file: facts\}"):
        read_predictions(tmp_path / "p.json")
    (tmp_path / "p.json").write_text(json.dumps({"a.txt": {"title": "T"}}), encoding="utf-8")
    reader = read_predictions(tmp_path / "p.json")
    assert reader("a.txt", "", None, None) == {"title": "T"}
    assert reader("b.txt", "", None, None) == {}

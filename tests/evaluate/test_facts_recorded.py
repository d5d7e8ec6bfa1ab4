"""The scorer of facts on the recorded announcements: the reader's own facts are all right, silence no harm."""

from __future__ import annotations

import csv

import pytest

from callwatch.evaluating.prose import judge_folder


def perfect(row: dict[str, str]) -> dict:
    """What an extractor would say that reads as the reader did."""
    currency, _, other = row["budget_other"].partition(":")
    budget = ("EUR", row["budget_eur"]) if row["budget_eur"] else (currency, other)
    return {
        "budget": {"amount": budget[1], "currency": budget[0]} if budget[1] else None,
        "project_max": {"amount": row["max_per_project_eur"], "currency": "EUR"}
        if row["max_per_project_eur"]
        else None,
        "deadlines": [day for day in [row["deadline_iso"] or row["deadline_inferred"]] if day],
        "opens_at": row["opening_iso"] or row["opening_inferred"] or None,
        "programme": row["programme"],
        "identifiers": row["call_id"].split(";") if row["call_id"] else [],
    }


@pytest.mark.recorded
def test_the_recorded_announcements_can_be_read_without_a_mistake_and_silence_is_none(recorded):
    folder = recorded / "announcements"
    with (folder / "facts.csv").open(encoding="utf-8", newline="") as lines:
        rows = {row["file"]: row for row in csv.DictReader(lines)}
    _, best = judge_folder(folder, lambda file, *given: perfect(rows[file]))
    for field in best:
        assert (field.harm, field.missing) == (0.0, 0), field
    assert next(f for f in best if f.name == "deadline").stated >= 32
    _, silent = judge_folder(folder, lambda *given: {})
    assert all(field.exact == 0 and field.harm == 0.0 for field in silent)

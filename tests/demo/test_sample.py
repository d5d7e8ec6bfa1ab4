"""The shipped sample: what it holds, how its dates move, and that its texts can be read."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest

from callwatch.demo import sample
from callwatch.demo.sample import expected, facts, places, topics
from pipeline.models import BRUSSELS
from tests.demo.sample_rows import TODAY, fields, source, topic_row

ECOSYSTEMS = {
    *("tourism", "mobility", "aerospace_defence", "construction", "agrifood"),
    *("energy_intensive", "textiles", "creative_cultural", "digital", "renewable_energy"),
    *("electronics", "retail", "proximity_social", "health", "transversal"),
}


@pytest.fixture(scope="module")
def items() -> list[dict[str, Any]]:
    return sample.records(TODAY)


@pytest.fixture(scope="module")
def calls() -> list[dict[str, Any]]:
    return sample.truth(TODAY)


def test_the_sample_is_large_enough(calls: list[dict[str, Any]]) -> None:
    kinds = Counter(call["kind"] for call in calls)
    assert kinds["topic"] >= 62
    assert kinds["cascade"] >= 16
    assert kinds["external_action"] >= 8
    assert {call["deadline_model"] for call in calls} >= {"single-stage", "two-stage", "multiple cut-off"}
    status = Counter(call["portal_status"] for call in calls)
    assert min(status["open"], status["forthcoming"], status["closed"]) >= 10
    assert sum("sv" in call["titles"] for call in calls) >= 30


def test_every_ecosystem_has_at_least_three_calls(calls: list[dict[str, Any]]) -> None:
    named = Counter(ecosystem for call in calls for ecosystem in call["ecosystems"] or [])
    assert set(named) == ECOSYSTEMS
    assert min(named.values()) >= 3, named.most_common()[-3:]
    primary = Counter(call["ecosystems"][0] for call in calls if call["ecosystems"])
    assert set(primary) == ECOSYSTEMS
    assert any(call["ecosystems"] == [] for call in calls)


def test_every_region_score_is_a_score(calls: list[dict[str, Any]]) -> None:
    scores = {(region, score) for call in calls for region, score in call["s3"].items()}
    assert {region for region, _ in scores} == {"SE321", "SE322", "SE331", "SE332"}
    assert {score for _, score in scores} <= {1, 2, 3}


def test_references_of_calls_are_unique(calls: list[dict[str, Any]]) -> None:
    assert len({call["reference"] for call in calls}) == len(calls)


def test_documents_are_unique_but_for_one_frozen_pair(items: list[dict[str, Any]]) -> None:
    bodies = Counter(orjson.dumps(item, option=orjson.OPT_SORT_KEYS) for item in items)
    assert sorted(bodies.values())[-2:] == [1, 2]
    documents = Counter((source(item), item["reference"], item["language"]) for item in items)
    assert sorted(documents.values())[-2:] == [1, 2]


@pytest.mark.parametrize("today", [TODAY, date(2026, 11, 29), date(2027, 3, 30), date(2024, 2, 29)])
def test_no_deadline_falls_on_a_weekend(today: date) -> None:
    for call in sample.truth(today):
        for deadline in call["deadlines"]:
            assert deadline["at"].astimezone(BRUSSELS).weekday() < 5, call["reference"]
        assert call["deadlines"] == sorted(call["deadlines"], key=lambda d: d["at"])


@pytest.mark.parametrize("weekday", range(7))
def test_no_day_of_the_week_changes_a_date_or_a_status(weekday: int, calls: list[dict[str, Any]]) -> None:
    assert sample.truth(TODAY + timedelta(days=weekday)) == calls


def test_the_next_week_moves_every_date_but_the_real_ones_by_seven_days() -> None:
    before, after = sample.truth(TODAY), sample.truth(TODAY + timedelta(days=7))
    moved = Counter(
        (b["deadlines"][-1]["at"].date() - a["deadlines"][-1]["at"].date()).days
        for a, b in zip(before, after, strict=True)
    )
    assert moved == {7: len(before) - 3, 0: 3}


def test_something_is_due_within_ten_days_and_something_after_half_a_year(calls: list[dict[str, Any]]) -> None:
    left = [call["deadlines"][-1]["at"].date() - TODAY for call in calls if not call["is_closed"]]
    assert min(left) <= timedelta(days=10)
    assert max(left) >= timedelta(days=180)


def test_the_eurocluster_call_of_2021_stays_in_2021(
    items: list[dict[str, Any]], calls: list[dict[str, Any]]
) -> None:
    call = next(c for c in calls if c["reference"] == "SMP-COSME-2021-CLUSTER-01")
    assert call["budget_total"] == Decimal(42_000_000)
    assert call["opens"] == date(2021, 9, 30)
    assert [d["at"] for d in call["deadlines"]] == [datetime(2021, 11, 30, 16, tzinfo=UTC)]
    assert call["is_closed"]
    assert call["legacy"]
    row = topic_row(items, "SMP-COSME-2021-CLUSTER-01")
    assert row["REFERENCE"] == ["44317154SMPGrantsforFinancialSupport1632960000000"]
    assert row["deadlineDate"] == ["2021-11-30T00:00:00.000+0000"]
    assert "30 November 2021" in row["actions"][0]
    assert "15 strands" in " ".join(re.sub("<[^>]*>", "", row["descriptionByte"][0]).split())
    assert row["status"] == ["31094503"]


def test_texts_are_long_enough_to_be_read_and_classified(items: list[dict[str, Any]]) -> None:
    for item in items:
        metadata = fields(item)
        text = metadata.get("descriptionByte") or metadata.get("description")
        if item["language"] in ("en", "sv") and metadata["type"] != ["6"] and text:
            plain = re.sub("<[^>]*>", " ", text[0])
            least = 60 if metadata["type"] == ["1"] else 25
            assert len(plain.split()) >= least, item["reference"]


def test_the_portal_is_wrong_about_two_topics(calls: list[dict[str, Any]]) -> None:
    wrong = {
        c["reference"]: c["portal_status"] for c in calls if c["is_closed"] != (c["portal_status"] == "closed")
    }
    assert wrong == {
        "ERASMUS-EDU-2022-ECHE-CERT-FP": "open",
        "HORIZON-CL5-2026-04-TWO-STAGE-D3-02": "closed",
    }


def test_it_is_quick() -> None:
    facts.load.cache_clear()
    started = time.perf_counter()
    sample.records(TODAY)
    # Half a second is the promise; a loaded machine gets four times that.
    assert time.perf_counter() - started < 2


def test_two_readers_do_not_share_what_they_change() -> None:
    first = sample.records(TODAY)
    for item in first:
        fields(item)["title"].append("scribbled")
    assert all("scribbled" not in fields(item)["title"] for item in sample.records(TODAY))


@pytest.mark.parametrize(
    ("model", "count", "names"),
    [
        ("", 1, ["single"]),
        ("single-stage", 1, ["single"]),
        ("multiple cut-off", 1, ["cut-off 1"]),
        ("multiple cut-off", 2, ["cut-off 1", "cut-off 2"]),
        ("two-stage", 1, ["stage 1"]),
        ("two-stage", 2, ["stage 1", "stage 2"]),
    ],
)
def test_names_of_deadlines(model: str, count: int, names: list[str]) -> None:
    assert expected.stages(model, count) == names


def test_a_mistake_in_a_sample_file_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "energy.yml").write_text("topics: [{id: X, titel: Y}]\n")
    with pytest.raises(ValueError, match=r"energy\.yml: Object contains unknown field `titel`"):
        facts.load(tmp_path)


def test_amounts_by_year_are_added(tmp_path: Path) -> None:
    first = facts.load().topics[0]
    two_years = msgspec.structs.replace(first, amount={2026: 10, 2027: 5})
    loaded = msgspec.structs.replace(facts.load(), topics=[two_years])
    topic = places.topics(loaded, TODAY)[0]
    told = expected.topic_truth(topic, TODAY)
    assert told["budget_total"] == 15
    assert told["by_year"] == {"2026": 10, "2027": 5}
    row = topics.rows(topic)[0]
    table = json.loads(row["metadata"]["budgetOverview"][0])
    assert table["budgetYearsColumns"] == ["2026", "2027"]

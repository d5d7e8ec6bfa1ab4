"""The sample beside the recorded answers of the portal: the same shape, and not one sentence of theirs."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from callwatch.demo import sample
from tests.demo.sample_rows import TODAY, fields, of_type

pytestmark = pytest.mark.recorded


@pytest.fixture(scope="module")
def items() -> list[dict[str, Any]]:
    return sample.records(TODAY)


def _results(recorded: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((recorded / "ft" / "raw" / name).read_text(encoding="utf-8"))[
        "results"
    ]
    return found


def test_new_topics_have_the_recorded_keys(recorded: Path, items: list[dict[str, Any]]) -> None:
    real = next(r for r in _results(recorded, "api-debug-full.json") if r["reference"] == "48400948TOPICSen")
    ours = [i for i in of_type(items, "1") if "TOPICS" in i["reference"]]
    assert len(real["metadata"]) == 48
    assert len(ours) >= 90
    for item in ours:
        assert set(item) == set(real)
        assert set(item["metadata"]) == set(real["metadata"])
    assert_same_json_shape(real["metadata"], ours[0]["metadata"], ("actions", "budgetOverview"))


def test_legacy_topics_have_the_recorded_keys(recorded: Path, items: list[dict[str, Any]]) -> None:
    real = _results(recorded, "api-2.138-sample.json")[0]
    ours = [i for i in of_type(items, "1") if "callUpdates" in i["metadata"]]
    assert len(real["metadata"]) == 51
    assert len(ours) >= 5
    for item in ours:
        assert set(item) == set(real)
        assert set(item["metadata"]) == set(real["metadata"])
    updated = next(i for i in ours if i["metadata"]["callUpdates"] != ["[]"])
    assert_same_json_shape(real["metadata"], updated["metadata"], ("actions", "budgetOverview", "callUpdates"))


def test_news_rows_have_the_recorded_keys(recorded: Path, items: list[dict[str, Any]]) -> None:
    real = next(r for r in _results(recorded, "eu-api-topic-response.json") if fields(r)["type"] == ["6"])
    for item in of_type(items, "6"):
        assert set(item) == set(real)
        assert set(item["metadata"]) == set(real["metadata"])


def assert_same_json_shape(real: dict[str, Any], ours: dict[str, Any], keys: tuple[str, ...]) -> None:
    for key in keys:
        assert set(paths(json.loads(ours[key][0]))) == set(paths(json.loads(real[key][0]))), key


def paths(value: Any, at: str = "") -> Iterator[str]:
    """Every place in a JSON value, with numbers used as keys folded into one."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, f"{at}.{'N' if key.isdigit() else key}")
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, f"{at}[]")
    else:
        yield f"{at}:{type(value).__name__}"


def runs(text: str, length: int = 12) -> Iterator[str]:
    words = re.findall(r"\w+", re.sub("<[^>]*>", " ", text).lower())
    for start in range(len(words) - length + 1):
        yield " ".join(words[start : start + length])


def test_no_twelve_words_in_a_row_are_the_portals(recorded: Path, items: list[dict[str, Any]]) -> None:
    keys = ("title", "callTitle", "descriptionByte", "description", "furtherInformation", "topicConditions")
    keys += ("latestInfos", "callUpdates", "supportInfo", "destinationDetails")
    ours = {run for item in items for key in keys for text in fields(item).get(key, []) for run in runs(text)}
    assert len(ours) > 10_000
    copied = {run for text in recorded_texts(recorded) for run in runs(text) if run in ours}
    assert copied == set()


def recorded_texts(recorded: Path) -> Iterator[str]:
    with gzip.open(recorded / "ft" / "open_topics_2026-08-12.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            topic = json.loads(line)
            yield topic["title"]
            yield topic["description"]
            yield topic["topicConditions"]
    with gzip.open(recorded / "ft" / "daily" / "2026-05-10.json.gz", "rb") as day:
        for grant in orjson.loads(day.read())["grants"]:
            yield grant["abstract"] or ""
    for name in ("api-debug-full.json", "api-2.138-sample.json", "eu-api-topic-response.json"):
        for item in _results(recorded, name):
            yield from (word for value in item["metadata"].values() for word in value)

"""The rows of the sample: copies, cascades, external actions, news, frozen copies and stubs."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from callwatch.demo import sample
from pipeline.models import BRUSSELS
from tests.demo.sample_rows import TODAY, fields, of_type, source, topic_row


@pytest.fixture(scope="module")
def items() -> list[dict[str, Any]]:
    return sample.records(TODAY)


@pytest.fixture(scope="module")
def calls() -> list[dict[str, Any]]:
    return sample.truth(TODAY)


def test_every_swedish_copy_is_swedish(items: list[dict[str, Any]]) -> None:
    copies = [item for item in items if item["language"] == "sv"]
    assert len(copies) >= 30
    for item in copies:
        text = item["metadata"]["descriptionByte"][0]
        assert "Förväntat resultat:" in text
        assert re.search(r"\b(och|att|som)\b", text)
        assert re.search(r"Vem kan söka</h4><div[^>]*><p>\w", item["metadata"]["topicConditions"][0])
        english = topic_row(items, item["metadata"]["identifier"][0])
        assert item["metadata"]["title"] != english["title"]
        assert item["metadata"]["deadlineDate"] == english["deadlineDate"]


def test_other_languages_keep_the_english_title(items: list[dict[str, Any]]) -> None:
    others = [item for item in items if item["language"] in ("bg", "fi")]
    assert len(others) >= 3
    for item in others:
        english = topic_row(items, item["metadata"]["identifier"][0])
        assert item["metadata"]["title"] == english["title"]
        assert item["reference"].endswith(item["language"])


def test_checksum_is_the_hash_of_the_title_and_sort_status_fits(items: list[dict[str, Any]]) -> None:
    order = {"31094502": "1", "31094501": "2", "31094503": "3"}
    for item in items:
        assert item["checksum"] == hashlib.sha256(item["summary"].encode()).hexdigest().upper()
        metadata = fields(item)
        if "status" in metadata:
            assert metadata["sortStatus"] == [order[metadata["status"][0]]] == [item["groupById"]]
        else:
            assert item["groupById"] is None


def test_all_values_are_lists_of_strings(items: list[dict[str, Any]]) -> None:
    for item in items:
        for key, value in item.get("metadata", {}).items():
            assert isinstance(value, list), key
            assert all(isinstance(word, str) for word in value), key
    assert json.loads(json.dumps(items)) == items


def test_a_call_shows_all_its_siblings_and_its_own_amount(
    items: list[dict[str, Any]], calls: list[dict[str, Any]]
) -> None:
    for call in calls:
        if call["kind"] != "topic":
            continue
        row = topic_row(items, call["identifier"])
        table = json.loads(row["budgetOverview"][0])["budgetTopicActionMap"]
        lines = [line for group in table.values() for line in group]
        own = [line for line in lines if line["action"].startswith(f"{call['identifier']} - ")]
        assert len(own) == 1
        total = sum(Decimal(amount) for amount in own[0]["budgetYearMap"].values())
        assert total == (call["budget_total"] or 0)
        action = json.loads(row["actions"][0])[0]
        assert action["types"][0]["typeOfAction"].endswith(row["typesOfAction"][0])


def test_one_call_prints_its_whole_pot_on_every_line(items: list[dict[str, Any]]) -> None:
    row = topic_row(items, "HORIZON-JU-CBE-2026-IA-03")
    table = json.loads(row["budgetOverview"][0])["budgetTopicActionMap"]
    amounts = {line["budgetYearMap"]["2026"] for group in table.values() for line in group}
    assert amounts == {"170760699"}
    assert len(table) == 7
    shared = {c["identifier"]: c["shared_with"] for c in sample.truth(TODAY)}
    assert shared["HORIZON-JU-CBE-2026-IA-03"] == 6
    assert shared["HORIZON-CL4-2027-01-MAT-PROD-16"] == 0


def test_cascades_carry_the_identity_of_their_parent(items: list[dict[str, Any]]) -> None:
    rows = of_type(items, "8")
    parents = Counter(fields(item)["identifier"][0] for item in rows)
    assert parents["SMP-COSME-2024-CLUSTER-01"] >= 5
    for item in rows:
        metadata = fields(item)
        assert item["url"].endswith(metadata["ccm2Id"][0])
        assert item["reference"] == f"{metadata['callccm2Id'][0]}COMPETITIVE_CALLen"
        assert metadata["callTitle"] == metadata["caName"] == [item["summary"]] != metadata["title"]
        assert metadata["currency"] == ["EUR"]
        assert all(moment.endswith(".000+0000") for moment in metadata["deadlineDate"])
    bare = [item for item in rows if "metadata" not in item]
    assert len(bare) == 1
    assert bare[0]["callTitle"] == [bare[0]["summary"]]


def test_cascade_hours_are_brussels_wall_clock(items: list[dict[str, Any]], calls: list[dict[str, Any]]) -> None:
    printed = {f"{i['reference'][:-2]}": fields(i)["deadlineDate"] for i in of_type(items, "8")}
    for call in calls:
        if call["kind"] == "cascade":
            local = [
                d["at"].astimezone(BRUSSELS).strftime("%Y-%m-%dT%H:%M:%S.000+0000") for d in call["deadlines"]
            ]
            assert printed[call["reference"]] == local


def test_seconds_of_external_actions_are_noise(items: list[dict[str, Any]], calls: list[dict[str, Any]]) -> None:
    tomorrow = {i["reference"]: i for i in of_type(sample.records(TODAY + timedelta(days=1)), "2")}
    changed = 0
    for item in of_type(items, "2"):
        printed = item["metadata"]["deadlineDate"][0]
        truth = next(c for c in calls if f"{c['reference']}EN" == item["reference"])
        assert printed[:16] == truth["deadlines"][0]["at"].strftime("%Y-%m-%dT%H:%M")
        changed += printed != tomorrow[item["reference"]]["metadata"]["deadlineDate"][0]
        assert re.fullmatch(r"EuropeAid/\d+/DD/ACT/\w+", item["metadata"]["identifier"][0])
        assert json.loads(item["metadata"]["publicationDocuments"][0])[0]["languageDoc"] == "EN"
    assert changed >= 6


def test_frozen_copies_are_still_flagged_open(items: list[dict[str, Any]]) -> None:
    ghosts = [item for item in items if source(item) == "SEDIA_PRD_CENTRICITY"]
    assert len(ghosts) >= 5
    for item in ghosts:
        metadata = item["metadata"]
        assert metadata["status"][0] in ("31094501", "31094502")
        assert all(day.endswith("T17:00:00.000+0000") for day in metadata["deadlineDate"])
        assert isinstance(json.loads(metadata["keywords"][0]), list)
        assert len(metadata["keywords"]) == 1
        assert not {"descriptionByte", "actions", "budgetOverview"} & set(metadata)
        assert item["url"].endswith(".json")
        assert item["databaseLabel"] == ""
    identifiers = [item["metadata"]["identifier"][0] for item in ghosts]
    assert topic_row(items, "SMP-COSME-2021-CLUSTER-01")["status"] == ["31094503"]
    assert "SMP-COSME-2021-CLUSTER-01" in identifiers
    assert max(Counter(identifiers).values()) == 2


def test_an_anonymous_frozen_copy_names_no_source(items: list[dict[str, Any]]) -> None:
    anonymous = [item for item in items if not source(item)]
    assert [item["url"].rsplit("/", 1)[1] for item in anonymous] == ["HORIZON-EIE-2023-CONNECT-03-01.json"]


def test_stubs_have_no_status(items: list[dict[str, Any]]) -> None:
    stubs = [item for item in of_type(items, "1") if "status" not in item["metadata"]]
    assert len(stubs) == 2
    assert all("deadlineDate" not in item["metadata"] for item in stubs)


def test_news_stands_in_the_topic_and_in_a_row_of_its_own(
    items: list[dict[str, Any]], calls: list[dict[str, Any]]
) -> None:
    rows = Counter(item["metadata"]["identifier"][0] for item in of_type(items, "6"))
    assert rows == {c["identifier"]: c["news"] for c in calls if c["news"]}
    for identifier, count in rows.items():
        row = topic_row(items, identifier)
        key = "callUpdates" if "callUpdates" in row else "latestInfos"
        assert len(json.loads(row[key][0])) == count


def test_both_shapes_of_keywords(items: list[dict[str, Any]]) -> None:
    new = topic_row(items, "HORIZON-CL5-2026-10-D6-01")["keywords"]
    assert new[:2] == ["HORIZON-CL5-2026-10-D6-01", "HORIZON-CL5-2026-10"]
    legacy = topic_row(items, "SMP-COSME-2021-CLUSTER-01")["keywords"]
    assert max(map(len, legacy)) <= 50

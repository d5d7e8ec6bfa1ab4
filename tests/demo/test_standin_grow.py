"""Grown records: distinct, of a realistic size, true to the sample's proportions and statuses."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date
from statistics import median

import orjson
import pytest

from callwatch.demo import items
from callwatch.demo.edits import call_of, days_of, first
from callwatch.demo.grow import grow, mixed_deadlines
from callwatch.demo.standin.server import StandIn
from tests.demo.standin_client import STABLE, of_type, search
from tests.demo.standin_items import TODAY, day, small_index, topics

MODELS = small_index()
GROWN = grow(MODELS, 600)


def test_every_item_is_a_call_of_its_own() -> None:
    assert len(GROWN) == 600
    for value in (call_of, lambda item: item["reference"], lambda item: item["summary"]):
        assert len({value(item) for item in GROWN}) == 600
    topics_only = [item for item in GROWN if first(item, "type") == "1"]
    assert len({first(item, "ccm2Id") for item in topics_only}) == len(topics_only)
    assert len({first(item, "descriptionByte") for item in topics_only}) == len(topics_only)


def test_types_and_programmes_keep_their_proportions() -> None:
    assert Counter(first(item, "type") for item in GROWN) == {"1": 360, "8": 120, "2": 120}
    assert Counter(first(item, "frameworkProgramme") for item in GROWN)["43252449"] == 120


def test_topics_weigh_what_the_portals_topics_weigh() -> None:
    grown = grow(topics(5), 1_000)
    weights = sorted(len(orjson.dumps(item)) for item in grown)
    assert weights[100] >= 10_000
    assert weights[850] <= 20_000
    assert 4_200 <= median(len(first(item, "descriptionByte")) for item in grown) <= 5_100
    assert all(3_000 * 0.8 <= len(first(item, "topicConditions")) <= 8_000 * 1.2 for item in grown)


def test_a_topic_says_the_same_everywhere() -> None:
    for item in GROWN:
        if first(item, "type") != "1":
            continue
        identifier, days = first(item, "identifier"), [day.isoformat() for day in days_of(item)]
        (lines,) = orjson.loads(first(item, "budgetOverview"))["budgetTopicActionMap"].values()
        assert [line["action"].split(" - ")[0] for line in lines] == [identifier]
        assert sorted(lines[0]["deadlineDates"]) == days
        assert sorted(orjson.loads(first(item, "actions"))[0]["deadlineDates"]) == days
        assert identifier in item["url"]
        assert identifier in item["metadata"]["keywords"]


def test_a_status_stays_true() -> None:
    for item in GROWN:
        if first(item, "status") == items.CLOSED:
            assert days_of(item)[-1] < TODAY
        else:
            assert days_of(item)[-1] > TODAY
    spread = {days_of(item)[0] for item in GROWN if first(item, "type") == "1"}
    assert len(spread) > 30
    stages = {len(set(days_of(item))) for item in GROWN if first(item, "status") == items.FORTHCOMING}
    assert stages == {2}


def test_deadlines_that_follow_each_other_closely_stay_apart() -> None:
    daily = items.topic("TRIAL-DAILY-01", start=day(-10), deadlines=[day(30 + n) for n in range(40)])
    past = items.topic(
        "TRIAL-PAST-01", start=day(-200), deadlines=[day(-90 + n) for n in range(40)], status=items.CLOSED
    )
    assert {len(set(days_of(item))) for item in grow([daily, past], 20)} == {40}


def test_a_seed_decides() -> None:
    assert grow(MODELS, 20) == GROWN[:20]
    assert grow(MODELS, 20, seed=1) != GROWN[:20]
    assert small_index() == MODELS


def test_nothing_grows_from_nothing() -> None:
    with pytest.raises(ValueError, match="no English topic"):
        grow([item for item in MODELS if first(item, "type") == "6"], 5)


def test_mixed_deadlines_holds_what_it_promises() -> None:
    mixed = mixed_deadlines(1_000, TODAY)
    kinds = Counter(first(item, "identifier").split("-")[-2] for item in mixed)
    assert kinds == {"CUT": 102, "STALE": 60, "TODAY": 8, "OPEN": 830}
    assert len({call_of(item) for item in mixed}) == 1_000
    assert {first(item, "status") for item in mixed} == {items.OPEN}
    last = [days_of(item)[-1] for item in mixed]
    assert sum(day < TODAY for day in last) == 60
    assert sum(day == TODAY for day in last) == 8
    cut = [days_of(item) for item in mixed if first(item, "deadlineModel") == "multiple cut-off"]
    assert len(cut) == 102
    assert all(days[0] < TODAY < days[1] < days[2] for days in cut)


def test_mixed_deadlines_refuses_the_impossible() -> None:
    with pytest.raises(ValueError, match="100 topics are fewer than the 170 special ones"):
        mixed_deadlines(100, date(2026, 1, 1))


def test_ten_pages_of_grown_items_cost_little() -> None:
    with StandIn(grow(topics(10), 1_000)) as portal:
        search(portal.base_url, of_type("1"), sort=STABLE)
        spent = time.process_time()
        sizes = [len(search(portal.base_url, of_type("1"), sort=STABLE, page=page).body) for page in range(1, 11)]
        spent = time.process_time() - spent
    assert min(sizes) > 1_000_000
    # Server and client together; measured 0.03 s, so that the margin is for a busy machine.
    assert spent < 0.3

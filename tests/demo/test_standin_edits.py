"""Edits keep to the topic they are meant for, keep the form of what they change, and bear odd items."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwatch.demo import edits, items
from callwatch.demo.edits import fields, first, moved
from callwatch.demo.nextday import Happening, next_day
from tests.demo.standin_items import TODAY, day, topics


def lines(item: items.Item, identifier: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    edits.edit_lines([copy.deepcopy(item)], identifier, found.append)
    return found


def test_a_longer_identifier_is_another_topic() -> None:
    item = topics(1)[0]
    table = first(item, "budgetOverview").replace(" - ", "-TWO-STAGE - ")
    fields(item)["budgetOverview"] = [table]
    assert lines(item, "TRIAL-CL5-2027-01-001") == []
    both = orjson.loads(table)
    both["budgetTopicActionMap"]["1"] = [{"action": "TRIAL-CL5-2027-01-001 - Grants"}]
    fields(item)["budgetOverview"] = [orjson.dumps(both).decode()]
    assert lines(item, "TRIAL-CL5-2027-01-001") == [{"action": "TRIAL-CL5-2027-01-001 - Grants"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-09T17:00:00.000+0000", "2026-04-01T17:00:00.000+0000"),
        ("2026-03-09", "2026-04-01"),
        ("09 March 2026", "01 April 2026"),
        ("2026-03-10", "2026-03-10"),
        ("soon", "soon"),
    ],
)
def test_dates_keep_their_form(text: str, expected: str) -> None:
    before, after = datetime(2026, 3, 9).date(), datetime(2026, 4, 1).date()
    assert moved(text, before, after) == expected


ODD = st.recursive(
    st.none() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(
    st.lists(
        st.tuples(st.sampled_from(["deadlineDate", "actions", "budgetOverview", "keywords", "startDate"]), ODD)
    )
)
def test_odd_items_come_through_a_night(odd: list[tuple[str, Any]]) -> None:
    strange = items.topic("TRIAL-ODD-01", start=day(-30), deadlines=[day(60)])
    for field, value in odd:
        fields(strange)[field] = value
    after, _ = next_day([strange, None, 17, *topics(6)], TODAY)  # type: ignore[list-item]
    assert len(after) >= 7


@pytest.mark.parametrize("actions", ["17", "[1]", "{}", "null", "[", '[{"deadlineDates": 3}]'])
@pytest.mark.parametrize(
    "table",
    [
        '"TRIAL-ODD-01 - "',
        '{"TRIAL-ODD-01 - ": 1}',
        '{"budgetTopicActionMap": {"1": ["TRIAL-ODD-01 - "]}}',
        '{"budgetTopicActionMap": {"1": [{"action": "TRIAL-ODD-01 - X", "budgetYearMap": [1]}]}}',
    ],
)
def test_odd_json_texts_come_through_a_night(actions: str, table: str) -> None:
    strange = items.topic("TRIAL-ODD-01", start=day(-30), deadlines=[day(60)])
    fields(strange).update(actions=[actions], budgetOverview=[table], latestInfos=[actions])
    _, moves = next_day([strange], TODAY)
    assert [m.kind for m in moves] == [Happening.BROUGHT_FORWARD]
    _, moves = next_day([*topics(1, "TRIAL-AAA"), strange], TODAY)
    assert Happening.NEWS in {m.kind for m in moves}

"""What a night does to the items: every move once, everywhere it is written, and nothing else."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

import orjson
import pytest

from callwatch.demo import edits, items
from callwatch.demo.edits import call_of, days_of, fields, first
from callwatch.demo.nextday import Happening, Move, next_day
from tests.demo.standin_items import TODAY, day, small_index, topics


def full_index() -> list[items.Item]:
    """Room for every move, with language copies and a budget table that two siblings share."""
    found = topics(8)
    siblings = [first(item, "budgetOverview") for item in found[:2]]
    table = [orjson.loads(text)["budgetTopicActionMap"] for text in siblings]
    shared = {"budgetYearsColumns": ["2026"], "budgetTopicActionMap": table[0] | table[1]}
    for item in found[:2]:
        fields(item)["budgetOverview"] = [orjson.dumps(shared).decode()]
    coming = items.topic("TRIAL-B-2027-01", start=day(20), deadlines=[day(90), day(200)], status=items.FORTHCOMING)
    swedish = [items.translated(item, "sv", "Försök") for item in [*found[:4], coming]]
    cascade = items.cascade(
        15301, parent=found[7], title="Vouchers", start=day(-5), deadlines=[datetime(2027, 2, 1, 17, 0)]
    )
    prospect = items.prospect(
        181234, title="Roads", start=day(-5), deadline=datetime(2027, 1, 15, 21, 59, 13, 417000)
    )
    return [
        *found,
        coming,
        *swedish,
        cascade,
        prospect,
        items.news(found[3], "<p>Open.</p>", datetime(2026, 11, 1)),
    ]


BEFORE = full_index()
AFTER, MOVES = next_day(BEFORE, TODAY)


def move(kind: Happening, place: int = 0) -> Move:
    return [m for m in MOVES if m.kind is kind][place]


def rows(all_items: list[items.Item], reference: str) -> list[items.Item]:
    return [item for item in all_items if call_of(item) == reference and first(item, "type") != "6"]


def lines(item: items.Item, identifier: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    edits.edit_lines([copy.deepcopy(item)], identifier, found.append)
    return found


def actions(item: items.Item) -> list[dict[str, Any]]:
    return orjson.loads(first(item, "actions"))


def test_every_kind_of_move_happens_once() -> None:
    kinds = [m.kind for m in MOVES]
    assert set(kinds) == set(Happening)
    assert kinds.count(Happening.EXTENDED) == 2
    assert len(kinds) == len(Happening) + 1


def test_nothing_else_changes_and_the_input_stays() -> None:
    assert full_index() == BEFORE
    assert next_day(BEFORE, TODAY) == (AFTER, MOVES)
    moved_calls = {m.identifier for m in MOVES}
    untouched = [item for item in BEFORE if call_of(item) not in moved_calls and first(item, "type") != "6"]
    assert len(untouched) == 3
    sibling_free = [item for item in untouched if item in AFTER]
    assert sibling_free == untouched


@pytest.mark.parametrize(
    ("kind", "place", "days"),
    [(Happening.BROUGHT_FORWARD, 0, -7), (Happening.EXTENDED, 0, 14), (Happening.EXTENDED, 1, 10)],
)
def test_a_deadline_moves_in_every_copy_and_everywhere_it_is_written(
    kind: Happening, place: int, days: int
) -> None:
    played = move(kind, place)
    before, after = played.detail["before"], played.detail["after"]
    was, now = rows(BEFORE, played.identifier), rows(AFTER, played.identifier)
    assert len(was) == len(now) >= 1
    assert {days_of(item)[-1].isoformat() for item in was} == {before}
    assert {days_of(item)[-1].isoformat() for item in now} == {after}
    assert (days_of(now[0])[-1] - days_of(was[0])[-1]).days == days
    assert first(now[0], "deadlineDate")[10:] == first(was[0], "deadlineDate")[10:]
    if first(now[0], "type") == "8":
        assert first(now[0], "closingDate")[:10] == after
        return
    for item in now:
        assert actions(item)[0]["deadlineDates"] == [after]
        assert [line["deadlineDates"] for line in lines(item, first(item, "identifier"))] == [[after]]


def test_siblings_tables_follow() -> None:
    played = move(Happening.BROUGHT_FORWARD)
    sibling = next(item for item in AFTER if first(item, "identifier") == "TRIAL-CL5-2027-01-002")
    assert played.identifier == "TRIAL-CL5-2027-01-001"
    assert lines(sibling, played.identifier)[0]["deadlineDates"] == [played.detail["after"]]
    assert len(lines(sibling, "TRIAL-CL5-2027-01-002")) == 1


def test_an_extension_is_announced() -> None:
    played = move(Happening.NEWS)
    assert played.identifier == move(Happening.EXTENDED).identifier
    announced = [item for item in AFTER if first(item, "type") == "6" and call_of(item) == played.identifier]
    assert [first(item, "description") for item in announced] == [played.detail["text"]]
    for item in rows(AFTER, played.identifier):
        assert orjson.loads(first(item, "latestInfos"))[0]["content"] == played.detail["text"]


def test_a_forthcoming_topic_opens_in_every_copy() -> None:
    played = move(Happening.OPENED)
    opened = rows(AFTER, played.identifier)
    assert len(opened) == 2
    for item in opened:
        assert (first(item, "status"), first(item, "sortStatus"), item["groupById"]) == (items.OPEN, "1", "1")
        assert first(item, "startDate") == "2026-11-23T00:00:00.000+0000"
        assert (actions(item)[0]["status"]["id"], actions(item)[0]["plannedOpeningDate"]) == (
            31094502,
            "2026-11-23",
        )
        assert lines(item, "TRIAL-B-2027-01")[0]["plannedOpeningDate"] == "2026-11-23"


def test_a_withdrawn_topic_leaves_nothing_behind() -> None:
    gone = move(Happening.WITHDRAWN).identifier
    assert rows(BEFORE, gone)
    assert not [item for item in AFTER if first(item, "identifier").upper() == gone]


def test_a_budget_doubles_in_every_copy() -> None:
    played = move(Happening.BUDGET)
    assert (played.detail["before"], played.detail["after"]) == ("12000000", "24000000")
    for item in rows(AFTER, played.identifier):
        assert lines(item, first(item, "identifier"))[0]["budgetYearMap"] == {"2026": "24000000"}


def test_a_reingested_topic_only_looks_different() -> None:
    played = move(Happening.REINGESTED)
    (was,), (now,) = rows(BEFORE, played.identifier), rows(AFTER, played.identifier)
    assert was["reference"] == played.detail["before"] != now["reference"] == played.detail["after"]
    assert first(now, "REFERENCE") == now["reference"]
    assert fields(now)["keywords"] == fields(was)["keywords"][::-1]
    noise = {"REFERENCE", "esDA_IngestDate", "esDA_QueueDate", "keywords", "tags"}
    assert {k for k in fields(now) if fields(now)[k] != fields(was).get(k)} <= noise
    assert first(now, "ccm2Id") == first(was, "ccm2Id")


def test_a_new_topic_is_wholly_its_own() -> None:
    played = move(Happening.NEW)
    (born,) = rows(AFTER, played.identifier)
    known = {(call_of(item), item["reference"], first(item, "ccm2Id")) for item in BEFORE}
    assert not {call_of(born), born["reference"], first(born, "ccm2Id")} & {part for row in known for part in row}
    assert len(lines(born, first(born, "identifier"))) == 1
    assert first(born, "identifier") in born["url"]


def test_external_actions_jitter_by_seconds_only() -> None:
    (was,), (now,) = ([i for i in all_items if first(i, "type") == "2"] for all_items in (BEFORE, AFTER))
    assert first(was, "deadlineDate") != first(now, "deadlineDate")
    assert first(was, "deadlineDate")[:17] == first(now, "deadlineDate")[:17]
    assert datetime.strptime(first(now, "deadlineDate"), "%Y-%m-%dT%H:%M:%S.%f%z")


def test_the_day_after_plays_on() -> None:
    assert {m.kind for m in next_day(AFTER, day(1)).moves} == set(Happening) - {Happening.OPENED}


def test_what_there_is_no_room_for_does_not_happen() -> None:
    assert next_day([], TODAY) == ([], [])
    near = items.topic("TRIAL-NEAR-01", start=day(-30), deadlines=[day(3)])
    assert next_day([near], TODAY) == ([near], [])
    closed = items.topic("TRIAL-OLD-01", start=day(-300), deadlines=[day(-100)], status=items.CLOSED)
    assert next_day([closed, items.ghost(closed)], TODAY).moves == []


def test_parents_of_cascade_calls_are_not_withdrawn() -> None:
    _, moves = next_day(small_index(), TODAY)
    assert Happening.WITHDRAWN not in {m.kind for m in moves}

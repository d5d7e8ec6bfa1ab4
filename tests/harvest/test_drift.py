"""A portal that changes the shape of its data: nothing of it is believed, and nothing is lost."""

from __future__ import annotations

import pytest

from callwatch.demo import edits
from callwatch.demo.edits import Item, fields
from tests.harvest.commands import PORTAL, Callwatch
from tests.harvest.days import clone, days, topics
from tests.harvest.state import all_events, kinds, never_new, pending, run_states, state, stored_calls

NO_DATES = ("deadlineDate", "deadlineDates")


def without_deadlines(records: list[Item]) -> list[Item]:
    """Every row with its deadlines under another name, also where they are repeated."""
    found = [clone(item) for item in records]
    for item in found:
        fields(item)["deadlineDay"] = fields(item).pop("deadlineDate")
        edits.edit_actions(item, lambda action: action.pop("deadlineDates"))
        edits.edit_lines([item], edits.first(item, "identifier"), lambda line: line.pop("deadlineDates"))
    return found


def test_a_renamed_field_fails_the_harvest_and_changes_nothing(callwatch: Callwatch) -> None:
    with days(callwatch, topics(60)) as portal:
        portal.harvest()
        before, good = state(callwatch), portal.records
        portal.show(without_deadlines([*good, *topics(5, first=61)]))
        for _ in range(2):
            portal.next(play=False)
            done = portal.harvest()
            assert (done.code, done.report["verdict"]) == (3, "failed")
            assert done.report["issues"][0] == {
                "reference": "",
                "field": "deadlines",
                "problem": "filled in 0% of 65 calls looked at, at least 90% expected: "
                "has the portal renamed or dropped it?",
            }
            assert (done.report["new"], done.report["changed"], done.report["stored"]) == (0, 0, 0)
            assert state(callwatch) == before
            assert pending(callwatch) == []
        portal.show(good)
        portal.next(play=False)
        done = portal.harvest()
    assert (done.code, done.report["unchanged"]) == (0, 60)
    assert (state(callwatch).events, state(callwatch).versions) == (before.events, before.versions)


@pytest.mark.slow
def test_what_vanished_during_the_drift_is_not_believed_afterwards(callwatch: Callwatch) -> None:
    """Rows fetched on the bad day and never listed again must not settle on the next good one."""
    with days(callwatch, topics(60)) as portal:
        portal.harvest()
        good = portal.records
        portal.show(without_deadlines(good))
        portal.next(play=False)
        assert portal.harvest().report["verdict"] == "failed"
        portal.show(good[10:])
        portal.next(play=False)
        assert portal.harvest().code == 0
    assert never_new(all_events(callwatch)) == []
    assert all(stored.call.deadlines for stored in stored_calls(callwatch).values())


@pytest.mark.slow
def test_a_replay_does_not_believe_the_drift_either(callwatch: Callwatch) -> None:
    with days(callwatch, topics(60)) as portal:
        portal.harvest()
        good = portal.records
        portal.show(without_deadlines(good))
        portal.next(play=False)
        portal.harvest()
        portal.show(good)
        portal.next(play=False)
        portal.harvest()
    before = state(callwatch)
    assert callwatch("replay", PORTAL).code == 0
    assert state(callwatch) == before


def test_a_first_harvest_that_drifts_leaves_no_calls(callwatch: Callwatch) -> None:
    with days(callwatch, without_deadlines(topics(60))) as portal:
        assert portal.harvest().report["verdict"] == "failed"
        assert stored_calls(callwatch) == {}
        portal.show(topics(60))
        assert portal.harvest().report["new"] == 60
    with callwatch.store() as store:
        assert sorted(run_states(store)) == [("done", "complete"), ("done", "failed")]


@pytest.mark.parametrize("number", [1, 19])
@pytest.mark.slow
def test_a_few_rows_that_lose_their_deadlines_keep_what_was_known(callwatch: Callwatch, number: int) -> None:
    """Fewer changed rows than a fill rate can be told from."""
    with days(callwatch, topics(60)) as portal:
        portal.harvest()
        portal.show([*without_deadlines(portal.records[:number]), *portal.records[number:]])
        portal.next(play=False)
        done = portal.harvest()
        assert done.code == 0
        assert f"TRIAL-{number:04d} deadlines: the portal no longer states any; those known before are kept" in (
            done.problems
        )
        assert all(stored.call.deadlines for stored in stored_calls(callwatch).values())
        assert kinds(never_new(all_events(callwatch))) == set()
        before = state(callwatch)
        assert callwatch("replay", PORTAL).code == 0
        assert state(callwatch) == before

"""What readers are told over several days of a portal: all that happened, and nothing of its noise."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callwatch.demo import edits
from callwatch.demo.edits import fields
from callwatch.demo.nextday import Happening
from pipeline.models import EventKind
from tests.harvest.commands import PORTAL, Callwatch
from tests.harvest.days import TODAY, Days, days, expected, topics
from tests.harvest.state import all_events, kinds, never_new, state, stored_calls

WITHDRAWN = EventKind.WITHDRAWN.value


def test_every_move_of_a_night_is_told_and_nothing_else(callwatch: Callwatch) -> None:
    with days(callwatch) as portal:
        portal.harvest()
        for _ in range(3):
            moves = portal.next()
            assert {move.kind for move in moves} == set(Happening)
            report = portal.harvest().report
            told = {e for e in kinds(all_events(callwatch, portal.now)) if e[1] != WITHDRAWN}
            assert told == expected(moves)
            assert report["changed"] == len(told) - 1
            assert (report["verdict"], report["new"]) == ("complete", 1)


def test_a_withdrawal_is_told_after_three_harvests_and_two_days(callwatch: Callwatch) -> None:
    with days(callwatch) as portal:
        portal.harvest()
        (gone,) = [move.identifier for move in portal.next() if move.kind is Happening.WITHDRAWN]
        told = []
        for day in range(3):
            for hour in (0, 8):
                assert portal.harvest(hours=hour).code == 0
                events = [e for e in all_events(callwatch) if e.kind is EventKind.WITHDRAWN]
                told.append((day, hour, len(events)))
            portal.next(play=False)
        assert [number for *_, number in told] == [0] * 4 + [1] * 2
        assert kinds(events) == {(gone, WITHDRAWN)}
        stored = stored_calls(callwatch)[gone]
        assert stored.gone_since == events[0].at
        assert stored.misses >= 3
        listed = callwatch("calls", "--live", "--format", "json").json
        assert gone not in {call["reference"] for call in listed}
        shown = callwatch("show", gone, "--format", "json").json
        assert shown["gone_since"] is not None


@pytest.mark.slow
def test_events_as_json_are_what_is_stored(callwatch: Callwatch) -> None:
    with days(callwatch) as portal:
        portal.harvest()
        moves = portal.next()
        portal.harvest()
        listed = callwatch("events", "--since", portal.now.isoformat(), "--format", "json").json
    assert all(list(event) == ["call_id", "kind", "at", "before", "after"] for event in listed)
    assert {(e["call_id"].removeprefix(f"{PORTAL}:"), e["kind"]) for e in listed} == expected(moves)
    for move in moves:
        (event,) = [e for e in listed if (e["call_id"].endswith(f":{move.identifier}"))][:1] or [None]
        if move.kind in (Happening.BROUGHT_FORWARD, Happening.EXTENDED):
            assert event["before"]["at"].startswith(move.detail["before"])
            assert event["after"]["at"].startswith(move.detail["after"])


@pytest.mark.parametrize("absent", [1, 2])
@pytest.mark.slow
def test_a_call_that_vanishes_for_a_day_or_two_is_no_news(callwatch: Callwatch, absent: int) -> None:
    with days(callwatch, topics(30)) as portal:
        portal.harvest()
        before, whole = state(callwatch), portal.records
        portal.show(portal.without("TRIAL-0007"))
        for _ in range(absent):
            portal.next(play=False)
            portal.harvest()
        assert stored_calls(callwatch)["TRIAL-0007"].misses == absent
        portal.show(whole)
        portal.next(play=False)
        portal.harvest()
    assert state(callwatch).events == before.events
    assert state(callwatch).versions == before.versions
    back = stored_calls(callwatch)["TRIAL-0007"]
    assert (back.misses, back.missed_since, back.gone_since) == (0, None, None)


@pytest.mark.slow
def test_a_call_that_returns_after_its_withdrawal_is_opened_not_new(callwatch: Callwatch) -> None:
    with days(callwatch, topics(30)) as portal:
        portal.harvest()
        whole = portal.records
        portal.show(portal.without("TRIAL-0007"))
        for _ in range(3):
            portal.next(play=False)
            portal.harvest()
        assert stored_calls(callwatch)["TRIAL-0007"].gone_since
        portal.show(whole)
        for _ in range(2):
            portal.next(play=False)
            portal.harvest()
    told = never_new(all_events(callwatch))
    assert [(e.call_id, e.kind.value) for e in told] == [
        (f"{PORTAL}:TRIAL-0007", "withdrawn"),
        (f"{PORTAL}:TRIAL-0007", "opened"),
    ]
    back = stored_calls(callwatch)["TRIAL-0007"]
    assert (back.gone_since, back.version, back.first_seen) == (None, 1, portal.now - timedelta(days=5))


@pytest.mark.slow
def test_a_partial_harvest_misses_nobody(callwatch: Callwatch) -> None:
    with days(callwatch, topics(30)) as portal:
        portal.harvest()
        portal.show(portal.without("TRIAL-0007"))
        for _ in range(3):
            portal.next(play=False)
            assert portal.harvest("--limit", "5").code == 3
        assert stored_calls(callwatch)["TRIAL-0007"].misses == 0
    assert never_new(all_events(callwatch)) == []


def renamed(portal: Days, old: str, new: str, *, reference: str = "") -> None:
    """The portal gives a topic another identifier, and perhaps another reference; its number stays."""

    def change(item: dict) -> None:
        item.update(edits.replace_everywhere(item, old, new))
        if reference:
            item["reference"] = reference
            fields(item).update(REFERENCE=[reference])

    portal.show(portal.edited(old, change))


@pytest.mark.parametrize("reference", ["", "4711TOPICSen"], ids=["same reference", "another reference"])
def test_a_renamed_topic_stays_the_same_call(callwatch: Callwatch, reference: str) -> None:
    with days(callwatch, topics(30)) as portal:
        portal.harvest()
        portal.next(play=False)
        renamed(portal, "TRIAL-0007", "TRIAL-2027-07", reference=reference)
        assert portal.harvest().report["new"] == 0
        for _ in range(3):
            portal.next(play=False)
            assert portal.harvest().report["unchanged"] == 30
        told = never_new(all_events(callwatch))
        assert [(e.call_id, e.kind.value) for e in told] == [(f"{PORTAL}:TRIAL-0007", "text_changed")]
        assert told[0].after["identifier"] == "TRIAL-2027-07"
        found = stored_calls(callwatch)
        assert len(found) == 30
        assert found["TRIAL-0007"].call.identifier == "TRIAL-2027-07"
        assert found["TRIAL-0007"].misses == 0
        before = state(callwatch)
        assert callwatch("replay", PORTAL).code == 0
        assert state(callwatch) == before
        shown = callwatch("show", "TRIAL-2027-07", "--format", "json").json
        assert shown["id"] == f"{PORTAL}:TRIAL-0007"


@pytest.mark.slow
def test_the_later_life_of_a_renamed_topic_goes_to_the_same_call(callwatch: Callwatch) -> None:
    with days(callwatch, topics(30)) as portal:
        portal.harvest()
        renamed(portal, "TRIAL-0007", "TRIAL-2027-07", reference="4711TOPICSen")
        portal.next(play=False)
        portal.harvest()
        portal.show(portal.edited("TRIAL-2027-07", lambda item: fields(item).update(title=["Another title"])))
        portal.next(play=False)
        assert portal.harvest().report["changed"] == 1
        assert stored_calls(callwatch)["TRIAL-0007"].call.title == "Another title"
        before = state(callwatch)
        callwatch("replay", PORTAL)
        assert state(callwatch) == before


@pytest.mark.slow
def test_two_topics_of_one_number_stay_two(callwatch: Callwatch) -> None:
    """A number is a second witness only: what is listed under its old name was not renamed."""
    with days(callwatch, topics(30)) as portal:
        portal.harvest()
        portal.next(play=False)
        twin = next(item for item in portal.edited("TRIAL-0007", lambda item: None) if "TRIAL-0007" in item["url"])
        fields(twin).update(identifier=["TRIAL-TWIN"])
        twin["reference"] = "4712TOPICSen"
        portal.show([*portal.records, twin])
        assert portal.harvest().report["new"] == 1
        portal.next(play=False)
        assert portal.harvest().report["unchanged"] == 31
    assert kinds(all_events(callwatch, portal.now - timedelta(days=1))) == {("TRIAL-TWIN", "new")}


def test_a_reingested_topic_is_no_news(callwatch: Callwatch) -> None:
    def change(item: dict) -> None:
        item["reference"] = "471120261123TOPICSen"
        fields(item).update(REFERENCE=[item["reference"]], keywords=fields(item)["keywords"][::-1])
        fields(item).update(esDA_IngestDate=["2026-11-20T04:12:41.938+0200"])

    with days(callwatch, topics(30)) as portal:
        portal.harvest()
        before = state(callwatch)
        portal.next(play=False)
        portal.show(portal.edited("TRIAL-0007", change))
        report = portal.harvest().report
    assert (report["new"], report["changed"], report["unchanged"]) == (0, 0, 30)
    assert (state(callwatch).events, state(callwatch).versions) == (before.events, before.versions)


def test_a_forthcoming_call_opens_on_its_day_without_any_new_row(callwatch: Callwatch) -> None:
    """Its row stays as it is, because the portal called it open all along."""
    with days(callwatch, topics(3, start=TODAY + timedelta(days=1))) as portal:
        portal.harvest()
        assert never_new(all_events(callwatch)) == []
        for _ in range(2):
            portal.next(play=False)
            assert portal.harvest().report["unchanged"] == 3
    told = never_new(all_events(callwatch))
    assert kinds(told) == {(f"TRIAL-000{n}", "opened") for n in (1, 2, 3)}
    assert len(told) == 3

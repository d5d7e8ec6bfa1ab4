"""Rounds of Vinnova that were public and are not any more."""

from __future__ import annotations

from datetime import timedelta

from pipeline.models import EventKind
from tests.harvest.commands import Callwatch
from tests.harvest.lists import NOW, everything, harvest
from tests.harvest.state import all_events, stored_calls
from tests.portals.facts import answer
from tests.portals.list_server import ListServer

HIDDEN = {"Publik": 0, "Webbsida": 0, "Beskrivning": "Inte för allmänheten längre."}


def test_a_round_that_is_not_public_any_more_is_withdrawn_once(callwatch: Callwatch, vinnova: ListServer) -> None:
    harvest(callwatch, vinnova)
    was, *others = answer("vinnova")
    vinnova.rows = [was | HIDDEN, *others]
    days = (1, 2, 4, 5, 6)
    assert {harvest(callwatch, vinnova, days=day).report["verdict"] for day in days} == {"complete"}
    told = [event for event in all_events(callwatch) if event.call_id == "vinnova:2026-90001"]
    assert [event.kind for event in told] == [EventKind.NEW, EventKind.WITHDRAWN]
    assert told[1].at == NOW + timedelta(days=4), "after three harvests, and not at the first word"
    stored = stored_calls(callwatch)
    assert [name for name, one in stored.items() if one.gone_since] == ["2026-90001"]
    assert {one.misses for name, one in stored.items() if name != "2026-90001"} == {0}
    assert "allmänheten längre" not in everything(callwatch), "what is not public is not stored"
    vinnova.rows = [was, *others]
    harvest(callwatch, vinnova, days=7)
    assert all_events(callwatch)[-1].kind is EventKind.OPENED
    assert stored_calls(callwatch)["2026-90001"].gone_since is None


def test_what_was_said_once_holds_until_it_is_listed_again(callwatch: Callwatch, vinnova: ListServer) -> None:
    soon = answer("vinnova")[0] | {"Oppningsdatum": "2026-12-20T00:00:00"}
    other = answer("vinnova")[3]
    vinnova.rows = [soon, other]
    harvest(callwatch, vinnova)
    vinnova.rows = [soon | HIDDEN, other]
    harvest(callwatch, vinnova, days=1)
    vinnova.rows = [other]
    for day in (30, 60):
        assert harvest(callwatch, vinnova, days=day).code == 0
    told = [event.kind for event in all_events(callwatch) if event.call_id == "vinnova:2026-90001"]
    assert told == [EventKind.NEW, EventKind.WITHDRAWN], "and never that it has opened"


def test_one_hidden_day_or_a_partial_harvest_withdraws_nothing(callwatch: Callwatch, vinnova: ListServer) -> None:
    harvest(callwatch, vinnova)
    was, *others = answer("vinnova")
    vinnova.rows = [was | HIDDEN, *others]
    harvest(callwatch, vinnova, days=1)
    vinnova.rows = [was | HIDDEN, others[0], *others]
    for day in (2, 4, 6):
        assert harvest(callwatch, vinnova, days=day).report["verdict"] == "partial"
    assert stored_calls(callwatch)["2026-90001"].misses == 1
    vinnova.rows = [was, *others]
    harvest(callwatch, vinnova, days=7)
    assert stored_calls(callwatch)["2026-90001"].misses == 0
    assert {event.kind for event in all_events(callwatch)} == {EventKind.NEW}

"""Calls and versions built again from the raw records alone."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from callwatch.demo.standin.knobs import Knobs
from pipeline.store import calls
from tests.harvest.commands import PORTAL, Callwatch, Zygote
from tests.harvest.days import Days, days, topics
from tests.harvest.state import state, stored_calls, version_calls


def three_days(portal: Days) -> None:
    """Harvests of three days, one of them partial, one killed before everything was settled."""
    portal.harvest()
    portal.next()
    portal.harvest(tamper={"small_chunks": 5, "kill_after": 8})
    portal.harvest(hours=1)
    portal.next()
    portal.portal.knobs = Knobs(status=500, only_page=1, only_type="2", when=lambda asked: "sort" in asked.parts)
    assert portal.harvest(tamper={"retries": 1}).code == 3
    portal.portal.knobs = Knobs()
    portal.next()
    assert portal.harvest().code == 0


@pytest.fixture(scope="module")
def eventful(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database after three eventful days; the portal is away since."""
    callwatch = Callwatch(zygote, tmp_path_factory.mktemp("eventful"))
    with days(callwatch) as portal:
        three_days(portal)
    return callwatch.folder / "callwatch.db"


@pytest.fixture
def later(callwatch: Callwatch, eventful: Path) -> Callwatch:
    """A copy of that database."""
    shutil.copy(eventful, callwatch.folder)
    return callwatch


def began(callwatch: Callwatch) -> list[tuple[str, int, datetime]]:
    """When each version of each call began."""
    with callwatch.store() as store, store.read() as conn:
        return [
            (stored.call.id, version.number, version.at)
            for stored in calls.query(conn)
            for version in calls.versions_of(conn, stored.call.id)
        ]


def test_a_replay_gives_the_same_calls_and_versions(later: Callwatch) -> None:
    before, times = state(later), began(later)
    assert max(len(versions) for versions in before.versions.values()) >= 3
    done = later("replay", PORTAL, "--json")
    assert (done.code, list(done.json)) == (0, ["calls", "different", "issues"])
    assert (done.json["calls"], done.json["different"]) == (len(before.calls), 0)
    after = state(later)
    assert after.versions == before.versions
    assert after.events == before.events
    assert after.calls == before.calls
    assert began(later) == times


@pytest.mark.slow
def test_a_changed_normaliser_reaches_all_versions_and_tells_nobody(later: Callwatch) -> None:
    before = state(later)
    done = later("replay", PORTAL, tamper={"other_titles": True})
    assert (done.code, f"{len(before.calls)} differ from before" in done.out) == (0, True)
    after = state(later)
    assert after.events == before.events
    assert {call: len(versions) for call, versions in after.versions.items()} == {
        call: len(versions) for call, versions in before.versions.items()
    }
    for stored in stored_calls(later).values():
        versions = version_calls(later, stored.call.id)
        assert all(version.title.endswith(" AGAIN") for version in versions)
        assert versions[-1] == stored.call


def test_what_is_fetched_and_not_settled_is_left_to_the_next_harvest(callwatch: Callwatch) -> None:
    with days(callwatch, topics(30)) as portal:
        portal.harvest()
        before = state(callwatch)
        portal.next()
        assert portal.harvest(tamper={"kill_before": 4}).code < 0
        assert callwatch("replay", PORTAL).code == 0
        assert state(callwatch) == before
        assert portal.harvest().report["changed"] >= 3


@pytest.mark.slow
def test_a_call_that_is_gone_stays_gone(callwatch: Callwatch) -> None:
    with days(callwatch, topics(30)) as portal:
        portal.harvest()
        portal.show(portal.without("TRIAL-0007"))
        for _ in range(3):
            portal.next(play=False)
            portal.harvest()
    before = stored_calls(callwatch)["TRIAL-0007"]
    assert before.gone_since
    callwatch("replay", PORTAL)
    assert stored_calls(callwatch)["TRIAL-0007"] == before

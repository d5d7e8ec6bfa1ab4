"""Harvests of another kind: two at once, a part only, a rehearsal, a full disk."""

from __future__ import annotations

import sqlite3
import time
from datetime import timedelta

import pytest

from callwatch.demo import sample
from callwatch.demo.edits import fields
from callwatch.demo.standin.knobs import Knobs
from tests.harvest.commands import BASE_URL, PORTAL, Callwatch
from tests.harvest.days import TODAY, Days, days, topics
from tests.harvest.state import all_events, never_new, run_states, state, stored_calls


def started(portal: Days) -> None:
    """Wait until the portal was asked for something."""
    until = time.monotonic() + 20
    while not any(asked.endpoint == "search" for asked in portal.portal.requests):
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.slow
def test_two_at_once(callwatch: Callwatch) -> None:
    with days(callwatch, topics(120)) as portal:
        portal.portal.knobs = Knobs(delay=0.15)
        env = {BASE_URL: portal.portal.base_url}
        first = callwatch.start("harvest", PORTAL, "--json", at=portal.now, **env)
        started(portal)
        second = portal.harvest()
        replay = callwatch("replay", PORTAL)
        done = first.wait()
    for refused in (second, replay):
        assert (refused.code, refused.out) == (4, "")
        assert f"process {first.pid} on " in refused.err
        assert refused.err.startswith(f"callwatch: harvest-{PORTAL}: process")
        assert refused.err.count("\n") == 1
    assert (done.code, done.report["new"]) == (0, 120)


@pytest.mark.slow
def test_two_at_once_over_postgresql(over_postgresql: Callwatch) -> None:
    with days(over_postgresql, topics(120)) as portal:
        portal.portal.knobs = Knobs(delay=0.15)
        env = {BASE_URL: portal.portal.base_url}
        first = over_postgresql.start("harvest", PORTAL, at=portal.now, **env)
        started(portal)
        second = portal.harvest()
        assert (second.code, f"process {first.pid} on " in second.err) == (4, True)
        assert first.wait().code == 0


def test_a_limit_is_partial_and_misses_nobody(callwatch: Callwatch) -> None:
    with days(callwatch, topics(120)) as portal:
        portal.harvest()
        for _ in range(3):
            portal.next(play=False)
            done = portal.harvest("--limit", "10")
        assert (done.code, done.report["verdict"], done.report["stored"]) == (3, "partial", 10)
        assert "stopped after about 10 calls, as asked" in done.problems
        assert "bounds" not in done.problems
    assert all(stored.misses == 0 for stored in stored_calls(callwatch).values())
    assert never_new(all_events(callwatch)) == []


@pytest.mark.slow
def test_closed_calls_are_stored_and_told_to_nobody(callwatch: Callwatch) -> None:
    closed = {fact["reference"]: fact for fact in sample.truth(TODAY) if fact["portal_status"] == "closed"}
    assert len(closed) >= 2
    days_of = sorted(fact["deadlines"][-1]["at"].date() for fact in closed.values())
    with days(callwatch) as portal:
        live = portal.harvest().report["stored"]
        before = state(callwatch).events
        some = portal.harvest("--closed", "--since", days_of[-1].isoformat())
        assert (some.code, some.report["stored"]) == (0, days_of.count(days_of[-1]))
        every = portal.harvest("--closed")
        assert (every.code, every.report["stored"]) == (0, len(closed))
    assert state(callwatch).events == before
    found = stored_calls(callwatch)
    assert len(found) == live + len(closed)
    assert all(stored.misses == 0 for stored in found.values())


def test_a_rehearsal_stores_nothing_and_says_what_would_change(callwatch: Callwatch) -> None:
    with days(callwatch) as portal:
        portal.harvest()
        before = state(callwatch)
        portal.next()
        rehearsal = portal.harvest("--dry-run").report
        assert state(callwatch) == before
        with callwatch.store() as store:
            assert len(run_states(store)) == 1
        real = portal.harvest().report
    for name in ("verdict", "expected", "seen", "stored", "new", "changed", "unchanged", "issues"):
        assert rehearsal[name] == real[name], name
    assert rehearsal["changed"] > 3


def test_a_full_disk_is_said_in_one_line_and_costs_nothing(callwatch: Callwatch) -> None:
    with days(callwatch, topics(20)) as portal:
        portal.harvest()
        before = state(callwatch)
        with sqlite3.connect(callwatch.folder / "callwatch.db") as connection:
            ((pages,),) = connection.execute("PRAGMA page_count").fetchall()
        connection.close()
        portal.show(topics(200))
        portal.next(play=False)
        for more in (0, 10, 40):
            done = portal.harvest(tamper={"pages_at_most": pages + more})
            assert (done.code, done.out) == (2, "")
            assert "no space left, so this step was not stored; free some space and run again" in done.err
            assert "Traceback" not in done.err
        assert {
            name: call for name, call in state(callwatch).calls.items() if name in before.calls
        } == before.calls
        with sqlite3.connect(callwatch.folder / "callwatch.db") as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()
        done = portal.harvest()
    assert (done.code, done.report["verdict"], len(stored_calls(callwatch))) == (0, "complete", 200)


def test_a_database_of_a_newer_callwatch_is_left_alone(callwatch: Callwatch) -> None:
    with days(callwatch, topics(20)) as portal:
        portal.harvest()
        path = callwatch.folder / "callwatch.db"
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE alembic_version SET version_num = 'r9999_later'")
        connection.close()
        before = path.read_bytes()
        for done in (portal.harvest(), callwatch("calls"), callwatch("replay", PORTAL)):
            assert (done.code, done.out) == (2, "")
            assert "newer callwatch" in done.err
            assert done.err.count("\n") == 1
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["harvest"], "name one or more portals, or give --all"),
        (["harvest", PORTAL, "--all"], "name one or more portals, or give --all"),
        (
            ["harvest", "eu_funding_tender"],
            'unknown portal "eu_funding_tender". Did you mean "eu_funding_tenders"?',
        ),
        (["harvest", PORTAL, "--limit", "0"], "Input should be greater than or equal to 1"),
        (["harvest", PORTAL, "--closed", "--since", "soon"], '"soon" is not a day like 2026-01-31'),
        (["harvest", PORTAL, "--since", "2026-01-31"], "only makes sense with --closed"),
        (["replay", "vinova"], 'unknown portal "vinova"'),
    ],
)
def test_wrong_use(callwatch: Callwatch, arguments: list[str], told: str) -> None:
    done = callwatch(*arguments, **{BASE_URL: "http://127.0.0.1:9"})
    assert (done.code, done.out) == (2, "")
    assert told in " ".join(done.err.replace("│", " ").split())
    assert "Traceback" not in done.err


def test_calls_opened_without_any_date(callwatch: Callwatch) -> None:
    """A call that never states when it opens is open when the portal says so, and that is told once."""
    records = topics(3, status="31094501", start=TODAY + timedelta(days=400))
    for item in records:
        for field in ("startDate", "actions", "budgetOverview"):
            del fields(item)[field]
    with days(callwatch, records) as portal:
        portal.harvest()
        assert {s.status.value for s in stored_calls(callwatch).values()} == {"forthcoming"}
        portal.show(portal.edited("TRIAL-0002", lambda item: fields(item).update(status=["31094502"])))
        for _ in range(2):
            portal.next(play=False)
            portal.harvest()
    told = never_new(all_events(callwatch))
    assert [(e.call_id, e.kind.value) for e in told] == [(f"{PORTAL}:TRIAL-0002", "opened")]

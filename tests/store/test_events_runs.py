"""Events and runs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from pipeline.errors import Busy
from pipeline.harvest import Issue, RunReport, Verdict
from pipeline.models import Event, EventKind
from pipeline.outbox import Candidate
from pipeline.store import Outbox, Store, calls, events, runs
from tests.builders import NOW, at
from tests.store.samples import PORTAL, a_call, happened, keep

TOPIC = a_call()


def test_an_event_is_stored_once(store: Store) -> None:
    first = Event(TOPIC.call.id, EventKind.BUDGET_CHANGED, NOW, "k", {"total": "1.5"}, ["Å", None])
    again = Event(TOPIC.call.id, EventKind.BUDGET_CHANGED, at(1), "k", None, "other")
    with store.begin() as conn:
        keep(conn, TOPIC)
        assert events.add(conn, [first, happened(TOPIC), first], "run-1") == 2
        assert events.add(conn, [again], "run-2") == 0
        assert events.add(conn, [], "run-2") == 0
        assert [event for _, event in events.since(conn, kinds=[EventKind.BUDGET_CHANGED])] == [first]


def test_an_event_of_no_call_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError), store.begin() as conn:
        events.add(conn, [happened(TOPIC)], "run-1")


def test_since_gives_the_latest_in_order(store: Store) -> None:
    other = a_call("OTHER")
    told = [happened(TOPIC, EventKind.TEXT_CHANGED, str(day), at(day)) for day in (3, 1, 2)]
    with store.begin() as conn:
        keep(conn, TOPIC, other)
        events.add(conn, [*told, happened(other, when=at(9))], "run-1")
        assert [e.key for _, e in events.since(conn, call_id=TOPIC.call.id)] == ["1", "2", "3"]
        assert [e.key for _, e in events.since(conn, at(2), call_id=TOPIC.call.id)] == ["2", "3"]
        assert [e.at for _, e in events.since(conn, limit=2)] == [at(3), at(9)]
        assert [e.call_id for _, e in events.since(conn, kinds=["new"])] == [other.call.id]


def test_candidates_bear_the_call_as_it_is_now(store: Store, outbox: Outbox) -> None:
    now_called = a_call(title="Now called so", version=2)
    with store.begin() as conn:
        keep(conn, TOPIC)
        events.add(conn, [happened(TOPIC), happened(TOPIC, EventKind.OPENED, when=at(1))], "run-1")
        keep(conn, now_called)
        numbers = [number for number, _ in events.since(conn)]
    found = outbox.candidates(None)
    assert found == [
        Candidate(numbers[0], happened(TOPIC), now_called),
        Candidate(numbers[1], happened(TOPIC, EventKind.OPENED, when=at(1)), now_called),
    ]
    # An event at the very instant belongs to what is asked for: better asked twice than never.
    assert outbox.candidates(at(1)) == found[1:]
    assert outbox.candidates(at(2)) == []


def test_a_run_from_start_to_finish(store: Store) -> None:
    issues = [Issue("T1", "budget", "no currency"), Issue("T2", "title", "empty")]
    report = RunReport(
        portal=PORTAL, verdict=Verdict.COMPLETE, expected=9, seen=9, new=2, issues=issues, seconds=1.5
    )
    with store.begin() as conn:
        run = runs.start(conn, PORTAL, NOW)
        runs.heartbeat(conn, run, at(0, hours=1))
        (running,) = runs.latest(conn)
        assert (running.state, running.verdict, running.report) == (runs.RUNNING, None, None)
        assert running.heartbeat_at == at(0, hours=1)
        assert runs.last_complete(conn, PORTAL) is None
        runs.finish(conn, run, RunReport(portal=PORTAL, verdict=Verdict.FAILED, issues=issues[:1]), at(1))
        runs.finish(conn, run, report, at(2))
        done = runs.last_complete(conn, PORTAL)
        assert done is not None
        assert (done.id, done.state, done.verdict, done.finished_at) == (run, runs.DONE, Verdict.COMPLETE, at(2))
        assert done.issue_count == 2
        assert done.report == RunReport(
            portal=PORTAL, verdict=Verdict.COMPLETE, expected=9, seen=9, new=2, seconds=1.5
        )
        assert runs.issues_of(conn, run) == issues


def test_runs_that_never_ended_are_abandoned_per_portal(store: Store) -> None:
    with store.begin() as conn:
        dead = runs.start(conn, PORTAL, NOW)
        other = runs.start(conn, "other", at(1))
        done = runs.start(conn, PORTAL, at(2))
        runs.finish(conn, done, RunReport(portal=PORTAL, verdict=Verdict.PARTIAL), at(3))
        assert runs.abandon_stale(conn, PORTAL, at(4)) == 1
        assert runs.abandon_stale(conn, PORTAL, at(5)) == 0
        assert [(r.id, r.state, r.finished_at) for r in runs.latest(conn)] == [
            (done, runs.DONE, at(3)),
            (other, runs.RUNNING, None),
            (dead, runs.ABANDONED, at(4)),
        ]
        assert [r.id for r in runs.latest(conn, PORTAL, limit=1)] == [done]
        assert sorted([done, dead, other]) == [dead, other, done]
        runs.heartbeat(conn, dead, at(6))
        assert runs.latest(conn, PORTAL)[1].heartbeat_at == NOW


def test_a_slot_is_taken_once(store: Store) -> None:
    with store.begin() as conn:
        runs.start(conn, PORTAL, NOW, slot="2026-11-23T06:00Z")
        runs.start(conn, "other", NOW, slot="2026-11-23T06:00Z")
        with pytest.raises(Busy, match="2026-11-23T06:00Z"):
            runs.start(conn, PORTAL, at(1), slot="2026-11-23T06:00Z")
        assert [r.slot for r in runs.latest(conn, PORTAL)] == ["2026-11-23T06:00Z"]


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # 02:30 in Brussels, for the first time
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),  # 02:30 again
        datetime(2026, 3, 29, 1, 0, 0, 1, tzinfo=UTC),  # 02:00 does not exist
        datetime.fromisoformat("2026-03-17T17:00:00+01:00"),
        datetime.fromisoformat("2026-06-17T17:00:00+02:00"),
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(9999, 12, 30, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_instants_come_back_exactly_and_in_utc(store: Store, instant: datetime) -> None:
    topic = a_call(first_seen=instant, last_seen=instant, gone_since=instant)
    with store.begin() as conn:
        keep(conn, topic)
        found = calls.get(conn, topic.call.id)
    assert found is not None
    assert (found.first_seen, found.gone_since) == (instant, instant)
    assert found.first_seen.tzinfo is UTC

"""Whatever housekeeping takes away: what is told, and that it is told once, stays as without it."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from callwatch import housekeeping
from pipeline.models import EventKind
from pipeline.outbox import MessageState, NewMessage
from pipeline.store import conditions, runs
from pipeline.store.tables import events
from pipeline.store.tables_outbox import matches, messages
from tests.telling.conftest import NOW, Office, a_call, book

SHORT: dict[str, Any] = {"keep_history_days": 60, "keep_messages_days": 90, "keep_runs_days": 60}
WISHES = (
    {"key": "once", "cadence": "at_once"},
    {"key": "weekly", "cadence": "weekly"},
    {"key": "daily", "cadence": "daily"},
)

days = st.sampled_from([1, 2, 6, 20, 45, 90])
happening = st.tuples(
    st.integers(0, 3),
    st.integers(-5, 200),
    st.sampled_from([EventKind.OPENED, EventKind.DEADLINE_EXTENDED, EventKind.WITHDRAWN]),
)
step = st.tuples(days, st.lists(happening, max_size=3), st.sampled_from(["sent", "sent", "not sent", "failed"]))


def nights(office: Office) -> housekeeping.Kept:
    return housekeeping.keep(office.wiring, office.store, office.now)


def harvest(office: Office, seen: set[int], number: int, ends: int, kind: EventKind) -> None:
    """A call that ends in so many days; nothing is told of one that is over, and only the first time it is new."""
    call = a_call(f"CALL-{number}", (office.now + timedelta(days=ends)).date().isoformat())
    if ends > 0:
        office.happens(call, kind=kind if number in seen else EventKind.NEW)
    else:
        office.harvests(call)
    seen.add(number)


def play(folder: Path, steps: list[Any], *, keeps_house: bool) -> tuple[list[NewMessage], set[int]]:
    """What is told over these steps, in order, and the events that are left."""
    folder.mkdir()
    office, told, seen = Office(folder, book(*WISHES), **SHORT), [], set[int]()
    for passed, happened, delivery in steps:
        office.later(days=passed)
        for one in happened:
            harvest(office.later(minutes=1), seen, *one)
        for _ in range(2):  # the second time there is nothing left to tell
            told += sorted(office.plan(), key=lambda each: (each.subscription, each.kind, each.call_ids))
            if keeps_house:
                nights(office)
        if delivery == "sent":
            office.deliver()
        elif delivery == "failed":
            for claimed in office.outbox.claim(office.now, 100, timedelta(minutes=5)):
                office.outbox.failed(claimed, "refused", office.now)
    with office.store.read() as conn:
        left = set(conn.scalars(select(events.c.id)))
    office.store.close()
    return told, left


def said(told: list[NewMessage], forgotten: set[int]) -> list[tuple[Any, ...]]:
    """What the messages say; an event of a call that had been over for long is not named when it opens again."""
    return [
        (m.subscription, m.kind, sorted(m.call_ids), sorted({*m.event_ids} - forgotten), m.reminders) for m in told
    ]


@pytest.mark.slow
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(step, min_size=3, max_size=9))
def test_planning_says_the_same_with_housekeeping_and_without(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        told, left = play(Path(scratch) / "kept", steps, keeps_house=True)
        told_of_all, every = play(Path(scratch) / "all", steps, keeps_house=False)
        assert said(told, every - left) == said(told_of_all, every - left)
        ids = [message.id for message in told]
        assert len(set(ids)) == len(ids)


def counts(office: Office) -> list[int]:
    with office.store.read() as conn:
        return [conn.scalar(select(func.count()).select_from(t)) or 0 for t in (events, matches, messages)]


def told_of_a_call_that_ends(folder: Path) -> Office:
    """Told at once of a call that ends in a week, and of one that ends in three years; ten days later."""
    office = Office(folder, book(), **SHORT)
    office.happens(a_call("SHORT", (NOW + timedelta(days=7)).date().isoformat()), a_call("LONG", "2029-11-01"))
    office.plan()
    office.deliver()
    return office.later(days=10)


def test_the_past_of_a_call_goes_when_it_is_long_over(tmp_path: Path) -> None:
    office = told_of_a_call_that_ends(tmp_path)
    office.plan()
    office.deliver()
    before = counts(office)
    nights(office)
    assert counts(office) == before
    assert nights(office.later(days=70)).thinned == 1
    with office.store.read() as conn:
        assert set(conn.scalars(select(events.c.call_id))) == {"eu_funding_tenders:LONG"}
    assert all(after <= then for after, then in zip(counts(office), before, strict=True))
    assert office.told() == []


def test_what_waits_is_kept(tmp_path: Path) -> None:
    office = Office(tmp_path, book(), storm_limit=3, **SHORT)
    office.happens(a_call("FIRST"))
    office.plan()
    office.deliver()
    office.later(hours=1).happens(*(a_call(f"FLOOD-{n}", "2026-12-20") for n in range(5)))
    (held,) = office.plan()
    office.later(days=100)
    before = counts(office)
    assert nights(office).thinned == 0
    assert counts(office)[0] == before[0]
    (waiting,) = office.messages(state=MessageState.HELD)
    assert (waiting.message.id, waiting.message.payload) == (held.id, held.payload)


def test_a_call_that_is_linked_with_one_that_is_open_is_kept(tmp_path: Path) -> None:
    office = told_of_a_call_that_ends(tmp_path)
    insert = "INSERT INTO links (call_id, other_id, pair, kind, rule, evidence, state, at, by) VALUES "
    values = "('eu_funding_tenders:SHORT', 'eu_funding_tenders:LONG', 'p', 'same', 'r', 'e', '{}', '{}', 'b')"
    with office.store.begin() as conn:
        conn.exec_driver_sql(insert + values.format("proposed", "2026-11-23T00:00:00.000000Z"))
    assert nights(office.later(days=90)).thinned == 0
    with office.store.begin() as conn:
        conn.exec_driver_sql("UPDATE links SET state = 'rejected'")
    assert nights(office).thinned == 1


def test_old_runs_and_conditions_go(tmp_path: Path) -> None:
    office = Office(tmp_path, book(), **SHORT)
    with office.store.begin() as conn:
        conditions.begin(conn, {"a": "over", "b": "still"}, office.now)
        conditions.end(conn, {"a"}, office.now)
        for n in range(70):
            runs.start(conn, "vinnova", office.now + timedelta(minutes=n))
        runs.abandon_stale(conn, "vinnova", office.now + timedelta(hours=2))
    assert nights(office).runs == 0
    assert nights(office.later(days=61)).runs == 10
    with office.store.read() as conn:
        assert [condition.key for condition in conditions.standing(conn)] == ["b"]
        assert len(runs.latest(conn, "vinnova", 100)) == 60
        assert conn.exec_driver_sql("SELECT count(*) FROM conditions").scalar() == 1


def test_messages_are_forgotten_once_nothing_rests_on_them(tmp_path: Path) -> None:
    office = told_of_a_call_that_ends(tmp_path)
    for number in range(3):
        office.later(days=1).happens(a_call(f"NEXT-{number}", "2026-12-20"))
        office.plan()
        office.deliver()
    before = len(office.messages())
    kept = nights(office.later(days=120))
    assert kept.thinned == 4
    assert kept.messages >= 2
    left = office.messages()
    assert len(left) == before - kept.messages
    assert left[-1].state == MessageState.SENT  # the last post to a target is the thread of the next
    assert office.told() == []


def test_a_file_that_is_mostly_free_is_written_anew(tmp_path: Path) -> None:
    office = told_of_a_call_that_ends(tmp_path)
    path = tmp_path / "callwatch.db"
    with office.store.begin() as conn:
        conn.exec_driver_sql("CREATE TABLE filler (x BLOB)")
        conn.exec_driver_sql("INSERT INTO filler VALUES (zeroblob(20000000))")
    with office.store.begin() as conn:
        conn.exec_driver_sql("DROP TABLE filler")
    with office.store.lock("harvest-vinnova"):
        assert not nights(office).anew
    assert nights(office).anew
    assert path.stat().st_size < 2_000_000
    assert not nights(office).anew

"""What was told is found by subscription, however much everybody else was told, and whoever wrote it last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from pipeline.outbox import SubscriptionState
from pipeline.store import Outbox, Store
from pipeline.store.outbox_memory import NEAR
from tests.builders import NOW, at
from tests.store.samples import message, planned, with_events

KEY = "anna-forest"
CROWD = [f"reader-{number}" for number in range(300)]


@contextmanager
def asked_of(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """The statements about what was told, with what they were given."""
    heard: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, given: Any, *_rest: Any) -> None:
        if "FROM matches" in statement or "matches AS" in statement:
            heard.append((statement, given))

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield heard
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def test_only_what_is_asked_for_is_found(store: Store, outbox: Outbox) -> None:
    numbers = with_events(store, 3 * NEAR)
    outbox.commit_plan(KEY, [message("m1", *numbers)], planned())
    outbox.commit_plan("other", [message("m2", *numbers[1:], subscription="other")], planned())
    far = [numbers[0], numbers[2], numbers[2 + NEAR], numbers[-1]]
    with asked_of(store) as asked:
        memory = outbox.memory([KEY, "other", "nobody"], [*far, 10**9])
    assert memory.told == {KEY: set(far), "other": set(far[1:])}
    assert len(asked) == 3, "one question for those that lie near each other"


def test_what_others_were_told_is_not_gone_through(store: Store, outbox: Outbox) -> None:
    numbers = with_events(store, 20)
    begun = SubscriptionState(at(-1), NOW)
    outbox.commit_plans([(key, [message(f"m-{key}", *numbers, subscription=key)], begun) for key in CROWD])
    with asked_of(store) as asked:
        assert outbox.memory(CROWD[:50], numbers).told == {key: set(numbers) for key in CROWD[:50]}
    ((statement, given),) = asked
    with store.read() as conn:
        if store.path is None:  # planned before anybody has counted the rows
            lines = conn.exec_driver_sql(f"EXPLAIN (ANALYZE, TIMING OFF) {statement}", given).all()
            (step,) = [line for (line,) in lines if "matches" in line]
            assert "using pk_matches" in step
            assert "rows=20 loops=50" in step
        else:
            steps = [row.detail for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)]
            assert "(subscription=? AND event_id>? AND event_id<?)" in steps[-1]

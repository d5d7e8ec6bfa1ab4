"""What was due is done once, whoever comes and whenever; what failed is tried again, and not for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.schedule import Slot
from pipeline.store import Store, slots

EIGHT = datetime(2026, 11, 26, 8, tzinfo=UTC)
FIRST, SECOND = Slot("08", EIGHT), Slot("10", EIGHT + timedelta(hours=2))


def begin(store: Store, slot: Slot = FIRST, minutes: float = 0, job: str = "harvest a") -> bool:
    with store.begin() as conn:
        return slots.begin(conn, job, slot, EIGHT + timedelta(minutes=minutes))


def end(store: Store, minutes: float, *, done: bool, slot: Slot = FIRST) -> None:
    with store.begin() as conn:
        slots.end(conn, "harvest a", slot.key, EIGHT + timedelta(minutes=minutes), done=done, outcome="said")


def test_what_is_done_is_not_due_again(store: Store) -> None:
    assert begin(store)
    end(store, 1, done=True)
    assert not begin(store, minutes=2)
    assert begin(store, SECOND, 120)
    assert begin(store, job="harvest b"), "each job has slots of its own"
    with store.read() as conn:
        newest = slots.newest(conn)
    assert {job: (taken.key, taken.state) for job, taken in newest.items()} == {
        "harvest a": ("10", slots.RUNNING),
        "harvest b": ("08", slots.RUNNING),
    }


def test_a_holder_that_died_is_followed_by_the_next(store: Store) -> None:
    assert begin(store)
    assert begin(store, minutes=1), "who asks holds the lock of the job, so the other one is dead"
    with store.read() as conn:
        assert slots.newest(conn)["harvest a"].attempts == 2


def test_a_clock_that_is_set_back_makes_nothing_due(store: Store) -> None:
    begin(store, SECOND, 120)
    end(store, 121, done=True, slot=SECOND)
    assert not begin(store, FIRST, 60)


def test_what_failed_is_tried_again_after_growing_pauses_and_not_for_ever(store: Store) -> None:
    minutes, pauses = 0, []
    assert begin(store)
    for _ in range(3):
        end(store, minutes, done=False)
        pause = next(wait for wait in range(0, 600, 5) if begin(store, minutes=minutes + wait))
        pauses.append(pause)
        minutes += pause
    assert pauses == [15, 30, 60]
    end(store, minutes, done=False)
    assert not begin(store, minutes=minutes + 10_000)
    assert begin(store, SECOND, minutes + 10_001), "but the next slot is another chance"


@pytest.mark.parametrize("done", [True, False])
def test_the_outcome_is_kept(store: Store, done: bool) -> None:
    begin(store)
    end(store, 3, done=done)
    with store.read() as conn:
        taken = slots.newest(conn, "harvest a")["harvest a"]
    assert (taken.state, taken.outcome) == (slots.DONE if done else slots.FAILED, "said")
    assert taken.ended_at == EIGHT + timedelta(minutes=3)
    assert taken.holder.split()[1].isdigit()

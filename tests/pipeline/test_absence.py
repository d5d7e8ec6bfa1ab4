"""When a call that is not listed counts as withdrawn."""

from __future__ import annotations

import pytest

from pipeline import absence
from pipeline.models import EventKind
from tests.builders import NOW, at, call, deadline, stored


def play(hours_of_misses, until=40):
    """The state and all events after misses at these hours."""
    state, told = stored(call(deadline(until))), []
    for hour in hours_of_misses:
        state, events = absence.missed(state, at(hours=hour))
        told += events
    return state, told


@pytest.mark.parametrize(
    ("hours", "gone"),
    [
        ([0], False),
        ([0, 24], False),
        ([0, 1, 2, 3, 4, 5], False),
        ([0, 48], False),
        ([0, 24, 48], True),
        ([0, 24, 72, 96], True),
    ],
)
def test_gone_after_three_complete_harvests_and_two_days(hours, gone):
    state, told = play(hours)
    assert (state.gone_since is not None) is gone
    assert [e.kind for e in told] == ([EventKind.WITHDRAWN] if gone else [])


def test_a_call_that_has_closed_is_not_withdrawn():
    state, told = play([0, 24, 72], until=2)
    assert told == []
    assert state.gone_since is None


def test_a_return_within_days_tells_nothing():
    state, _ = play([0, 24])
    back, told = absence.seen(state, at(hours=30))
    assert told == []
    assert (back.misses, back.missed_since) == (0, None)


def test_a_return_after_withdrawal_is_open_again_not_new():
    state, _ = play([0, 24, 48])
    back, told = absence.seen(state, at(days=5))
    assert [e.kind for e in told] == [EventKind.OPENED]
    assert back.gone_since is None
    assert back.first_seen == NOW


def test_a_closed_call_that_returns_tells_nothing():
    state, _ = play([0, 24, 48], until=4)
    assert absence.seen(state, at(days=5))[1] == []

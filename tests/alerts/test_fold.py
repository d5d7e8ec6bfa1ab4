"""Several events of one call, told as what they amount to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from alerts.fold import fold, instant
from alerts.message import Change
from pipeline.models import Event, EventKind
from tests.alerts.samples import NOW, event, moved, stored

EXTENDED, FORWARD = EventKind.DEADLINE_EXTENDED, EventKind.DEADLINE_BROUGHT_FORWARD
ADDED, REMOVED = EventKind.DEADLINE_ADDED, EventKind.DEADLINE_REMOVED
A, B, C = "2027-03-01", "2027-04-01", "2027-05-01"


def point(day: str, stage: str = "single") -> dict[str, str]:
    return moved(day, day, stage)["before"]


def events(*given: tuple[EventKind, Any, Any]) -> list[Event]:
    return [event(k, when=NOW + timedelta(hours=n), before=b, after=a) for n, (k, b, a) in enumerate(given)]


@pytest.mark.parametrize(
    ("given", "kinds", "ends"),
    [
        ([(EXTENDED, A, B)], [EXTENDED], [(A, B)]),
        ([(EXTENDED, A, B), (EXTENDED, B, C)], [EXTENDED], [(A, C)]),
        ([(EXTENDED, B, C), (FORWARD, C, A)], [FORWARD], [(B, A)]),
        ([(EXTENDED, A, B), (FORWARD, B, A)], [], []),
        ([(EXTENDED, A, B), (FORWARD, B, A), (EXTENDED, A, B)], [EXTENDED], [(A, B)]),
        ([(ADDED, None, A), (REMOVED, A, None)], [], []),
        ([(ADDED, None, A), (EXTENDED, A, B)], [ADDED], [(None, B)]),
        ([(REMOVED, A, None), (ADDED, None, B)], [EXTENDED], [(A, B)]),
        ([(EXTENDED, A, B), (REMOVED, B, None)], [REMOVED], [(A, None)]),
        ([(EXTENDED, A, B), (EXTENDED, C, "2027-06-01")], [EXTENDED, EXTENDED], [(A, B), (C, "2027-06-01")]),
    ],
)
def test_deadlines(given: list[Any], kinds: list[EventKind], ends: list[tuple[str | None, str | None]]) -> None:
    shaped = [(k, point(b) if b else None, point(a) if a else None) for k, b, a in given]
    told = fold(events(*shaped), stored())
    assert [c.kind for c in told] == kinds
    assert [(_day(c.before), _day(c.after)) for c in told] == ends


def _day(value: Any) -> str | None:
    at = instant(value)
    return at.date().isoformat() if at else None


def test_stages_are_not_confused() -> None:
    first = event(EXTENDED, **moved(A, B, "stage 1"))
    second = event(EXTENDED, **moved(B, C, "stage 2"))
    assert len(fold([first, second], stored())) == 2


def test_plain_instants_are_understood() -> None:
    moves = [event(EXTENDED, before="2027-03-01T16:00:00Z", after="2027-03-02T16:00:00Z")]
    moves.append(event(EXTENDED, when=NOW + timedelta(1), before="2027-03-02T16:00:00+00:00", after="2027-03-03"))
    (told,) = fold(moves, stored())
    assert (told.before, told.after) == ("2027-03-01T16:00:00Z", "2027-03-03")
    assert instant("no date") is None


GONE, BACK = {"gone": NOW.isoformat()}, "2026-11-20T00:00:00+00:00"


@pytest.mark.parametrize(
    ("given", "gone", "kinds"),
    [
        ([EventKind.WITHDRAWN], True, [EventKind.WITHDRAWN]),
        ([EventKind.WITHDRAWN], False, []),
        (["back"], False, [EventKind.OPENED]),
        (["back"], True, []),
        ([EventKind.WITHDRAWN, "back"], False, []),
        (["back", EventKind.WITHDRAWN], True, []),
        ([EventKind.WITHDRAWN, "back", EventKind.WITHDRAWN], True, [EventKind.WITHDRAWN]),
        ([EventKind.NEW, EventKind.OPENED], False, [EventKind.OPENED, EventKind.NEW]),
    ],
)
def test_gone_and_back(given: list[Any], gone: bool, kinds: list[EventKind]) -> None:
    made = events(*((EventKind.OPENED, GONE, None) if g == "back" else (g, None, None) for g in given))
    told = fold(made, stored(gone_since=NOW if gone else None))
    assert [c.kind for c in told] == kinds


def test_budget_from_first_to_last() -> None:
    budget = EventKind.BUDGET_CHANGED
    (told,) = fold(
        events((budget, {"total": "1"}, {"total": "2"}), (budget, {"total": "2"}, {"total": "3"})), stored()
    )
    assert (told.before, told.after) == ({"total": "1"}, {"total": "3"})
    assert not fold(
        events((budget, {"total": "1"}, {"total": "2"}), (budget, {"total": "2"}, {"total": "1"})), stored()
    )


def test_text_keeps_each_field_from_first_to_last() -> None:
    text = EventKind.TEXT_CHANGED
    one = (text, {"fields": ["title"], "title": "A"}, {"fields": ["title"], "title": "B"})
    two = (text, {"fields": ["title", "text"], "title": "B"}, {"fields": ["title", "text"], "title": "C"})
    back = (text, {"fields": ["title"], "title": "B"}, {"fields": ["title"], "title": "A"})
    (told,) = fold(events(one, two), stored())
    assert told.before == {"fields": ["title", "text"], "title": "A"}
    assert told.after == {"fields": ["title", "text"], "title": "C"}
    assert not fold(events(one, back), stored())
    assert fold(events((text, None, None)), stored()) == (Change(text, NOW, {"fields": []}, {"fields": []}),)

"""What a subscription would have sent, week by week."""

from __future__ import annotations

from datetime import timedelta

from alerts.preview import Week, preview
from pipeline.models import EventKind
from tests.alerts.samples import KNOWN, NOW, call, candidate, contact, deadline, stored, subscription

SINCE = NOW - timedelta(days=21)


def weeks(cadence: str = "at_once", **filters: object) -> list[Week]:
    other = stored(call("SMP-1", programme="SMP", deadlines=()))
    horizon = stored(call(deadlines=()))
    events = [
        candidate(1, of=horizon, when=NOW - timedelta(days=20)),
        candidate(2, of=other, when=NOW - timedelta(days=20)),
        candidate(3, EventKind.BUDGET_CHANGED, of=horizon, when=NOW - timedelta(days=19)),
        candidate(4, EventKind.CLOSING_SOON, of=horizon, when=NOW - timedelta(days=19)),
        candidate(5, EventKind.OPENED, of=other, when=NOW - timedelta(days=5)),
    ]
    wish = subscription(cadence=cadence, filters=filters)
    return preview(wish, contact(), events, [horizon, other], KNOWN, SINCE, NOW)


def test_messages_and_calls_are_counted_by_week_and_kind() -> None:
    assert [(w.week, w.messages, w.calls) for w in weeks()] == [
        ("2026-W45", 2, {"new": 2, "budget_changed": 1}),
        ("2026-W46", 0, {}),
        ("2026-W47", 1, {"opened": 1}),
        ("2026-W48", 0, {}),
    ]


def test_a_digest_is_one_message_a_period_and_filters_hold() -> None:
    assert [(w.week, w.messages) for w in weeks("weekly") if w.messages] == [("2026-W45", 1), ("2026-W47", 1)]
    assert [w.calls for w in weeks(programmes=("SMP",)) if w.calls] == [{"new": 1}, {"opened": 1}]


def test_reminders_come_in_the_week_of_their_morning() -> None:
    near = stored(call(deadlines=(deadline("2026-11-27"),)), first_seen=SINCE)
    found = preview(subscription(), contact(), [], [near], KNOWN, SINCE, NOW)
    assert [(w.week, w.calls) for w in found if w.calls] == [
        ("2026-W46", {"reminder": 1}),
        ("2026-W47", {"reminder": 1}),
    ]

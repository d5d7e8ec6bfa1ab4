"""Who is told what and when: welcome, at once, digests, told once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import digest
from alerts.message import MessageKind, decode
from alerts.plan import LARGEST, LONGEST_RUN, plan
from pipeline.models import EventKind
from pipeline.outbox import Candidate, SubscriptionState
from tests.alerts.samples import (
    KEY,
    NOW,
    STARTED,
    call,
    candidate,
    deadline,
    moved,
    one,
    stored,
    subscription,
    subscriptions,
)


def many(count: int, kind: EventKind = EventKind.NEW, when: datetime = NOW) -> list[Candidate]:
    return [candidate(n, kind, of=stored(call(f"CALL-{n:04}")), when=when) for n in range(1, count + 1)]


def test_welcome_tells_all_live_calls_once_and_counts_their_events() -> None:
    late = stored(call("LATE", deadlines=(deadline("2026-12-01"),)))
    over = stored(call("OVER", deadlines=(deadline("2026-11-20"),)))
    gone = stored(call("GONE"), gone_since=NOW)
    old = NOW - timedelta(days=90)
    events = [candidate(1, when=old), candidate(2, EventKind.OPENED), candidate(3, of=late)]
    events += [candidate(4, of=over), candidate(5, of=gone)]
    planned = plan(subscriptions(), events, {}, {}, NOW)
    message = one(planned)
    assert message.kind is MessageKind.WELCOME
    assert [i.identifier for i in message.items] == ["LATE", call().identifier]
    assert all(i.changes == () for i in message.items)
    assert planned[0].messages[0].event_ids == (3, 1, 2)
    assert planned[0].state == SubscriptionState(first_planned_at=NOW, planned_to=NOW)
    later = plan(subscriptions(), events, {KEY: {1, 2, 3}}, {KEY: planned[0].state}, NOW + timedelta(hours=1))
    assert later[0].messages == ()


def test_nothing_is_welcomed_before_anything_was_harvested() -> None:
    assert plan(subscriptions(), [], {}, {}, NOW) == []


def test_a_welcome_without_a_match_says_so() -> None:
    nobody = subscription(filters={"programmes": ("SMP",)})
    message = one(plan(subscriptions(nobody), many(3), {}, {}, NOW))
    assert (message.kind, message.total, message.items) == (MessageKind.WELCOME, 0, ())


def test_at_once_is_one_message_worst_first_then_by_deadline() -> None:
    near = stored(call("NEAR", deadlines=(deadline("2026-12-01"),)))
    cut = stored(call("CUT"))
    events = [
        candidate(1),
        candidate(2, of=near),
        candidate(3, EventKind.TEXT_CHANGED, of=cut),
        candidate(4, EventKind.DEADLINE_BROUGHT_FORWARD, of=cut, **moved("2027-04-01", "2027-03-17")),
    ]
    planned = plan(subscriptions(), events, {KEY: set()}, {KEY: STARTED}, NOW)
    message = one(planned)
    assert [i.identifier for i in message.items] == ["CUT", "NEAR", call().identifier]
    assert [c.kind.value for c in message.items[0].changes] == ["deadline_brought_forward", "text_changed"]
    assert planned[0].messages[0].event_ids == (3, 4, 2, 1)
    assert planned[0].state.planned_to == NOW


def test_told_once_and_repeatable() -> None:
    events = many(3)
    first = plan(subscriptions(), events, {}, {KEY: STARTED}, NOW)
    assert plan(subscriptions(), events, {}, {KEY: STARTED}, NOW) == first
    again = plan(subscriptions(), events, {KEY: {1, 2}}, {KEY: STARTED}, NOW)
    assert again[0].messages[0].event_ids == (3,)
    assert again[0].messages[0].id != first[0].messages[0].id
    assert not plan(subscriptions(), events, {KEY: {1, 2, 3}}, {KEY: STARTED}, NOW)[0].messages


def test_what_happened_before_the_subscription_is_not_news() -> None:
    before = candidate(1, when=STARTED.first_planned_at - LONGEST_RUN - timedelta(seconds=1))
    assert not plan(subscriptions(), [before], {}, {KEY: STARTED}, NOW)[0].messages
    stored_late = candidate(2, when=STARTED.first_planned_at - timedelta(hours=1))
    assert plan(subscriptions(), [stored_late], {}, {KEY: STARTED}, NOW)[0].messages


def test_closed_calls_are_not_news_but_their_harm_is() -> None:
    over = stored(call(deadlines=(deadline("2026-11-20"),)))
    forward = candidate(2, EventKind.DEADLINE_BROUGHT_FORWARD, of=over, **moved("2027-04-01", "2026-11-20"))
    assert not plan(subscriptions(), [candidate(1, of=over)], {}, {KEY: STARTED}, NOW)[0].messages
    message = one(plan(subscriptions(), [candidate(1, of=over), forward], {}, {KEY: STARTED}, NOW))
    assert [c.kind for c in message.items[0].changes] == [EventKind.DEADLINE_BROUGHT_FORWARD]


def test_a_move_that_was_undone_is_not_told() -> None:
    away = candidate(1, EventKind.DEADLINE_EXTENDED, **moved("2027-03-17", "2027-04-01"))
    back = candidate(
        2, EventKind.DEADLINE_BROUGHT_FORWARD, when=NOW + timedelta(hours=1), **moved("2027-04-01", "2027-03-17")
    )
    assert not plan(subscriptions(), [away, back], {}, {KEY: STARTED}, NOW + timedelta(hours=2))[0].messages


def test_a_flood_is_dealt_to_several_messages_and_nothing_is_lost() -> None:
    events = many(2 * LARGEST + 1)
    (planned,) = plan(subscriptions(), events, {}, {KEY: STARTED}, NOW)
    messages = [decode(m.payload) for m in planned.messages]
    assert [(m.part, m.parts, m.total, len(m.items)) for m in messages] == [
        (1, 3, 301, 150),
        (2, 3, 301, 150),
        (3, 3, 301, 1),
    ]
    assert len({m.id for m in planned.messages}) == 3
    assert sorted(n for m in planned.messages for n in m.event_ids) == list(range(1, 302))


@pytest.mark.parametrize(
    ("cadence", "fields", "now", "period", "slot"),
    [
        ("weekly", {}, "2026-11-23T07:00", "2026-W48", "2026-11-23T07:00"),
        ("weekly", {}, "2026-11-23T06:59", "2026-W47", "2026-11-16T07:00"),
        ("weekly", {"weekday": "friday"}, "2026-11-26T23:00", "2026-W47", "2026-11-20T07:00"),
        ("weekly", {}, "2027-01-03T12:00", "2026-W53", "2026-12-28T07:00"),
        ("daily", {}, "2026-11-23T07:00", "2026-11-23", "2026-11-23T07:00"),
        ("daily", {}, "2026-11-23T06:00", "2026-11-22", "2026-11-22T07:00"),
        ("daily", {}, "2026-07-01T06:00", "2026-07-01", "2026-07-01T06:00"),
        ("daily", {"time": "02:30"}, "2026-10-25T00:30", "2026-10-25", "2026-10-25T00:30"),
        ("daily", {"time": "02:30"}, "2026-10-25T01:45", "2026-10-25", "2026-10-25T00:30"),
        ("daily", {"time": "02:30"}, "2027-03-28T01:15", "2027-03-27", "2027-03-27T01:30"),
        ("daily", {"time": "02:30"}, "2027-03-28T01:30", "2027-03-28", "2027-03-28T01:30"),
    ],
)
def test_slots(cadence: str, fields: dict[str, str], now: str, period: str, slot: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    found = digest.latest_slot(subscription(cadence=cadence, **fields), ZoneInfo("Europe/Stockholm"), moment)
    assert found == (period, datetime.fromisoformat(slot).replace(tzinfo=UTC))


WEEKLY = subscriptions(subscription(cadence="weekly"))


def test_a_digest_covers_everything_since_the_last_one_once() -> None:
    state = SubscriptionState(NOW - timedelta(days=30), NOW - timedelta(days=14), "2026-W46")
    planned = plan(WEEKLY, many(2, when=NOW - timedelta(days=10)), {}, {KEY: state}, NOW)
    message = one(planned)
    assert (message.kind, message.period) == (MessageKind.DIGEST, "2026-W48")
    assert message.window == (NOW - timedelta(days=14), NOW)
    assert planned[0].state == SubscriptionState(NOW - timedelta(days=30), NOW, "2026-W48")
    assert planned[0].messages[0].period == "2026-W48"
    for later in (timedelta(minutes=5), timedelta(days=-1), timedelta(days=6)):
        assert plan(WEEKLY, many(9), {KEY: {1, 2}}, {KEY: planned[0].state}, NOW + later) == []


def test_a_quiet_week_passes_without_a_message() -> None:
    (planned,) = plan(WEEKLY, [], {}, {KEY: STARTED}, NOW)
    assert (planned.messages, planned.state.last_period) == ((), "2026-W48")


def test_no_digest_follows_the_welcome_in_the_same_period() -> None:
    (planned,) = plan(WEEKLY, many(1), {}, {}, NOW + timedelta(hours=2))
    assert planned.state.last_period == "2026-W48"
    assert plan(WEEKLY, many(2), {KEY: {1}}, {KEY: planned.state}, NOW + timedelta(hours=3)) == []
    fresh = [*many(1), candidate(2, of=stored(call("X")), when=NOW + timedelta(days=3))]
    assert one(plan(WEEKLY, fresh, {KEY: {1}}, {KEY: planned.state}, NOW + timedelta(days=7))).total == 1


@given(st.lists(st.timedeltas(timedelta(minutes=5), timedelta(days=3)), max_size=40))
def test_whatever_the_clock_does_each_event_is_told_once(steps: list[timedelta]) -> None:
    told: set[int] = set()
    states: dict[str, SubscriptionState] = {}
    events: list[Candidate] = [candidate(0, of=stored(call("FIRST", deadlines=())))]
    periods: list[str] = []
    now = NOW
    for number, step in enumerate(steps, start=1):
        now += step
        events.append(candidate(number, of=stored(call(f"C{number}", deadlines=())), when=now))
        for planned in plan(WEEKLY, events, {KEY: told}, states, now):
            ids = [n for m in planned.messages for n in m.event_ids]
            assert not told & set(ids)
            told.update(ids)
            periods += [m.period for m in planned.messages if m.period]
            states[planned.subscription] = planned.state
    assert len(periods) == len(set(periods))
    for planned in plan(WEEKLY, events, {KEY: told}, states, now + timedelta(days=8)):
        told.update(n for m in planned.messages for n in m.event_ids)
    assert told == {c.event_id for c in events}

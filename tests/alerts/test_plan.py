"""Who is told what and when: welcome, at once, digests, told once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import digest
from alerts.message import MessageKind, Section, decode
from alerts.news import LONGEST_RUN
from alerts.plan import STORM
from pipeline.models import EventKind
from pipeline.outbox import Candidate, SubscriptionState
from tests.alerts.planning import STARTED, one, planned_for
from tests.alerts.samples import NOW, call, candidate, deadline, moved, stored, subscription, subscriptions


def many(count: int, kind: EventKind = EventKind.NEW, when: datetime = NOW) -> list[Candidate]:
    return [candidate(n, kind, of=stored(call(f"CALL-{n:04}")), when=when) for n in range(1, count + 1)]


def test_welcome_tells_all_live_calls_once_and_counts_their_events() -> None:
    late = stored(call("LATE", deadlines=(deadline("2026-12-01"),)))
    over = stored(call("OVER", deadlines=(deadline("2026-11-20"),)))
    gone = stored(call("GONE"), gone_since=NOW)
    old = NOW - timedelta(days=90)
    events = [candidate(1, when=old), candidate(2, EventKind.OPENED), candidate(3, of=late)]
    events += [candidate(4, of=over), candidate(5, of=gone)]
    planned = planned_for(subscriptions(), events, None, NOW)
    message = one(planned)
    assert message.kind is MessageKind.WELCOME
    assert [i.identifier for i in message.items] == ["LATE", call().identifier]
    assert all(i.changes == () for i in message.items)
    assert planned[0].messages[0].event_ids == (3, 1, 2)
    assert planned[0].state == SubscriptionState(first_planned_at=NOW, planned_to=NOW)
    later = planned_for(subscriptions(), events, planned[0].state, NOW + timedelta(hours=1), told={1, 2, 3})
    assert later[0].messages == ()


def test_nothing_is_welcomed_before_anything_was_harvested() -> None:
    assert planned_for(subscriptions(), [], None, NOW) == []


def test_a_welcome_without_a_match_says_so() -> None:
    nobody = subscription(filters={"programmes": ("SMP",)})
    message = one(planned_for(subscriptions(nobody), many(3), None, NOW))
    assert (message.kind, message.items) == (MessageKind.WELCOME, ())


def test_at_once_is_one_message_worst_first_then_by_deadline() -> None:
    near = stored(call("NEAR", deadlines=(deadline("2026-12-01"),)))
    cut = stored(call("CUT"))
    events = [
        candidate(1),
        candidate(2, of=near),
        candidate(3, EventKind.TEXT_CHANGED, of=cut),
        candidate(4, EventKind.DEADLINE_BROUGHT_FORWARD, of=cut, **moved("2027-04-01", "2027-03-17")),
    ]
    planned = planned_for(subscriptions(), events, STARTED, NOW, told=set())
    message = one(planned)
    assert [i.identifier for i in message.items] == ["CUT", "NEAR", call().identifier]
    assert [c.kind.value for c in message.items[0].changes] == ["deadline_brought_forward", "text_changed"]
    assert planned[0].messages[0].event_ids == (3, 4, 2, 1)
    assert planned[0].state.planned_to == NOW


def test_told_once_and_repeatable() -> None:
    events = many(3)
    first = planned_for(subscriptions(), events, STARTED, NOW)
    assert planned_for(subscriptions(), events, STARTED, NOW) == first
    again = planned_for(subscriptions(), events, STARTED, NOW, told={1, 2})
    assert again[0].messages[0].event_ids == (3,)
    assert again[0].messages[0].id != first[0].messages[0].id
    assert not planned_for(subscriptions(), events, STARTED, NOW, told={1, 2, 3})[0].messages


def test_what_happened_before_the_subscription_is_not_news() -> None:
    before = candidate(1, when=STARTED.first_planned_at - LONGEST_RUN - timedelta(seconds=1))
    assert not planned_for(subscriptions(), [before], STARTED, NOW)[0].messages
    stored_late = candidate(2, when=STARTED.first_planned_at - timedelta(hours=1))
    assert planned_for(subscriptions(), [stored_late], STARTED, NOW)[0].messages


def test_closed_calls_are_not_news_but_their_harm_is() -> None:
    over = stored(call(deadlines=(deadline("2026-11-20"),)))
    forward = candidate(2, EventKind.DEADLINE_BROUGHT_FORWARD, of=over, **moved("2027-04-01", "2026-11-20"))
    lately = msgspec.structs.replace(STARTED, planned_to=NOW - timedelta(hours=1))
    assert not planned_for(subscriptions(), [candidate(1, of=over)], lately, NOW)[0].messages
    message = one(planned_for(subscriptions(), [candidate(1, of=over), forward], lately, NOW))
    assert [c.kind for c in message.items[0].changes] == [EventKind.DEADLINE_BROUGHT_FORWARD]


def test_a_move_that_was_undone_is_not_told() -> None:
    away = candidate(1, EventKind.DEADLINE_EXTENDED, **moved("2027-03-17", "2027-04-01"))
    back = candidate(
        2, EventKind.DEADLINE_BROUGHT_FORWARD, when=NOW + timedelta(hours=1), **moved("2027-04-01", "2027-03-17")
    )
    assert not planned_for(subscriptions(), [away, back], STARTED, NOW + timedelta(hours=2))[0].messages


def test_a_flood_is_one_message_that_waits_for_an_operator() -> None:
    (usual,) = planned_for(subscriptions(), many(STORM), STARTED)
    (flood,) = planned_for(subscriptions(), many(STORM + 1), STARTED)
    assert [m.held for m in (*usual.messages, *flood.messages)] == [False, True]
    assert len(decode(flood.messages[0].payload).items) == STORM + 1
    assert sorted(flood.messages[0].event_ids) == list(range(1, STORM + 2))
    (digest_,) = planned_for(WEEKLY, many(STORM + 1), STARTED)
    assert not digest_.messages[0].held


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
    planned = planned_for(WEEKLY, many(2, when=NOW - timedelta(days=10)), state, NOW)
    message = one(planned)
    assert (message.kind, message.period) == (MessageKind.DIGEST, "2026-W48")
    assert message.window == (NOW - timedelta(days=14), NOW)
    assert planned[0].state == SubscriptionState(NOW - timedelta(days=30), NOW, "2026-W48")
    assert planned[0].messages[0].period == "2026-W48"
    for later in (timedelta(minutes=5), timedelta(days=-1), timedelta(days=6)):
        assert planned_for(WEEKLY, many(9), planned[0].state, NOW + later, told={1, 2}) == []


def test_an_empty_digest_is_sent_or_skipped_as_the_subscription_says() -> None:
    (planned,) = planned_for(WEEKLY, [], STARTED)
    assert decode(planned.messages[0].payload).items == ()
    assert planned.state.last_period == "2026-W48"
    for wish in ({"cadence": "weekly", "empty": "skip"}, {"cadence": "daily"}):
        (skipped,) = planned_for(subscriptions(subscription(**wish)), [], STARTED)
        assert (skipped.messages, skipped.state.planned_to) == ((), NOW)


def test_a_digest_lists_what_is_still_open_behind_the_news() -> None:
    told, fresh = candidate(1, of=stored(call("TOLD")), when=NOW - timedelta(days=9)), candidate(2)
    message = one(planned_for(WEEKLY, [told, fresh], STARTED, told={1}))
    assert [(i.identifier, i.section) for i in message.items] == [
        (call().identifier, Section.FRESH),
        ("TOLD", Section.STILL_OPEN),
    ]


def test_what_a_failed_digest_said_is_said_by_the_next() -> None:
    since = NOW - timedelta(days=14)
    message = one(planned_for(WEEKLY, many(1, when=NOW - timedelta(days=10)), STARTED, unsaid=since))
    assert message.window == (since, NOW)


def test_no_digest_follows_the_welcome_in_the_same_period() -> None:
    (planned,) = planned_for(WEEKLY, many(1), None, NOW + timedelta(hours=2))
    assert planned.state.last_period == "2026-W48"
    assert planned_for(WEEKLY, many(2), planned.state, NOW + timedelta(hours=3), told={1}) == []
    fresh = [*many(1), candidate(2, of=stored(call("X")), when=NOW + timedelta(days=3))]
    assert one(planned_for(WEEKLY, fresh, planned.state, NOW + timedelta(days=7), told={1})).items[0].changes


@given(st.lists(st.timedeltas(timedelta(minutes=5), timedelta(days=3)), max_size=40))
def test_whatever_the_clock_does_each_event_is_told_once(steps: list[timedelta]) -> None:
    told: set[int] = set()
    state: SubscriptionState | None = None
    events: list[Candidate] = [candidate(0, of=stored(call("FIRST", deadlines=())))]
    periods: list[str] = []
    now = NOW
    for number, step in enumerate([*steps, timedelta(days=8)], start=1):
        now += step
        if number <= len(steps):
            events.append(candidate(number, of=stored(call(f"C{number}", deadlines=())), when=now))
        for planned in planned_for(WEEKLY, events, state, now, told=told):
            ids = [n for m in planned.messages for n in m.event_ids]
            assert not told & set(ids)
            told.update(ids)
            periods += [m.period for m in planned.messages if m.period]
            state = planned.state
    assert len(periods) == len(set(periods))
    assert told == {c.event_id for c in events}

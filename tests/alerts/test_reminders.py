"""Which stages come near: once for each lead time, along with the deadline, late only with a word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.contact import Contact
from alerts.message import MessageKind, Section
from alerts.reminders import closing, opening
from pipeline.models import Call, Precision
from pipeline.outbox import Reminded, SubscriptionState
from tests.alerts.planning import STARTED, one, planned_for
from tests.alerts.samples import NOW, at, call, contact, deadline, stored, subscription, subscriptions

STEP = timedelta(minutes=30)


def mornings(
    of: Call, reader: Contact, since: datetime, until: datetime, step: timedelta = STEP
) -> list[tuple[str, int]]:
    """(day, lead time) of each reminder when callwatch plans at every `step`."""
    found, now = [], since
    while now < until:
        for due in closing(of, reader, now, now + step):
            found.append((f"{now + step:%m-%d}", due.notice.days))
            assert not due.notice.late
        now += step
    return found


def test_each_lead_time_once_in_the_morning() -> None:
    one_stage = call(deadlines=(deadline("2026-12-24"),))
    assert mornings(one_stage, contact(), at("2026-11-20", 0), at("2026-12-26", 0)) == [
        ("11-24", 30),
        ("12-10", 14),
        ("12-17", 7),
        ("12-22", 2),
    ]
    assert mornings(one_stage, contact(reminders=(1,)), at("2026-11-20", 0), at("2026-12-26", 0)) == [("12-23", 1)]
    assert mornings(one_stage, contact(reminders=()), at("2026-11-20", 0), at("2026-12-26", 0)) == []


def test_every_stage_has_its_own() -> None:
    stages = call(deadlines=(deadline("2026-12-01", "stage 1"), deadline("2026-12-03", "stage 2")))
    found = mornings(
        stages, contact(reminders=(7, 2)), at("2026-11-20", 0), at("2026-12-04", 0), timedelta(hours=6)
    )
    assert found == [("11-24", 7), ("11-26", 7), ("11-29", 2), ("12-01", 2)]


def test_a_weekend_brings_the_reminder_forward() -> None:
    monday = call(deadlines=(deadline("2026-11-30"),))
    reader = contact(reminders=(2,), window={"start": "08:00", "end": "17:00"})
    assert mornings(monday, reader, at("2026-11-23", 0), at("2026-12-01", 0)) == [("11-27", 2)]


def test_after_a_pause_only_the_nearest_counts_and_says_that_it_is_late() -> None:
    near = call(deadlines=(deadline("2026-11-27"),))
    (due,) = closing(near, contact(), NOW - timedelta(days=40), NOW)
    assert (due.notice.days, due.notice.late, due.missed) == (7, True, False)
    assert [reminded.days for reminded in due.settled] == [7, 14, 30]


WEEKLY = subscriptions(subscription(cadence="weekly", empty="skip"))


def test_a_weekly_digest_in_time_is_not_late_and_owns_up_to_nothing() -> None:
    near = stored(call(deadlines=(deadline("2026-11-25"),)))
    over = stored(call("OVER", deadlines=(deadline("2026-11-20"),)))
    message = one(planned_for(WEEKLY, [], STARTED, live=[near, over]))
    assert [(i.identifier, i.section, i.notices[0].late) for i in message.items] == [
        (call().identifier, Section.CLOSING, False)
    ]


def test_a_digest_that_comes_a_week_late_does() -> None:
    over = stored(call("OVER", deadlines=(deadline("2026-11-20"),)))
    asleep = SubscriptionState(NOW - timedelta(days=60), NOW - timedelta(days=21))
    later = NOW + timedelta(days=7)
    message = one(planned_for(WEEKLY, [], asleep, later, live=[over]))
    assert [(i.section, i.notices[0].late) for i in message.items] == [(Section.MISSED, True)]


def test_a_stage_that_passed_meanwhile_is_owned_up_to() -> None:
    over = stored(call(deadlines=(deadline("2026-11-20"),)))
    asleep = SubscriptionState(NOW - timedelta(days=60), NOW - timedelta(days=6))
    message = one(planned_for(subscriptions(), [], asleep, live=[over]))
    assert message.kind is MessageKind.REMINDER
    (shown,) = message.items
    assert (shown.section, shown.notices[0].late) == (Section.MISSED, True)


def test_a_moved_deadline_takes_its_reminders_along() -> None:
    reader = contact(reminders=(7,))
    before, after = call(deadlines=(deadline("2026-12-10"),)), call(deadlines=(deadline("2027-01-21"),))
    told = {r for due in closing(before, reader, at("2026-12-02", 0), at("2026-12-04", 0)) for r in due.settled}
    assert {r.deadline_at for r in told} == {at("2026-12-10")}
    again = closing(after, reader, at("2027-01-13", 0), at("2027-01-15", 0))
    assert [r.deadline_at for due in again for r in due.settled] == [at("2027-01-21")]


def test_told_reminders_do_not_come_again() -> None:
    near = stored(call(deadlines=(deadline("2026-11-30"),)))
    state = SubscriptionState(NOW - timedelta(days=60), NOW - timedelta(hours=1))
    (planned,) = planned_for(subscriptions(), [], state, live=[near])
    assert [r.days for r in planned.messages[0].reminders] == [7]
    again = planned_for(subscriptions(), [], state, live=[near], reminded=set(planned.messages[0].reminders))
    assert again[0].messages == ()


@pytest.mark.parametrize(("events", "count"), [((), 1), (("closing_soon",), 1), (("new", "withdrawn"), 0)])
def test_who_names_events_is_reminded_only_on_request(events: tuple[str, ...], count: int) -> None:
    near = stored(call(deadlines=(deadline("2026-11-30"),)))
    state = SubscriptionState(NOW - timedelta(days=60), NOW - timedelta(hours=1))
    wish = subscriptions(subscription(filters={"events": events}))
    assert len(planned_for(wish, [], state, live=[near])[0].messages) == count


def test_an_opening_is_announced_once_in_digests_only() -> None:
    coming = stored(call(opens_at=at("2026-12-05", 9), portal_status="forthcoming"))
    (due,) = opening(coming.call, contact(), NOW - timedelta(days=7), NOW)
    assert (due.notice.days, due.settled[0]) == (0, Reminded(coming.call.id, at("2026-12-05", 9), 0))
    weekly = one(planned_for(subscriptions(subscription(cadence="weekly")), [], STARTED, live=[coming]))
    assert [i.section for i in weekly.items] == [Section.OPENING]
    lately = SubscriptionState(NOW - timedelta(days=60), NOW - timedelta(days=7))
    assert planned_for(subscriptions(), [], lately, live=[coming])[0].messages == ()


@given(
    st.lists(st.timedeltas(timedelta(minutes=1), timedelta(days=9)), min_size=1, max_size=60),
    st.integers(0, 70),
    st.sets(st.integers(1, 60), min_size=1, max_size=5),
)
def test_whenever_callwatch_runs_each_lead_time_is_settled_once(
    steps: list[timedelta], days: int, leads: set[int]
) -> None:
    stage = deadline((NOW + timedelta(days=days)).date().isoformat(), precision=Precision.DATE)
    of, reader = call(deadlines=(stage,)), contact(reminders=tuple(leads))
    settled: list[Reminded] = []
    since = NOW
    for step in steps:
        settled += [r for due in closing(of, reader, since, since + step) for r in due.settled]
        since += step
    assert len(settled) == len(set(settled))
    morning = datetime.combine(stage.at.date(), datetime.min.time(), UTC) + timedelta(hours=7)
    come = {
        lead
        for lead in leads
        if NOW + timedelta(hours=2) < morning - timedelta(days=lead) < since - timedelta(hours=2)
    }
    assert come <= {r.days for r in settled}

"""What is told to whom at which hour: windows, choices, followed calls, equal subscriptions."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from alerts.message import MessageKind, Section, decode
from pipeline.models import EventKind
from pipeline.outbox import Candidate
from pipeline.people import Choice
from tests.alerts.planning import STARTED, one, planned_for
from tests.alerts.samples import NOW, call, candidate, moved, region, stored, subscription, subscriptions

LATELY = msgspec.structs.replace(STARTED, planned_to=NOW - timedelta(hours=1))
NIGHT = NOW + timedelta(hours=14)
"""Monday, 22:00 in Stockholm."""
OFFICE = {"start": "08:00", "end": "17:00"}


def cut(number: int = 2, name: str = "CUT") -> Candidate:
    return candidate(
        number,
        EventKind.DEADLINE_BROUGHT_FORWARD,
        of=stored(call(name)),
        when=NIGHT,
        **moved("2027-04-01", "2027-03-17"),
    )


def test_at_night_only_what_is_urgent_is_told_and_the_rest_in_the_morning() -> None:
    reader = subscriptions(window=OFFICE)
    events = [candidate(1, when=NIGHT), cut()]
    (urgent,) = planned_for(reader, events, LATELY, NIGHT)
    assert [i.identifier for i in decode(urgent.messages[0].payload).items] == ["CUT"]
    assert urgent.state == LATELY
    assert planned_for(reader, events, LATELY, NIGHT + timedelta(hours=1), told={2}) == []
    (morning,) = planned_for(reader, events, LATELY, NIGHT + timedelta(hours=10), told={2})
    assert morning.messages[0].event_ids == (1,)
    assert morning.state.planned_to == NIGHT + timedelta(hours=10)


def test_a_digest_waits_for_the_contacts_hours() -> None:
    weekly = subscriptions(subscription(cadence="weekly", time="06:00"), window=OFFICE)
    early = NOW - timedelta(hours=1)
    assert planned_for(weekly, [candidate(1)], STARTED, early) == []
    assert one(planned_for(weekly, [candidate(1)], STARTED, NOW)).period == "2026-W48"


@pytest.mark.parametrize("choice", [Choice.MUTED, Choice.IRRELEVANT])
@pytest.mark.parametrize("cadence", ["at_once", "weekly"])
def test_a_muted_call_is_not_told_not_even_what_is_urgent(choice: Choice, cadence: str) -> None:
    events = [cut(1, "A"), cut(2, "B")]
    choices = {"asa": {call("A").id: choice}}
    message = one(
        planned_for(
            subscriptions(subscription(cadence=cadence)),
            events,
            LATELY,
            NIGHT + timedelta(days=7),
            choices=choices,
        )
    )
    assert [i.identifier for i in message.items] == ["B"]


def test_a_muted_call_is_missing_from_the_welcome() -> None:
    choices = {"asa": {call().id: Choice.MUTED}}
    assert one(planned_for(subscriptions(), [candidate(1)], choices=choices)).items == ()


def test_a_followed_call_is_told_whatever_the_filters_say() -> None:
    wish = subscriptions(subscription(filters={"programmes": ("SMP",)}))
    events = [candidate(1, EventKind.TEXT_CHANGED, after={"fields": ["text"]})]
    assert planned_for(wish, events, LATELY)[0].messages == ()
    (shown,) = one(planned_for(wish, events, LATELY, choices={"asa": {call().id: Choice.FOLLOWED}})).items
    assert (shown.followed, [r.about for r in shown.reasons]) == (True, ["followed"])


def test_between_digests_a_followed_call_is_told_at_once_and_only_that() -> None:
    weekly = subscriptions(subscription(cadence="weekly"))
    told_on_monday = msgspec.structs.replace(STARTED, planned_to=NOW, last_period="2026-W48")
    events = [candidate(1, when=NIGHT), candidate(2, of=stored(call("OTHER")), when=NIGHT)]
    (planned,) = planned_for(weekly, events, told_on_monday, NIGHT, choices={"asa": {call().id: Choice.FOLLOWED}})
    assert (planned.messages[0].kind, planned.messages[0].event_ids) == ("alert", (1,))
    assert planned.state == told_on_monday


def test_one_subscription_of_a_contact_tells_of_followed_calls() -> None:
    both = subscriptions(
        subscription(key="a-weekly", cadence="weekly", empty="skip", filters={"programmes": ("SMP",)}),
        subscription(key="b-at-once", filters={"programmes": ("SMP",)}),
        subscription(key="c-at-once", filters={"programmes": ("SMP",)}),
    )
    planned = planned_for(both, [candidate(1)], LATELY, choices={"asa": {call().id: Choice.FOLLOWED}})
    assert [one.subscription for one in planned if one.messages] == ["b-at-once"]


def test_equal_subscriptions_share_their_items() -> None:
    filters = {"ecosystems": ("mobility",), "regions": (region("north-sweden"),)}
    twins = subscriptions(subscription(key="a", filters=filters), subscription(key="b", filters=filters))
    first, second = planned_for(twins, [candidate(1)], LATELY)
    assert first.messages[0].id != second.messages[0].id
    assert decode(first.messages[0].payload).items == decode(second.messages[0].payload).items


def test_new_wording_alone_interrupts_nobody() -> None:
    wording = candidate(1, EventKind.TEXT_CHANGED, after={"fields": ["text"]})
    assert planned_for(subscriptions(), [wording], LATELY)[0].messages == ()
    weekly = subscriptions(subscription(cadence="weekly"))
    assert [i.section for i in one(planned_for(weekly, [wording], STARTED)).items] == [Section.CHANGED]
    asked = subscriptions(subscription(filters={"events": ("text_changed",)}))
    assert one(planned_for(asked, [wording], LATELY)).kind is MessageKind.ALERT


def test_the_gap_in_which_callwatch_did_not_run_is_said() -> None:
    gap = (NOW - timedelta(days=7), NOW)
    weekly = subscriptions(subscription(cadence="weekly"))
    assert one(planned_for(weekly, [candidate(1)], STARTED, gap=gap)).gap == gap

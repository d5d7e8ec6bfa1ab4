"""What the items of a planned message hold, for whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.message import decode, encode
from pipeline.models import EventKind
from tests.alerts.planning import STARTED, one, planned_for
from tests.alerts.samples import (
    NOW,
    at,
    call,
    candidate,
    deadline,
    labels,
    region,
    stored,
    subscription,
    subscriptions,
    week,
)


def test_items_speak_the_readers_language() -> None:
    swedish = stored(call(titles={"sv": "Lastbilar i kyla", "en": "x"}, url="javascript:alert(1)"))
    wishes = subscriptions(language="sv", regions=("north-sweden",))
    (shown,) = one(planned_for(wishes, [candidate(1, of=swedish)], STARTED, NOW)).items
    assert (shown.title, shown.language, shown.url) == ("Lastbilar i kyla", "sv", "")
    assert shown.ecosystems == {"mobility": "Mobilitet, transport och fordon"}
    assert shown.s3
    assert (shown.s3.name, shown.s3.priority) == ("Norrbotten", "Energiteknik")


@pytest.mark.parametrize("regions", [(), ("SE331",)])
def test_the_relevance_for_other_regions_is_none_of_the_readers_business(regions: tuple[str, ...]) -> None:
    wishes = subscriptions(regions=regions)
    (shown,) = one(planned_for(wishes, [candidate(1)], STARTED, NOW)).items
    assert shown.s3 is None


def test_who_asked_for_alarms_only_gets_no_list_to_begin_with() -> None:
    alarms = subscriptions(subscription(filters={"events": ("withdrawn",)}))
    (planned,) = planned_for(alarms, [candidate(1)])
    assert planned.messages == ()
    gone = stored(gone_since=NOW)
    later = [candidate(2, EventKind.WITHDRAWN, of=gone, when=NOW + timedelta(hours=1))]
    (after,) = planned_for(alarms, later, planned.state, NOW + timedelta(hours=2))
    assert [m.kind for m in after.messages] == ["alert"]


def test_reasons_bear_the_names_that_readers_know() -> None:
    filters = {"ecosystems": ("mobility",), "regions": (region("SE332"),), "programmes": ("HORIZON",)}
    wishes = subscriptions(subscription(filters=filters), language="sv")
    unknown_label = stored(call("OTHER"), labels(("mobility", "health"), region="XX1", score=0))
    events = [candidate(1), candidate(2, of=unknown_label)]
    (shown,) = one(planned_for(wishes, events, STARTED, NOW)).items
    assert [(r.label, r.note) for r in shown.reasons] == [
        ("Horizon Europe", ""),
        ("Mobilitet, transport och fordon", ""),
        ("Norrbotten", "Energiteknik"),
    ]
    (plain,) = one(planned_for(subscriptions(), events[1:], STARTED, NOW)).items
    assert plain.s3 is None
    assert plain.ecosystems["health"] == "health"


def test_messages_survive_the_outbox() -> None:
    message = week("sv")
    assert decode(encode(message)) == message
    assert message.items[0].next_deadline(NOW) == deadline("2027-03-03")
    assert at("2027-03-17") == datetime(2027, 3, 17, 16, tzinfo=UTC)

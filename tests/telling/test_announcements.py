"""An announcement is news of a call, and an alert of its own only when nobody finds that call. Parts of calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alerts.message import Message, Relation
from pipeline.models import EventKind, Kind
from pipeline.outbox import StoredCall
from tests.alerts.samples import call, moved
from tests.telling.conftest import book
from tests.telling.linked import (
    PAGE,
    PORTAL,
    TOPIC,
    Linked,
    N,
    P,
    article,
    office,
    only,
)

__all__ = ["office"]


@pytest.mark.parametrize(("days", "told"), [(0, []), (6, []), (6.99, []), (7, [[N]]), (8, [[N]])])
def test_an_announcement_is_told_alone_after_seven_days(
    office: Linked, days: float, told: list[list[str]]
) -> None:
    office.arrives(article(text="No names here."))
    assert office.names(days=days) == told
    assert office.names(days=9) == ([] if told else [[N]])
    assert office.names(days=9) == []


def test_an_announcement_that_waits_is_in_no_welcome_and_no_digest(tmp_path: Path) -> None:
    office = Linked(tmp_path, book({"key": "all"}, {"key": "weekly", "cadence": "weekly"}))
    office.arrives(call("FIRST"), article(text="No names here."))
    office.later(days=6)
    assert N not in [name for found in office.names() for name in found]
    assert [N] in office.names(days=1)


@pytest.mark.parametrize("order", [[PORTAL, article()], [article(), PORTAL]])
def test_an_announcement_that_names_its_call_is_a_source_of_it(office: Linked, order: list[StoredCall]) -> None:
    office.arrives(order[0]).later(days=2)
    office.plan()
    office.arrives(order[1])
    office.plan()
    assert office.names(days=8) == []
    office.happens_to(P, EventKind.DEADLINE_EXTENDED, **moved("2027-03-01", "2027-03-17"))
    (item,) = only(office.later(hours=1).told()).items
    assert [(s.name, s.relation) for s in item.sources] == [
        ("eismea.example: Money for cold trucks", Relation.NEWS)
    ]
    assert [m.items[0].call_id for m in map(_decoded, office.messages())].count(P) == 2


def _decoded(entry: Any) -> Message:
    from alerts.message import decode

    return decode(entry.message.payload)


def test_news_of_many_calls_silences_none_of_them(office: Linked) -> None:
    assert office.arrives(article(text="On HORIZON-CL5-2027-01")).names(days=7) == [[N]]
    second = call(f"{TOPIC[:-1]}2", url=f"{PAGE}{TOPIC[:-1]}2")
    (told,) = office.arrives(PORTAL, second).names(hours=1)
    assert sorted(told) == [P, second.id]


def test_a_cascade_call_is_told_beside_its_topic_and_says_what_it_is_part_of(office: Linked) -> None:
    fields = {
        "kind": Kind.CASCADE,
        "parent": TOPIC,
        "identifier": TOPIC,
        "url": f"{PAGE}../competitive-calls-cs/15",
    }
    office.arrives(PORTAL, call("15COMPETITIVE_CALL", **fields))
    found = {item.call_id: item for item in only(office.told()).items}
    assert len(found) == 2
    (source,) = found["eu_funding_tenders:15COMPETITIVE_CALL"].sources
    assert (source.name, source.relation) == (PORTAL.call.title, Relation.PART_OF)
    assert found[P].sources == ()

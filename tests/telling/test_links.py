"""One call, one alert, whichever portal shows it first; and all of it back when a link is undone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from alerts.message import Relation
from pipeline.models import Budget, EventKind
from pipeline.outbox import StoredCall
from pipeline.people import Choice, Chosen
from pipeline.relate import relate
from pipeline.store import calls, people
from tests.alerts.samples import call, deadline, moved, stored
from tests.telling.conftest import book
from tests.telling.linked import (
    PLACES,
    PORTAL,
    Linked,
    P,
    S,
    an_office,
    eccp,
    office,
    only,
)

__all__ = ["office"]


@pytest.mark.parametrize("days", [0.01, 5, 60])
def test_the_other_portal_comes_later_and_is_a_source_and_no_alert(office: Linked, days: float) -> None:
    assert office.arrives(PORTAL).names() == [[P]]
    office.later(days=days)
    assert office.arrives(eccp()).names() == []
    office.happens_to(P, EventKind.DEADLINE_EXTENDED, **moved("2027-03-01", "2027-03-17"))
    (item,) = only(office.later(hours=1).told()).items
    assert [(s.name, s.url, s.relation) for s in item.sources] == [
        ("ECCP", "https://eccp.example/9", Relation.SAME)
    ]
    assert item.conflicts == ()


@pytest.mark.parametrize("days", [0.01, 5, 60])
def test_the_portal_itself_comes_later_and_counts_as_told(office: Linked, days: float) -> None:
    assert office.arrives(eccp()).names() == [[S]]
    office.later(days=days)
    assert office.arrives(PORTAL).names() == []
    assert office.names(days=1) == []
    office.happens_to(S, EventKind.BUDGET_CHANGED, before={"total": "1"}, after={"total": "2"})
    assert office.names(hours=1) == []
    office.happens_to(P, EventKind.DEADLINE_EXTENDED, **moved("2027-03-01", "2027-03-17"))
    assert office.names(hours=1) == [[P]]


def test_both_at_once_are_one_alert(office: Linked) -> None:
    office.arrives(PORTAL, eccp())
    (item,) = only(office.told()).items
    assert (item.call_id, [s.name for s in item.sources]) == (P, ["ECCP"])
    assert office.names(hours=1) == []


def test_who_was_told_of_a_coming_call_is_told_when_the_portal_shows_it_open(office: Linked) -> None:
    coming = {"opens_at": office.now + timedelta(days=5), "portal_status": "forthcoming"}
    assert office.arrives(eccp(**coming)).names() == [[S]]
    assert office.arrives(PORTAL).names(days=1) == [[P]]
    office.happens_to(S, EventKind.OPENED, after=office.now.isoformat())
    assert office.names(days=5) == []


@pytest.mark.parametrize("cadence", ["daily", "weekly"])
@pytest.mark.parametrize("order", [[PORTAL, eccp()], [eccp(), PORTAL]])
def test_a_digest_tells_it_once_too(tmp_path: Path, cadence: str, order: list[StoredCall]) -> None:
    office = an_office(tmp_path, {"cadence": cadence, "empty": "skip"})
    office.later(days=7)
    office.plan()
    for each in order:
        office.later(hours=1).arrives(each)
    fresh = []
    for _ in range(9):
        for message in office.later(days=1).told():
            fresh += [item.call_id for item in message.items if item.changes]
            assert S not in [item.call_id for item in message.items]
    assert fresh == [P]


def test_a_digest_between_the_two_has_told_it(tmp_path: Path) -> None:
    office = an_office(tmp_path, {"cadence": "daily", "empty": "skip"})
    office.later(days=1).arrives(eccp())
    assert any(S in found for found in office.names(days=1))
    office.arrives(PORTAL)
    for _ in range(4):
        for message in office.later(days=1).told():
            assert [item.call_id for item in message.items if item.changes] == []


def test_a_welcome_has_told_it(tmp_path: Path) -> None:
    office = Linked(tmp_path, book())
    office.arrives(eccp()).later(days=3)
    assert office.names() == [[S]]
    assert office.later(days=3).arrives(PORTAL).names() == []


def test_what_the_others_say_otherwise_is_shown_at_the_one_that_is_believed(office: Linked) -> None:
    office.arrives(PORTAL, eccp(deadlines=(deadline("2027-03-12"),), budget=Budget("EUR", Decimal(7))))
    (item,) = only(office.told()).items
    assert [d.deadline for d in item.deadlines] == [deadline()]
    assert [(c.name, c.deadline, c.budget) for c in item.conflicts] == [
        ("ECCP", deadline("2027-03-12"), None),
        ("ECCP", None, Budget("EUR", Decimal(7))),
    ]


def test_a_reader_whom_only_the_other_portal_suits_is_told_and_why(tmp_path: Path) -> None:
    office = an_office(tmp_path, {"filters": {"words": ["snow"], "exclude": ["nuclear"]}})
    office.arrives(call("SNOW", text="snow"))
    assert office.names() == [["eu_funding_tenders:SNOW"]]
    assert office.arrives(PORTAL).names(days=30) == []
    office.arrives(eccp(text="Testing in snow."))
    (item,) = only(office.told()).items
    assert (item.call_id, item.reasons[-1].about, item.reasons[-1].label) == (P, "source", "ECCP")
    assert office.names(days=1) == []


def test_what_the_believed_one_rules_out_is_not_told(tmp_path: Path) -> None:
    office = an_office(tmp_path, {"filters": {"words": ["snow"], "exclude": ["battery*"]}})
    office.arrives(call("SNOW", text="snow"))
    office.plan()
    assert office.arrives(PORTAL, eccp(text="Testing in snow.")).names(hours=1) == []


def test_a_muted_call_stays_muted_under_its_other_name(office: Linked) -> None:
    assert office.arrives(eccp()).names() == [[S]]
    with office.store.begin() as conn:
        people.choose(conn, Chosen("asa", S, Choice.MUTED, office.now, "link"))
    office.arrives(PORTAL)
    office.happens_to(P, EventKind.DEADLINE_EXTENDED, **moved("2027-03-01", "2027-03-17"))
    assert office.names(hours=1) == []


def test_undone_each_is_told_to_those_who_did_not_hear_of_it(office: Linked) -> None:
    assert office.arrives(PORTAL).names() == [[P]]
    assert office.arrives(eccp()).names(days=10) == []
    office.later(days=10).undo()
    assert office.names() == [[S]]
    assert office.names(days=1) == []
    relate(office.store, PLACES, office.now, afresh=True)
    assert office.names(days=1) == []
    office.happens_to(S, EventKind.BUDGET_CHANGED, before={"total": "1"}, after={"total": "2"})
    assert office.names(hours=1) == [[S]]


def test_undone_the_one_that_counted_as_told_is_told(office: Linked) -> None:
    assert office.arrives(eccp()).names() == [[S]]
    assert office.arrives(PORTAL).names(days=10) == []
    office.undo()
    assert office.names(days=1) == [[P]]
    assert office.names(days=1) == []


def test_undone_after_a_welcome_in_which_one_stood_for_both(tmp_path: Path) -> None:
    office = Linked(tmp_path, book())
    office.arrives(PORTAL, eccp()).later(days=3)
    assert office.names() == [[P]]
    office.later(days=1).undo()
    assert office.names() == [[S]]


def test_withdrawn_by_the_portal_is_an_alarm_and_by_the_other_is_none(office: Linked) -> None:
    office.arrives(PORTAL, eccp())
    office.plan()
    with office.store.begin() as conn:
        calls.set_absence(conn, [stored(eccp().call, gone_since=office.now)])
    office.happens_to(S, EventKind.WITHDRAWN, before=office.now.isoformat())
    assert office.names(hours=1) == []
    with office.store.begin() as conn:
        calls.set_absence(conn, [stored(PORTAL.call, gone_since=office.now), stored(eccp().call)])
    office.happens_to(P, EventKind.WITHDRAWN, before=office.now.isoformat())
    assert office.names(hours=1) == [[P]]

"""Which difference is an event, and which is noise."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import changes
from pipeline.models import Budget, EventKind, Kind, Status
from tests.builders import NOW, at, call, deadline

CUT_OFFS = "multiple cut-off"


def kinds(old, new, now=NOW):
    return [event.kind.value for event in changes.compare(old, changes.steady(old, new), now)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param([deadline(20)], [deadline(20)], [], id="same"),
        pytest.param([deadline(20)], [deadline(20, seconds=59)], [], id="seconds jitter"),
        pytest.param([deadline(20)], [deadline(20, seconds=-100)], [], id="jitter across a minute"),
        pytest.param([deadline(20)], [deadline(27)], ["deadline_extended"], id="extended"),
        pytest.param([deadline(20)], [deadline(20, seconds=7200)], ["deadline_extended"], id="two hours later"),
        pytest.param([deadline(20)], [deadline(18)], ["deadline_brought_forward"], id="brought forward"),
        pytest.param([deadline(0.1)], [deadline(1.1)], ["deadline_extended"], id="extended on the day"),
        pytest.param([deadline(-0.5)], [deadline(7)], ["deadline_extended"], id="extended on the morning after"),
        pytest.param([deadline(-30)], [deadline(60)], ["deadline_added"], id="a new round, long after"),
        pytest.param([deadline(-30)], [deadline(-31)], [], id="history rewritten"),
        pytest.param([deadline(20)], [], [], id="all vanish: a field got lost, not a deadline"),
        pytest.param([], [deadline(20)], ["deadline_added"], id="added"),
        pytest.param([deadline(-1)], [], [], id="a passed one is dropped from the list"),
    ],
)
def test_single_deadline(old, new, expected):
    assert kinds(call(*old), call(*new)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param([-5, 30], [30], [], id="passed cut-off dropped"),
        pytest.param([-5, 30], [30, 90], ["deadline_added"], id="rolls on"),
        pytest.param([30, 90], [30, 97], ["deadline_extended"], id="second one later"),
        pytest.param([30, 90], [25, 85], ["deadline_brought_forward"] * 2, id="both earlier"),
        pytest.param([30, 90], [30], ["deadline_removed"], id="second one cancelled"),
        pytest.param([-5, 30], [32, 90], ["deadline_extended", "deadline_added"], id="moved and rolled on"),
    ],
)
def test_cut_offs(old, new, expected):
    def cut_offs(days):
        return call(*[deadline(d, f"cut-off {i}") for i, d in enumerate(days, 1)], deadline_model=CUT_OFFS)

    assert kinds(cut_offs(old), cut_offs(new)) == expected


def test_stages_are_paired_one_by_one():
    old = call(deadline(10, "stage 1"), deadline(200, "stage 2"), deadline_model="two-stage")
    new = call(deadline(10, "stage 1"), deadline(180, "stage 2"), deadline_model="two-stage")
    (event,) = changes.compare(old, new, NOW)
    assert event.kind is EventKind.DEADLINE_BROUGHT_FORWARD
    assert event.before["stage"] == event.after["stage"] == "stage 2"
    assert (event.before["at"], event.after["at"]) == (at(200).isoformat(), at(180).isoformat())


def test_jitter_keeps_the_instant_readers_were_told():
    old, new = call(deadline(20)), call(deadline(20, seconds=90))
    assert changes.steady(old, new).deadlines == old.deadlines
    assert changes.fingerprint(changes.steady(old, new)) == changes.fingerprint(old)


def test_slow_drift_is_measured_against_what_was_told():
    first = call(deadline(20))
    second = changes.steady(first, call(deadline(20, seconds=100)))
    third = changes.steady(second, call(deadline(20, seconds=200)))
    assert [e.kind for e in changes.compare(second, third, NOW)] == [EventKind.DEADLINE_EXTENDED]


@pytest.mark.parametrize("field", ["title", "text", "conditions"])
def test_white_space_case_and_punctuation_are_no_change(field):
    old = call(deadline(9), **{field: "Winter tests, of electric trucks."})
    new = call(deadline(9), **{field: "Winter  tests\nof electric Trucks"})
    assert changes.compare(old, new, NOW) == []
    assert changes.fingerprint(old) == changes.fingerprint(new)


def test_title_change_says_from_and_to_and_long_text_is_only_named():
    old, new = call(title="Winter tests", text="a b"), call(title="Summer tests", text="a c")
    (event,) = changes.compare(old, new, NOW)
    assert event.kind is EventKind.TEXT_CHANGED
    assert event.before == {"fields": ["title", "text"], "title": "Winter tests"}
    assert event.after == {"fields": ["title", "text"], "title": "Summer tests"}


@pytest.mark.parametrize(("kind", "told"), [(Kind.TOPIC, 1), (Kind.EXTERNAL_ACTION, 0), (Kind.CASCADE, 0)])
def test_only_a_topic_is_known_by_its_identifier(kind, told):
    old, new = (
        call(kind=kind, identifier="EuropeAid/1/DD/ACT/BA"),
        call(kind=kind, identifier="EuropeAid/1/DD/ACT/"),
    )
    events = changes.compare(old, new, NOW)
    assert len(events) == told
    assert (changes.fingerprint(old) != changes.fingerprint(new)) is bool(told)


def test_text_that_appears_for_the_first_time_is_no_alert():
    assert changes.compare(call(text=""), call(text="now written"), NOW) == []


def test_a_moved_opening_is_told():
    (event,) = changes.compare(call(opens_at=at(10)), call(opens_at=at(17)), NOW)
    assert event.after["opens_at"] == at(17).isoformat()


def test_budget_change_is_compared_as_amounts():
    old = call(budget=Budget("EUR", total=Decimal("3000000")))
    same = call(budget=Budget("EUR", total=Decimal("3000000.00"), by_year={"2026": Decimal(3000000)}))
    more = call(budget=Budget("EUR", total=Decimal("6000000"), grants=2))
    assert changes.compare(old, same, NOW) == []
    (event,) = changes.compare(old, more, NOW)
    assert (event.before["total"], event.after["total"]) == ("3000000", "6000000")
    assert event.after["grants"] == 2


def test_the_worst_comes_first():
    old = call(deadline(20), title="A", budget=Budget("EUR", total=Decimal(1)))
    new = call(deadline(10), title="B", budget=Budget("EUR", total=Decimal(2)))
    assert kinds(old, new) == ["deadline_brought_forward", "budget_changed", "text_changed"]


def test_a_vanished_translation_is_kept_and_no_event():
    old = call(titles={"sv": "Vintertester"}, texts={"sv": "text"})
    new = changes.steady(old, call())
    assert new.titles == {"sv": "Vintertester"}
    assert changes.compare(old, new, NOW) == []


@pytest.mark.parametrize(
    ("fields", "was", "expected"),
    [
        ({"opens_at": at(-1)}, Status.FORTHCOMING, 1),
        ({"opens_at": at(-1)}, Status.OPEN, 0),
        ({"opens_at": at(1)}, Status.FORTHCOMING, 0),
        ({"opens_at": at(-1), "portal_status": "forthcoming"}, Status.FORTHCOMING, 0),
    ],
)
def test_opened(fields, was, expected):
    assert len(changes.opened(call(deadline(9), **fields), was, NOW)) == expected


def test_new_only_while_one_can_apply():
    assert [e.kind for e in changes.first_event(call(deadline(9)), NOW)] == [EventKind.NEW]
    assert changes.first_event(call(deadline(-9)), NOW) == []


def test_closing_soon_once_per_deadline():
    soon = call(deadline(9))
    (event,) = changes.closing(soon, NOW, at(14) - NOW)
    (again,) = changes.closing(soon, at(1), at(14) - NOW)
    assert (event.kind, event.key) == (again.kind, again.key)
    assert changes.closing(soon, NOW, at(7) - NOW) == []
    assert changes.closing(call(deadline(-1)), NOW, at(7) - NOW) == []
    assert changes.closing(call(deadline(5), opens_at=at(1)), NOW, at(7) - NOW) == []


days = st.integers(min_value=-40, max_value=400)


@given(st.lists(days, max_size=5, unique=True), st.lists(days, max_size=5, unique=True), st.booleans())
def test_every_live_difference_is_told_once_and_nothing_else(old_days, new_days, rolling):
    def make(of):
        return call(*map(deadline, of), deadline_model=CUT_OFFS if rolling else "")

    old, new = make(old_days), make(new_days)
    events = changes.compare(old, new, NOW)
    assert changes.compare(old, old, NOW) == []
    told = {e.after["at"] for e in events if e.after}
    fresh = {d.at.isoformat() for d in new.deadlines if not d.passed(NOW)} - {
        d.at.isoformat() for d in old.deadlines
    }
    assert fresh <= told
    assert len({(e.kind, e.key, str(e.before), str(e.after)) for e in events}) == len(events)

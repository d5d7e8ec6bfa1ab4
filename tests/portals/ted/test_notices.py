"""Notices of TED that are not as they should be, and corrections."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.harvest import Issue, Role
from pipeline.models import Kind, Precision
from pipeline.normalise import Document, ted
from tests.portals.facts import AT, answer, one


def changed(number: int = 0, **values: Any) -> dict[str, Any]:
    return answer("ted")[number] | {name.replace("_", "-"): value for name, value in values.items()}


def deadlines(day: Any, hour: Any) -> tuple[list[tuple[datetime, Precision]], list[str]]:
    call, issues = one("ted", changed(deadline_receipt_tender_date_lot=day, deadline_receipt_tender_time_lot=hour))
    assert call
    return [(d.at, d.precision) for d in call.deadlines], [issue.field for issue in issues]


@pytest.mark.parametrize(
    ("day", "hour", "at", "precision"),
    [
        ("2027-01-15+01:00", "12:00:00+01:00", datetime(2027, 1, 15, 11, tzinfo=UTC), Precision.EXACT),
        ("2027-07-15+02:00", "12:00:00+02:00", datetime(2027, 7, 15, 10, tzinfo=UTC), Precision.EXACT),
        ("2027-01-15+02:00", "12:00:00+02:00", datetime(2027, 1, 15, 10, tzinfo=UTC), Precision.EXACT),
        ("2027-01-15Z", "12:00:00Z", datetime(2027, 1, 15, 12, tzinfo=UTC), Precision.EXACT),
        ("2027-01-15+02:00", "12:00", datetime(2027, 1, 15, 10, tzinfo=UTC), Precision.EXACT),
        ("2027-01-15", "12:00", datetime(2027, 1, 15, 11, tzinfo=UTC), Precision.EXACT),
        ("2027-01-15+01:00", None, datetime(2027, 1, 15, 22, 59, tzinfo=UTC), Precision.DATE),
        (["2027-01-15+01:00"], [], datetime(2027, 1, 15, 22, 59, tzinfo=UTC), Precision.DATE),
    ],
)
def test_a_deadline_is_of_the_buyers_own_clock(day: Any, hour: Any, at: datetime, precision: Precision) -> None:
    assert deadlines(day, hour) == ([(at, precision)], [])


@pytest.mark.parametrize(
    ("day", "hour", "count", "field"),
    [
        (["2027-01-15+01:00", "2027-02-15+01:00"], ["12:00:00+01:00"], 2, "deadline-receipt-tender-time-lot"),
        (["2027-01-15+01:00"], ["noon"], 1, "deadline-receipt-tender-time-lot"),
        (["15 January 2027"], None, 0, "deadline-receipt-tender-date-lot"),
        (["2027-02-30+01:00"], None, 0, "deadline-receipt-tender-date-lot"),
        (None, None, 0, "deadline-receipt-tender"),
    ],
)
def test_what_cannot_be_read_of_a_deadline_is_told(day: Any, hour: Any, count: int, field: str) -> None:
    found, fields = deadlines(day, hour)
    assert (len(found), field in fields) == (count, True)
    assert all(precision is Precision.DATE for _, precision in found)


def test_a_tender_is_a_tender() -> None:
    call, _ = one("ted", answer("ted")[0])
    assert call
    assert (call.kind, call.programme) == (Kind.TENDER, "TED")


def test_of_a_procedure_its_latest_notice_counts() -> None:
    first = changed()
    fixed = changed(
        publication_number="700009-2026",
        publication_date="2026-12-01+01:00",
        deadline_receipt_tender_date_lot=["2027-02-01+01:00"],
        deadline_receipt_tender_time_lot=["12:00:00+01:00"],
    )
    places = [ted.identify(row) for row in (first, fixed)]
    assert not any(isinstance(place, Issue) for place in places)
    assert len({place.call_reference for place in places}) == 1, "one call"  # type: ignore[union-attr]
    assert len({place.document for place in places}) == 2, "two documents"  # type: ignore[union-attr]
    later = Document(Role.CALL, "sv", orjson.dumps(first), AT + timedelta(days=9))
    call, _ = ted.assemble([later, Document(Role.CALL, "sv", orjson.dumps(fixed), AT)], {})
    assert call
    assert (call.identifier, call.deadlines[0].at) == ("700009-2026", datetime(2027, 2, 1, 11, tzinfo=UTC))


@pytest.mark.parametrize("number", [None, "", "1-26", [], "700001/2026"])
def test_a_notice_without_its_number_is_told(number: Any) -> None:
    assert isinstance(ted.identify(changed(publication_number=number)), Issue)


@pytest.mark.parametrize(("value", "currency"), [("0", "SEK"), ("1,000", "SEK"), ("5", "kronor"), ("5", None)])
def test_money_that_cannot_be_read_is_told(value: str, currency: str | None) -> None:
    call, issues = one("ted", changed(estimated_value_proc=value, estimated_value_cur_proc=currency))
    assert call
    assert (call.budget, [issue.field for issue in issues]) == (None, ["estimated-value-proc"])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["swe", "ENG", "x"]), inner),
    max_leaves=6,
)


@given(st.sampled_from(sorted(answer("ted")[0])), VALUES)
def test_nothing_makes_it_fall_over(field: str, value: Any) -> None:
    one("ted", answer("ted")[0] | {field: value})

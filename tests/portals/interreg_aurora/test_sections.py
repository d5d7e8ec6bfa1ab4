"""Sections of calls as Interreg programmes write them: windows, hours, and what is no call."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.harvest import Issue, Role
from pipeline.models import Call, Kind, Precision
from pipeline.normalise import Document, Normaliser, normaliser

AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
CODES = {"interreg_aurora": ("AURORA", "Interreg Aurora"), "interreg_npa": ("NPA", "Interreg NPA")}
AURORA, NPA, SVERIGE_NORGE = (normaliser(f"interreg_{name}") for name in ("aurora", "npa", "sverige_norge"))


def section(title: str, text: str, *, part: str = "2", source: str = "calls", **fields: str) -> dict[str, Any]:
    paragraphs = "".join(f"<p>{line}</p>" for line in text.splitlines())
    html = f"<h3>{title}</h3>{paragraphs}"
    return {
        "source": source,
        "url": "https://www.interregaurora.eu/calls/",
        "fields": fields,
        "title": title,
        "html": html,
        "part": part,
    }


def made(portal: Normaliser, *items: dict[str, Any]) -> tuple[Call | None, list[Issue]]:
    documents = [Document(Role.CALL, "en", json.dumps(item).encode(), AT) for item in items]
    return portal.assemble(documents, CODES)


def whole(portal: Normaliser, title: str, text: str) -> Call:
    call, _ = made(portal, section(title, text))
    assert call
    return call


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("portal", "text", "opens", "closes", "precision"),
    [
        (
            AURORA,
            "Open 7 September - 7 October 2026, 16.00 CET",
            "2026-09-06T22:00",
            "2026-10-07T14:00",
            Precision.EXACT,
        ),
        (
            AURORA,
            "The call is open 21 November - 12 January 2027, 16.00 CET",
            "2026-11-20T23:00",
            "2027-01-12T15:00",
            Precision.EXACT,
        ),
        (AURORA, "Open 7 sep.-7 oct. 2026", "2026-09-06T22:00", "2026-10-07T14:00", Precision.DATE),
        (AURORA, "The call closes on 28 March 2027, 16.00 CET", None, "2027-03-28T14:00", Precision.EXACT),
        (AURORA, "The call closes on 27 March 2027, 16.00 CET", None, "2027-03-27T15:00", Precision.EXACT),
        (NPA, "The deadline is 26 October 2026 at 12:00 CET", None, "2026-10-26T11:00", Precision.EXACT),
        (NPA, "The deadline is 23 October 2026, 12:00 PM (noon) CET", None, "2026-10-23T10:00", Precision.EXACT),
        (
            NPA,
            "You can apply from 5th October to 5th December 2026, for all priorities.\n"
            "The Monitoring Committee decides on 22nd March 2027.",
            "2026-10-04T22:00",
            "2026-12-05T11:00",
            Precision.DATE,
        ),
        (
            SVERIGE_NORGE,
            "Utlysningen är öppen 21 november-12 december 2026",
            "2026-11-20T23:00",
            "2026-12-12T15:00",
            Precision.DATE,
        ),
        (
            SVERIGE_NORGE,
            "Haku on auki 2.1.-2.2.2027",
            "2027-01-01T23:00",
            "2027-02-02T15:00",
            Precision.DATE,
        ),
    ],
)
def test_windows(portal: Normaliser, text: str, opens: str | None, closes: str, precision: Precision) -> None:
    call = whole(portal, "Call 9", text)
    assert call.opens_at == (day(opens) if opens else None)
    assert [(deadline.at, deadline.precision) for deadline in call.deadlines] == [(day(closes), precision)]


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Call 7 SSP", Role.CALL),
        ("Utlysning 11", Role.CALL),
        ("Call for clustering projects", Role.CALL),
        ("Calls for applications", Role.GHOST),
        ("Call calendar", Role.GHOST),
        ("Previous calls", Role.GHOST),
        ("Tidigare utlysningar", Role.GHOST),
        ("Supporting documents", Role.GHOST),
        ("How to answer a call", Role.GHOST),
        ("Contact", Role.GHOST),
    ],
)
def test_what_is_a_call(title: str, role: Role) -> None:
    placed = AURORA.identify(section(title, "Text."))
    assert not isinstance(placed, Issue)
    assert placed.role is role


@pytest.mark.parametrize(
    ("text", "status", "issues"),
    [
        ("Scheduled for the autumn of 2027.", "forthcoming", 0),
        ("Datum är ej bestämt.", "forthcoming", 0),
        ("Nine projects were approved out of 19.", "closed", 0),
        ("The system never closes for small-scale applications.", "", 0),
        ("Read the manual.", "", 1),
    ],
)
def test_sections_without_a_day(text: str, status: str, issues: int) -> None:
    call, noted = made(AURORA, section("Call 9", text))
    assert call
    assert (call.portal_status, call.deadlines, len(noted)) == (status, (), issues)


def post(title: str, slug: str) -> dict[str, Any]:
    text = "Open 7 September - 7 October 2026, 16.00 CET"
    return section(title, text, source="news", published="Mon, 31 Aug 2026 08:00:00 +0000") | {
        "url": f"https://www.interregaurora.eu/{slug}/"
    }


def test_a_post_that_names_a_call_by_its_number_is_news_of_it() -> None:
    item = post("Call 7 SSP opens on Monday", "call-7-ssp-opens-on-monday")
    placed = AURORA.identify(item)
    assert not isinstance(placed, Issue)
    assert (placed.call_reference, placed.role) == ("call-7-ssp", Role.NEWS)
    page = Document(Role.CALL, "en", json.dumps(section("Call 7 SSP", "Soon.")).encode(), AT)
    news = Document(Role.NEWS, "en", json.dumps(item).encode(), AT)
    call, _ = AURORA.assemble([page, news], CODES)
    assert call
    assert [(post.text.splitlines()[0], post.at) for post in call.latest] == [
        ("Call 7 SSP opens on Monday", day("2026-08-30T22:00"))
    ]
    call, issues = AURORA.assemble([news], CODES)
    assert call is None
    assert [(issue.reference, issue.field) for issue in issues] == [("call-7-ssp", "calls")]


def test_any_other_post_is_an_announcement() -> None:
    call, _ = made(AURORA, post("A joint call with the north", "a-joint-call"))
    assert call
    assert (call.kind, call.reference) == (Kind.ANNOUNCEMENT, "news-a-joint-call")


def planned(key: str, *rows: dict[str, str]) -> dict[str, Any]:
    fields = {"key": key, "title": "Call 9 REG", "rows": json.dumps(rows)}
    return {"source": "planned", "url": "https://www.interregaurora.eu/calls/", "fields": fields}


ROW = {
    "Call": "Call 9 REG",
    "Specific objective": "SO 4.1",
    "Amount (EUR)": "3 000 000",
    "Start": "8.2.2027",
    "End": "8.3.2027",
}


def test_the_page_says_more_than_the_plan_and_the_plan_what_the_page_does_not() -> None:
    call, issues = made(
        AURORA, section("Call 9", "Open 15 February - 15 March 2027, 16.00 CET"), planned("call-9", ROW)
    )
    assert call
    assert call.opens_at == day("2027-02-14T23:00")
    assert [deadline.at for deadline in call.deadlines] == [day("2027-03-15T15:00")]
    assert call.budget
    assert [issue.field for issue in issues] == ["deadlines"], "that they differ is told"


def test_a_page_that_is_closed_is_not_opened_by_an_old_plan() -> None:
    call, _ = made(AURORA, section("Call 9", "Nine projects were approved."), planned("call-9", ROW))
    assert call
    assert (call.portal_status, call.deadlines) == ("closed", ())


def test_rows_of_one_call_are_added_up_unless_all_repeat_the_same() -> None:
    other = ROW | {"Specific objective": "SO 2.1", "Amount (EUR)": "1 000 000"}
    call, issues = made(AURORA, planned("call-9", ROW, other))
    assert call
    assert call.budget
    assert (str(call.budget.total), issues) == ("4000000", [])
    call, issues = made(AURORA, planned("call-9", ROW, other | {"Amount (EUR)": "3 000 000"}))
    assert call
    assert call.budget
    assert str(call.budget.total) == "3000000"
    assert "counted once" in issues[0].problem
    call, issues = made(AURORA, planned("call-9", ROW, other | {"Amount (EUR)": "1 000 000 SEK"}))
    assert call
    assert call.budget is None
    assert "currencies" in issues[0].problem


TEXT = st.text(max_size=80)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.one_of(TEXT, st.none(), st.dictionaries(TEXT, TEXT, max_size=3))
            for name in ("source", "url", "fields", "title", "html", "part")
        },
    )
)
def test_any_item_is_read_without_a_fault(item: dict[str, Any]) -> None:
    for portal in (AURORA, NPA, SVERIGE_NORGE):
        portal.identify(item)
        made(portal, item)

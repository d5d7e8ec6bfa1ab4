"""The objects of the hub's script: days, money, and what is none of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.harvest import Issue, Role
from pipeline.models import BRUSSELS, Budget, Call
from pipeline.normalise import Document
from pipeline.normalise.cascade_funding_hub import assemble, identify

AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
URL = "https://cascadefunding.eu/open-calls/icelogic/"
PLAIN = {"id": 7, "title": "ICELOGIC", "long_description": "<p>Sensors.</p>", "closes": "20/01/2027"}


def item(**said: Any) -> dict[str, Any]:
    return {"source": "proposals", "url": URL, "fields": {"item": json.dumps({**PLAIN, **said})}}


def call(*items: dict[str, Any]) -> tuple[Call | None, list[Issue]]:
    documents = [
        Document(Role.CALL, "en", json.dumps(each).encode(), AT.replace(hour=hour))
        for hour, each in enumerate(items)
    ]
    return assemble(documents, {"cascade_funding_hub": ("CASCADE", "Hub")})


@pytest.mark.parametrize(
    ("closes", "stored", "at", "precision", "fields"),
    [
        ("20/01/2027", "2027-01-20 17:00:00", "2027-01-20 17:00", "exact", []),
        ("01/07/2027", "2027-07-01 12:00:00", "2027-07-01 12:00", "exact", []),
        ("20/01/2027", "2027-01-20 00:00:00", "2027-01-20 17:00", "date", []),
        ("20/01/2027", "2027-01-20 23:59:59", "2027-01-20 17:00", "date", []),
        ("20/01/2027", None, "2027-01-20 17:00", "date", []),
        ("", "2027-01-20", "2027-01-20 17:00", "date", []),
        ("21/01/2027", "2027-01-20 17:00:00", "2027-01-20 17:00", "date", ["closes"]),
        ("31/02/2027", "2027-01-20 17:00:00", "2027-01-20 17:00", "exact", ["closes"]),
        ("01/20/2027", None, "", "", ["closes"]),
        ("when the money is gone", "0000-00-00 00:00:00", "", "", ["closes", "closes_object"]),
        (None, None, "", "", []),
    ],
)
def test_when_it_closes(closes: Any, stored: Any, at: str, precision: str, fields: list[str]) -> None:
    made, issues = call(item(closes=closes, closes_object=stored))
    assert made
    found = [(f"{d.at.astimezone(BRUSSELS):%Y-%m-%d %H:%M}", d.precision.value) for d in made.deadlines]
    assert found == ([(at, precision)] if at else [])
    assert [issue.field for issue in issues] == fields


@pytest.mark.parametrize(
    ("funding", "budget"),
    [
        ({"raw": 60000, "format": "€60,000"}, Budget("EUR", project_max=60000)),  # type: ignore[arg-type]
        ({"raw": "60000", "format": "60.000 EUR"}, Budget("EUR", project_max=60000)),  # type: ignore[arg-type]
        ({"raw": "250000", "format": "250,000 SEK"}, Budget("SEK", project_max=250000)),  # type: ignore[arg-type]
        ({"raw": "10000 - 60000", "format": "€10,000 - €60,000"}, None),
        ({"raw": "", "format": ""}, None),
        (None, None),
        ({"raw": 60000, "format": "60,000 points"}, None),
        ({"raw": -5, "format": "€-5"}, None),
    ],
)
def test_what_one_project_gets(funding: Any, budget: Budget | None) -> None:
    made, issues = call(item(funding_per_project=funding))
    assert made
    assert made.budget == budget
    assert bool(issues) is (budget is None and bool(funding and funding["format"]))


def test_the_object_counts_however_old_and_the_post_serves_alone() -> None:
    content = "<p>Deadline: 3 March 2027 at 17:00 CET.</p>"
    post = {"source": "posts", "url": URL, "fields": {"title": "ICELOGIC &#8211; Call", "content": content}}
    both, _ = call(item(), post)
    alone, _ = call(post)
    assert both
    assert alone
    assert (both.title, both.deadlines[0].at.month) == ("ICELOGIC", 1)
    assert (alone.title, alone.deadlines[0].at.month, alone.kind.value) == ("ICELOGIC – Call", 3, "cascade")
    found = [identify(each) for each in (item(), post)]
    assert [(each.document, each.call_reference) for each in found if not isinstance(each, Issue)] == [
        ("call:icelogic", "icelogic"),
        ("post:icelogic", "icelogic"),
    ]


@pytest.mark.parametrize("packed", ["[]", "{", "7", "{}", "null"])
def test_what_is_no_object_is_an_issue(packed: str) -> None:
    assert isinstance(identify({"url": URL, "fields": {"item": packed}}), Issue)


def test_without_address_and_number_it_cannot_be_placed() -> None:
    given_item = {"url": "https://cascadefunding.eu/open-calls/", "fields": {"item": '{"title": "A"}'}}
    assert identify(given_item) == Issue(
        "", "permalink", "neither an address of its own nor an id; it was skipped"
    )


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["value", "raw", "format"]), inner)
    ),
    max_leaves=6,
)
FIELDS = (
    *PLAIN,
    "closes_object",
    "funding_per_project",
    "type_of_beneficiary",
    "domains",
    "technologies",
    "links",
)


@given(st.dictionaries(st.sampled_from(FIELDS), JUNK))
def test_whatever_the_script_holds_nothing_is_raised(said: dict[str, Any]) -> None:
    made, issues = call(item(**said))
    assert made is not None or issues

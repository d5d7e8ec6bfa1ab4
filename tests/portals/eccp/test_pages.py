"""What pages of the cluster platform say in their own ways."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.harvest import Issue, Role
from pipeline.models import Call, Kind
from pipeline.normalise import Document
from pipeline.normalise.eccp import assemble, identify

SITE = "https://www.clustercollaboration.eu"
AT = datetime(2026, 11, 26, 9, tzinfo=UTC)


def item(body: str, title: str = "Open call", path: str = "/content/x-call", **fields: str) -> dict[str, Any]:
    html = f"<main><h1>{title}</h1>{body}</main>"
    return {"source": "sitemap", "url": SITE + path, "fields": fields, "title": title, "html": html}


def call(*items: dict[str, Any]) -> tuple[Call, list[Issue]]:
    documents = [Document(Role.CALL, "en", json.dumps(each).encode(), AT) for each in items]
    made, issues = assemble(documents, {"eccp": ("ECCP", "Platform")})
    assert made
    return made, issues


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("Apply until June 7th 2027.", "2027-06-07T17:00"),
        ("Deadline: 03/07/2027 15 pm CET", "2027-07-03T15:00"),
        ("Deadline: 22 December 2027 – 18:00 CET (Brussels time)", "2027-12-22T18:00"),
        ("The call closes on 31 May 2027, 12:00 PM CET.", "2027-05-31T12:00"),
        ("Submit your proposal by 31 May 2027 17h00 (Brussels time).", "2027-05-31T17:00"),
    ],
)
def test_deadlines_as_clusters_write_them(said: str, at: str) -> None:
    made, issues = call(item(f"<p>{said}</p>"))
    (deadline,) = made.deadlines
    from pipeline.models import BRUSSELS

    assert f"{deadline.at.astimezone(BRUSSELS):%Y-%m-%dT%H:%M}" == at
    assert (deadline.precision.value, issues) == ("date" if "June" in said else "exact", [])


def test_a_year_that_is_not_written_comes_from_the_day_of_the_post_and_is_an_issue() -> None:
    made, issues = call(item("<p>Deadline: 15 January, 17:00 CET</p>", published="on 05 November 2026"))
    assert made.deadlines[0].at == datetime(2027, 1, 15, 16, tzinfo=UTC)
    assert [issue.problem for issue in issues] == [
        'the year of "15 January, 17:00" is not written; 2027 was inferred'
    ]


@pytest.mark.parametrize(
    ("title", "body", "state"),
    [
        ("Open call", "<p>Deadline: 22 December 2026 – 18:00 CET (Brussels time) – CLOSED</p>", "closed"),
        ("CLOSED: open call", "<p>Deadline: 22 December 2026, 18:00 CET</p>", "closed"),
        ("Open call", "<p>First cut-off: 2 March 2026 – CLOSED</p><p>Second cut-off: 2 March 2027</p>", ""),
        ("Open call", "<p>This call is CLOSED.</p>", "closed"),
        ("Open call", "<p>A closed circle of partners. Deadline: 2 March 2027</p>", ""),
    ],
)
def test_closed_counts_where_the_last_stage_is(title: str, body: str, state: str) -> None:
    made, _ = call(item(body, title))
    assert made.portal_status == state


@pytest.mark.parametrize(
    ("path", "title", "role"),
    [
        ("/open-calls/anything", "Anything", Role.CALL),
        ("/content/x-grants", "Grants for makers", Role.CALL),
        ("/content/x-grants", "Webinar on the open call", Role.GHOST),
        ("/open-calls/x", "Info day: growth vouchers", Role.GHOST),
        ("/content/funding-experts", "Our experts", Role.GHOST),
        ("/open-calls/x", "Voucher for a trade fair", Role.CALL),
    ],
)
def test_what_is_no_call_is_a_ghost(path: str, title: str, role: Role) -> None:
    found = identify(item("", title, path))
    assert not isinstance(found, Issue)
    assert found.role is role


def test_both_addresses_of_a_node_are_documents_of_one_call_and_a_part_is_a_call_of_its_own() -> None:
    one = identify(item("", path="/content/x-call", node="90101"))
    other = identify(item("", path="/open-calls/x-call", node="90101"))
    part = identify({**item("", path="/open-calls/x-call", node="90101"), "part": "lot-a"})
    bare = identify(item("", path="/open-calls/x-call", node="no number"))
    assert not any(isinstance(found, Issue) for found in (one, other, part, bare))
    assert [found.document for found in (one, other, part)] == [  # type: ignore[union-attr]
        "content/x-call",
        "open-calls/x-call",
        "open-calls/x-call.lot-a",
    ]
    references = [found.call_reference for found in (one, other, part, bare)]  # type: ignore[union-attr]
    assert references == ["90101", "90101", "90101.lot-a", "x-call"]


def test_another_address_is_an_issue_and_broken_documents_are_told() -> None:
    found = identify(item("", path="/cluster-organisations/x"))
    assert isinstance(found, Issue)
    assert "no address of a call" in found.problem
    assert assemble([Document(Role.CALL, "en", b"[]", AT)], {}) == (
        None,
        [Issue("", "item", "no object; it was skipped")],
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<p>Vouchers for SMEs of the wood sector.</p>", Kind.CASCADE),
        ('<p>See <a href="https://x.example/competitive-calls-cs/77">the notice</a>.</p>', Kind.CASCADE),
        ("<p>Cluster organisations may send expressions of interest.</p>", Kind.TOPIC),
    ],
)
def test_money_passed_on_to_companies_is_a_cascade_call(body: str, kind: Kind) -> None:
    made, _ = call(item(body, "Expressions of interest"))
    assert made.kind is kind

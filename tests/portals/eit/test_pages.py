"""The directory's word and the KIC's, and who is left out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.harvest import Issue, Role
from pipeline.models import Call
from pipeline.normalise import Document
from pipeline.normalise.eit import assemble, identify
from pipeline.source import load_portal
from spiders.base.entries import Entry
from spiders.base.frontier import Ask
from spiders.portals.eit import Eit

LISTED = "https://www.eit.europa.eu/our-activities/opportunities/quiet-streets"
KIC = "https://www.eiturbanmobility.eu/call-for-proposals/quiet-streets/"
AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
RIS = "Only applicants from countries of the EIT Regional Innovation Scheme (RIS); Sweden is not one of them."


def listed(body: str = "", **fields: str) -> dict[str, Any]:
    fields = {"title": "Quiet Streets", "start": "01/10/2026", "end": "08/09/2027", **fields}
    return {
        "source": "o",
        "url": LISTED,
        "fields": fields,
        "title": "Quiet Streets",
        "html": f"<main>{body}</main>",
    }


def own(body: str) -> dict[str, Any]:
    fields = {"directory": "quiet-streets"}
    return {
        "source": "o",
        "url": KIC,
        "fields": fields,
        "title": "Quiet Streets 2027",
        "html": f"<main>{body}</main>",
    }


def call(*items: dict[str, Any]) -> tuple[Call, list[Issue]]:
    documents = [Document(Role.CALL, "en", json.dumps(each).encode(), AT) for each in items]
    made, issues = assemble(documents, {"eit": ("EIT", "Institute")})
    assert made
    return made, issues


@pytest.mark.parametrize(
    ("body", "at", "remarks"),
    [
        (
            "<p>Deadline: 16 September 2027, 17:00 CEST</p>",
            ["2027-09-16T15:00"],
            ("The EIT directory says 8 September 2027, the KIC's page 16 September 2027 17:00.",),
        ),
        ("<p>Deadline: 8 September 2027, 17:00 CEST</p>", ["2027-09-08T15:00"], ()),
        ("<p>Deadline: 8 September 2027</p>", ["2027-09-08T15:00"], ()),
        ("<p>Deadline: 8 September 2027, 23:59 CET</p>", ["2027-09-08T21:59"], ()),
        (
            "<p>First cut-off: 1 March 2027 at 17:00 CET</p><p>Second cut-off: 8 September 2027 at 17:00 CET</p>",
            ["2027-03-01T16:00", "2027-09-08T15:00"],
            (),
        ),
        (
            "<p>First cut-off: 1 March 2027</p><p>Second cut-off: 9 September 2027 at 17:00 CET</p>",
            ["2027-03-01T16:00", "2027-09-09T15:00"],
            ("The EIT directory says 8 September 2027, the KIC's page 1 March 2027 and 9 September 2027 17:00.",),
        ),
        ("<p>All about quiet streets.</p>", ["2027-09-08T15:00"], ()),
    ],
)
def test_the_kic_wins_and_a_difference_is_shown(body: str, at: list[str], remarks: tuple[str, ...]) -> None:
    made, issues = call(listed(), own(body))
    assert [f"{deadline.at:%Y-%m-%dT%H:%M}" for deadline in made.deadlines] == at
    assert made.remarks == remarks
    assert [issue.field for issue in issues] == ["deadlines"] * len(remarks)
    assert (made.url, made.reference, made.title) == (KIC, "quiet-streets", "Quiet Streets 2027")


def test_both_pages_are_documents_of_one_call() -> None:
    found = [identify(listed()), identify(own(""))]
    assert not any(isinstance(each, Issue) for each in found)
    assert [(each.document, each.call_reference) for each in found] == [  # type: ignore[union-attr]
        ("eit:quiet-streets", "quiet-streets"),
        ("kic:quiet-streets", "quiet-streets"),
    ]


def test_without_a_page_of_a_kic_the_directory_has_its_say() -> None:
    made, issues = call(listed("<p>Streets.</p>", end="31/02/2027"))
    assert (made.deadlines, made.remarks) == ((), ())
    assert issues == [Issue("quiet-streets", "end", 'date not understood: "31/02/2027"')]


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("Applicants must be established in one of the RIS countries.", RIS),
        ("The call is open only to organisations from RIS countries.", RIS),
        ("Eligible RIS countries: Bulgaria, Croatia, Estonia, Latvia, Lithuania", RIS),
        (
            "Eligible countries: Austria, Germany, Italy",
            "Only applicants from the countries that are named; Sweden is not one of them.",
        ),
        ("Eligible countries: Denmark, Finland, Norway, Sweden", ""),
        ("Eligible countries: all Member States, and Albania, Moldova, Ukraine", ""),
        ("Applicants must be established in an EU Member State or in RIS countries.", ""),
        ("A bonus goes to partners from RIS countries.", ""),
        ("The risk is low.", ""),
    ],
)
def test_who_is_left_out_is_said_only_beyond_doubt(said: str, who: str) -> None:
    assert call(listed(), own(f"<p>{said}</p>"))[0].applicants == who
    assert call(listed(f"<p>{said}</p>"), own("<p>Streets.</p>"))[0].applicants == who


@pytest.mark.parametrize(
    ("links", "follows"),
    [
        ([KIC], [KIC]),
        (["https://www.eiturbanmobility.eu/", "/our-activities/opportunities", "https://other.example/call/"], []),
        (["https://www.eiturbanmobility.eu/about-us/", KIC], [KIC]),
        (["https://www.eiturbanmobility.eu/call-for-proposals/quiet.pdf"], []),
        ([KIC, "https://eithealth.eu/get-involved/new-call-opportunities/x/"], [KIC]),
    ],
)
def test_one_page_of_a_kic_is_followed(links: list[str], follows: list[str], config_dir: Any) -> None:
    spider = Eit(portal=load_portal(config_dir, "eit"))
    ask = Ask(spider.portal.harvest.sources[0], LISTED, Entry(LISTED))
    body = "".join(f'<a href="{link}">here</a>' for link in links)
    assert [entry.url for entry in spider.follow(listed(body), ask)] == follows
    assert list(spider.follow(own(body), ask)) == [], "nothing beyond the page of the KIC"

"""When one can apply for regional money, as the pages say it; and windows beside it that are not the region's."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.harvest import Issue, Role
from pipeline.models import Call
from pipeline.normalise import Document, normaliser
from pipeline.normalise.pages import page_of
from pipeline.normalise.region_money import own_words

VASTERBOTTEN = normaliser("region_vasterbotten")
AT = datetime(2026, 11, 26, 9, tzinfo=UTC)


def page(html: str, *, title: str = "Ansök", part: str = "", under: str = "") -> dict[str, Any]:
    fields = {"under": under} if under else {}
    url = "https://regionvasterbotten.se/finansiering/ansok.html"
    return {"source": "apply", "url": url, "fields": fields, "title": title, "html": html, "part": part}


def made(item: dict[str, Any], at: datetime = AT) -> tuple[Call | None, list[Issue]]:
    return VASTERBOTTEN.assemble([Document(Role.CALL, "sv", json.dumps(item).encode(), at)], {})


def days(html: str, at: datetime = AT) -> tuple[str, list[str]]:
    """Opening and deadlines, to the hour in UTC."""
    call, _ = made(page(html), at)
    assert call
    opens = f"{call.opens_at:%Y-%m-%dT%H}" if call.opens_at else ""
    return opens, [f"{deadline.at:%Y-%m-%dT%H}" for deadline in call.deadlines]


@pytest.mark.parametrize(
    ("html", "opens", "closes"),
    [
        ("<p>2026-09-29--2026-12-14 (vecka 39-50)</p>", "2026-09-28T22", ["2026-12-14T22"]),
        (
            "<p>Från den 19 januari 2027 till den 19 mars 2027, beslut den 8 maj 2027</p>",
            "2027-01-18T23",
            ["2027-03-19T22"],
        ),
        ("<p>Utlysningen är öppen 21 november-12 december</p>", "2026-11-20T23", ["2026-12-12T22"]),
        ("<p>Utlysningen är öppen 15 december-2 februari</p>", "2026-12-14T23", ["2027-02-02T22"]),
        ("<p>Utlysningen är öppen 1-28 mars 2027.</p>", "2027-02-28T23", ["2027-03-28T21"]),
        ("<p>Sista ansökningsdag är 27 mars 2027.</p>", "", ["2027-03-27T22"]),
        ("<p>Utlysningen stänger 15 januari 2027 kl. 15.00.</p>", "", ["2027-01-15T14"]),
        ("<p>Beslut fattas 2027-02-01 - 2027-02-20.</p>", "", []),
        ("<p>Informationsmöten hålls 2027-02-01 - 2027-02-20.</p>", "", []),
    ],
)
def test_windows(html: str, opens: str, closes: list[str]) -> None:
    assert days(html) == (opens, closes)


def test_a_day_without_a_year_that_has_just_passed_is_not_next_years() -> None:
    html = "<p>Utlysningen är öppen 21 november-12 december</p>"
    for at in (datetime(2026, 9, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)):
        assert days(html, at)[1] == ["2026-12-12T22"]


def test_of_two_rounds_the_opening_of_the_next_one_counts() -> None:
    html = "<p>2026-09-29--2026-12-14 (vecka 39-50)</p><p>Från den 19 januari 2027 till den 19 mars 2027</p>"
    closes = ["2026-12-14T22", "2027-03-19T22"]
    assert days(html) == ("2026-09-28T22", closes)
    assert days(html, datetime(2026, 12, 20, tzinfo=UTC)) == ("2027-01-18T23", closes)


@pytest.mark.parametrize(
    "line",
    [
        "ESF+ Övre Norrland utlysning 2027-01-18 – 2027-03-20",
        "Interreg Aurora Call 10 2027-02-08 - 2027-03-08",
        "Den som söker från Tillväxtverket har öppet 1-15 september 2027.",
    ],
)
def test_windows_of_other_funds_are_not_ours(line: str) -> None:
    html = f"<p>Utlysningen är öppen till och med den 14 december 2026.</p><ul><li>{line}</li></ul>"
    assert days(html)[1] == ["2026-12-14T22"]
    assert line not in own_words(page_of(page(html)))


@pytest.mark.parametrize(
    ("html", "status", "issues"),
    [
        ("<p>Datum för utlysningen är ej bestämt.</p>", "forthcoming", 0),
        ("<p>Ansökan kan lämnas löpande.</p>", "", 0),
        ("<p>Vi finansierar projekt.</p>", "", 1),
    ],
)
def test_pages_without_a_day(html: str, status: str, issues: int) -> None:
    call, noted = made(page(html))
    assert call
    assert (call.portal_status, call.deadlines, call.opens_at, len(noted)) == (status, (), None, issues)


@pytest.mark.parametrize(
    ("title", "html", "role"),
    [
        ("Kommande utlysning", "<p>2026-09-29--2026-12-14</p>", Role.CALL),
        ("Kommande utlysning", "<p>Ej bestämt.</p>", Role.CALL),
        ("Mindre projekt", "<p>Utlysningen är alltid öppen.</p>", Role.CALL),
        ("Kontakt", "<p>Ring oss.</p>", Role.GHOST),
        ("Nyheter", "<p>2026-11-01 Ny webbplats.</p>", Role.GHOST),
    ],
)
def test_which_parts_are_calls(title: str, html: str, role: Role) -> None:
    placed = VASTERBOTTEN.identify(page(html, title=title, part="3"))
    assert not isinstance(placed, Issue)
    assert placed.role is role


def test_a_part_keeps_its_key_while_its_heading_tells_its_state() -> None:
    names = ("Mindre projekt", "Mindre projekt (öppen nu)", "Mindre projekt 2027 – stängd")
    keys = {
        key.call_reference
        for name in names
        if not isinstance(key := VASTERBOTTEN.identify(page("", title=name, part="1")), Issue)
    }
    assert keys == {"ansok--mindre-projekt"}
    two = [
        VASTERBOTTEN.identify(page("", title=name, part="1"))
        for name in ("Pågående utlysning", "Kommande utlysning")
    ]
    assert two[0] != two[1], "both may stand on one page"


@given(st.text(max_size=300), st.text(max_size=40), st.sampled_from(["", "1"]))
def test_any_page_is_read_without_a_fault(html: str, title: str, part: str) -> None:
    item = page(html, title=title, part=part)
    VASTERBOTTEN.identify(item)
    made(item)

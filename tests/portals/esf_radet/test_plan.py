"""The plan of ESF-rådet: what has a date, what has a period, and what is no call."""

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

ESF = normaliser("esf_radet")
AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
PLAN = "https://www.esf.se/utlysningar/utlysningsplan/"


def part(
    title: str, text: str, *, region: str = "Övre Norrland", source: str = "plan", url: str = PLAN
) -> dict[str, Any]:
    html = f"<h3>{title}</h3>" + "".join(f"<p>{line}</p>" for line in text.splitlines())
    return {"source": source, "url": url, "fields": {"under": region}, "title": title, "html": html, "part": "1"}


def made(*items: dict[str, Any]) -> tuple[Call | None, list[Issue]]:
    return ESF.assemble([Document(Role.CALL, "sv", json.dumps(item).encode(), AT) for item in items], {})


@pytest.mark.parametrize(
    ("text", "opens", "closes", "status"),
    [
        ("Öppnar: 2 december 2026\nStänger: 6 mars 2027", "2026-12-01T23:00", "2027-03-06T22:59", ""),
        ("Utlysningen är öppen 21 november-12 januari 2027", "2026-11-20T23:00", "2027-01-12T22:59", ""),
        ("Stänger: 28 mars 2027", "", "2027-03-28T21:59", ""),
        ("Öppnar: Maj 2027\nStänger: Ej bestämt", "", "", "forthcoming"),
        ("Beräknas öppna under hösten.", "", "", "forthcoming"),
        (
            "Ansökningstiden är 27 juni till 14 september 2027.\n16–17 augusti hålls ett informationsmöte.",
            "2027-06-26T22:00",
            "2027-09-14T21:59",
            "",
        ),
    ],
)
def test_dates_of_the_plan(text: str, opens: str, closes: str, status: str) -> None:
    call, _ = made(part("A1 Kompetens", text))
    assert call
    assert f"{call.opens_at:%Y-%m-%dT%H:%M}" == opens if opens else call.opens_at is None
    assert [f"{deadline.at:%Y-%m-%dT%H:%M}" for deadline in call.deadlines] == ([closes] if closes else [])
    assert (call.portal_status, call.title) == (status, "Övre Norrland: A1 Kompetens")


def test_a_call_of_the_plan_keeps_its_key_when_its_dates_come() -> None:
    keys = {
        placed.call_reference
        for text in ("Öppnar: Maj 2027", "Öppnar: 3 maj 2027\nStänger: 7 juni 2027", "Öppnar: 24 maj 2027")
        if not isinstance(placed := ESF.identify(part("A1 Kompetens", text)), Issue)
    }
    assert keys == {"plan-ovre-norrland-a1-kompetens-2027h1"}


def test_parts_and_pages_that_are_no_calls() -> None:
    placed = ESF.identify(part("Frågor", "Ring regionkontoret."))
    assert not isinstance(placed, Issue)
    assert placed.role is Role.GHOST
    assert isinstance(ESF.identify(part("", "Öppnar: Maj 2027")), Issue)
    assert isinstance(ESF.identify(part("Press", "", source="calls", url="https://www.esf.se/press/")), Issue)


def test_of_kronor_none_are_converted() -> None:
    call, _ = made(part("D Glesbygd", "Omkring 8 miljoner kronor utlyses. Öppnar: 3 maj 2027"))
    assert call
    assert call.budget
    assert (str(call.budget.total), call.budget.currency) == ("8000000", "SEK")


@given(st.text(max_size=200), st.text(max_size=40), st.sampled_from(["plan", "calls"]))
def test_any_page_is_read_without_a_fault(text: str, title: str, source: str) -> None:
    item = part(title, text, source=source)
    ESF.identify(item)
    made(item)

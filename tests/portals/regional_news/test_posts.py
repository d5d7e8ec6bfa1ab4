"""Posts: what announces a call, the reference that lasts, the post's own date, and what is no longer news."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.harvest import Issue, Role
from pipeline.models import BRUSSELS, Call, Kind
from pipeline.normalise import Document, Identity, regional_news
from pipeline.normalise.shared import quoted
from spiders.base.page import packed

CODES = {"1": ("SMP", "Single Market Programme"), "2": ("HORIZON", "Horizon Europe"), "3": ("LIFE", "Nature")}
ADDRESS = "https://www.northsweden.eu/nyheter/2026/en-nyhet/"


def post(*lines: str, title: str = "En nyhet", url: str = ADDRESS, **fields: str) -> dict[str, Any]:
    html = "".join(line if line.startswith("<") else f"<p>{line}</p>" for line in lines)
    return {"source": "northsweden", "url": url, "fields": fields, "title": title, "html": f"<main>{html}</main>"}


def call_of(item: dict[str, Any], read_on: str = "2026-11-26") -> tuple[Call, list[Issue]]:
    at = datetime.fromisoformat(read_on).replace(tzinfo=UTC)
    call, issues = regional_news.assemble([Document(Role.CALL, "sv", packed(item), at)], CODES)
    assert call
    return call, issues


def role_of(item: dict[str, Any]) -> Role:
    found = regional_news.identify(item)
    assert isinstance(found, Identity)
    return found.role


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("Nu öppnar utlysningen", "Mer kommer."),
        ("New call for mountain regions", "More soon."),
        ("A title", "The topic LIFE-2026-CET-OSS may be of use."),
        ("En nyhet", "Kommuner kan söka stöd till bredband."),
        ("Uutinen", "Haku on auki kunnille."),
        ("Nachricht", "Bis zum 3. März 2027 kann man sich bewerben. Man kann sich auch später bewerben."),
        ("A title", "Proposals must be in by 3 March 2027."),
        ("Call for towns opens, info day on Monday", "Welcome."),
    ],
)
def test_announces_a_call(title: str, line: str) -> None:
    assert role_of(post(line, title=title)) is Role.CALL


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("84 projekt i norr", "Partnerskapet har fördelat 84 miljoner kronor."),
        ("Info day on I3-2026-INV2a", "Apply before 3 March 2027 for a seat."),
        ("Resultat: fem projekt i I3-2026-INV2a", "Ansökan var öppen till den 3 mars 2026."),
        ("Vi söker en kommunikatör", "Ansök senast den 3 mars 2027."),
        ("Remiss om kusten", "Synpunkter ska lämnas senast den 3 mars 2027."),
        ("Ett nytt hus", "Vi har flyttat."),
        ("", ""),
    ],
)
def test_anything_else_is_a_ghost(title: str, line: str) -> None:
    assert role_of(post(line, title=title)) is Role.GHOST


@pytest.mark.parametrize(
    ("path", "reference"),
    [
        ("nyheter/2026/foer-aalderdomen/", "northsweden-2026-foer-aalderdomen"),
        ("nyheter/2026/f%C3%B6r-%C3%A5lderdomen", "northsweden-2026-foer-aalderdomen"),
        ("nyheter/2026/för-ålderdomen?utm_source=x", "northsweden-2026-foer-aalderdomen"),
        ("norra-sverige-i-eu/nyheter/eu-pengar-till-foeretag-.aspx", "northsweden-eu-pengar-till-foeretag"),
        ("news-events/news/call-open-2026-11-10_en", "northsweden-call-open-2026-11-10"),
        ("news/call-open-2026-11-10_sv", "northsweden-call-open-2026-11-10"),
        (f"nyheter/2026/{'x' * 900}/", f"northsweden-2026-{'x' * 160}"),
    ],
)
def test_the_reference_lasts(path: str, reference: str) -> None:
    found = regional_news.identify(post(url=f"https://www.northsweden.eu/{path}"))
    assert isinstance(found, Identity)
    assert found.document == found.call_reference == reference


@pytest.mark.parametrize("url", ["https://www.northsweden.eu/", "https://www.northsweden.eu/—/", ""])
def test_a_post_without_slug_is_told(url: str) -> None:
    assert regional_news.identify(post(url=url)) == Issue(
        "", "url", f"no slug at the end of {quoted(url)}; it was skipped"
    )


@pytest.mark.parametrize(
    "lines",
    [
        ("Kommuner kan söka till den 12 februari.", "14 Nov 2026"),
        ("14 nov 2026", "Kommuner kan söka till den 12 februari."),
        ("NYHETER 2026-11-14", "Kommuner kan söka till den 12 februari."),
        ("News article 14 November 2026 | 2 min read", "Applications close on 12 February."),
        ("2026-11-14T09:00:00+01:00", "Applications close on 12 February."),
        ("<time datetime='2026-11-14T09:00:00Z'>lördag</time>", "<p>Applications close on 12 February.</p>"),
    ],
)
def test_its_own_date_gives_the_year_and_is_no_deadline(lines: tuple[str, ...]) -> None:
    call, issues = call_of(post(*lines))
    assert [deadline.at.date() for deadline in call.deadlines] == [date(2027, 2, 12)]
    assert call.opens_at is None
    assert [issue.field for issue in issues] == ["deadlines"]
    assert "2027 was inferred" in issues[0].problem


def test_the_date_of_the_list_comes_first() -> None:
    call, _ = call_of(post("Applications close on 12 February.", published="Sat, 14 Nov 2026 09:00:00 +0100"))
    assert [deadline.at.date() for deadline in call.deadlines] == [date(2027, 2, 12)]


def test_a_date_below_a_label_is_the_labels() -> None:
    call, _ = call_of(
        post("Date limite de dépôt", "30 novembre 2027.", "L'appel soutient les grappes.", title="Appel")
    )
    assert [deadline.at.date() for deadline in call.deadlines] == [date(2027, 11, 30)]


def test_a_date_alone_in_the_middle_is_read_as_before() -> None:
    filler = [f"Rad {number} om kluster." for number in range(8)]
    call, _ = call_of(post(*filler, "Sista ansökningsdag", "30 november 2027", *filler))
    assert [deadline.at.date() for deadline in call.deadlines] == [date(2027, 11, 30)]


@pytest.mark.parametrize(
    ("own", "line", "over_on"),
    [
        ("14 Mar 2026", "Kommuner kan söka stöd.", "2026-09-10"),
        ("", "Kommuner kan söka stöd.", "2027-05-25"),
        ("14 Mar 2026", "Kommuner kan söka stöd senast den 1 mars 2027.", "2027-03-02"),
        ("14 Mar 2026", "Kommuner kunde söka stöd. Utlysningen är stängd.", ""),
    ],
)
def test_a_post_without_a_deadline_is_news_for_half_a_year(own: str, line: str, over_on: str) -> None:
    call, issues = call_of(post(line, own))
    assert issues == []
    if not over_on:
        assert not call.is_live(datetime(2026, 3, 14, tzinfo=UTC))
        return
    over_at = datetime.fromisoformat(over_on).replace(tzinfo=BRUSSELS)
    assert call.is_live(over_at - timedelta(minutes=1))
    assert not call.is_live(over_at)


@pytest.mark.parametrize(
    ("line", "programme"),
    [
        ("Utlysningen SMP-COSME-2026-CLUSTER-01 öppnar.", ("SMP", "Single Market Programme")),
        ("Horisont Europa har en ny utlysning.", ("HORIZON", "Horizon Europe")),
        ("LIFE har en ny utlysning.", ("LIFE", "Nature")),
        ("Interreg Aurora har en ny utlysning.", ("Interreg Aurora", "Interreg Aurora")),
        ("Det finns en ny utlysning.", ("", "")),
    ],
)
def test_programmes_are_named_as_calls_name_them(line: str, programme: tuple[str, str]) -> None:
    call, _ = call_of(post(line))
    assert (call.programme, call.programme_name) == programme
    assert call.kind is Kind.ANNOUNCEMENT


@given(st.text(max_size=400), st.text(max_size=80), st.text(max_size=80))
def test_any_post(html: str, title: str, path: str) -> None:
    item = post(f"<p>{html}</p>", title=title, url=f"https://www.northsweden.eu/{path}", published=title)
    found = regional_news.identify(item)
    assert isinstance(found, Identity | Issue)
    document = Document(Role.CALL, "sv", packed(item), datetime(2026, 11, 26, tzinfo=UTC))
    call, _ = regional_news.assemble([document], CODES)
    assert call is None or call.kind is Kind.ANNOUNCEMENT

"""What readers see, in both languages and every form."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from alerts import render
from alerts.message import Item, MessageKind, Proof, ShownDeadline
from alerts.wording import Wording
from pipeline.harvest import Verdict
from pipeline.models import EventKind, Precision
from tests.alerts.samples import NOW, at, changed, deadline, item, message, week

GOLDEN = Path(__file__).parent / "golden"
EVIL = (
    "<!channel> <script>alert(1)</script>\r\nBcc: x@evil.example\u202e\u2066 <https://evil.example|here> "
    '&amp; "><img src=x onerror=alert(1)> {{ 7*7 }} *bold* '
)
TAGS = {"html", "head", "meta", "title", "style", "body", "table", "tbody", "tr", "td", "h1", "h2", "h3", "p"}
TAGS |= {"span", "a", "div"}
UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
ENGLISH, SWEDISH = Wording("en", ZoneInfo("Europe/Helsinki")), Wording("sv", ZoneInfo("Europe/Stockholm"))


@pytest.mark.parametrize("language", ["en", "sv"])
def test_the_digest_as_text(language: str) -> None:
    page = render.text(week(language))
    assert page == (GOLDEN / f"digest.{language}.txt").read_text(encoding="utf-8")
    assert max(map(len, page.splitlines())) <= 80


@pytest.mark.parametrize("language", ["en", "sv"])
def test_html_and_slack_say_what_the_text_says(language: str) -> None:
    page, parts = render.html(week(language)), render.slack(week(language))
    seen = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    blocks = "\n".join(b["text"]["text"] for p in parts for b in p.blocks if "text" in b)
    plain = " ".join(render.text(week(language)).split())
    for words in ("17 mars 2027 kl. 17.00*", "3 mars 2027") if language == "sv" else ("3 March 2027 at 17:00*",):
        assert words in seen
        assert words in blocks
        assert words in plain
    for number in range(1, 7):
        link = f"https://portal.example/topic/{number}"
        assert f'href="{link}"' in page
        assert f"<{link}|" in blocks
        assert link in plain
    assert f'<html lang="{language}">' in page
    assert "Charging for &lt;heavy&gt; vehicles &amp; ferries" in page
    assert "Charging for &lt;heavy&gt; vehicles &amp; ferries" in blocks
    assert "prefers-color-scheme:dark" in page.replace(" ", "")
    assert "<!--%" not in page


@pytest.mark.parametrize(
    ("items", "fields", "language", "said"),
    [
        ([item()], {}, "en", "New call, closes 17 March 2027: Cold climate testing of electric trucks"),
        (
            [item(), item(2)],
            {},
            "sv",
            "Ny utlysning, stänger 17 mars 2027: Cold climate testing of electric trucks + 1 till",
        ),
        (
            list(week().items),
            {},
            "en",
            "Deadline brought forward, now 3 March 2027: Cold climate testing of electric trucks + 5 more",
        ),
        (
            [item(changes=(changed(EventKind.WITHDRAWN),))],
            {},
            "sv",
            "Tillbakadragen: Cold climate testing of electric trucks",
        ),
        (
            [item(changes=(changed(EventKind.CLOSING_SOON),))],
            {},
            "en",
            "Closing soon, 17 March 2027: Cold climate testing of electric trucks",
        ),
        ([item(deadlines=())], {}, "en", "New call: Cold climate testing of electric trucks"),
        ([item(changes=())] * 2, {"kind": MessageKind.WELCOME}, "sv", "2 aktuella utlysningar passar dig just nu"),
        (
            [item(changes=())],
            {"kind": MessageKind.WELCOME, "total": 300, "part": 2, "parts": 3},
            "en",
            "300 open calls match you now (2/3)",
        ),
    ],
)
def test_subjects(items: list[Item], fields: dict[str, Any], language: str, said: str) -> None:
    assert render.subject(message(*items, language=language, **fields)) == said


def test_a_welcome_without_calls_and_a_partial_harvest_are_honest() -> None:
    proof = (Proof("eu", NOW, Verdict.PARTIAL, "Funding & Tenders Portal"), Proof("other", NOW, Verdict.FAILED))
    empty = msgspec.structs.replace(
        message(kind=MessageKind.WELCOME, cadence="daily"), items=(), total=0, proof=proof
    )
    page = render.text(empty)
    assert "No open call matches you now" in page
    assert "once a day" in page
    assert "! Funding & Tenders Portal, other could not be read completely" in page
    assert "Funding & Tenders Portal: read in part on 23 November 2026" in page
    assert "may be missing" in render.html(empty)
    assert "may be missing" in str(render.slack(empty))


def test_days_left_count_from_when_it_is_read() -> None:
    assert "114 days left" in render.text(message())
    assert "closes today" in render.text(message(), at("2027-03-17", 9))
    assert "closes tomorrow" in render.html(message(), at("2027-03-16", 9))
    late = render.text(message(), at("2027-03-18", 9))
    assert "closed since 17 March 2027" in late
    assert "days left" not in late


def test_daily_digests_and_readers_elsewhere() -> None:
    daily = msgspec.structs.replace(week(), cadence="daily", period="2026-11-23", time_zone="Europe/Helsinki")
    page = render.text(daily)
    assert page.startswith("23 November 2026: 6 calls for you")
    assert "17:00* (Brussels), 18:00 your time" in page
    far = Wording("sv", ZoneInfo("Pacific/Auckland"))
    assert far.moment(at("2027-03-17")) == "17 mars 2027 kl. 17.00 (Bryssel), hos dig 18 mars 2027 kl. 05.00"


def test_facts_of_a_forthcoming_call_with_stages() -> None:
    stages = (
        ShownDeadline(deadline("2027-03-17", "cut-off 1", Precision.EXACT), passed=False),
        ShownDeadline(deadline("2027-09-16", "Final round", Precision.EXACT), passed=False),
    )
    page = render.text(message(item(deadlines=stages, opens_at=at("2027-01-05"), language="xx-??", budget=None)))
    assert "Opens: 5 January 2027" in page
    assert "Deadline: cut-off 1: 17 March 2027 at 17:00 (Brussels)" in page
    assert "Final round: 16 September 2027 at 17:00 (Brussels)" in " ".join(page.split())
    assert "Budget: not stated" in page
    assert "general rule" not in page


def test_four_thousand_calls_fit_every_form() -> None:
    flood = message(*[item(n, title=f"Call number {n} " + "å" * 200) for n in range(1, 151)])
    page, parts = render.html(flood), render.slack(flood)
    assert len(page.encode()) < 100_000
    sent = "".join(str(part.blocks) for part in parts)
    for number in range(1, 151):
        assert f"Call number {number} " in page
        assert f"Call number {number} " in sent
    assert parts[1].blocks[0]["text"]["text"].endswith(f"2/{len(parts)}")
    later = render.slack(flood, NOW + timedelta(days=110))
    assert [[_number(b) for b in p.blocks[1:-1]] for p in later] == [
        [_number(b) for b in p.blocks[1:-1]] for p in parts
    ]


def _number(block: dict[str, Any]) -> list[str]:
    """The calls that stand in a block."""
    return re.findall(r"/topic/(\d+)", block["text"]["text"])

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
from alerts.message import Item, MessageKind, Notice, Proof, Section, ShownDeadline
from alerts.wording import Wording
from pipeline.harvest import Verdict
from pipeline.models import EventKind, Precision
from tests.alerts.letters import LINKS, coming, empty, reminder, stages, weekly
from tests.alerts.samples import NOW, at, changed, deadline, item, message, week

GOLDEN = Path(__file__).parent / "golden"
DIGEST = {"kind": MessageKind.DIGEST, "period": "2026-W48", "cadence": "weekly"}
REMINDER = {"kind": MessageKind.REMINDER}


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
            list(week().items),
            DIGEST,
            "sv",
            "Vecka 48 · Sista ansökningsdag tidigarelagd, nu 3 mars 2027: Cold climate testing of electric "
            "trucks + 5 till",
        ),
        (
            [coming("en", 1, Section.STILL_OPEN, Notice(NOW, 0))],
            DIGEST,
            "en",
            "Week 48 · nothing new, 1 call still open for you",
        ),
        (
            [coming("en", 1, Section.CLOSING, Notice(at("2026-11-24"), 2), title="A")],
            REMINDER,
            "en",
            "Closes tomorrow, 24 November 2026: A",
        ),
        (
            [coming("en", 1, Section.OPENING, Notice(at("2026-11-30"), 0), title="A")],
            REMINDER,
            "sv",
            "Öppnar om 7 dagar, 30 november 2026: A",
        ),
        (
            [coming("sv", 1, Section.MISSED, Notice(at("2026-11-20"), 2), title="A")],
            REMINDER,
            "en",
            "Deadline passed, 20 November 2026: A",
        ),
    ],
)
def test_subjects(items: list[Item], fields: dict[str, Any], language: str, said: str) -> None:
    assert render.subject(message(*items, language=language, **fields)) == said


def test_a_welcome_without_calls_and_a_partial_harvest_are_honest() -> None:
    before = NOW - timedelta(days=3)
    proof = (
        Proof("eu", NOW, Verdict.PARTIAL, "Funding & Tenders Portal", before),
        Proof("other", NOW, Verdict.FAILED),
    )
    empty = msgspec.structs.replace(message(kind=MessageKind.WELCOME, cadence="daily"), items=(), proof=proof)
    page = render.text(empty)
    assert "No open call matches you now" in page
    assert "once a day" in page
    assert "! Funding & Tenders Portal, other could not be read completely" in page
    said = " ".join(page.split())
    assert "Funding & Tenders Portal: read in part on 23 November 2026 at 08:00 (Brussels); " in said
    assert "; last read completely on 20 November 2026 at 08:00 (Brussels)." in said
    assert (
        "other: could not be read on 23 November 2026 at 08:00 (Brussels); never read completely so far." in said
    )
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
    assert "Deadline: Cut-off 1: 17 March 2027 at 17:00 (Brussels)" in page
    assert "Final round: 16 September 2027 at 17:00 (Brussels)" in " ".join(page.split())
    assert "Budget: not stated" in page
    assert "general rule" not in page


@pytest.mark.parametrize("language", ["en", "sv"])
def test_the_digest_of_a_week_with_every_section(language: str) -> None:
    page = render.text(weekly(language), links=LINKS)
    assert page == (GOLDEN / f"weekly.{language}.txt").read_text(encoding="utf-8")


def test_a_reminder_names_the_stage_and_says_that_it_is_late() -> None:
    said = " ".join(render.text(reminder("en")).split())
    assert said.startswith("Reminder: 1 call ====")
    assert "CLOSING SOON · Open · 5 days left" in said
    assert "! Stage 1 closes in 5 days: 28 November 2026 at 17:00* (Brussels)" in said
    assert "! This reminder was to come 7 days ahead, but callwatch did not run." in said
    assert "Why you: you follow this call; Energy-intensive industries" in said
    assert "stage 2: 15 June 2027 at 17:00 (Brussels) (204 days left)" in said
    assert "Follow this call" not in render.text(reminder("en"), links=LINKS)
    late = " ".join(render.text(reminder("en"), at("2026-11-28", 18)).split())
    assert "! Stage 1 is over: 28 November 2026 at 17:00* (Brussels)" in late


@pytest.mark.parametrize(
    ("section", "notice", "now", "said"),
    [
        (Section.OPENING, Notice(at("2026-12-01", 0), 0), NOW, "Opens in 8 days: 1 December 2026"),
        (Section.OPENING, Notice(at("2026-12-01", 0), 0, late=True), NOW, "This notice was to come earlier, but"),
        (Section.OPENING, Notice(at("2026-12-01", 0), 0), at("2026-12-02"), "Open since 1 December 2026"),
        (Section.CLOSING, Notice(at("2026-11-24"), 2, late=True), NOW, "was to come 2 days ahead"),
        (Section.CLOSING, Notice(at("2026-11-23"), 1, late=True), NOW, "was to come 1 day ahead"),
        (Section.CLOSING, Notice(at("2026-11-23"), 2), NOW, "Closes today: 23 November 2026 at 17:00 (Brussels)"),
        (Section.CLOSING, Notice(at("2026-11-22"), 2), NOW, "The deadline has passed: 22 November 2026"),
        (Section.MISSED, Notice(at("2026-11-22"), 2), NOW, "No reminder could be sent in time"),
    ],
)
def test_what_comes_near(section: Section, notice: Notice, now: Any, said: str) -> None:
    shown = message(coming("en", 1, section, notice, deadlines=()))
    assert said in " ".join(render.text(shown, now).split())


def test_a_missed_stage_is_named() -> None:
    missed = coming("en", 1, Section.MISSED, Notice(at("2026-11-28"), 2, "stage 1"), deadlines=stages())
    assert "Stage 1 is over: 28 November 2026 at 17:00*" in render.text(message(missed), at("2026-11-29"))


def test_silence_is_told_with_its_proof() -> None:
    page = render.text(empty("sv"))
    assert page.startswith("Vecka 48: inget nytt\n")
    assert "Inget nytt och inget ändrat för dig från 16 november 2026" in page
    assert "Funding & Tenders Portal: läst i sin helhet 23 november 2026" in page
    assert render.subject(empty("en")) == "Week 48 · nothing new for “Steel and mining in the north”"


def test_more_than_anybody_reads_is_counted() -> None:
    many = tuple(ShownDeadline(deadline(f"2027-{n % 12 + 1:02}-{n % 28 + 1:02}", f"cut-off {n}"), passed=False)
                 for n in range(1, 60))  # fmt: skip
    changes = tuple(changed(EventKind.TEXT_CHANGED) for _ in range(20))
    page = " ".join(render.text(message(item(deadlines=many, changes=changes))).split())
    assert "and 35 more" in page
    assert "and 8 more" in page


def test_nothing_is_lost_of_a_long_message() -> None:
    shown = message(*[item(n, title=f"Call number {n} {'å' * 200}") for n in range(1, 151)])
    page = render.html(shown)
    assert all(f"Call number {number} " in page for number in range(1, 151))
    assert "125 more calls" in render.text(shown).lower()

"""Changes, reasons and money in words; the catalogues are complete."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import alerts
from alerts import card, pages, sections, telling
from alerts.message import Reason
from alerts.telling import amount
from alerts.wording import Wording, catalogue
from callwatch import web
from pipeline.models import Budget, EventKind, Kind
from tests.alerts.samples import NOW, changed, item, moved

GOLDEN = Path(__file__).parent / "golden"
EVIL = (
    "<!channel> <script>alert(1)</script>\r\nBcc: x@evil.example\u202e\u2066 <https://evil.example|here> "
    '&amp; "><img src=x onerror=alert(1)> {{ 7*7 }} *bold* '
)
TAGS = {"html", "head", "meta", "title", "style", "body", "table", "tbody", "tr", "td", "h1", "h2", "h3", "p"}
TAGS |= {"span", "a", "div"}
UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
ENGLISH, SWEDISH = Wording("en", ZoneInfo("Europe/Helsinki")), Wording("sv", ZoneInfo("Europe/Stockholm"))


@pytest.mark.parametrize(
    ("budget", "english", "swedish"),
    [
        (None, "", ""),
        (Budget("EUR", Decimal("1500000.50")), "EUR 1,500,000.50 in total", "totalt 1\xa0500\xa0000,50 EUR"),
        (Budget("EUR", None, Decimal(1), Decimal(1)), "EUR 1 per project", "1 EUR per projekt"),
        (Budget("EUR", None, None, Decimal(9)), "at most EUR 9 per project", "högst 9 EUR per projekt"),
        (Budget("EUR", None, Decimal(9)), "at least EUR 9 per project", "minst 9 EUR per projekt"),
        (Budget("euro", Decimal(7)), "7 in total", "totalt 7"),
        (
            Budget("SEK", Decimal(7000), Decimal(1000), Decimal(2000), 1, shared_with=1),
            "SEK 7,000 in total (shared with 1 other topic), SEK 1,000 to 2,000 per project, about 1 grant",
            "totalt 7\xa0000 SEK (delas med 1 annat ämne), 1\xa0000 till 2\xa0000 SEK per projekt, "
            "omkring 1 bidrag",
        ),
    ],
)
def test_money(budget: Budget | None, english: str, swedish: str) -> None:
    assert telling.money(budget, ENGLISH) == english
    assert telling.money(budget, SWEDISH) == swedish


BACK = "Listed again; it had vanished from the portal on 23 November 2026."
TEXT_BEFORE = {"fields": ["title", "text", "opens_at"], "title": "A", "opens_at": "2027-01-01T00:00:00+00:00"}
TEXT_AFTER = {"fields": ["title", "text", "opens_at"], "title": "B", "opens_at": ""}


@pytest.mark.parametrize(
    ("kind", "before", "after", "said"),
    [
        (EventKind.NEW, None, {"status": "open"}, ""),
        (EventKind.OPENED, None, NOW.isoformat(), ""),
        (EventKind.OPENED, {"gone": NOW.isoformat()}, None, BACK),
        (EventKind.CLOSING_SOON, None, {"at": NOW.isoformat()}, ""),
        (EventKind.DEADLINE_EXTENDED, NOW.isoformat(), (NOW + timedelta(hours=2)).isoformat(),
         "from 23 November 2026 at 08:00 (Brussels), 09:00 your time "
         "to 23 November 2026 at 10:00 (Brussels), 11:00 your time"),
        (EventKind.DEADLINE_ADDED, None, moved("2027-03-17", "2027-03-17", "cut-off 2")["after"],
         "cut-off 2: new deadline 17 March 2027 at 17:00* (Brussels), 18:00 your time"),
        (EventKind.DEADLINE_REMOVED, moved("2027-03-17", "2027-03-17", "Round A")["after"], None,
         "Round A: 17 March 2027 at 17:00* (Brussels), 18:00 your time is no longer a deadline"),
        (EventKind.BUDGET_CHANGED, "5", {}, "Budget from EUR 5 to not stated"),
        (EventKind.BUDGET_CHANGED, None, {"grants": 3}, "Budget from not stated to about 3 grants"),
        (EventKind.TEXT_CHANGED, TEXT_BEFORE, TEXT_AFTER,
         "Title from “A” to “B”. The description has new wording. Opening from 1 January 2027 to not stated"),
        (EventKind.TEXT_CHANGED, None, {"fields": ["conditions"]}, "The conditions have new wording"),
        (EventKind.TEXT_CHANGED, None, None, "The description has new wording"),
    ],
)  # fmt: skip
def test_changes(kind: EventKind, before: Any, after: Any, said: str) -> None:
    assert telling.change(changed(kind, before=before, after=after), ENGLISH) == said


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (Reason("all"), "you asked for every call"),
        (Reason("kind", "cascade"), "cascade call (funding for third parties)"),
        (Reason("programme", "SMP", "Single Market Programme"), "programme Single Market Programme"),
        (Reason("ecosystem", "digital"), "digital"),
        (
            Reason("words", words=("a", "b", "c", "d", "e", "f", "g")),
            "mentions “a”, “b”, “c”, “d”, “e”, and 2 more",
        ),
        (Reason("budget", "2000"), "budget of at least EUR 2,000"),
        (Reason("budget", "2000", note="SEK"), "budget in SEK, not compared with your EUR 2,000"),
        (Reason("budget", "2000", note="not stated"), "budget not stated, so it may reach your EUR 2,000"),
        (Reason("region", "SE332", "Norrbotten", score=1), "Norrbotten: enabling match (1 of 3)"),
    ],
)
def test_reasons(reason: Reason, said: str) -> None:
    assert list(telling.reasons(item(kind=Kind.CASCADE, reasons=(reason,)), ENGLISH)) == [said]


def test_amounts() -> None:
    assert amount("1E+7") == 10_000_000
    assert amount("x") is None
    assert amount("Infinity") is None


def test_unknown_languages_fall_back_to_english() -> None:
    assert Wording("xx", ZoneInfo("UTC")).language == "en"
    assert catalogue("en").gettext("Deadline") == "Deadline"


def words_in_code() -> set[str]:
    """Every constant that is handed to `t` or `n`, and the tables of words."""
    tables: tuple[Mapping[Any, str], ...] = (
        *(telling.BADGES, telling.KINDS, telling.HINTS, telling.SCORES, telling.PROSE),
        *(sections.HEADINGS, sections.BADGES, card.CHOICES, card.STATES, pages.RELATIONS),
    )
    found = {word for table in tables for word in table.values()}
    folders = Path(alerts.__file__).parent, Path(web.__file__).parent
    for path in (path for folder in folders for path in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("t", "n")
            ):
                count = 1 if node.func.attr == "t" else 2
                found |= {a.value for a in node.args[:count] if isinstance(a, ast.Constant)}
    return {str(word) for word in found}


def test_the_swedish_catalogue_is_complete_and_keeps_every_field() -> None:
    from babel.messages.pofile import read_po

    with (Path(alerts.__file__).parent / "locale/sv/LC_MESSAGES/callwatch.po").open("rb") as file:
        entries = [m for m in read_po(file, locale="sv") if m.id and not m.context]
    known: set[str] = set()
    for entry in entries:
        ids = entry.id if isinstance(entry.id, tuple) else (entry.id,)
        strings = entry.string if isinstance(entry.string, tuple) else (entry.string,)
        known |= set(ids)
        for one in strings:
            assert set(re.findall(r"{\w+}", one)) == set(re.findall(r"{\w+}", ids[-1])), one
    assert words_in_code() == known

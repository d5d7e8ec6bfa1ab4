"""Remarks of a call are seen wherever its deadlines are; calls of quiet portals suit nobody."""

from __future__ import annotations

import re
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from alerts import gist, render
from alerts.items import item as made
from alerts.match import match_call
from alerts.message import Item
from alerts.wording import Wording
from alerts.words import Source
from callwatch.cli import sheet
from tests.alerts.samples import KNOWN, NOW, call, contact, message, stored, subscription

REMARK = "The EIT directory says 8 March 2027, the KIC's page 17 March 2027 17:00 <b>."


@pytest.fixture
def remarked() -> Item:
    return made(stored(call(remarks=(REMARK,))), (), (), contact(), KNOWN, NOW)


@pytest.mark.parametrize(("language", "label"), [("en", "Note"), ("sv", "Observera")])
def test_a_remark_stands_in_every_form(language: str, label: str, remarked: Item) -> None:
    told = message(remarked, language=language)
    text, page = " ".join(render.text(told).split()), render.html(told)
    blocks = "\n".join(b["text"]["text"] for part in render.slack(told) for b in part.blocks if "text" in b)
    assert f"{label}: {REMARK}" in text
    assert "The EIT directory says 8 March 2027" in re.sub(r"<[^>]+>", " ", page)
    assert "17:00 &lt;b&gt;." in page
    assert "17:00 &lt;b&gt;." in blocks
    assert f"{label}: {REMARK}" in list(gist.lines(remarked, Wording(language, ZoneInfo(contact().time_zone))))


def test_a_call_without_remarks_has_no_line_for_them() -> None:
    assert "Note" not in render.text(message(made(stored(), (), (), contact(), KNOWN, NOW)))


def test_the_sheet_of_a_call_shows_it() -> None:
    assert f"Note:       {REMARK}" in sheet.text(stored(call(remarks=(REMARK,))), [], NOW)


@pytest.mark.parametrize("quiet", [True, False])
def test_calls_of_a_quiet_portal_suit_nobody(quiet: bool) -> None:
    known = replace(KNOWN, sources={"eu_funding_tenders": Source("Portal", quiet=quiet)})
    assert (match_call(subscription(), stored(), known) is None) is quiet

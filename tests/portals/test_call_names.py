"""One call keeps one key, in whatever words it is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalise import call_names, periods


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Call 7 SSP", "call-7-ssp"),
        ("Call 7 – small-scale projects (OPEN)", "call-7-ssp"),
        ("Call 9 REG", "call-9"),
        ("Interreg Aurora Call 9: regular projects", "call-9"),
        ("6th Call for projects", "call-6"),
        ("Sixth Call for main and small-scale capacity building projects", "call-6"),
        ("4th Call for Main Projects - From 11th October 2026 to 2nd February 2027", "call-4"),
        ("First Call for preparatory projects", "call-1-prep"),
        ("Utlysning 12", "call-12"),
        ("Den femte utlysningen", "call-5"),
        ("Utlysning 2027:1", "call-2027-1"),
        ("Utlysning 2:2027", "call-2027-2"),
        ("Utlysning 2027.1 Bredband", "call-2027-1"),
        ("Utlysning 9 – forprosjekt", "call-9-study"),
        ("Call 14 October 2027", ""),
        ("Call for clustering projects", ""),
        ("Utlysningen är öppen 21 juni 2027", ""),
    ],
)
def test_numbered(text: str, expected: str) -> None:
    assert call_names.numbered(text) == expected


def test_words_on_the_state_and_years_do_not_change_a_key() -> None:
    keys = {call_names.key(text) for text in ("Kommande utlysning", "Pågående utlysning 2027", "Nästa utlysning")}
    assert keys == {"utlysning"}
    assert call_names.key("Call for clustering projects 2025") == "call-for-clustering-projects"
    assert call_names.key("Öppen") == "oppen"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Q1 2027", "2027h1"),
        ("3rd quarter 2027", "2027h2"),
        ("hösten 2027", "2027h2"),
        ("Autumn 2027", "2027h2"),
        ("syksyllä 2027", "2027h2"),
        ("vår 2027", "2027h1"),
        ("Maj 2027", "2027h1"),
        ("tammikuu 2027", "2027h1"),
        ("2027-09", "2027h2"),
        ("09/2027", "2027h2"),
        ("2027", "2027"),
        ("Ej bestämt", ""),
    ],
)
def test_half_years(words: str, expected: str) -> None:
    assert periods.half_year(words) == expected


def test_labels_are_what_readers_know() -> None:
    assert call_names.label("call-7-ssp") == "Call 7 SSP"
    assert call_names.label("call-2027-1") == "Call 2027.1"
    assert call_names.label("news-call-7") == ""


@given(st.text(max_size=200))
def test_any_name_has_a_key_or_none(text: str) -> None:
    assert call_names.key(text) == "" or call_names.key(text).isascii()
    periods.half_year(text)
    periods.ahead(text)

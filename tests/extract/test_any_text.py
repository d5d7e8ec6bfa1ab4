"""Whatever the text: no error, every quote stands in it, and the work grows no faster than the text."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract import Extraction, extract
from pipeline.extract.facts import SEPARATOR
from pipeline.extract.reading import LONGEST
from tests.extract.measure import made_with, own

PIECES = (
    *(
        "Deadline: ",
        "senast ",
        "bis zum ",
        "3 maj ",
        "2025",
        "31.2.2025",
        "29 februari ",
        "1-15 september ",
        "\n",
        "\n- ",
    ),
    *(
        "12.30",
        " kl. ",
        "24 Uhr",
        "midnight",
        " CET",
        "Mars time",
        "€",
        "5 miljoner ",
        "kronor",
        "1.000.000 ",
        "euro",
        "M€",
    ),
    *(
        "2.1.–2.2.2024",
        "<p>",
        "</p>",
        "<table><tr><td>",
        "HORIZON-CL5-2024-D3-01",
        "Budget",
        " per projekt ",
        " och ",
        "…",
    ),
    *(
        "\u00a0",
        "\u200b",
        "\ud800",
        "\x00",
        "99/99/2024",
        "00.00.2024",
        "från ",
        "till ",
        "utlysning ",
        "EUR 1,5 - 2 million",
    ),
)
TEXTS = st.one_of(st.text(max_size=300), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))


def squeezed(text: str) -> str:
    return " ".join(text.split())


def quotes(found: Extraction) -> list[str]:
    return [part for quote in found.evidence.values() for part in quote.split(SEPARATOR)]


@settings(max_examples=300)
@given(TEXTS, st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_any_text_gives_facts_and_no_error(text: str, published: date | None) -> None:
    found = extract(text, published=published)
    assert all(moment.at.tzinfo is not None for moment in (*found.deadlines, *found.openings))
    assert len({moment.at.date() for moment in found.deadlines}) == len(found.deadlines)
    assert found.budget is None or found.budget.amount > 0


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from([piece for piece in PIECES if piece.isprintable() and "<" not in piece]), max_size=40)
)
def test_every_quote_stands_in_the_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert all(squeezed(quote) in squeezed(text) for quote in quotes(extract(text)))


@pytest.mark.parametrize("case", [*made_with(), *own("held_out")], ids=lambda case: case.name)
def test_every_quote_stands_in_the_announcement(case) -> None:
    found = extract(case.text, published=case.published)
    whole = squeezed(case.text).replace("\u00ad", "")
    assert all(squeezed(quote) in whole for quote in quotes(found))
    for name in ("budget", "deadlines", "programme", "identifiers"):
        assert bool(getattr(found, name)) == bool(found.evidence.get(name)), name


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    ["1 maj 2024, ", "5 miljoner kronor och ", "1-", "'1", "(", "- X: 5 maj 2024\n", "HORIZON-", "senast ", "<p"],
)
def test_work_grows_with_the_text_and_stops_at_its_limit(unit: str) -> None:
    def seconds(length: int) -> float:
        text = (unit * (length // len(unit) + 1))[:length]
        began = time.process_time()
        extract(text)
        return time.process_time() - began

    seconds(1_000)
    small, large = min(seconds(20_000) for _ in range(3)), seconds(80_000)
    assert large < 12 * small + 0.2, "four times the text, far more than four times the work"
    assert extract("x " * LONGEST + "\nDeadline: 3 May 2025").deadlines == ()

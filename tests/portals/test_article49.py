"""Lists of planned calls in the shapes programmes give them: languages, headings, dates, money, and what lasts."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from pipeline.dates import STOCKHOLM
from pipeline.extract.facts import Money
from pipeline.models import BRUSSELS
from pipeline.normalise import article49
from pipeline.normalise.article49 import Window
from pipeline.source_pages import Source
from spiders.base import bulk_file

ENGLISH = (
    "Call",
    "Geographical area covered by the call",
    "Policy objective or specific objective",
    "Type of eligible applicants",
    "Total amount of support for the call (EUR)",
    "Start date of the call",
    "End date of the call",
)
SWEDISH = (
    "Utlysning",
    "Geografiskt område",
    "Politiskt mål eller särskilt mål",
    "Typ av stödberättigade sökande",
    "Totalt stödbelopp för utlysningen (kronor)",
    "Startdatum",
    "Slutdatum",
)
NORWEGIAN = (
    "Utlysning",
    "Geografisk område",
    "Spesifikt mål",
    "Type støtteberettigede søkere",
    "Samlet støttebeløp (EUR)",
    "Åpner",
    "Stenger",
)
FINNISH = (
    "Haun nimi",
    "Maantieteellinen alue",
    "Toimintapoliittinen tavoite tai erityistavoite",
    "Tukikelpoiset hakijat",
    "Tuen kokonaismäärä (EUR)",
    "Alkamispäivä",
    "Päättymispäivä",
)
FIELDS = ["name", "area", "objective", "applicants", "amount", "start", "end"]
URL = "https://fund.example/plan"


@pytest.mark.parametrize("headings", [ENGLISH, SWEDISH, NORWEGIAN, FINNISH])
def test_headings_of_four_languages(headings: tuple[str, ...]) -> None:
    assert [article49.field_of(heading) for heading in headings] == FIELDS


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2027-01-15T00:00:00", "2027-03-15T16:00:00", (date(2027, 1, 15), date(2027, 3, 15), None, time(16))),
        ("15.1.2027", "15.3.2027 klo 16.00", (date(2027, 1, 15), date(2027, 3, 15), None, time(16))),
        ("15/01/2027", "15/03/2027", (date(2027, 1, 15), date(2027, 3, 15), None, None)),
        ("1/15/2027", "3/15/2027", (date(2027, 1, 15), date(2027, 3, 15), None, None)),
        ("15 januari 2027", "15 mars 2027", (date(2027, 1, 15), date(2027, 3, 15), None, None)),
        ("15 January 2027", "March 15, 2027", (date(2027, 1, 15), date(2027, 3, 15), None, None)),
        ("46037", "46096", (date(2026, 1, 15), date(2026, 3, 15), None, None)),
        ("21 november", "12 december 2026", (date(2026, 11, 21), date(2026, 12, 12), None, None)),
        ("21 November", "12 January 2027", (date(2026, 11, 21), date(2027, 1, 12), None, None)),
        ("21 November 2026", "12 January", (date(2026, 11, 21), date(2027, 1, 12), None, None)),
        ("15 januari 2027", "löpande", (date(2027, 1, 15), None, None, None)),
        ("Q1 2027", "Q2 2027", (None, None, None, None)),
        ("", "", (None, None, None, None)),
    ],
)
def test_two_columns_of_dates(start: str, end: str, expected: tuple[object, ...]) -> None:
    found = article49.window({"Start date": start, "End date": end})
    assert (found.first, found.last, found.opens, found.closes) == expected


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2.1.–2.2.2027", date(2027, 1, 2), date(2027, 2, 2)),
        ("15.12.-2.2.2027", date(2026, 12, 15), date(2027, 2, 2)),
        ("21 november-12 december 2026", date(2026, 11, 21), date(2026, 12, 12)),
        ("2027-01-12--2027-03-31", date(2027, 1, 12), date(2027, 3, 31)),
        ("hösten 2027", None, None),
    ],
)
def test_one_column_with_both_dates(text: str, first: date | None, last: date | None) -> None:
    found = article49.window({"Ansökningsperiod": text})
    assert (found.first, found.last, found.words) == (first, last, text)


@pytest.mark.parametrize(
    ("heading", "text", "language", "expected"),
    [
        ("Total amount (EUR)", "4 000 000", "en", Money(Decimal(4_000_000), "EUR")),
        ("Total amount (EUR)", "4000000", "en", Money(Decimal(4_000_000), "EUR")),
        ("Total amount (MEUR)", "4.5", "en", Money(Decimal(4_500_000), "EUR")),
        ("Stödbelopp (miljoner kronor)", "12,5", "sv", Money(Decimal(12_500_000), "SEK")),
        ("Stödbelopp (tkr)", "800", "sv", Money(Decimal(800_000), "SEK")),
        ("Budget", "€ 30,200,000.00", "en", Money(Decimal(30_200_000), "EUR")),
        ("Belopp", "82 500 000 kr", "sv", Money(Decimal(82_500_000), "SEK")),
        ("Budget", "4 000 000", "en", None),
        ("Budget", "to be decided", "en", None),
    ],
)
def test_money_of_a_cell_with_what_the_heading_adds(
    heading: str, text: str, language: str, expected: Money | None
) -> None:
    assert article49.amount({heading: text}, language) == expected


def row(*cells: str, headings: tuple[str, ...] = ENGLISH) -> dict[str, str]:
    return dict(zip(headings, cells, strict=True))


NUMBERED = row("Call 9 REG", "Aurora area", "SO 1.1", "Public bodies", "3000000", "2027-02-08", "2027-03-08")
NAMELESS = row("", "Sápmi", "SO 3.1", "Associations", "500000", "2027-02-08", "2027-03-08")


def test_a_numbered_call_is_known_by_its_number_whatever_else_the_row_says() -> None:
    moved = NUMBERED | {"Start date of the call": "2027-09-01", "Geographical area covered by the call": "All"}
    assert article49.key(NUMBERED) == article49.key(moved) == "call-9"
    bare = row("9", *list(NUMBERED.values())[1:])
    assert article49.key(bare) == "call-9"


def test_a_call_without_a_number_is_known_by_its_words_and_half_year() -> None:
    known = article49.key(NAMELESS)
    assert known.startswith("planned-so-3-1-sapmi")
    assert known.endswith("2027h1")
    later = {"Start date of the call": "2027-03-01", "End date of the call": "2027-04-01"}
    assert article49.key(NAMELESS | later | {"Total amount of support for the call (EUR)": "600000"}) == known
    undated = {"Start date of the call": "Q1 2027", "End date of the call": ""}
    assert article49.key(NAMELESS | undated) == known, "a period becomes a date, and the call stays the same"
    autumn = {"Start date of the call": "September 2027", "End date of the call": ""}
    assert article49.key(NAMELESS | autumn) != known


def test_rows_of_one_call_are_put_together_and_odd_ones_are_named() -> None:
    second = NUMBERED | {"Policy objective or specific objective": "SO 2.1"}
    note = row("", "Updated 8 October 2026", "", "", "", "", "")
    strange = NAMELESS | {"Prioritized species": "reindeer"}
    found = article49.table([NUMBERED, second, strange, note])
    assert {name: len(rows) for name, rows in found.calls.items()} == {
        "call-9": 2,
        article49.key(NAMELESS): 1,
    }
    assert found.unknown == ("Prioritized species",)
    assert found.odd == ("Updated 8 October 2026",)
    assert found.dated


def test_columns_of_persons_are_not_kept() -> None:
    found = article49.table(
        [NUMBERED | {"Contact person": "Testa Testsson", "Ansvarig handläggare": "Testo Testsson"}]
    )
    assert found.calls == {"call-9": [NUMBERED]}
    assert found.unknown == ()


def test_a_file_without_any_column_of_dates_says_so() -> None:
    found = article49.table([{"Call": "Call 9", "Specific objective": "SO 1.1"}])
    assert not found.dated
    assert article49.table([]).dated, "an empty list has lost nothing"


@pytest.mark.parametrize("zone", [BRUSSELS, STOCKHOLM])
def test_hours_on_both_sides_of_the_change_of_clocks(zone: object) -> None:
    before = article49.at(date(2027, 3, 27), None, BRUSSELS, time(16))
    after = article49.at(date(2027, 3, 28), None, BRUSSELS, time(16))
    assert (before, after) == (datetime(2027, 3, 27, 15, tzinfo=UTC), datetime(2027, 3, 28, 14, tzinfo=UTC))
    twice = article49.at(date(2027, 10, 31), time(2, 30), BRUSSELS, time(16))
    assert twice == datetime(2027, 10, 31, 0, 30, tzinfo=UTC), "of two the first"


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for cells in rows:
        book.active.append(list(cells))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_the_same_list_as_xlsx_csv_and_json_becomes_the_same_calls() -> None:
    cells = ("Call 9 REG", "Aurora", "SO 1.1", "Public bodies", 3_000_000, date(2027, 2, 8), date(2027, 3, 8))
    xlsx = workbook(("Timetable of planned calls",), (), ENGLISH, cells)
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([ENGLISH, (*cells[:5], "8.2.2027", "8.3.2027")])
    texts = [str(cell) for cell in cells]
    as_json = json.dumps({"updated": "2026-10-08", "calls": [dict(zip(ENGLISH, texts, strict=True))]})
    source = Source.model_validate({"name": "planned", "by": "bulk_file", "url": URL})
    for body in (xlsx, out.getvalue().encode("utf-8-sig"), as_json.encode()):
        found = article49.table(entry.fields for entry in bulk_file.read(body, URL, source).entries)
        (line,) = found.calls["call-9"]
        assert not found.unknown
        when = article49.window(line)
        assert (when.first, when.last) == (date(2027, 2, 8), date(2027, 3, 8))
        assert article49.amount(line, "en") == Money(Decimal(3_000_000), "EUR")


ANY = st.dictionaries(
    st.one_of(st.sampled_from(ENGLISH + FINNISH), st.text(max_size=30)), st.text(max_size=60), max_size=8
)


@given(ANY)
def test_any_row_is_read_without_a_fault(cells: dict[str, str]) -> None:
    found = article49.table([cells])
    assert sum(map(len, found.calls.values())) + len(found.odd) == 1
    assert isinstance(article49.window(cells), Window)
    article49.amount(cells, "sv", "SEK")
    assert all(0 < len(name) <= 100 for name in found.calls)


@given(st.text(max_size=200))
def test_any_stored_rows_are_read_without_a_fault(written: str) -> None:
    assert article49.rows_of(written) == [] or written.strip().startswith("[")

"""The readers of days, hours, amounts, identifiers and pages, one by one."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest

from pipeline.extract import amounts, clock, dates, extract, identifiers, reading
from pipeline.extract.dates import Day, Window
from pipeline.languages import likeliest_language
from tests.extract.measure import made_with


def days(text: str, **how: bool) -> list[str]:
    def one(day: Day) -> str:
        return f"{day.year or '-'}-{day.month:02}-{day.day:02}"

    found = dates.find(text, **how)
    return [f"{one(m.first)}/{one(m.last)}" if isinstance(m, Window) else one(m) for m in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("den 30 november 2021", ["2021-11-30"]),
        ("5th of March, 2024", ["2024-03-05"]),
        ("December 5, 2022 12:00 PM", ["2022-12-05"]),
        ("4.4 2019.", ["2019-04-04"]),
        ("31/03/25", ["2025-03-31"]),
        ("el 5 de marzo de 2026", ["2026-03-05"]),
        ("1er octobre 2024", ["2024-10-01"]),
        ("15.tammikuuta- 26.helmikuuta 2015", ["2015-01-15/2015-02-26"]),
        ("2.1.–2.2.2024", ["2024-01-02/2024-02-02"]),
        ("20.3.2023-24.4.2023", ["2023-03-20/2023-04-24"]),
        ("2022-09-29--2022-12-14", ["2022-09-29/2022-12-14"]),
        ("1-15 september", ["--09-01/--09-15"]),
        ("mellan 15 december och 16 januari 2019", ["2018-12-15/2019-01-16"]),
        ("den 2 och 3 oktober", ["--10-02/--10-03"]),
        ("7. sep.–7. okt. 2026", ["2026-09-07/2026-10-07"]),
        ("10 februarie 2025, ora 10:00 – 12 mai 2025", ["2025-02-10/2025-05-12"]),
        ("31.2.2025 or 99/99/2024 or 3.1 or 12.500 or 2019/1020", []),
        ("SO 4.1. and 1999:710", []),
    ],
)
def test_days(text: str, expected: list[str]) -> None:
    assert days(text) == expected


def test_strokes_are_day_first_unless_the_text_itself_says_otherwise() -> None:
    assert days("05/06/2024") == ["2024-06-05"]
    american = "05/06/2024 and 05/28/2024"
    assert dates.strokes_month_first(american)
    assert days(american, month_first=True) == ["2024-05-06", "2024-05-28"]
    assert not dates.strokes_month_first(f"{american} and 28/05/2024")


@pytest.mark.parametrize(
    ("words", "hour"),
    [
        ("3 maj 2025 klockan 17.00", time(17)),
        ("3 maj 2025, 17.00.", time(17)),
        ("3 mai 2025 à 16h00", time(16)),
        ("3 mai 2025 à 15h", time(15)),
        ("3. Mai 2025 um 24 Uhr", time(23, 59)),
        ("3 May 2025 at 5 pm", time(17)),
        ("3 May 2025 12:00 PM", time(12)),
        ("3 May 2025 12:00 AM", time(0)),
        ("3 May 2025 (midnight CET)", time(23, 59)),
        ("3.5.2025 klo 12", time(12)),
        ("at 23:59 on 3 May 2025", time(23, 59)),
        ("12 noon (Brussels time) on 3 May 2025", time(12)),
        ("entro le ore 12:00 del 3 maggio 2025", time(12)),
        ("alle ore 9 del 3 giugno 2024", time(9)),
        ("3 May 2025, 20 projects", None),
        ("3 maj 2025 och 5.20 procent", None),
    ],
)
def test_hours(words: str, hour: time | None) -> None:
    (day,) = dates.find(words)
    found = clock.beside(words, day.start, day.end, 0, len(words))
    assert (found[0] if found else None) == hour


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        ("(Brysseltid)", "Europe/Brussels"),
        ("heure de Bruxelles", "Europe/Brussels"),
        ("17:00 CET", "Europe/Brussels"),
        ("Suomen aikaa", "Europe/Helsinki"),
        ("hora peninsular", "Europe/Madrid"),
        ("(Tbilisi time)", "Asia/Tbilisi"),
        ("(Atlantis time)", clock.UNKNOWN),
        ("at any hour", ""),
    ],
)
def test_zones(words: str, zone: str) -> None:
    assert clock.zone(words) == zone


def test_an_hour_in_a_zone_we_cannot_place_is_no_hour() -> None:
    (deadline,) = extract("Deadline: 3 May 2025, 17:00 (Atlantis time)").deadlines
    assert deadline.precision == "date"


@pytest.mark.parametrize(
    ("text", "spoken", "expected"),
    [
        ("42 000 000 EURO", "sv", ["42000000 EUR"]),
        ("EUR 360.000", "en", ["360000 EUR"]),
        ("€530 000", "en", ["530000 EUR"]),
        ("€ 30,200,000.00", "en", ["30200000 EUR"]),
        ("1,5 M€ et 800 k€", "fr", ["1500000 EUR", "800000 EUR"]),
        ("EUR 43.4 million", "en", ["43400000 EUR"]),
        ("76 MEUR", "fi", ["76000000 EUR"]),
        ("40 miljoner kronor", "sv", ["40000000 SEK"]),
        ("20 mio. kr.", "da", ["20000000 DKK"]),
        ("8,5 mill. kroner", "no", ["8500000 NOK"]),
        ("120 MSEK", "sv", ["120000000 SEK"]),
        ("más de 2.000 millones de euros", "es", ["2000000000 EUR"]),
        ("between €2.5 and 7.5 million", "en", ["7500000 "]),
        ("7,5 milioane euro", "ro", ["7500000 EUR"]),
        ("5,4 miljardia euroa", "fi", ["5400000000 EUR"]),
        ("24 månader, 50 procent, 12 projects, 2021", "sv", []),
        ("1.23.456 euro", "it", []),
    ],
)
def test_amounts(text: str, spoken: str, expected: list[str]) -> None:
    assert [f"{one.amount.to_integral_value():f} {one.currency}" for one in amounts.find(text, spoken)] == expected


def test_a_share_of_a_thousand_keeps_its_decimals() -> None:
    (amount,) = amounts.find("€1,234.56", "en")
    assert amount.amount == Decimal("1234.56")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(SMP‑COSME‑2021‑CLUSTER‑01)", ["SMP-COSME-2021-CLUSTER-01"]),
        ("horizon-cl5-2024-d3-02-09", ["HORIZON-CL5-2024-D3-02-09"]),
        ("I3-2026-INV2a", ["I3-2026-INV2a"]),
        ("europeaid/180123/dd/act/ge", ["EuropeAid/180123/DD/ACT/GE"]),
        ("Competitive-Calls-CS/4821", ["competitive-calls-cs/4821"]),
        ("dnr 2023-04105, 2023-04105", ["2023-04105"]),
        ("LIFE-projekt, digital-first and COVID-19", []),
    ],
)
def test_identifiers(text: str, expected: list[str]) -> None:
    assert [identifier for identifier, _ in identifiers.find(text)] == expected


def test_languages() -> None:
    told = [(case.name.partition("-")[0], likeliest_language(case.text)) for case in made_with()]
    wrong = [pair for pair in told if pair[0] != pair[1]]
    assert len(wrong) <= 0.06 * len(told), wrong
    assert likeliest_language("") == ""


def test_a_page_gives_its_main_text_with_tables_and_its_title() -> None:
    page = """<html><head><title>Ny utlysning | Regionen</title></head><body><nav><a href="/">Start</a></nav>
    <main><h1>Stöd till hamnar</h1><p>Nu kan små hamnar i länet söka stöd för laddning av båtar. Stödet
    gäller hela kusten och ska göra hamnarna mindre beroende av diesel. Kommuner, föreningar och företag
    räknas med, och den som har börjat får inget. Läs villkoren innan ni skriver, och ring oss gärna.</p>
    <table><tr><td>Sista ansökningsdag</td><td>3 maj 2025 kl. 12.00</td></tr>
    <tr><td>Budget</td><td>4 miljoner kronor</td></tr>
    </table></main><script>deadline = "1 januari 2020"</script></body></html>"""
    read = reading.read(page)
    assert read.title == "Stöd till hamnar"
    assert "Sista ansökningsdag: 3 maj 2025 kl. 12.00" in read.text
    found = extract(page)
    assert [moment.at.isoformat() for moment in found.deadlines] == ["2025-05-03T12:00:00+02:00"]
    assert found.budget is not None
    assert found.budget.amount == 4_000_000


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("NYHETER 2022-07-05\n\nNästa utlysning", "Nästa utlysning"),
        ("08 dec 2023\nPengar till norr\nText.", "Pengar till norr"),
        ("A long first paragraph. It has two sentences and is no title.", ""),
        ("", ""),
    ],
)
def test_titles(text: str, title: str) -> None:
    assert reading.read(text).title == title


@pytest.mark.parametrize(
    ("text", "published", "expected"),
    [
        ("Sök senast 15 juni.", date(2023, 6, 15), ["2023-06-15"]),
        ("Sök senast 15 juni.", date(2023, 6, 16), ["2024-06-15"]),
        ("Sök senast 15 juni.", None, []),
        ("Utlysningen stängde 15 juni.", date(2023, 7, 1), ["2023-06-15"]),
        ("2023-05-04\n\nSök senast 15 juni.", None, ["2023-06-15"]),
        ("Sök senast 29 februari.", date(2024, 12, 1), []),
    ],
)
def test_years_not_written(text: str, published: date | None, expected: list[str]) -> None:
    found = extract(text, published=published).deadlines
    assert [f"{moment.at:%Y-%m-%d}" for moment in found] == expected
    assert all(moment.inferred for moment in found)


def test_an_opening_without_a_year_never_follows_its_deadline() -> None:
    text = "Utlysningen öppnar 15 januari och stänger 28 februari."
    found = extract(text, published=date(2022, 2, 20))
    assert [f"{moment.at:%Y-%m-%d}" for moment in (*found.openings, *found.deadlines)] == [
        "2022-01-15",
        "2022-02-28",
    ]


def test_a_past_call_is_said_to_be_closed() -> None:
    assert extract("Stängd 20 mars 2024").closed
    assert extract("Utlysningen är stängd.").closed
    assert extract("Sök senast 3 maj 2021.", published=date(2022, 1, 1)).closed
    assert not extract("Utlysningen stänger 3 maj 2021. Prioritet 1 är stängd.").closed


def test_who_can_apply() -> None:
    assert extract("Vem kan söka?\nKommuner och små företag.").applicants == "Kommuner och små företag."
    assert extract("Only clusters are eligible. Deadline 3 May 2025.").applicants == "Only clusters are eligible."
    assert extract("Vem kan söka?").applicants == ""

"""Facts of EuroAccess, strictly read; all 142 rows of October 2025 among them."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.words import known_words
from pipeline.harvest import Issue, Role
from pipeline.models import BRUSSELS, Budget, Call
from pipeline.normalise import Document
from pipeline.normalise.euroaccess import assemble, contribution, identifier, identify, moment
from pipeline.profile import load_profiles
from pipeline.source import load_portals

URL = "https://www.euro-access.eu/en/calls/90301/Some-call"
AT = datetime(2026, 11, 26, 9, tzinfo=UTC)


def item(rows: dict[str, str], url: str = URL, **fields: str) -> dict[str, Any]:
    html = "".join(
        f'<div class="tr"><p class="title">{k}</p><div class="td">{v}</div></div>' for k, v in rows.items()
    )
    return {"source": "calls", "url": url, "fields": {"title": "Some call", **fields}, "title": "x", "html": html}


def call(rows: dict[str, str], **fields: str) -> tuple[Call, list[Issue]]:
    body = json.dumps(item(rows, **fields)).encode()
    made, issues = assemble([Document(Role.CALL, "en", body, AT)], {})
    assert made
    return made, issues


@pytest.mark.recorded
def test_identifiers_and_deadlines_of_all_rows_are_read(recorded: Path) -> None:
    text = (recorded / "portals" / "euroaccess_facts_2025-10.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == 142
    kinds: Counter[str] = Counter()
    unread = []
    for row in rows:
        local = datetime.fromisoformat(row["deadline_iso_local_from_list"])
        facts = {
            "Call number": row["call_number"],
            "Estimated EU contribution per project": row["ea_contribution"],
        }
        made, issues = call({k: v for k, v in facts.items() if v}, end=f"{local:%d.%m.%Y %H:%M}")
        placed = identify(item({}, url=row["url"]))
        assert not isinstance(placed, Issue)
        assert f"/calls/{placed.document}/" in row["url"]
        assert [d.at.astimezone(BRUSSELS).replace(tzinfo=None) for d in made.deadlines] == [local]
        assert made.identifier.casefold() == row["call_number"].casefold()
        kinds[made.identifier.partition("/" if "/" in made.identifier else "-")[0]] += 1
        unread += [row["ea_contribution"] for issue in issues if issue.field == "budget"]
        assert [issue for issue in issues if issue.field != "budget"] == []
    assert kinds[""] == sum(not row["call_number"] for row in rows)
    assert kinds["EuropeAid"] == 2
    assert sorted(map(len, unread)) == [6, 6, 14], "two were cut off (EUR 50), one has its commas in odd places"
    assert all(re.fullmatch(r"EUR \d\d|€ \d,\d{4},\d\d\.\d\d", each) for each in unread)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("27.01.2026 17:00", "2026-01-27T16:00"),
        ("15.06.2026 12:00", "2026-06-15T10:00"),
        (" 15.06.2026  12:00 ", "2026-06-15T10:00"),
        ("5.6.2026 12:00", ""),
        ("15.06.26 12:00", ""),
        ("31.02.2026 12:00", ""),
        ("15.06.2026 25:00", ""),
        ("15/06/2026 12:00", ""),
        ("15.06.2026", ""),
    ],
)
def test_a_moment_is_strictly_read(text: str, at: str) -> None:
    found = moment(text)
    assert (f"{found:%Y-%m-%dT%H:%M}" if found else "") == at


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)).map(lambda at: at.replace(second=0, microsecond=0))
)
def test_every_moment_comes_back(at: datetime) -> None:
    found = moment(f"{at:%d.%m.%Y %H:%M}")
    assert found
    local = found.astimezone(BRUSSELS).replace(tzinfo=None)
    assert local == at or (local - at).seconds == 3600, "an hour that the clock skips in spring is the next one"


@pytest.mark.parametrize(
    ("number", "urls", "found"),
    [
        ("HORIZON-CL5-2027-01-D2-90", [], "HORIZON-CL5-2027-01-D2-90"),
        ("I3-2025-INV2a", [], "I3-2025-INV2a"),
        ("", ["https://ec.europa.eu/x/topic-details/horizon-cl5-2027-01-d2-90?y=1"], "HORIZON-CL5-2027-01-D2-90"),
        ("", ["https://ec.europa.eu/x/topic-details/new-programme-2027"], "NEW-PROGRAMME-2027"),
        ("EuropeAid/184841/ID/ACT/RS", [], "EuropeAid/184841/ID/ACT/RS"),
        ("Call 7", ["https://fund.example/call7"], "Call 7"),
        ("", ["https://fund.example/call7"], ""),
    ],
)
def test_the_identifier(number: str, urls: list[str], found: str) -> None:
    assert identifier(number, urls) == found


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("€ 5,000,000.00", Budget("EUR", project_max=5_000_000)),  # type: ignore[arg-type]
        ("max. € 60,000.00", Budget("EUR", project_max=60_000)),  # type: ignore[arg-type]
        ("min. € 60,000.00", Budget("EUR", project_min=60_000)),  # type: ignore[arg-type]
        ("minimum € 60,000.00", Budget("EUR", project_min=60_000)),  # type: ignore[arg-type]
        ("Between € 1,000,000 and € 2,000,000", Budget("EUR", project_min=1_000_000, project_max=2_000_000)),  # type: ignore[arg-type]
        ("EUR 50", None),
        ("€ 1,4800,00.00", None),
        ("between € 1,000,000.00", None),
        ("€ 1,000,000.00 € 2,000,000.00", None),
        ("see the call", None),
    ],
)
def test_the_contribution(text: str, budget: Budget | None) -> None:
    assert contribution(text) == budget


def test_a_list_that_says_otherwise_and_odd_dates_are_issues() -> None:
    made, issues = call({"Deadline": "27.01.2027 17:00"}, end="28.01.2027 17:00")
    assert f"{made.deadlines[0].at:%d}" == "27"
    assert [issue.problem for issue in issues] == [
        'the list says "28.01.2027 17:00", which is none of those of the page'
    ]
    made, issues = call({"Deadline": "27.1.2027 at five", "Opening": "01.12.2026 00:00"})
    assert (made.deadlines, f"{made.opens_at:%Y-%m-%d %H}") == ((), "2026-11-30 23")
    assert [issue.field for issue in issues] == ["deadlines"]


def test_copies_of_a_page_have_its_number() -> None:
    copies = [URL, URL + "?css=big", URL.replace("/en/", "/de/"), URL.replace("/en/", "/en-gb/"), URL[:-10]]
    found = [identify(item({}, url=url)) for url in copies]
    assert {each.document for each in found if not isinstance(each, Issue)} == {"90301"}
    assert isinstance(identify(item({}, url="https://www.euro-access.eu/en/news/90301")), Issue)


def test_nobody_is_told_of_its_calls_and_it_is_off(config_dir: Path) -> None:
    portals = load_portals(config_dir)
    known = known_words(load_profiles(config_dir), {}, portals.values())
    assert {name for name, source in known.sources.items() if source.quiet} == {"euroaccess"}
    assert portals["euroaccess"].off

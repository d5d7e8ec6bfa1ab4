"""Tenders, harvested by the real command from a strict server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from pipeline.models import EventKind
from tests.conftest import ROOT
from tests.harvest.commands import Callwatch, Done
from tests.harvest.lists import NOW
from tests.harvest.state import all_events, stored_calls
from tests.portals.facts import answer
from tests.portals.ted.server import TedServer, ted_server

FIRST = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def ted() -> Iterator[TedServer]:
    with ted_server(answer("ted")) as server:
        yield server


def harvest(callwatch: Callwatch, server: TedServer, *more: str, days: float = 0, **env: Any) -> Done:
    env = {"CALLWATCH_TED_BASE_URL": server.base_url, **env}
    return callwatch("harvest", "ted", "--json", *more, at=NOW + timedelta(days=days), **env)


def many(count: int) -> list[dict[str, Any]]:
    """So many notices, each of a procedure of its own."""
    row = answer("ted")[0]
    return [row | {"publication-number": f"{600000 + n}-2026", "procedure-identifier": ""} for n in range(count)]


def own_pages(callwatch: Callwatch, *pairs: tuple[str, str]) -> str:
    """A configuration with TED otherwise."""
    folder = callwatch.folder / "own" / "portals"
    folder.mkdir(parents=True)
    text = (ROOT / "config" / "portals" / "ted.yml").read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    (folder / "ted.yml").write_text(text, encoding="utf-8")
    return str(folder.parent)


def test_first_all_that_is_active_then_what_was_published(callwatch: Callwatch, ted: TedServer) -> None:
    first = harvest(callwatch, ted)
    assert (first.code, first.report["verdict"], first.report["new"]) == (0, "complete", 4)
    assert (first.report["seen"], first.report["expected"]) == (4, 4)
    ted.rows.append(ted.rows[0] | {"publication-number": "700020-2026", "publication-date": "2026-11-27+01:00",
                                   "deadline-receipt-tender-date-lot": ["2027-02-01+01:00"] * 2})  # fmt: skip
    again = harvest(callwatch, ted, days=2)
    assert (again.code, again.report["new"], again.report["changed"]) == (0, 0, 1)
    assert ted.faults == []
    days = [body["query"].partition("publication-date>=")[2][:8] for body in ted.asked]
    assert (days[0], days[-1]) == ("20260101", "20261119")
    extended = [event for event in all_events(callwatch) if event.kind is EventKind.DEADLINE_EXTENDED]
    assert [event.call_id for event in extended] == [f"ted:{FIRST}"]
    stored = stored_calls(callwatch)
    assert {one.call.kind.value for one in stored.values()} == {"tender"}
    assert stored[FIRST].call.identifier == "700020-2026"


def test_page_by_page_and_proven(callwatch: Callwatch, ted: TedServer) -> None:
    ted.rows = many(23)
    config = own_pages(callwatch, ("page_size: 100", "page_size: 5"))
    done = harvest(callwatch, ted, CALLWATCH_CONFIG=config)
    assert (done.code, done.report["verdict"], done.report["seen"], done.report["pages"]) == (0, "complete", 23, 5)
    asked = [(body["page"], body["limit"], "SORT BY" in body["query"]) for body in ted.asked]
    assert (asked[0], asked[-1]) == ((1, 1, False), (1, 1, False)), "counted before and after"
    assert sorted(asked[1:-1]) == [(page, 5, True) for page in range(1, 6)]


def test_what_is_published_meanwhile_is_scanned_again(callwatch: Callwatch, ted: TedServer) -> None:
    ted.rows = many(12)
    ted.mood, ted.times = "growing", 3
    config = own_pages(callwatch, ("page_size: 100", "page_size: 5"))
    done = harvest(callwatch, ted, CALLWATCH_CONFIG=config)
    assert (done.code, done.report["verdict"]) == (0, "complete")
    assert done.report["seen"] == len(ted.rows) > 12


def test_a_search_that_timed_out_is_partial_and_kept(callwatch: Callwatch, ted: TedServer) -> None:
    ted.mood = "timed_out"
    done = harvest(callwatch, ted)
    assert (done.code, done.report["verdict"], done.report["new"]) == (3, "partial", 2)
    assert "timedOut: the portal gave up before the end" in done.problems
    ted.mood = ""
    done = harvest(callwatch, ted, days=1)
    assert (done.code, done.report["new"]) == (0, 2)
    assert "20260101" in ted.asked[-1]["query"], "as long as none was complete"


def test_one_that_timed_out_once_is_asked_again(callwatch: Callwatch, ted: TedServer) -> None:
    ted.mood, ted.times = "timed_out", 2
    done = harvest(callwatch, ted)
    assert (done.code, done.report["verdict"], done.report["new"]) == (0, "complete", 4)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{since:%Y%m%d}", "{since:%Y-%m-%d}", "9000000 results, at most 5000 expected"),
        ("publication-number DESC", "publication-number ASC", "HTTP 400: QUERY_SYNTAX_ERROR"),
        ("- form-type\n", "- form-kind\n", "unsupported value (['form-kind'])"),
        ("scope: ACTIVE", "sortField: x\n    scope: ACTIVE", "unrecognised property ['sortField']"),
    ],
)
def test_a_question_of_another_form_brings_no_data(
    callwatch: Callwatch, ted: TedServer, old: str, new: str, told: str
) -> None:
    done = harvest(callwatch, ted, CALLWATCH_CONFIG=own_pages(callwatch, (old, new)))
    assert done.code == 3
    assert told in done.problems
    assert stored_calls(callwatch) == {}


def test_a_date_that_was_ignored_is_noticed_by_what_came(callwatch: Callwatch, ted: TedServer) -> None:
    ted.archive = 5
    config = own_pages(callwatch, ("{since:%Y%m%d}", "{since:%Y-%m-%d}"), ("2026-01-01", "2026-11-21"))
    done = harvest(callwatch, ted, CALLWATCH_CONFIG=config)
    assert (done.code, done.report["verdict"]) == (3, "failed")
    assert "a notice of 2026-11-20 although those since 2026-11-21 were asked for" in done.problems
    assert stored_calls(callwatch) == {}


@pytest.mark.parametrize(("mood", "told"), [("down", "HTTP 503"), ("no_total", "totalNoticeCount is no number")])
def test_a_bad_day_is_no_data(callwatch: Callwatch, ted: TedServer, mood: str, told: str) -> None:
    ted.mood = mood
    done = harvest(callwatch, ted, tamper={"retries": 1})
    assert (done.code, done.report["verdict"]) == (3, "failed")
    assert told in done.problems


def test_it_is_off_until_it_is_named(callwatch: Callwatch, ted: TedServer) -> None:
    config = own_pages(callwatch)
    (callwatch.folder / "own" / "subscriptions.yml").write_text("contacts: {}\nsubscriptions: []\n")
    env = {"CALLWATCH_CONFIG": config, "CALLWATCH_TED_BASE_URL": ted.base_url}
    for command in (("harvest", "--all"), ("tick",)):
        assert callwatch(*command, at=NOW, **env).code == 0
    assert ted.asked == []
    done = harvest(callwatch, ted, "--limit", "2")
    assert (done.report["verdict"], done.report["new"]) == ("partial", 2)

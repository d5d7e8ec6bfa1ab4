"""`callwatch portals check`: one request to each portal, against strict servers on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from callwatch.demo import sample
from callwatch.demo.standin.server import StandIn
from tests.harvest.commands import Callwatch, Done
from tests.harvest.conftest import callwatch, zygote
from tests.portals.facts import answer
from tests.portals.list_server import ListServer, list_server
from tests.portals.shapes import KEY, TODAY
from tests.portals.site_server import SiteServer, site, site_server
from tests.portals.ted.server import ted_server

pytestmark = pytest.mark.slow

__all__ = ["callwatch", "zygote"]

FEED = next(iter(site("tillvaxtverket")))
Edit = Callable[[list[Any]], object]


@pytest.fixture
def pages() -> Iterator[SiteServer]:
    with site_server(site("tillvaxtverket")) as server:
        yield server


@pytest.fixture
def formas() -> Iterator[ListServer]:
    with list_server("/gdp_formas/utlysningar", answer("formas"), key=KEY) as server:
        yield server


def check(callwatch: Callwatch, name: str, base_url: str, *more: str) -> Done:
    env = {f"CALLWATCH_{name.upper()}_BASE_URL": base_url, "CALLWATCH_FORMAS_KEY": KEY}
    return callwatch("portals", "check", name, *more, **env)


def feed(callwatch: Callwatch, pages: SiteServer) -> Done:
    return check(callwatch, "tillvaxtverket", pages.base_url)


def test_nothing_has_changed(callwatch: Callwatch, pages: SiteServer, formas: ListServer) -> None:
    rounds = list_server("/api/ansokningsomgangar", answer("vinnova"), dated=True)
    today = datetime.now(UTC).date().isoformat()
    notices = [{**row, "publication-date": today + row["publication-date"][10:]} for row in answer("ted")]
    with rounds as vinnova, ted_server(notices) as ted, StandIn(sample.records(TODAY)) as standin:
        env = {
            "CALLWATCH_TILLVAXTVERKET_BASE_URL": pages.base_url,
            "CALLWATCH_FORMAS_BASE_URL": formas.base_url,
            "CALLWATCH_VINNOVA_BASE_URL": vinnova.base_url,
            "CALLWATCH_TED_BASE_URL": ted.base_url,
            "CALLWATCH_EU_FUNDING_TENDERS_BASE_URL": standin.base_url,
        }
        names = ("tillvaxtverket", "formas", "vinnova", "ted", "eu_funding_tenders")
        done = callwatch("portals", "check", *names, CALLWATCH_FORMAS_KEY=KEY, **env)
        searches = [asked for asked in standin.requests if asked.path != "/robots.txt"]
    assert done.code == 0, done.err
    assert [line.split(" (")[0] for line in done.out.splitlines()] == [f"{name}: as recorded" for name in names]
    assert [len(each) for each in (pages.asked, formas.asked, vinnova.asked, ted.asked, searches)] == [1] * 5
    assert [each.faults for each in (pages, formas, vinnova, ted)] == [[]] * 4
    assert not list(callwatch.folder.glob("*.db*")), "nothing is stored"


@pytest.mark.parametrize(
    ("body", "says", "remedy"),
    [
        (b"<html><title>Start</title></html>", "answer: neither RSS nor Atom", "has moved"),
        (
            b"<rss version='2.0'><channel></channel></rss>",
            "bounds: 0 entries, at least 1 expected",
            "only once you know",
        ),
    ],
)
def test_another_answer(callwatch: Callwatch, pages: SiteServer, body: bytes, says: str, remedy: str) -> None:
    pages.change(FEED, body=body)
    done = feed(callwatch, pages)
    assert done.code == 3
    assert says in done.out
    assert remedy in done.out


def test_a_field_of_the_list_has_gone(callwatch: Callwatch, pages: SiteServer) -> None:
    body = pages.answers[SiteServer.place(FEED, 1)].body
    pages.change(FEED, body=body.replace(b"<title>", b"<heading>").replace(b"</title>", b"</heading>"))
    done = feed(callwatch, pages)
    assert done.code == 3
    assert "tillvaxtverket: differs (4 entries in calls)" in done.out
    assert "  title: in none of 4 entries; in 100% as recorded\n    -> look at https://" in done.out


def test_what_is_down_is_asked_once(callwatch: Callwatch, pages: SiteServer) -> None:
    pages.change(FEED, status=503)
    done = feed(callwatch, pages)
    assert (done.code, len(pages.asked)) == (3, 1)
    assert "tillvaxtverket: not readable\n  answer: HTTP 503\n" in done.out


def test_robots_txt_is_obeyed(callwatch: Callwatch, pages: SiteServer) -> None:
    pages.robots = "User-agent: *\nDisallow: /\n"
    done = feed(callwatch, pages)
    assert (done.code, pages.asked) == (3, [])
    assert 'ask the owner, or write `off: "why"` in config/portals/tillvaxtverket.yml' in done.out


def renamed(rows: list[Any]) -> None:
    for row in rows:
        row["titel"] = row.pop("titelSvenska", row.pop("titel", "x"))
        row["stangning"] = row.pop("stangningsdatum")


def retyped(rows: list[Any]) -> None:
    for row in rows:
        row["stangningsdatum"] = 20270131


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (renamed, "stangningsdatum: in none of 4 entries"),
        (retyped, "stangningsdatum: number now; text as recorded"),
        (list.clear, "bounds: 0 entries, at least 1 expected"),
    ],
)
def test_a_list_has_changed(callwatch: Callwatch, formas: ListServer, edit: Edit, says: str) -> None:
    edit(formas.rows)
    done = check(callwatch, "formas", formas.base_url)
    assert done.code == 3
    assert says in done.out


@pytest.mark.parametrize("mood", ["login", "broken", "object", "redirect", "down", "short", "reset"])
def test_a_list_on_a_bad_day(callwatch: Callwatch, formas: ListServer, mood: str) -> None:
    formas.mood = mood
    done = check(callwatch, "formas", formas.base_url, "--format", "json")
    assert done.code == 3
    assert len(formas.asked) == 1 + (mood == "reset"), "a connection that was open may have been closed meanwhile"
    (found,) = done.json["portals"]
    assert (found["name"], found["state"]) == ("formas", "not readable")
    assert all(found["differences"][0].values()), "field, problem and remedy"
    assert KEY not in done.out + done.err


def test_a_search_has_changed(callwatch: Callwatch) -> None:
    records = json.loads(json.dumps(sample.records(TODAY)))
    for record in records:
        record.get("metadata", {}).pop("title", None)
    with StandIn(records) as standin:
        done = check(callwatch, "eu_funding_tenders", standin.base_url, "--format", "csv")
    assert done.code == 3
    assert "metadata.title,in none of" in done.out


def test_of_all_those_without_a_key_are_skipped_with_a_line(callwatch: Callwatch) -> None:
    closed = {f"CALLWATCH_{name}_BASE_URL": "http://127.0.0.1:9" for name in _names_without_key()}
    done = callwatch("portals", "check", **closed)
    assert done.code == 3
    assert "formas: skipped, because CALLWATCH_FORMAS_KEY is not set." in done.err
    assert "formas:" not in done.out


def test_named_without_its_key_is_an_error(callwatch: Callwatch) -> None:
    done = callwatch("portals", "check", "formas")
    assert done.code == 2
    assert "CALLWATCH_FORMAS_KEY" in done.err


def _names_without_key() -> list[str]:
    from pipeline.source import load_portals
    from tests.portals.shapes import CONFIG

    return [p.name.upper() for p in load_portals(CONFIG).values() if not (p.key_env or p.off)]

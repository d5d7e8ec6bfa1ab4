"""Every bad day, over real HTTP."""

from __future__ import annotations

import gzip
import http.client
import time
from collections.abc import Iterator

import orjson
import pytest

from callwatch.demo.standin.knobs import Knobs
from callwatch.demo.standin.server import StandIn
from tests.demo.standin_client import FACET, STABLE, Answer, of_type, search, send, target
from tests.demo.standin_items import small_index, topics


@pytest.fixture(scope="module")
def running() -> Iterator[StandIn]:
    with StandIn(topics(120)) as portal:
        yield portal


@pytest.fixture
def portal(running: StandIn) -> Iterator[StandIn]:
    yield running
    running.knobs = Knobs()


def ask(portal: StandIn, page: int = 1, size: int = 50) -> Answer:
    return search(portal.base_url, of_type("1"), sort=STABLE, page=page, size=size)


def test_a_good_day_by_default(portal: StandIn) -> None:
    assert ask(portal).total == 120
    assert len(ask(portal, 3).identifiers) == 20


def test_status_on_one_page_for_some_times(portal: StandIn) -> None:
    portal.knobs = Knobs(status=503, only_page=2, times=2)
    assert [ask(portal, page).status for page in (1, 2, 2, 2, 3)] == [200, 503, 503, 200, 200]
    assert portal.knobs.spoiled == 2


def test_status_always_until_changed_while_running(portal: StandIn) -> None:
    portal.knobs = Knobs(status=500)
    answer = ask(portal)
    assert answer.json == {"type": "throwable", "message": "An internal error occurred"}
    assert [ask(portal).status for _ in range(3)] == [500, 500, 500]
    portal.knobs.status = 0
    assert ask(portal).status == 200


def test_the_first_may_be_good(portal: StandIn) -> None:
    portal.knobs = Knobs(status=502, after=2, times=1)
    assert [ask(portal).status for _ in range(4)] == [200, 200, 502, 200]
    assert portal.knobs.spoiled == 1


def test_too_many_requests_with_retry_after(portal: StandIn) -> None:
    portal.knobs = Knobs(status=429, retry_after="2", times=1)
    refused = ask(portal)
    assert (refused.status, refused.headers["retry-after"]) == (429, "2")
    assert ask(portal).status == 200


def test_redirect(portal: StandIn) -> None:
    portal.knobs = Knobs(redirect="http://169.254.169.254/latest/meta-data/")
    answer = ask(portal)
    assert (answer.status, answer.headers["location"]) == (302, "http://169.254.169.254/latest/meta-data/")


def test_html_instead_of_json(portal: StandIn) -> None:
    portal.knobs = Knobs(html=True)
    answer = ask(portal)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html;charset=UTF-8")
    assert answer.body.startswith(b"<!DOCTYPE html>")


def test_gzip_bomb(portal: StandIn) -> None:
    portal.knobs = Knobs(gzip_bomb_mb=20)
    answer = ask(portal)
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.body) < 100_000
    assert len(gzip.decompress(answer.body)) == 20 << 20


def test_huge_body_is_still_valid(portal: StandIn) -> None:
    portal.knobs = Knobs(huge_mb=8)
    answer = ask(portal)
    assert len(answer.body) > 8 << 20
    assert answer.total == 120


def test_filters_ignored(portal: StandIn) -> None:
    portal.replace(small_index())
    portal.knobs = Knobs(ignore_filters=True)
    answer = ask(portal)
    portal.replace(topics(120))
    assert answer.status == 200
    assert answer.total > 50_000
    assert {item["language"] for item in answer.json["results"]} == {"en", "sv", "bg"}
    assert {item["metadata"]["type"][0] for item in answer.json["results"]} == {"1", "2", "6", "8"}


def test_empty_list(portal: StandIn) -> None:
    portal.knobs = Knobs(empty=True)
    answer = ask(portal)
    assert (answer.status, answer.total, answer.json["results"]) == (200, 0, [])


@pytest.mark.parametrize("count", [0, 17])
def test_short_page(portal: StandIn, count: int) -> None:
    portal.knobs = Knobs(short_page=count, only_page=2)
    answer = ask(portal, 2)
    assert (answer.total, len(answer.identifiers)) == (120, count)
    assert len(ask(portal, 1).identifiers) == 50


def test_stuck_page(portal: StandIn) -> None:
    first = ask(portal).identifiers
    portal.knobs = Knobs(stuck_page=True)
    answer = ask(portal, 3)
    assert (answer.json["pageNumber"], answer.identifiers) == (3, first)


def test_rows_come_twice_and_others_never_although_the_key_is_stable(portal: StandIn) -> None:
    portal.knobs = Knobs(repeated_rows=3)
    scans = [[ask(portal, page) for page in (1, 2, 3)] for _ in range(2)]
    seen = [[i for page in scan for i in page.identifiers] for scan in scans]
    assert [len(rows) for rows in seen] == [120, 120]
    assert all(len(set(rows)) < 120 for rows in seen)
    assert set(seen[0]) != set(seen[1])
    assert {page.total for scan in scans for page in scan} == {120}


def test_jumping_total(portal: StandIn) -> None:
    portal.knobs = Knobs(jumping_total=5)
    assert [ask(portal).total for _ in range(4)] == [120, 125, 120, 125]


def test_no_total(portal: StandIn) -> None:
    portal.knobs = Knobs(no_total=True)
    assert "totalResults" not in ask(portal).json


def test_a_lowered_cap_is_echoed(portal: StandIn) -> None:
    portal.knobs = Knobs(echo_size=20)
    answer = ask(portal, 2)
    assert (answer.json["pageSize"], len(answer.identifiers)) == (20, 20)
    assert answer.identifiers[0] == "TRIAL-CL5-2027-01-021"


def test_delay(portal: StandIn) -> None:
    portal.knobs = Knobs(delay=0.3)
    began = time.monotonic()
    assert ask(portal).total == 120
    assert time.monotonic() - began >= 0.3
    with pytest.raises(TimeoutError):
        send(portal.base_url, target(), b"", timeout=0.1)


def test_trickle(portal: StandIn) -> None:
    portal.knobs = Knobs(trickle=0.02, trickle_bytes=200)
    began = time.monotonic()
    answer = ask(portal, size=1)
    assert answer.total == 120
    assert time.monotonic() - began >= 0.02 * (len(answer.body) // 200)


def test_stopping_does_not_wait_for_a_trickle() -> None:
    portal = StandIn(topics(100), knobs=Knobs(trickle=5, trickle_bytes=1)).start()
    with pytest.raises(TimeoutError):
        send(portal.base_url, target(), b"", timeout=0.2)
    began = time.monotonic()
    portal.stop()
    assert time.monotonic() - began < 2


def test_cut_body(portal: StandIn) -> None:
    portal.knobs = Knobs(cut=True)
    with pytest.raises(http.client.IncompleteRead) as broken:
        ask(portal)
    assert len(broken.value.partial) > 1000


def test_broken_json(portal: StandIn) -> None:
    portal.knobs = Knobs(broken_json=True)
    answer = ask(portal)
    assert answer.status == 200
    with pytest.raises(orjson.JSONDecodeError):
        _ = answer.json


def test_one_part_of_a_harvest_only() -> None:
    with StandIn(small_index(), knobs=Knobs(empty=True, only_type="8")) as portal:
        assert search(portal.base_url, of_type("8")).total == 0
        assert search(portal.base_url, of_type("2")).total == 1


def test_any_predicate_and_several_knobs(portal: StandIn) -> None:
    swedish = Knobs(status=503, when=lambda asked: asked.parts.get("languages") == ["sv"])
    portal.knobs = [swedish, Knobs(endpoint="facet", html=True), Knobs(endpoint="robots.txt", status=500)]
    assert ask(portal).status == 200
    assert search(portal.base_url, of_type("1"), languages=["sv"]).status == 503
    assert b"<html>" in search(portal.base_url, of_type("1"), path=FACET).body
    assert send(portal.base_url, "/robots.txt").status == 500


def test_any_endpoint(portal: StandIn) -> None:
    portal.knobs = Knobs(endpoint="", status=418)
    answers = [send(portal.base_url, where).status for where in ("/robots.txt", target(FACET), target(), "/")]
    assert answers == [418] * 4

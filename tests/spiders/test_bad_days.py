"""Whole crawls over HTTP against the stand-in portal, on bad days: what is refused, partial, and kept."""

from __future__ import annotations

import time
from typing import Any

import pytest

from callwatch.demo.standin.hostile import ITEMS
from callwatch.demo.standin.knobs import Knobs
from callwatch.demo.standin.server import StandIn
from pipeline.harvest import PartReport, Role
from tests.spiders.crawling import Crawl, crawl
from tests.spiders.samples import mixed, topics

pytestmark = pytest.mark.slow

TOPICS = {"type": "1", "name": "topics", "sort": "identifier"}
ONLY_TOPICS: dict[str, Any] = {"harvest": {"languages": ["en"], "kinds": [TOPICS]}}


def bad_day(*knobs: Knobs, n: int = 250, **arguments: Any) -> Crawl:
    with StandIn(topics(n), knobs=knobs) as portal:
        return crawl(portal.base_url, **{"portal": ONLY_TOPICS, **arguments})


def sorted_page(number: int) -> Any:
    return lambda asked: asked.page_number == number and "sort" in asked.parts and "1" in asked.types


@pytest.mark.parametrize(
    ("knob", "told"),
    [
        (Knobs(ignore_filters=True), "the portal ignored the filters"),
        (Knobs(no_total=True), "totalResults is no number"),
        (Knobs(hostile="total_text"), "totalResults is no number"),
        (Knobs(hostile="total_negative"), "totalResults is no number"),
        (Knobs(echo_size=50, when=sorted_page(2)), "pages of 100 were asked for, pages of 50 answered"),
    ],
    ids=["ignored", "no total", "total text", "total negative", "smaller pages"],
)
def test_an_answer_to_another_question_is_refused(knob: Knobs, told: str) -> None:
    found = bad_day(knob)
    assert told in found.report.refused
    assert found.report.refused.startswith("topics: ")
    assert found.failure == ""
    assert len(found.finished) == 1
    assert not found.part("topics").proven
    assert all(
        record["url"].endswith("pageNumber=1") or "pageNumber=3" in record["url"] for record in found.records
    )


def test_rows_of_another_language_are_refused_even_when_the_total_is_small() -> None:
    with StandIn(mixed(), knobs=Knobs(ignore_filters=True)) as portal:
        found = crawl(portal.base_url, portal={"harvest": {"max_total": 1_000_000}})
    assert "although only en was asked for" in found.report.refused
    assert found.records == []


def test_known_rows_of_another_question_are_refused_too() -> None:
    every = mixed()
    with StandIn(every) as portal:
        known = {r["digest"]: r["document"] for r in crawl(portal.base_url).records}
        portal.knobs = Knobs(ignore_filters=True)
        found = crawl(portal.base_url, known=known, portal={"harvest": {"max_total": 1_000_000}})
    assert "was asked for" in found.report.refused


def test_news_that_fail_leave_the_calls_proven() -> None:
    with StandIn(mixed(), knobs=Knobs(ignore_filters=True, only_type="6")) as portal:
        found = crawl(portal.base_url)
    assert found.report.refused == ""
    assert [part.name for part in found.report.parts if not part.proven] == ["news"]
    assert "ignored the filters" in found.problems
    assert len(found.records) == 239


@pytest.mark.parametrize(
    "knob",
    [
        Knobs(status=503, times=2),
        Knobs(status=429, retry_after="0", times=2),
        Knobs(status=500, times=1, when=sorted_page(2)),
        Knobs(cut=True, times=1, when=sorted_page(2)),
        Knobs(broken_json=True, times=1, when=sorted_page(2)),
        Knobs(html=True, times=2, when=sorted_page(2)),
        Knobs(empty=True, times=1, when=sorted_page(2)),
        Knobs(short_page=99, times=1, when=sorted_page(1)),
        Knobs(repeated_rows=3, times=2),
        Knobs(jumping_total=7, times=2),
        Knobs(hostile="results_null", times=1),
        Knobs(hostile="answer_list", times=1),
        Knobs(delay=0.3, times=1),
    ],
    ids=lambda knob: str(knob)[6:40],
)
def test_a_passing_trouble_is_overcome(knob: Knobs) -> None:
    found = bad_day(knob)
    assert found.part("topics") == PartReport("topics", 250, 250, True, Role.CALL)
    assert len(found.records) == 250
    assert found.report.refused == ""
    assert knob.spoiled >= 1


@pytest.mark.parametrize(
    ("knob", "told"),
    [
        (Knobs(status=500, when=sorted_page(2)), "page 2: HTTP 500"),
        (Knobs(cut=True, when=sorted_page(2)), "page 2: ResponseDataLossError"),
        (Knobs(html=True, when=sorted_page(2)), 'page 2: a web page instead of JSON: "'),
        (Knobs(gzip_bomb_mb=80, when=sorted_page(2)), "page 2: IgnoreRequest"),
        (Knobs(huge_mb=40, when=sorted_page(2)), "page 2: DownloadCancelledError"),
        (Knobs(short_page=40, when=sorted_page(2)), "page 2 has 40 rows instead of 100"),
    ],
    ids=["500", "cut", "html", "bomb", "huge", "short"],
)
def test_a_page_that_never_comes_costs_itself_and_the_proof(knob: Knobs, told: str) -> None:
    found = bad_day(knob)
    part = found.part("topics")
    assert (part.expected, part.proven) == (250, False)
    assert part.seen == len(found.records) == (190 if knob.short_page else 150)
    assert told in found.problems
    assert "documents were not seen" in found.problems
    assert found.report.refused == ""
    assert found.rss_mb < 300


def test_a_portal_that_is_down_is_not_hammered() -> None:
    with StandIn(mixed(), knobs=Knobs(status=503)) as portal:
        found = crawl(portal.base_url)
        asked = [request for request in portal.requests if request.endpoint == "search"]
    assert not any(part.proven or part.seen for part in found.report.parts)
    assert "HTTP 503" in found.problems
    assert len(asked) < 50


def test_nobody_there_is_a_partial_report_not_a_crash() -> None:
    with StandIn([]) as portal:
        base_url = portal.base_url
    found = crawl(base_url, portal=ONLY_TOPICS)
    assert not any(part.proven for part in found.report.parts)
    assert "ConnectionRefused" in found.problems


@pytest.mark.parametrize("hostile", sorted(ITEMS))
def test_a_hostile_item_never_takes_its_neighbours_along(hostile: str) -> None:
    found = bad_day(Knobs(hostile=hostile, when=sorted_page(1)), n=120)
    assert found.failure == ""
    assert found.report.refused == ""
    numbers = {record["call_reference"].rpartition("-")[2] for record in found.records}
    assert {f"{number:04d}" for number in range(2, 121)} <= numbers
    assert len(found.records) == 120 or "skipped" in found.problems


def test_a_redirect_elsewhere_is_not_followed() -> None:
    with StandIn(topics(3)) as other:
        found = bad_day(Knobs(redirect=other.base_url + "/search-api/prod/rest/search"), n=5)
        assert other.requests == []
    assert "not an address of this portal" in found.problems
    assert found.records == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "https://h:99999/", "http://169.254.169.254/", "//"])
def test_a_redirect_to_nowhere_good_is_not_followed(target: str) -> None:
    found = bad_day(Knobs(redirect=target), n=5)
    assert found.failure == found.report.refused == ""
    assert found.records == []
    assert not found.part("topics").proven


def test_a_redirect_that_loses_the_question_is_no_answer() -> None:
    with StandIn(topics(5)) as portal:
        portal.knobs = Knobs(redirect=portal.base_url + "/search-api/prod/rest/search?apiKey=SEDIA", times=1)
        found = crawl(portal.base_url, portal=ONLY_TOPICS)
    assert found.report.refused == ""
    assert found.part("topics").proven
    assert "the question was lost on the way" in found.problems


def test_retry_after_is_honoured_without_standing_still() -> None:
    with StandIn(topics(250), knobs=Knobs(status=429, retry_after="1", times=1)) as portal:
        found = crawl(portal.base_url, portal=ONLY_TOPICS)
        refused = next(request for request in portal.requests if request.status == 429)
        later = sorted(r.started for r in portal.requests if r.started > refused.finished)
    assert found.part("topics").proven
    # One other request was already on its way.
    assert later[1] - refused.finished >= 0.9


def test_retry_after_is_capped() -> None:
    started = time.monotonic()
    found = bad_day(Knobs(status=503, retry_after="3600", times=1), portal=_merged({"longest": 0.2}))
    assert found.part("topics").proven
    assert time.monotonic() - started < 20


def test_a_body_that_trickles_for_ever_times_out() -> None:
    found = bad_day(
        Knobs(trickle=0.2, trickle_bytes=10, when=sorted_page(2)),
        settings={"DOWNLOAD_TIMEOUT": 1, "RETRY_TIMES": 0},
    )
    assert (found.part("topics").seen, found.part("topics").proven) == (150, False)
    assert "Timeout" in found.problems


def test_the_facets_of_a_broken_day_leave_what_can_be_read() -> None:
    knob = Knobs(endpoint="facet", status=500)
    found = bad_day(knob, n=230, portal=ONLY_TOPICS | {"harvest": ONLY_TOPICS["harvest"] | {"window": 100}})
    assert found.part("topics").seen == 200
    assert "30 of 230 documents were not seen" in found.problems


def _merged(retry: dict[str, Any]) -> dict[str, Any]:
    return ONLY_TOPICS | {"requests": {"retry": retry}}

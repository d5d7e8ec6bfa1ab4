"""Whole crawls over HTTP against the stand-in portal, on good days."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from callwatch.demo import items
from callwatch.demo.standin.server import StandIn
from pipeline.harvest import PartReport, Role
from spiders.settings import EXTENSIONS_BASE
from tests.spiders.crawling import ROOT, Crawl, crawl
from tests.spiders.samples import mixed, topics


@pytest.fixture(scope="module")
def portal() -> Iterator[StandIn]:
    with StandIn(mixed()) as running:
        yield running


@pytest.fixture(scope="module")
def first(portal: StandIn) -> Crawl:
    return crawl(portal.base_url, watch_ports=True, show=("TELNETCONSOLE_ENABLED", *SHOWN), fresh=True)


SHOWN = (
    "REMOTE_CONTROL_ENABLED",
    "DOWNLOAD_VERIFY_CERTIFICATES",
    "DOWNLOAD_TLS_MIN_VERSION",
    "ROBOTSTXT_OBEY",
    "COOKIES_ENABLED",
    "DOWNLOAD_MAXSIZE",
    "DOWNLOAD_TIMEOUT",
    "REDIRECT_MAX_TIMES",
    "CONCURRENT_REQUESTS_PER_DOMAIN",
    "AUTOTHROTTLE_ENABLED",
    "DOWNLOAD_DELAY",
    "USER_AGENT",
    "EGRESS_HOSTS",
)


def test_every_part_is_proven_and_every_document_handed_over_once(portal: StandIn, first: Crawl) -> None:
    assert first.report.parts == (
        PartReport("topics", 230, 230, True, Role.CALL),
        PartReport("external actions", 2, 2, True, Role.CALL),
        PartReport("cascade calls", 3, 3, True, Role.CALL),
        PartReport("topics (sv)", 4, 4, True, Role.TRANSLATION),
        PartReport("external actions (sv)", 0, 0, True, Role.TRANSLATION),
        PartReport("cascade calls (sv)", 0, 0, True, Role.TRANSLATION),
        PartReport("news", 2, 2, True, Role.NEWS),
    )
    assert (first.report.refused, first.report.issues, first.failure) == ("", (), "")
    assert first.report.pages == 3 + 1 + 1 + 1 + 1
    roles = Counter(record["role"] for record in first.records)
    assert roles == {"call": 235, "translation": 4, "news": 2}
    assert len({record["document"] for record in first.records}) == 241
    assert len(first.finished) == 1


def test_a_page_is_one_batch(first: Crawl) -> None:
    assert sorted(len(batch["records"]) for batch in first.batches) == [2, 2, 3, 4, 30, 100, 100]


def test_cascade_calls_keep_their_own_number(first: Crawl) -> None:
    references = {r["call_reference"] for r in first.records if "COMPETITIVE" in r["call_reference"]}
    assert references == {"9000COMPETITIVE_CALL", "9001COMPETITIVE_CALL", "9002COMPETITIVE_CALL"}


def test_frozen_copies_are_not_even_asked_for(portal: StandIn, first: Crawl) -> None:
    asked = [request for request in portal.requests if request.endpoint == "search"]
    assert all({"terms": {"DATASOURCE": ["SEDIA"]}} in r.parts["query"]["bool"]["must"] for r in asked)
    assert first.report.folded == {}


def test_what_is_known_is_not_handed_over_again(portal: StandIn, first: Crawl) -> None:
    known = {record["digest"]: record["document"] for record in first.records}
    second = crawl(portal.base_url, known=known)
    assert second.records == []
    assert sorted(second.unchanged) == sorted(known.values())
    assert second.report.parts == first.report.parts


def test_the_effective_settings_are_the_hardened_ones(first: Crawl) -> None:
    shown = first.settings
    assert not shown["TELNETCONSOLE_ENABLED"]
    assert not shown["REMOTE_CONTROL_ENABLED"]
    assert not shown["COOKIES_ENABLED"]
    assert shown["DOWNLOAD_VERIFY_CERTIFICATES"]
    assert shown["ROBOTSTXT_OBEY"]
    assert shown["AUTOTHROTTLE_ENABLED"]
    assert shown["DOWNLOAD_TLS_MIN_VERSION"] == "TLSv1.2"
    assert (shown["DOWNLOAD_MAXSIZE"], shown["DOWNLOAD_TIMEOUT"]) == (16 << 20, 90)
    assert (shown["REDIRECT_MAX_TIMES"], shown["CONCURRENT_REQUESTS_PER_DOMAIN"]) == (2, 2)
    assert (shown["DOWNLOAD_DELAY"], shown["EGRESS_HOSTS"]) == (0, ["api.tech.ec.europa.eu"])
    assert shown["USER_AGENT"].startswith("callwatch/")


def test_only_the_listed_middlewares_and_extensions_run(first: Crawl) -> None:
    assert first.middlewares[0] == "EgressGuard"
    assert {"BackOffRetry", "CarefulRobots"} < set(first.middlewares)
    assert not {"RetryMiddleware", "CookiesMiddleware", "MetaRefreshMiddleware"} & set(first.middlewares)
    assert set(first.extensions) <= {path.rpartition(".")[2] for path in EXTENSIONS_BASE}


def test_no_port_listens_during_a_crawl(first: Crawl) -> None:
    assert first.listening == []


def test_robots_txt_is_asked_first_and_the_portal_sees_who_asks(portal: StandIn, first: Crawl) -> None:
    assert portal.requests[0].path == "/robots.txt"
    assert all(r.headers["user-agent"].startswith("callwatch/") for r in portal.requests)
    assert not any("cookie" in r.headers or "referer" in r.headers for r in portal.requests)


def test_a_portal_that_forbids_robots_is_left_alone() -> None:
    with StandIn(topics(3), robots="User-agent: *\nDisallow: /search-api/\n") as portal:
        found = crawl(portal.base_url)
        assert {request.path for request in portal.requests} == {"/robots.txt"}
    assert not any(part.proven for part in found.report.parts)
    assert "robots.txt" in found.problems


def test_a_limit_takes_that_many_calls_with_their_translations_and_proves_nothing(portal: StandIn) -> None:
    before = len(portal.requests)
    found = crawl(portal.base_url, limit=3)
    assert len(portal.requests) - before <= 8
    assert {record["call_reference"] for record in found.records} == {"TRIAL-0001", "TRIAL-0002", "TRIAL-0003"}
    assert Counter(r["role"] for r in found.records) == {"call": 3, "translation": 3, "news": 2}
    assert not any(part.proven for part in found.report.parts)
    assert [issue.problem for issue in found.report.issues] == ["stopped after about 3 calls, as asked"]


def test_closed_calls_since_a_day() -> None:
    def over(n: int, day: date) -> list[items.Item]:
        return topics(n, first=day.year, deadlines=[day], status=items.CLOSED)

    live = topics(5)
    with StandIn([*live, *over(4, date(2024, 5, 1)), *over(3, date(2026, 5, 1))]) as portal:
        every = crawl(portal.base_url, closed="1")
        late = crawl(portal.base_url, closed=True, since="2026-01-01")
    assert (len(every.records), every.part("topics").proven) == (7, True)
    assert (len(late.records), late.part("topics")) == (3, PartReport("topics", 3, 3, True, Role.CALL))
    assert [part.name for part in late.report.parts if part.role is Role.NEWS] == []


def test_beyond_the_window_the_query_is_split_by_facets() -> None:
    many = (
        topics(150) + topics(90, first=5000, programme="43252405") + topics(30, first=8000, programme="43251567")
    )
    del many[0]["metadata"]["frameworkProgramme"], many[7]["metadata"]["frameworkProgramme"]
    with StandIn(many) as portal:
        found = crawl(portal.base_url, portal={"harvest": {"window": 100}})
        assert any(request.endpoint == "facet" for request in portal.requests)
    assert found.part("topics") == PartReport("topics", 270, 270, True, Role.CALL)
    assert len(found.records) == 270


def test_rows_without_the_sort_field_are_found() -> None:
    odd = topics(120)
    del odd[5]["metadata"]["callIdentifier"]
    with StandIn(odd) as portal:
        kinds = [{"type": "1", "name": "topics", "sort": "callIdentifier"}]
        found = crawl(portal.base_url, portal={"harvest": {"kinds": kinds}})
    assert found.part("topics") == PartReport("topics", 120, 120, True, Role.CALL)


def test_the_base_url_may_come_from_the_environment_and_scrapy_alone_gives_calls(tmp_path: Path) -> None:
    out = tmp_path / "calls.jsonl"
    with StandIn([*topics(12), items.translated(topics(1)[0], "sv", "Ett ämne")]) as portal:
        done = subprocess.run(
            [sys.executable, "-m", "scrapy", "crawl", "eu_funding_tenders", "-O", str(out)],
            cwd=ROOT,
            env={**os.environ, "CALLWATCH_EU_FUNDING_TENDERS_BASE_URL": portal.base_url},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    calls = {call["identifier"]: call for call in map(json.loads, out.read_text().splitlines())}
    assert len(calls) == 12
    assert calls["TRIAL-0001"]["titles"]["sv"] == "Ett ämne"
    assert calls["TRIAL-0001"]["deadlines"]
    assert list(ROOT.glob("*.db")) == []


def test_scrapy_lists_the_spiders_from_the_root() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == sorted(path.stem for path in (ROOT / "config" / "portals").glob("*.yml"))


def test_a_disk_that_is_full_ends_the_crawl_and_is_told(portal: StandIn) -> None:
    before = len(portal.requests)
    found = crawl(portal.base_url, fail_after=2)
    assert "No space left on device" in found.failure
    assert len(found.batches) == 1
    assert found.finished == []
    assert len(portal.requests) - before < 12


@pytest.mark.slow
def test_a_thousand_known_records_are_not_decoded_again() -> None:
    body = "<p>" + "Work on something useful for the region. " * 170 + "</p>"
    with StandIn(topics(1000, description=body)) as portal:
        changed = crawl(portal.base_url, fresh=True)
        known = {record["digest"]: record["document"] for record in changed.records}
        unchanged = crawl(portal.base_url, known=known, fresh=True)
    size = sum(record["size"] for record in changed.records) / 1000
    assert 9_000 < size < 12_000
    assert len(unchanged.unchanged) == 1000

"""Orders and facets as a client meets them, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from callwatch.demo.standin.server import StandIn
from tests.demo.standin_client import FACET, STABLE, multipart, of_type, search, send, target
from tests.demo.standin_items import small_index, topics


@pytest.fixture(scope="module")
def portal() -> Iterator[StandIn]:
    with StandIn(small_index()) as running:
        yield running


def scan(portal: StandIn, sort: object) -> list[str]:
    pages = [search(portal.base_url, of_type("1"), sort=sort, page=page) for page in (1, 2, 3)]
    assert {page.total for page in pages} == {250}
    return [identifier for page in pages for identifier in page.identifiers]


@pytest.mark.parametrize("field", ["relevance", "startDate", "sortStatus"])
def test_an_unstable_order_loses_rows_between_its_pages(field: str) -> None:
    with StandIn(topics(250)) as portal:
        first, second = (scan(portal, {"field": field, "order": "DESC"}) for _ in range(2))
    assert len(first) == len(second) == 250
    assert len(set(first)) < 250
    assert set(first) != set(second)


def test_equal_seeds_lose_the_same_rows() -> None:
    scans = []
    for seed in (4, 4, 5):
        with StandIn(topics(250), seed=seed) as portal:
            scans.append(scan(portal, {"field": "startDate"}))
    assert scans[0] == scans[1] != scans[2]


def test_a_stable_order_is_whole_and_equal() -> None:
    with StandIn(topics(250)) as portal:
        scans = [scan(portal, STABLE) for _ in range(2)]
    assert scans[0] == scans[1] == sorted(set(scans[0]))


def test_sorting_drops_rows_without_the_field(portal: StandIn) -> None:
    both = of_type("1", "8")
    assert search(portal.base_url, both).total == 5
    assert search(portal.base_url, both, sort={"field": "callIdentifier"}).total == 4
    assert search(portal.base_url, both, sort=[{"field": "identifier"}, {"field": "caName"}]).total == 1
    assert search(portal.base_url, both, sort=STABLE).json["sort"] == "identifier"
    assert search(portal.base_url, both, sort="identifier").status == 400


def test_facets_of_a_query(portal: StandIn) -> None:
    answer = search(portal.base_url, of_type("1"), path=FACET)
    assert answer.status == 200
    assert list(answer.json) == ["apiVersion", "terms", "facets"]
    types = next(facet for facet in answer.json["facets"] if facet["rawName"] == "type")
    expected = {"rawValue": "1", "value": "Direct calls", "count": 4}
    assert [{k: v for k, v in value.items() if k != "apiVersion"} for value in types["values"]] == [expected]


def test_facets_without_filters_count_every_document(portal: StandIn) -> None:
    answer = send(portal.base_url, target(FACET))
    types = next(facet for facet in answer.json["facets"] if facet["rawName"] == "type")
    assert sum(value["count"] for value in types["values"]) == len(small_index())


def test_a_sort_part_breaks_the_facets_and_a_sort_in_the_url_does_not(portal: StandIn) -> None:
    parts = {"query": of_type("1"), "languages": ["en"]}
    good = send(portal.base_url, target(FACET, sort="REVERSE_DOCUMENT_COUNT"), *multipart(parts))
    assert good.status == 200
    assert search(portal.base_url, of_type("1"), path=FACET, sort=STABLE).status == 500
    assert search(portal.base_url, {"wildcard": {}}, path=FACET).status == 400

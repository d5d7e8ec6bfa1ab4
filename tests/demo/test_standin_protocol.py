"""How the stand-in reads requests and what it answers: everything over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from callwatch.demo.files import read_records
from callwatch.demo.standin.server import StandIn
from tests.demo.standin_client import FACET, JSON, SEARCH, STABLE, multipart, of_type, search, send, target
from tests.demo.standin_items import small_index, topics

ENVELOPE = [
    "apiVersion",
    "terms",
    "responseTime",
    "totalResults",
    "pageNumber",
    "pageSize",
    "sort",
    "groupByField",
    "queryLanguage",
    "spellingSuggestion",
    "bestBets",
    "results",
    "warnings",
]


@pytest.fixture(scope="module")
def portal() -> Iterator[StandIn]:
    with StandIn(small_index()) as running:
        yield running


@pytest.fixture(scope="module")
def many() -> Iterator[StandIn]:
    with StandIn(topics(230)) as running:
        yield running


def test_answers_in_the_portals_envelope(portal: StandIn) -> None:
    answer = search(portal.base_url, of_type("1"), sort=STABLE)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith(JSON)
    assert list(answer.json) == ENVELOPE
    assert answer.json["queryLanguage"] == {"language": "en", "probability": 0.0}
    assert (answer.json["terms"], answer.json["pageNumber"], answer.json["pageSize"]) == ("***", 1, 100)
    assert answer.identifiers == ["TRIAL-A-2027-01", "TRIAL-B-2027-01", "TRIAL-C-2024-01", "TRIAL-C-2024-01"]
    assert answer.total == 4


@pytest.mark.parametrize("filename", [True, False])
@pytest.mark.parametrize("kind", [JSON, "application/json;charset=UTF-8", "Application/JSON"])
def test_json_parts_are_read_with_and_without_a_file_name(portal: StandIn, filename: bool, kind: str) -> None:
    body = multipart({"query": of_type("8"), "languages": ["en"]}, kind=kind, filename=filename)
    answer = send(portal.base_url, target(), *body)
    assert answer.total == 1
    assert answer.json["results"][0]["reference"] == "15301COMPETITIVE_CALLen"


@pytest.mark.parametrize("kind", ["", "text/plain", "application/octet-stream"])
@pytest.mark.parametrize("part", ["query", "languages", "sort", "displayFields"])
def test_a_part_without_the_json_content_type_is_an_internal_error(portal: StandIn, part: str, kind: str) -> None:
    answer = send(portal.base_url, target(), *multipart({part: {}}, kind=kind))
    assert answer.status == 500
    assert answer.json == {"type": "throwable", "message": "An internal error occurred"}


WRONG_BODIES = {
    "json body": (orjson.dumps({"query": of_type("8"), "languages": ["en"]}), JSON),
    "urlencoded body": (b"query=%7B%7D&languages=en", "application/x-www-form-urlencoded"),
    "no body": (b"", ""),
    "multipart without boundary": (multipart({"query": of_type("8")})[0], "multipart/form-data"),
    "only unknown parts": multipart({"pageNumber": 3}, kind="text/plain"),
}


@pytest.mark.parametrize("body", WRONG_BODIES.values(), ids=WRONG_BODIES)
def test_a_wrong_encoding_answers_everything_in_every_language(portal: StandIn, body: tuple[bytes, str]) -> None:
    answer = send(portal.base_url, target(), *body)
    assert answer.status == 200
    assert answer.total > 50_000
    languages = [item["language"] for item in answer.json["results"]]
    assert set(languages) == {"en", "sv", "bg"}
    assert languages[0] != "en"
    assert {item["metadata"]["type"][0] for item in answer.json["results"]} == {"1", "2", "6", "8"}


def test_a_query_in_the_url_is_ignored(portal: StandIn) -> None:
    answer = send(portal.base_url, target(query=orjson.dumps(of_type("8")).decode()), b"")
    assert answer.total > 50_000


def test_page_number_and_size_in_the_body_are_ignored(many: StandIn) -> None:
    body, kind = multipart({"languages": ["en"], "sort": STABLE})
    extra = b'--edge\r\nContent-Disposition: form-data; name="pageNumber"\r\n\r\n3\r\n'
    answer = send(many.base_url, target(), extra + body, kind)
    assert answer.json["pageNumber"] == 1
    assert answer.identifiers[0] == "TRIAL-CL5-2027-01-001"


UNKNOWN_CLAUSES: dict[str, Any] = {
    "wildcard": {"wildcard": {"title": "steel*"}},
    "match": {"match": {"title": "steel"}},
    "prefix": {"prefix": {"title": "steel"}},
    "inside bool": {"bool": {"must": [{"terms": {"type": ["1"]}}, {"exists": {"field": "title"}}]}},
    "not JSON": b"{query",
}


@pytest.mark.parametrize("query", UNKNOWN_CLAUSES.values(), ids=UNKNOWN_CLAUSES)
def test_an_unknown_clause_is_refused(portal: StandIn, query: Any) -> None:
    answer = search(portal.base_url, query)
    assert answer.status == 400
    assert answer.json == {"type": "businessError", "message": "Invalid Query format"}


@pytest.mark.parametrize("key", ["", "sedia", "SEDIA_FAQ"])
@pytest.mark.parametrize("path", [SEARCH, FACET])
def test_another_key_is_refused(portal: StandIn, path: str, key: str) -> None:
    assert send(portal.base_url, target(path, apiKey=key), b"").status == 403


def test_get_searches_text_and_ignores_filters(portal: StandIn) -> None:
    phrase = send(portal.base_url, target(text='"TRIAL-A-2027-01"'))
    assert set(phrase.identifiers) == {"TRIAL-A-2027-01"}
    # The topic, its two translations, its news and its cascade call, which bears its identifier.
    assert phrase.total == 5
    words = send(portal.base_url, target(text="TRIAL-A-2027-01"))
    assert words.total > phrase.total
    assert words.json["spellingSuggestion"] == "trial-a-2027-01"
    assert send(portal.base_url, target()).total > 50_000


def test_languages_are_the_rows_own_and_all_when_left_out(portal: StandIn) -> None:
    query = {"term": {"identifier": "TRIAL-A-2027-01"}}
    everything = send(portal.base_url, target(), *multipart({"query": query}))
    swedish = search(portal.base_url, query, languages=["sv"])
    assert everything.total == 5
    assert [item["metadata"]["title"] for item in swedish.json["results"]] == [["Grönt stål"]]
    assert search(portal.base_url, query, languages="en").status == 400


def test_pages_are_full_capped_and_one_based(many: StandIn) -> None:
    pages = [search(many.base_url, of_type("1"), sort=STABLE, size=10_000, page=page) for page in (1, 2, 3, 4)]
    assert [page.json["pageSize"] for page in pages] == [100] * 4
    assert [len(page.json["results"]) for page in pages] == [100, 100, 30, 0]
    assert {page.total for page in pages} == {230}
    assert len({identifier for page in pages for identifier in page.identifiers}) == 230


def test_ten_rows_a_page_unless_said_otherwise(many: StandIn) -> None:
    answer = send(many.base_url, f"{SEARCH}?apiKey=SEDIA&text=***", *multipart({"languages": ["en"]}))
    assert answer.json["pageSize"] == 10
    assert len(answer.json["results"]) == 10


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"pageNumber": 100}, 200),
        ({"pageNumber": 101}, 400),
        ({"pageNumber": 1000, "pageSize": 10}, 200),
        ({"pageNumber": 1001, "pageSize": 10}, 400),
        ({"pageNumber": 0}, 400),
        ({"pageNumber": "two"}, 400),
        ({"pageSize": -5}, 400),
    ],
)
def test_nothing_beyond_the_window_or_before_page_one(
    many: StandIn, parameters: dict[str, Any], status: int
) -> None:
    answer = send(many.base_url, target(**parameters), *multipart({"query": of_type("1"), "languages": ["en"]}))
    assert answer.status == status
    if status == 400:
        assert answer.json["type"] == "businessError"


def test_display_fields_cut_the_metadata_and_never_give_conditions(portal: StandIn) -> None:
    wanted = ["identifier", "descriptionByte", "actions", "topicConditions", "absent"]
    answer = search(portal.base_url, of_type("1"), displayFields=wanted, sort=STABLE)
    first = answer.json["results"][0]
    assert set(first["metadata"]) == {"identifier", "descriptionByte", "actions"}
    assert first["reference"].endswith("TOPICSen")
    whole = search(portal.base_url, of_type("1"), sort=STABLE).json["results"][0]
    assert whole["metadata"]["topicConditions"]


def test_rows_that_are_no_items_are_served_as_they_are() -> None:
    rows = [
        None,
        {"metadata": None, "language": "en"},
        {"metadata": {"type": ["1"], "x": ["y"]}, "language": "en"},
    ]
    with StandIn(rows) as portal:
        answer = search(portal.base_url, displayFields=["type"])
        body = multipart({"query": {"bool": {}}, "displayFields": ["type"]})
        everything = send(portal.base_url, target(), *body)
    assert answer.total == 2
    assert {"metadata": {"type": ["1"]}, "language": "en"} in answer.json["results"]
    assert None in everything.json["results"]


@pytest.mark.recorded
def test_has_the_form_of_the_recorded_answers(recorded: Path, portal: StandIn) -> None:
    saved = orjson.loads((recorded / "ft" / "raw" / "api-debug-full.json").read_bytes())
    answer = search(portal.base_url, of_type("1"), sort=STABLE).json
    assert set(answer) == set(saved)
    assert set(answer["results"][0]) == set(saved["results"][3])
    types = {key: type(value) for key, value in saved["results"][3].items() if value is not None}
    assert {key: type(answer["results"][0][key]) for key in types} | {"weight": float} == types | {"weight": float}


@pytest.mark.recorded
def test_serves_recorded_answers_again_byte_for_byte_in_value(recorded: Path) -> None:
    items = read_records(recorded / "ft" / "raw" / "api-debug-full.json")
    with StandIn(items) as portal:
        answer = search(portal.base_url, of_type("1"), languages=["sv"])
    assert answer.json["results"] == [item for item in items if item["language"] == "sv"]

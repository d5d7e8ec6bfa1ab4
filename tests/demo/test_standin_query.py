"""The query language, without a socket."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwatch.demo.standin.index import Index, Row
from callwatch.demo.standin.query import InvalidQuery, compile_query, instant, text_predicate
from tests.demo.standin_items import small_index, topics

ROWS = [Row(item) for item in small_index()]
A, A_SV, A_BG, A_NEWS, C_GHOST, B, C, CASCADE, PROSPECT = ROWS
ALPHAS = [A, A_SV, A_BG]


def clause(field: str, *values: str) -> dict[str, Any]:
    return {"terms": {field: list(values)}}


QUERIES: dict[str, tuple[dict[str, Any], list[Row]]] = {
    "term": ({"term": {"type": "8"}}, [CASCADE]),
    "terms": (clause("type", "2", "8"), [CASCADE, PROSPECT]),
    "terms of nothing": (clause("type"), []),
    "any value of a list counts": (clause("keywords", "TRIAL-B-2027-01"), [B]),
    "any metadata key": (clause("DATASOURCE", "SEDIA_PRD_CENTRICITY"), [C_GHOST]),
    "must": ({"bool": {"must": [clause("type", "1"), clause("status", "31094501")]}}, [B]),
    "must as one object": ({"bool": {"must": clause("status", "31094501")}}, [B]),
    "must_not": ({"bool": {"must": [clause("type", "1")], "must_not": [clause("language", "en")]}}, [A_SV, A_BG]),
    "should alone": ({"bool": {"should": [clause("type", "2"), clause("type", "6")]}}, [A_NEWS, PROSPECT]),
    "should beside must only ranks": (
        {"bool": {"must": [clause("type", "8")], "should": [clause("type", "1")]}},
        [CASCADE],
    ),
    "bool of nothing": ({"bool": {}}, ROWS),
    "bool in bool": ({"bool": {"must": [{"bool": {"should": [clause("type", "6")]}}]}}, [A_NEWS]),
    "range": ({"range": {"deadlineDate": {"gte": "2027-02-21T00:00:00.000+0000"}}}, [B]),
    "range in epoch ms": ({"range": {"deadlineDate": {"lt": "1767225600000"}}}, [C_GHOST, C]),
    "range between": (
        {"range": {"deadlineDate": {"gt": "2027-01-15T00:00:00.000+0000", "lte": "2027-01-22T00:00:00.000+0000"}}},
        [*ALPHAS, PROSPECT],
    ),
    "range with an offset": ({"range": {"startDate": {"gt": "2026-12-13T00:30:00.000+0100"}}}, [B]),
    "a bare date only tests existence": (
        {"range": {"deadlineDate": {"gte": "2099-01-01"}}},
        [*ALPHAS, C_GHOST, B, C, CASCADE, PROSPECT],
    ),
    "a bare date beside a good one": (
        {"range": {"deadlineDate": {"gte": "2099-01-01", "lt": "2026-01-01T00:00:00.000+0000"}}},
        [C_GHOST, C],
    ),
    "range over words": ({"range": {"title": {"gte": "2020-01-01T00:00:00.000+0000"}}}, []),
    "text any word": ({"text": {"query": "drones coal", "fields": ["title^2"]}}, [C_GHOST, B, C]),
    "text all words": (
        {"text": {"query": "small steel", "fields": ["callTitle"], "defaultOperator": "AND"}},
        [CASCADE],
    ),
    "text without fields": ({"text": {"query": "highlands"}}, [PROSPECT]),
    "phrase": ({"phrase": {"query": "Green steel", "field": "title"}}, [A, A_NEWS, CASCADE]),
    "phrase in the wrong order": ({"phrase": {"query": "steel green", "field": "title"}}, []),
    "phrase with slop": (
        {"phrase": {"query": "vouchers steel", "field": "callTitle", "phraseSlop": 2, "boost": 3}},
        [CASCADE],
    ),
    "phrase without slop": ({"phrase": {"query": "vouchers steel", "field": "callTitle"}}, []),
}


@pytest.mark.parametrize(("query", "rows"), QUERIES.values(), ids=QUERIES)
def test_clauses(query: dict[str, Any], rows: list[Row]) -> None:
    keep = compile_query(query)
    assert [row for row in ROWS if keep(row)] == rows


REFUSED: dict[str, Any] = {
    "nothing": {},
    "null": None,
    "list": [{"term": {"type": "1"}}],
    "two clauses at once": {"term": {"type": "1"}, "terms": {"type": ["1"]}},
    "unknown bool part": {"bool": {"filter": []}},
    "bool of a list": {"bool": []},
    "null in must": {"bool": {"must": [None]}},
    "leaf of a list": {"term": ["type", "1"]},
    "number in term": {"term": {"type": 1}},
    "two fields in term": {"term": {"type": "1", "status": "2"}},
    "number in terms": {"terms": {"type": [1]}},
    "text in terms": {"terms": {"type": "1"}},
    "two fields in terms": {"terms": {"type": ["1"], "status": ["2"]}},
    "range without bounds": {"range": {"startDate": {}}},
    "unknown bound": {"range": {"startDate": {"from": "1"}}},
    "two ranges": {"range": {"startDate": {"gt": "1"}, "deadlineDate": {"gt": "1"}}},
    "range of a list": {"range": {"startDate": ["1", "2"]}},
    "text without query": {"text": {"fields": ["title"]}},
    "text with an unknown key": {"text": {"query": "a", "fuzzy": True}},
    "text operator": {"text": {"query": "a", "defaultOperator": "XOR"}},
    "text fields": {"text": {"query": "a", "fields": "title"}},
    "phrase without field": {"phrase": {"query": "a"}},
    "phrase with an unknown key": {"phrase": {"query": "a", "field": "title", "fuzzy": 1}},
    "phrase slop": {"phrase": {"query": "a", "field": "title", "phraseSlop": "near"}},
}


@pytest.mark.parametrize("query", REFUSED.values(), ids=REFUSED)
def test_what_is_not_a_clause_is_refused(query: Any) -> None:
    with pytest.raises(InvalidQuery, match="Invalid Query format"):
        compile_query(query)


def test_a_query_too_deep_is_refused() -> None:
    query: dict[str, Any] = {"term": {"type": "1"}}
    for _ in range(15):
        query = {"bool": {"must": [query]}}
    assert compile_query(query)(A)
    for _ in range(500):
        query = {"bool": {"must": [query]}}
    with pytest.raises(InvalidQuery):
        compile_query(query)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "bool",
                    "must",
                    "must_not",
                    "should",
                    "term",
                    "terms",
                    "range",
                    "text",
                    "phrase",
                    "query",
                    "field",
                    "type",
                ]
            )
            | st.text(max_size=4),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_any_json_is_a_query_or_refused(query: Any) -> None:
    try:
        keep = compile_query(query)
    except InvalidQuery:
        return
    assert all(keep(row) in (True, False) for row in ROWS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1672441200000", 1672441200000),
        ("2026-09-25T00:00:00.000+0000", 1790294400000),
        ("2026-09-25T02:00:00.000+0200", 1790294400000),
        ("2026-09-25", None),
        ("2026-09-25T00:00:00.000Z", None),
        ("2026-09-25T00:00:00+0000", None),
        ("2026-13-25T00:00:00.000+0000", None),
        ("", None),
    ],
)
def test_instants_have_the_indexs_own_form(text: str, expected: int | None) -> None:
    assert instant(text) == expected


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2090, 1, 1), timezones=st.just(UTC)))
def test_both_forms_of_an_instant_agree(at: datetime) -> None:
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    written = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"
    assert instant(written) == round(at.timestamp() * 1000)


def test_stars_and_an_empty_text_are_everything() -> None:
    assert all(text_predicate(text)(row) for text in ("***", "*", "", " ") for row in ROWS)
    assert not any(text_predicate('"absent words"')(row) for row in ROWS)


ODD_ITEMS = [None, 17, [], {}, {"metadata": None, "type": "1"}, {"metadata": {"type": "1", "sme": True, "n": [3]}}]


def test_rows_of_any_shape_can_be_asked() -> None:
    rows = Index(ODD_ITEMS).rows
    keep = compile_query({"term": {"type": "1"}})
    assert [keep(row) for row in rows] == [False, False, False, False, True, True]
    assert rows[-1].values("sme") == ("True",)
    assert rows[-1].values("n") == ("3",)
    assert rows[0].language == ""


def test_the_memory_of_selections_is_bounded() -> None:
    index = Index(topics(2))
    for number in range(200):
        assert index.remember(str(number).encode(), lambda: index.rows) == index.rows
    assert index.remember(b"199", lambda: ()) == index.rows
    assert index.remember(b"0", lambda: ()) == ()

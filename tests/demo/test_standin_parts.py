"""The orders, the facets and the reading of multipart bodies, without a socket."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwatch.demo.standin.asked import BadRequest, read, split_parts
from callwatch.demo.standin.facets import facets, label
from callwatch.demo.standin.index import Row
from callwatch.demo.standin.order import arranged, has_all, is_stable, sort_keys
from tests.demo.standin_client import multipart
from tests.demo.standin_items import small_index, topics

ROWS = [Row(item) for item in small_index()]
A, B, PROSPECT = ROWS[0], ROWS[5], ROWS[8]


SORTS: list[tuple[Any, tuple[tuple[str, bool], ...]]] = [
    ({"field": "identifier", "order": "ASC"}, (("identifier", False),)),
    ({"field": "startDate", "order": "desc"}, (("startDate", True),)),
    ({"field": "title"}, (("title", False),)),
    ([{"field": "type"}, {"field": "callccm2Id", "order": "DESC"}], (("type", False), ("callccm2Id", True))),
]


@pytest.mark.parametrize(("sort", "keys"), SORTS)
def test_sorts(sort: Any, keys: tuple[tuple[str, bool], ...]) -> None:
    assert sort_keys(sort) == keys


@pytest.mark.parametrize(
    "sort", [{}, "identifier", [None], {"field": 1}, {"field": ""}, {"field": "a", "order": "UP"}]
)
def test_what_is_not_a_sort_is_refused(sort: Any) -> None:
    with pytest.raises(BadRequest, match="sort"):
        sort_keys(sort)


def test_sorting_takes_the_smallest_value_up_and_the_largest_down() -> None:
    up, down = (("deadlineDate", False),), (("deadlineDate", True),)
    rows = [row for row in ROWS if row in (A, B, PROSPECT)]
    assert arranged(rows, up, Random(1)) == [PROSPECT, A, B]
    assert arranged(rows, down, Random(1)) == [B, A, PROSPECT]
    assert [row for row in ROWS if has_all(row, (("callIdentifier", False),))] == [*ROWS[:7], PROSPECT]


def test_ties_fall_differently_unless_a_stable_field_sorts() -> None:
    rows = [Row(item) for item in topics(40)]
    for keys in ((("relevance", False),), (("startDate", True),), (("sortStatus", False),)):
        assert not is_stable(keys)
        assert arranged(rows, keys, Random(1)) != arranged(rows, keys, Random(2))
        assert arranged(rows, keys, Random(3)) == arranged(rows, keys, Random(3))
    keys = (("startDate", True), ("identifier", True))
    assert is_stable(keys)
    assert arranged(rows, keys, Random(1)) == rows[::-1]


def test_facets_count_documents() -> None:
    found = {facet["rawName"]: facet for facet in facets(ROWS, "2.155")}
    counts = {value["rawValue"]: value["count"] for value in found["type"]["values"]}
    assert counts == {"1": 6, "2": 1, "6": 1, "8": 1}
    assert found["type"]["count"] == 4
    assert found["status"]["values"][0]["value"] == "Open for submission"
    assert set(found["type"]) == {"apiVersion", "name", "rawName", "database", "count", "values"}
    assert "mission" not in found


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("43252449", "Research Fund for Coal %26 Steel (RFCS)"),
        ("43353764", "Erasmus  (ERASMUS )"),
        ("43251589", "Citizens, Equality, Rights and Values Programme (CERV)"),
        ("99999999", "99999999"),
    ],
)
def test_labels_are_half_encoded_and_lose_the_plus(code: str, expected: str) -> None:
    assert label("frameworkProgramme", code) == expected


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1, max_size=8),
            st.binary(max_size=60).filter(lambda b: b"--edge" not in b),
        ),
        max_size=4,
    ),
    st.booleans(),
)
def test_multipart_bodies_come_back_part_by_part(parts: list[tuple[str, bytes]], filename: bool) -> None:
    unique = dict(parts)
    body, _ = multipart(unique, filename=filename)
    assert list(split_parts(body, "edge")) == [(name, "application/json", value) for name, value in unique.items()]


@given(st.binary(max_size=200), st.text(max_size=20), st.text(max_size=40))
def test_no_request_is_too_odd_to_be_read(body: bytes, boundary: str, url: str) -> None:
    read(
        "POST",
        "/x?" + url,
        {"Content-Type": f"multipart/form-data; boundary=edge{boundary}"},
        b"--edge\r\n" + body,
    )
    read(
        "POST",
        "/x",
        {"Content-Type": "multipart/form-data; boundary=edge"},
        b"--edge" + body + b"\r\n\r\n--edge--",
    )


def test_types_are_those_the_query_wants() -> None:
    query = {
        "bool": {
            "must": [{"terms": {"type": ["1", "8"]}}, {"term": {"type": "2"}}],
            "must_not": [{"terms": {"type": ["6"]}}],
        }
    }
    asked = read("POST", "/", *reversed(_body(query)))
    assert asked.types == {"1", "2", "8"}
    assert read("GET", "/", {}, b"").types == frozenset()


def _body(query: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    body, kind = multipart({"query": query})
    return body, {"Content-Type": kind}

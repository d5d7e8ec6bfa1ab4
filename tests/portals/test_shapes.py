"""Recorded shapes are those of the test folders, and two shapes differ only where a portal has changed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.base.shape import Field, Shape, differences, packed, shape_of, unknown, unpacked
from tests.portals.shapes import OF, PORTALS, read, shape

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
ITEMS = st.lists(st.dictionaries(st.text(max_size=3), VALUES, max_size=5), max_size=8)


@pytest.mark.parametrize("portal", PORTALS)
def test_the_recorded_shape_is_that_of_the_test_folder(portal: str) -> None:
    """`python -m tests.portals.shapes NAME` writes it; of a live one, the folder shows nothing else."""
    recorded, now = read(portal), shape(portal)
    if recorded.of == OF:
        assert now == recorded
    else:
        shown = Shape(now.of, now.part, {name: recorded.fields[name] for name in now.fields})
        assert differences(shown, now, 1) == []


@given(ITEMS)
def test_an_answer_never_differs_from_itself(items: list[dict[str, Any]]) -> None:
    found = shape_of(items, of="x", part="p")
    assert differences(found, found, len(items)) == unknown(found, found) == []
    assert unpacked(packed(found)) == found


def test_a_shape_says_how_many_and_of_what_kind_at_any_depth() -> None:
    items = [{"a": 1, "b": [{"c": "x"}, {"c": None}], "n": None}, {"a": "1", "b": [], "d": {"e": {"f": {"g": 1}}}}]
    assert shape_of(items, of="x", part="p").fields == {
        "a": Field(1.0, ("number", "text")),
        "b": Field(0.5, ("list",)),
        "b.c": Field(0.5, ("text",)),
        "d": Field(0.5, ("object",)),
        "d.e": Field(0.5, ("object",)),
        "d.e.f": Field(0.5, ("object",)),
    }


@pytest.mark.parametrize(
    ("before", "after", "number", "problem"),
    [
        ((1.0, "text"), (1.0, "text"), 9, None),
        ((1.0, "text"), None, 1, "in none of 1 entries; in 100% as recorded"),
        ((0.5, "text"), None, 6, None),
        ((0.5, "text"), None, 7, "in none of 7 entries; in 50% as recorded"),
        ((0.8, "text"), (0.3, "text"), 9, "in 30% of 9 entries; in 80% as recorded"),
        ((0.8, "text"), (0.3, "text"), 4, None),
        ((0.1, "number"), (0.1, "text"), 9, "text now; number as recorded"),
    ],
)
def test_differences(before: Any, after: Any, number: int, problem: str | None) -> None:
    recorded, now = (
        Shape("x", "p", {"f": Field(each[0], (each[1],))} if each else {}) for each in (before, after)
    )
    assert [each.problem for each in differences(recorded, now, number)] == ([problem] if problem else [])


def test_a_new_field_is_told_when_most_have_it() -> None:
    recorded, now = shape_of([{"a": 1}], of="x", part="p"), shape_of([{"a": 1, "b": 2}], of="x", part="p")
    assert unknown(recorded, now) == ["b"]

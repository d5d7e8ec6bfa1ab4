"""Envelopes as the portal sends them, and as it should not."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import PortalDrift
from spiders.base.envelope import NotAnAnswer, facet_values, is_web_page, page_title, read

GOOD = b'{"a": 1, "title": "caf\\u00e9, [x] {y} \\"z\\""}'


def page(*items: bytes, total: bytes = b"3") -> bytes:
    head = b'{"apiVersion":"2.155","totalResults":%b,"pageNumber":1,"pageSize":100,"bestBets":[],' % total
    return head + b'"results":[' + b",".join(items) + b'],"warnings":[{"x":[1]}]}'


def test_items_are_the_very_bytes_that_came() -> None:
    envelope = read(page(GOOD, b'{"b":2}'))
    assert [bytes(item) for item in envelope.items] == [GOOD, b'{"b":2}']
    assert (envelope.total, envelope.number, envelope.size) == (3, 1, 100)


@pytest.mark.parametrize(
    "bad",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"x":"\\ud800"}',
        b'{"x":NaN}',
        b'{"x":"a\x00b\nc"}',
        b'{"x":"\xff"}',
        b'{"x":"\\q"}',
        b"{'x':01}",
    ],
    ids=["deep", "surrogate", "nan", "control", "utf8", "escape", "python"],
)
def test_an_item_that_is_no_json_leaves_its_neighbours(bad: bytes) -> None:
    envelope = read(page(GOOD, bad, b'{"b":2}'))
    assert [bytes(item) for item in envelope.items] == [GOOD, bad, b'{"b":2}']
    assert (envelope.total, envelope.number, envelope.size) == (3, 1, 100)


@given(
    st.lists(
        st.recursive(st.none() | st.booleans() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x))
    )
)
@pytest.mark.slow
def test_the_rescue_cuts_where_a_json_reader_cuts(values: list[object]) -> None:
    items = [json.dumps(value).encode() for value in values]
    envelope = read(page(*items, b'{"x":NaN}'))
    assert [bytes(item) for item in envelope.items] == [*items, b'{"x":NaN}']


@given(st.binary())
def test_any_bytes_are_an_answer_or_a_clear_refusal(body: bytes) -> None:
    for data in (body, page(body), page(GOOD)[: len(body)], body + page(GOOD)):
        with suppress(NotAnAnswer, PortalDrift):
            assert read(data).total >= 0


@pytest.mark.parametrize("total", [b"null", b'"many"', b"-1", b"true", b"1.5", b"{}"])
def test_a_total_that_is_no_number_is_drift(total: bytes) -> None:
    with pytest.raises(PortalDrift, match="totalResults is no number"):
        read(page(GOOD, total=total))


def test_a_missing_total_is_drift() -> None:
    with pytest.raises(PortalDrift, match="totalResults"):
        read(b'{"results":[]}')


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "no JSON"),
        (b"<html>", "no JSON"),
        (page(GOOD)[:-40], "no JSON"),
        (b"null", "another shape"),
        (b"[]", "another shape"),
        (b'{"totalResults":1,"results":null}', "another shape"),
        (b'{"totalResults":1,"results":{"0":{}}}', "another shape"),
        (b'{"totalResults":1}', "without results"),
        (b'{"type":"throwable","message":"An internal\\n error"}', "reports an error: An internal error"),
        (b'{"results":[NaN],"totalResults":[[}', "no JSON"),
    ],
)
def test_what_is_no_answer_says_why(body: bytes, told: str) -> None:
    with pytest.raises(NotAnAnswer, match=told):
        read(body)


def test_facet_values_come_once_each_from_every_list_of_the_name() -> None:
    facet = {"name": "x", "rawName": "programme", "values": [{"rawValue": "1", "count": 2}, {"rawValue": "2"}]}
    other = {"rawName": "type", "values": [{"rawValue": "9"}]}
    body = json.dumps({"facets": [facet, other, {**facet, "values": [{"rawValue": "2"}, {"rawValue": "3"}]}]})
    assert facet_values(body.encode(), "programme") == ("1", "2", "3")
    assert facet_values(body.encode(), "nothing") == ()


@pytest.mark.parametrize("body", [b"", b"{}", b'{"facets":{}}', b'{"facets":[{"values":[]}]}', b"[" * 5000])
def test_facets_of_another_shape_are_no_answer(body: bytes) -> None:
    with pytest.raises(NotAnAnswer):
        facet_values(body, "programme")


def test_a_maintenance_page_is_known_by_its_first_character_and_named_by_its_title() -> None:
    body = b"\xef\xbb\xbf \n<!DOCTYPE html><title>Planned <b>maintenance\x00</title><p>Sorry"
    assert is_web_page(body)
    assert not is_web_page(b' {"a":"<"}')
    assert "maintenance" in page_title(body)
    assert page_title(b"<p>nothing") == ""

"""Items and answers no portal should send, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from callwatch.demo.standin.hostile import ANSWERS, ITEMS, KINDS, spoil_first
from callwatch.demo.standin.knobs import Knobs
from callwatch.demo.standin.server import StandIn
from tests.demo.standin_client import STABLE, Answer, of_type, search
from tests.demo.standin_items import topics

UNREADABLE = {"surrogate", "bad_utf8", "nan", "too_deep"}


@pytest.fixture(scope="module")
def portal() -> Iterator[StandIn]:
    with StandIn(topics(120)) as running:
        yield running


def ask(portal: StandIn) -> Answer:
    return search(portal.base_url, of_type("1"), sort=STABLE, size=50)


@pytest.mark.parametrize("kind", sorted(ITEMS))
def test_hostile_items_spoil_only_the_first_of_the_page(portal: StandIn, kind: str) -> None:
    portal.knobs = Knobs()
    good = ask(portal).json["results"]
    portal.knobs = Knobs(hostile=kind)
    answer = ask(portal)
    if kind in UNREADABLE:
        with pytest.raises(orjson.JSONDecodeError):
            _ = answer.json
        return
    bad = answer.json["results"]
    assert bad[-49:] == good[-49:]
    assert bad[0] != good[0]


def test_hostile_items_are_what_their_names_say(portal: StandIn) -> None:
    def first(kind: str) -> Any:
        portal.knobs = Knobs(hostile=kind)
        return ask(portal).json["results"][0]

    assert "\x00" in first("nul")["metadata"]["title"][0]
    assert len(first("huge_title")["metadata"]["title"][0]) > 1_000_000
    assert first("metadata_null")["metadata"] is None
    assert first("metadata_text")["metadata"] == "see above"
    assert first("no_metadata")["identifier"] == ["TRIAL-CL5-2027-01-001"]
    assert "<!channel>" in first("markup")["summary"]
    assert first("not_an_object") is None
    assert first("types")["metadata"]["identifier"] == [17]
    assert first("deep")["metadata"]["deep"][0][0][0]


def test_an_item_without_metadata_is_hostile_enough() -> None:
    assert spoil_first("nul", {"metadata": None}) == b'{"metadata":null}'
    assert spoil_first("deep", None) == b"null"


@pytest.mark.parametrize("kind", sorted(ANSWERS))
def test_hostile_answers(portal: StandIn, kind: str) -> None:
    portal.knobs = Knobs(hostile=kind)
    body = ask(portal).json
    good = isinstance(body, dict) and isinstance(body.get("results"), list) and body.get("totalResults") == 120
    assert not good
    assert kind in KINDS

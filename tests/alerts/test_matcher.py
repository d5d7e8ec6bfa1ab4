"""Equal filters are matched once, and an index leaves out only what cannot fit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import matcher as module
from alerts.match import match_call
from alerts.matcher import Matcher
from pipeline.models import Kind
from pipeline.outbox import StoredCall
from tests.alerts.samples import KNOWN, call, labels, region, stored, subscription

PROGRAMMES, ECOSYSTEMS, REGIONS = ("HORIZON", "SMP"), ("mobility", "electronics"), ("SE331", "SE332")


@st.composite
def calls(draw: st.DrawFn) -> list[StoredCall]:
    return [
        stored(
            call(
                f"C{number}", programme=draw(st.sampled_from(PROGRAMMES)), kind=draw(st.sampled_from(list(Kind)))
            ),
            labels(
                tuple(draw(st.sets(st.sampled_from(ECOSYSTEMS)))),
                draw(st.sampled_from(REGIONS)),
                draw(st.integers(0, 3)),
            ),
        )
        for number in range(draw(st.integers(0, 12)))
    ]


wishes = st.fixed_dictionaries(
    {},
    optional={
        "programmes": st.sets(st.sampled_from(PROGRAMMES), min_size=1).map(tuple),
        "kinds": st.sets(st.sampled_from(list(Kind)), min_size=1).map(tuple),
        "ecosystems": st.sets(st.sampled_from(ECOSYSTEMS), min_size=1).map(tuple),
        "regions": st.sampled_from([(region("SE331", 1),), (region("north-sweden", 2),)]),
        "words": st.just(("trucks",)),
    },
)


@given(calls(), wishes)
def test_the_index_finds_what_a_look_at_every_call_finds(
    given_calls: list[StoredCall], filters: dict[str, Any]
) -> None:
    wish = subscription(filters=filters)
    slowly = {c.call.id: m.reasons for c in given_calls if (m := match_call(wish, c, KNOWN))}
    assert Matcher(given_calls, KNOWN).matching(wish) == slowly


def test_equal_filters_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def counting(*arguments: Any) -> Any:
        looked.append(arguments[1].call.id)
        return match_call(*arguments)

    monkeypatch.setattr(module, "match_call", counting)
    matcher = Matcher([stored(), stored(call("X", programme="SMP"))], KNOWN)
    filters = {"programmes": ("HORIZON",)}
    found = [matcher.matching(subscription(key=key, filters=filters)) for key in ("a", "b", "c")]
    assert found[0] == found[1] == found[2]
    assert looked == [call().id]

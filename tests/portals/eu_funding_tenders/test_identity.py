"""Which call a row belongs to, and which rows are no calls at all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.harvest import Issue, Role
from pipeline.normalise import Identity
from pipeline.normalise.eu_funding_tenders import identify
from tests.portals.eu_funding_tenders.rows import TOPIC, cascade, news, prospect, row, topic


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (topic(), Identity("SEDIA|48000001TOPICSen|en", TOPIC, Role.CALL, "en")),
        (topic("sv"), Identity("SEDIA|48000001TOPICSsv|sv", TOPIC, Role.TRANSLATION, "sv")),
        (topic(identifier=TOPIC.lower()), Identity("SEDIA|48000001TOPICSen|en", TOPIC, Role.CALL, "en")),
        (cascade(), Identity("SEDIA|15301COMPETITIVE_CALLen|en", "15301COMPETITIVE_CALL", Role.CALL, "en")),
        (prospect(), Identity("SEDIA|185123PROSPECTSEN|en", "185123PROSPECTS", Role.CALL, "en")),
        (news("x", ""), Identity("SEDIA|480000019999999|en", TOPIC, Role.NEWS, "en")),
        (row("x1", "8", callccm2Id="77"), Identity("SEDIA|x1|en", "77COMPETITIVE_CALL", Role.CALL, "en")),
        (row("x2", "2", callIdentifier="88"), Identity("SEDIA|x2|en", "88PROSPECTS", Role.CALL, "en")),
        (
            row("x3", "2", identifier="EuropeAid/99/DD/ACT/XX"),
            Identity("SEDIA|x3|en", "99PROSPECTS", Role.CALL, "en"),
        ),
    ],
)
def test_places_each_kind_of_row(item: Any, expected: Identity) -> None:
    assert identify(item) == expected


def test_frozen_copies_are_ghosts() -> None:
    frozen = topic(DATASOURCE="SEDIA_PRD_CENTRICITY")
    nameless = topic(DATASOURCE=None) | {"url": "https://x/topicDetails/ID.JSON"}
    del nameless["metadata"]["DATASOURCE"]
    for item in (frozen, nameless):
        identity = identify(item)
        assert isinstance(identity, Identity)
        assert (identity.role, identity.call_reference) == (Role.GHOST, TOPIC)


def test_news_without_data_source_are_not_ghosts() -> None:
    item = news("x", "") | {"url": "https://x/topic-details/ID.json"}
    del item["metadata"]["DATASOURCE"]
    identity = identify(item)
    assert isinstance(identity, Identity)
    assert identity.role is Role.NEWS


def test_a_stub_with_its_fields_at_the_top_is_placed() -> None:
    stub = {"reference": "8123COMPETITIVE_CALLen", "identifier": "SMP-X", "url": "https://x"}
    assert identify(stub) == Identity("|8123COMPETITIVE_CALLen|en", "8123COMPETITIVE_CALL", Role.CALL, "en")


@pytest.mark.parametrize(
    ("item", "field"),
    [
        (None, "item"),
        ("text", "item"),
        ({}, "reference"),
        ({"reference": "r" * 201}, "reference"),
        (row("r", "0", identifier="x"), "type"),
        (row("r", "99", identifier="x"), "type"),
        (row("r", "", identifier="x"), "type"),
        (row("r", "1"), "identifier"),
        (row("r", "1", identifier="x" * 201), "identifier"),
        (row("r", "8", callccm2Id="no number"), "identifier"),
        (topic(DATASOURCE="OTHER"), "DATASOURCE"),
        ({"reference": "r", "metadata": None}, "type"),
        ({"reference": ["r"], "metadata": []}, "reference"),
    ],
)
def test_what_cannot_be_placed_is_an_issue(item: Any, field: str) -> None:
    issue = identify(item)
    assert isinstance(issue, Issue)
    assert issue.field == field
    assert issue.problem


def test_control_characters_do_not_reach_keys() -> None:
    item = topic(identifier="HORIZON\x00-\u202eTEST ") | {"reference": "4\x008TOPICSen"}
    assert identify(item) == Identity("SEDIA|48TOPICSen|en", "HORIZON-TEST", Role.CALL, "en")


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
KEYS = st.sampled_from(
    ["reference", "metadata", "language", "url", "type", "identifier", "DATASOURCE", "REFERENCE"]
)


@given(JSON | st.dictionaries(KEYS, JSON | st.dictionaries(KEYS, JSON)))
def test_never_raises(item: Any) -> None:
    identity = identify(item)
    assert isinstance(identity, Issue) or (identity.call_reference or identity.role is Role.GHOST)

"""Folding, word boundaries, prefixes and vetoes."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.classify.automaton import Automaton, fold, words_at


def found(terms: list[str], text: str, vetoes: tuple[str, ...] = ()) -> list[str]:
    folded = fold(text)
    return [words_at(folded, hit) for hit in Automaton(terms, vetoes).find(folded)]


@pytest.mark.parametrize(
    ("term", "text", "words"),
    [
        ("rail", "a trail of railings", []),
        ("rail", "Rail, road", ["Rail"]),
        ("rail", "rail", ["rail"]),
        ("rail", "rail rail", ["rail", "rail"]),
        ("rail*", "trail railways", ["railways"]),
        ("gruv*", "Stöd till gruvindustrin i norr", ["gruvindustrin"]),
        ("ai", "maintain AI-based tools", ["AI"]),
        ("e-waste", "more E-Waste and e waste", ["E-Waste", "e waste"]),
        ("data space*", "common data spaces", ["data spaces"]),
        ("data space", "of data. Space is big", []),
        ("café", "le CAFÉ noir", ["CAFÉ"]),
        ("skog", "“Skog” – och ’trä’", ["Skog"]),
        ("fisk", "fisk\u00a0och\u00a0mat", ["fisk"]),
        ("straße*", "Straßenbau", ["Straßenbau"]),
        ("енергия", "ЕНЕРГИЯ и вода", ["ЕНЕРГИЯ"]),
        ("istanbul", "\u0130stanbul istanbul", ["istanbul"]),
        ("ªª", "anything ªª at all", []),
    ],
)
def test_boundaries_and_folding(term: str, text: str, words: list[str]) -> None:
    assert found([term], text) == words


@pytest.mark.parametrize(
    ("terms", "veto", "text", "words"),
    [
        (["space"], "space for", "space for growth, and outer space", ["space"]),
        (["health"], "soil health", "soil health and public health", ["health"]),
        (["health"], "soil health", "soil healthy things", []),
        (["soil health", "health"], "soil health", "Soil health", ["Soil health"]),
        (["data space*", "space*"], "data space*", "data spaces", ["data spaces"]),
        (["economy of space"], "space for", "economy of space for all", ["economy of space"]),
        (["build*"], "building block*", "building blocks of a building", ["building"]),
    ],
)
def test_vetoes_blank_what_is_shorter(terms: list[str], veto: str, text: str, words: list[str]) -> None:
    assert found(terms, text, (veto,)) == words


def test_a_term_written_in_two_ways_has_one_number() -> None:
    automaton = Automaton(["e-waste", "E waste", "steel"])
    assert automaton.numbers["e-waste"] == automaton.numbers["E waste"] != automaton.numbers["steel"]


@given(st.text())
@example("\ud800 lone surrogate \u0130")
@example("ﬁ ligature ŉ ǰ ΐ")
def test_folding_keeps_every_byte_at_its_place(text: str) -> None:
    folded = fold(text)
    assert len(folded.raw) == len(folded.plain)


@given(st.text(alphabet="abcåä é-.,*“’ ", max_size=40), st.text(alphabet="abcåä", min_size=2, max_size=5))
def test_a_word_between_spaces_is_always_found(before: str, word: str) -> None:
    assert word in found([word], f"{before} {word} {before}")

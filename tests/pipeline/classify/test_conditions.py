"""Terms that count only in company, or only in a certain place."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.classify import Classifier
from pipeline.classify.conditions import Conditions, Places
from pipeline.errors import ConfigError
from pipeline.profile import Condition, load_profiles

BASE = """
ecosystems:
  energy:
    name: {en: Energy}
    scope: Batteries.
    terms: {en: {3: [cells, battery], 1: [games]}}
  creative:
    name: {en: Creative}
    scope: Games.
    terms: {en: {3: [games, films]}}
"""
REGION = """
nuts: SE332
name: Norrbotten
priorities:
  - {name: Batteries, status: verified, provenance: test, ecosystems: [energy], terms: [battery]}
"""


def made(folder: Path, conditions: str) -> Classifier:
    regions = folder / "profiles" / "regions"
    regions.mkdir(parents=True, exist_ok=True)
    (folder / "profiles" / "ecosystems.yml").write_text(f"conditions: {conditions}\n{BASE}", encoding="utf-8")
    (regions / "SE332.yml").write_text(REGION, encoding="utf-8")
    return Classifier(load_profiles(folder))


def labels(of: Classifier, title: str, text: str = "") -> list[str]:
    return [label.id for label in of.classify_text(title=title, text=text).ecosystems]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("New cells for a lithium pack", ["energy"]),
        ("New living cells", []),
        ("New cells. " + "Much is said of other things here. " * 4 + "Then of lithium.", []),
    ],
)
def test_a_term_counts_near_another(tmp_path: Path, text: str, found: list[str]) -> None:
    of = made(tmp_path, "[{term: cells, near: [lithium*], within: 40}]")
    assert labels(of, text, text) == found


def test_a_term_counts_in_the_title_only(tmp_path: Path) -> None:
    of = made(tmp_path, "[{term: games, in: title}]")
    assert labels(of, "Video games") == ["creative"]
    assert labels(of, "Open call", "Video games and games again, games " * 9) == []


def test_a_term_counts_in_the_objective_only() -> None:
    condition = Condition.model_validate({"term": "films", "in": "objective"})
    conditions = Conditions([condition], {"films": 7})
    hits, places = [(7, 10, 15), (8, 20, 25), (7, 1500, 1505)], Places(title_end=5, objective_end=1400)
    assert conditions.kept(hits, places) == hits[:2]


@pytest.mark.parametrize(
    ("conditions", "problem"),
    [
        ("[{term: cellz, near: [x-ray]}]", 'unknown term "cellz". Did you mean "cells"?'),
        ("[{term: cells}]", "a condition needs `near` or `in`."),
        ("[{term: cells, in: footnote}]", "title"),
    ],
)
def test_a_mistake_names_line_and_remedy(tmp_path: Path, conditions: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        made(tmp_path, conditions)
    assert problem in str(caught.value)
    assert "ecosystems.yml:1" in str(caught.value)


def test_a_technology_stands_behind_the_sector_that_the_title_names(classifier: Classifier) -> None:
    text = "Artificial intelligence and algorithms are tried out by hospitals. " * 3
    found = classifier.classify_text(title="Apply AI: image screening in hospitals", text=text).ecosystems
    assert [label.id for label in found] == ["health", "digital"]
    alone = classifier.classify_text(
        title="Frontier artificial intelligence", text="Cloud and software."
    ).ecosystems
    assert [label.id for label in alone] == ["digital"]


def test_an_uncertain_label_says_so(classifier: Classifier) -> None:
    sure = classifier.classify_text(title="Fossil-free steel", text="Steelmaking with hydrogen. " * 5)
    assert [label.review for label in sure.ecosystems if label.rank == "primary"] == [False]
    doubtful = classifier.classify_text(title="Open call", text="Robots, software, cloud. " * 3 + "words " * 300)
    assert [(label.id, label.review) for label in doubtful.ecosystems] == [("digital", True)]


def test_a_short_text_needs_fewer_words_than_a_long_one(classifier: Classifier) -> None:
    short = classifier.classify_text(title="Open call", text="Hotels, tourism, restaurants and tourists.")
    assert [label.id for label in short.ecosystems] == ["tourism"]
    long = classifier.classify_text(title="Open call", text="Hotels and restaurants. " + "words " * 600)
    assert long.ecosystems == ()

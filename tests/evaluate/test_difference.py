"""What a change of profiles does to labels: gained, lost, moved, with the right reasons."""

from __future__ import annotations

from pipeline.evaluate.difference import Balance, Change, balance, changes
from pipeline.models import Because, Classification, EcosystemLabel, S3Label
from tests.builders import call

WHY, OTHER = (Because("words in the title", ("truck",), "title"),), (Because("prior: x"),)


def labels(*names: str, s3: dict[str, int] | None = None, because=WHY) -> Classification:
    ecosystems = tuple(
        EcosystemLabel(name, "secondary" if position else "primary", 0.9, because)
        for position, name in enumerate(names)
    )
    return Classification(ecosystems, tuple(S3Label(r, score, "", because) for r, score in (s3 or {}).items()))


def change(kind: str, name: str, before: float, after: float, because=WHY) -> Change:
    truck = call()
    return Change(kind, name, truck.id, truck.identifier, truck.title, before, after, because)


def test_equal_labels_are_no_change():
    same = labels("mobility", s3={"SE332": 2})
    assert changes([(call(), same, labels("mobility", s3={"SE332": 2}, because=OTHER))]) == []
    assert balance([(call(), same, same)], []) == []


def test_gained_and_lost_ecosystems_bring_the_words_of_the_side_that_has_them():
    found = changes([(call(), labels("mobility", "digital"), labels("mobility", "health", because=OTHER))])
    assert found == [change("ecosystem", "digital", 0.9, 0), change("ecosystem", "health", 0, 0.9, OTHER)]
    assert [each.gained for each in found] == [False, True]


def test_another_primary_is_told_even_if_the_labels_are_the_same():
    found = changes([(call(), labels("mobility", "digital"), labels("digital", "mobility", because=OTHER))])
    assert found == [change("primary", "mobility", 0.9, 0), change("primary", "digital", 0, 0.9, OTHER)]


def test_regions_move_up_and_down_and_zero_is_none():
    before = labels(s3={"A": 1, "B": 3, "C": 2, "D": 0})
    found = changes([(call(), before, labels(s3={"A": 2, "B": 2, "E": 1}, because=OTHER))])
    assert found == [
        change("region", "A", 1, 2, OTHER),
        change("region", "B", 3, 2),
        change("region", "C", 2, 0),
        change("region", "E", 0, 1, OTHER),
    ]


def test_the_balance_counts_calls_before_and_after():
    relabelled = [
        (call(), labels("mobility", s3={"A": 1}), labels("mobility", s3={"A": 3})),
        (call(), labels("mobility"), labels()),
        (call(), labels(), labels("digital", "mobility")),
    ]
    assert balance(relabelled, changes(relabelled)) == [
        Balance("ecosystem", "digital", 0, 1, 1, 0),
        Balance("ecosystem", "mobility", 2, 2, 1, 1),
        Balance("primary", "digital", 0, 1, 1, 0),
        Balance("primary", "mobility", 2, 1, 0, 1),
        Balance("region", "A", 1, 1, 1, 0),
    ]

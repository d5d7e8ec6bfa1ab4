"""Every metric against values computed by hand or by scikit-learn."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    cohen_kappa_score,
    f1_score,
    precision_recall_fscore_support,
)
from sklearn.preprocessing import MultiLabelBinarizer

from pipeline.evaluate import kappa
from pipeline.evaluate.confusion import confusion
from pipeline.evaluate.figures import classes, f1, figures, precision_at, reliability, scores
from pipeline.evaluate.intervals import bootstrap
from pipeline.evaluate.tally import Given, add, compare

CLASSES = ["health", "digital", "mobility", "tourism"]
label_sets = st.lists(st.sampled_from(CLASSES), unique=True, max_size=3)
levels = st.integers(0, 3)


def sample(n: int = 200) -> list[tuple[list[str], list[str]]]:
    draw = random.Random(5)
    return [tuple(draw.sample(CLASSES, draw.randint(0, 2)) for _ in "ab") for _ in range(n)]


def tally_of(pairs):
    return add(compare(Given(truth, {}), Given(ours, {})) for truth, ours in pairs)


def test_precision_recall_and_f1_are_those_of_scikit_learn():
    pairs = sample()
    binary = MultiLabelBinarizer(classes=sorted(CLASSES))
    truth, ours = binary.fit_transform([a for a, _ in pairs]), binary.fit_transform([b for _, b in pairs])
    precision, recall, each, support = precision_recall_fscore_support(truth, ours)
    tally = tally_of(pairs)
    for number, found in enumerate(classes(tally)):
        assert found.name == sorted(CLASSES)[number]
        expected = (precision[number], recall[number], each[number])
        assert (found.precision, found.recall, found.f1) == pytest.approx(expected)
        assert found.support == support[number]
        assert found.given == ours[:, number].sum()
    found = figures(tally)
    assert found["micro_f1"] == pytest.approx(f1_score(truth, ours, average="micro"))
    assert found["macro_f1"] == pytest.approx(f1_score(truth, ours, average="macro"))


def test_primary_zeros_and_f1_by_hand():
    pairs = [
        (["health"], ["health", "digital"]),  # hit, wrong; primary right
        (["health", "digital"], ["digital"]),  # hit, missed; primary wrong
        ([], []),  # kept
        ([], ["digital"]),  # wrong
    ]
    found = figures(tally_of(pairs))
    assert found["micro_f1"] == pytest.approx(2 * 2 / (2 * 2 + 2 + 1))
    assert found["macro_f1"] == pytest.approx((f1(1, 0, 1) + f1(1, 2, 0)) / 2)
    assert found["primary"] == 0.5
    assert found["zeros"] == 0.5
    assert "ece" not in found


def test_a_class_without_support_counts_in_micro_but_not_in_macro():
    found = figures(tally_of([(["health"], ["health", "tourism"])]))
    assert found["macro_f1"] == 1.0
    assert found["micro_f1"] == pytest.approx(2 / 3)
    assert "zeros" not in found


def test_an_empty_set_has_no_figures():
    assert figures({}) == {}
    assert bootstrap([]) == {}


def test_calibration_by_hand():
    ours = [
        Given(["health"], {}, {"health": 0.95}),
        Given(["digital"], {}, {"digital": 0.91}),
        Given(["mobility"], {}, {"mobility": 0.42}),
        Given(["tourism"], {}, {"tourism": 1.0}),
    ]
    truth = [["health"], ["health"], ["mobility"], ["tourism"]]
    tally = add(compare(Given(t, {}), o) for t, o in zip(truth, ours, strict=True))
    low, high = reliability(tally)
    assert (low.low, low.high, low.n, low.score, low.right) == (0.4, 0.5, 1, pytest.approx(0.42), 1.0)
    assert (high.low, high.high, high.n) == (0.9, 1.0, 3)
    assert (high.score, high.right) == (pytest.approx((0.95 + 0.91 + 1.0) / 3), pytest.approx(2 / 3))
    expected = (0.58 + 3 * abs((0.95 + 0.91 + 1.0) / 3 - 2 / 3)) / 4
    assert figures(tally)["ece"] == pytest.approx(expected)


def test_weighted_kappa_is_that_of_scikit_learn():
    draw = random.Random(3)
    a = [draw.randint(0, 3) for _ in range(300)]
    b = [min(3, max(0, x + draw.choice((-1, 0, 0, 0, 1, 2)))) for x in a]
    tally = add(compare(Given([], {"R": x}), Given([], {"R": y})) for x, y in zip(a, b, strict=True))
    assert kappa.weighted_kappa(scores(tally, "R")) == pytest.approx(cohen_kappa_score(a, b, weights="quadratic"))
    assert figures(tally)["kappa R"] == pytest.approx(cohen_kappa_score(a, b, weights="quadratic"))


def test_a_region_that_is_not_named_scores_nothing():
    tally = compare(Given([], {"R": 2, "S": 0}), Given([], {"S": 1, "T": 3}))
    assert scores(tally, "R")[2] == [1, 0, 0, 0]
    assert scores(tally, "S")[0] == [0, 1, 0, 0]
    assert ("s3", "T", 0, 3) not in tally


def test_cohen_is_that_of_scikit_learn():
    draw = random.Random(4)
    pairs = [(draw.random() < 0.3, draw.random() < 0.4) for _ in range(100)]
    expected = cohen_kappa_score([a for a, _ in pairs], [b for _, b in pairs])
    assert kappa.cohen(pairs) == pytest.approx(expected)


@pytest.mark.parametrize("pairs", [[], [(True, True)] * 4, [(False, False)]])
def test_cohen_is_undefined_where_nobody_varies(pairs):
    assert kappa.cohen(pairs) is None


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [
        ("", "", 0.0),
        ("xy", "yx", 0.0),
        ("", "x", 1.0),
        ("x", "y", 1.0),
        ("x", "xy", 1 - 2 / 3 * 1 / 2),
        ("xyz", "x", 1 - 2 / 3 * 1 / 3),
        ("xy", "yz", 1 - 1 / 3 * 1 / 3),
    ],
)
def test_masi_distance(a, b, distance):
    assert kappa.masi_distance(frozenset(a), frozenset(b)) == pytest.approx(distance)


def test_alpha_by_hand():
    x, y, xy = frozenset("x"), frozenset("y"), frozenset("xy")
    pairs = [(x, x), (y, y), (x, xy)]
    # Values: x 3, y 2, xy 1 of 6. Distances: x-y 1, x-xy and y-xy 2/3. Observed: (0 + 0 + 2/3) / 3.
    expected = 2 * (3 * 2 * 1 + 3 * 1 * 2 / 3 + 2 * 1 * 2 / 3) / (6 * 5)
    assert kappa.alpha(pairs) == pytest.approx(1 - (2 / 9) / expected)
    assert kappa.alpha([(x, x), (x, x)]) is None
    assert kappa.alpha([(x, x), (y, y)]) == 1.0


def test_precision_at_counts_ties_by_their_average():
    matrix = [[5, 0, 0, 1], [0, 2, 0, 0], [0, 0, 1, 1], [0, 2, 0, 2]]
    # 4 calls scored 3 (3 of them labelled 2 or 3), 1 scored 2 (1), 4 scored 1 (2), 5 scored 0: never shown.
    assert precision_at(matrix, 4) == pytest.approx(3 / 4)
    assert precision_at(matrix, 7) == pytest.approx((3 + 1 + 2 * 2 / 4) / 7)
    assert precision_at(matrix, 20) == pytest.approx(6 / 9)
    assert precision_at([[3, 0, 0, 0]] * 4, 20) is None


def test_bootstrap_draws_families_and_is_seeded():
    right, wrong = tally_of([(["health"], ["health"])]), tally_of([(["health"], ["digital"])])
    whole = bootstrap([add([right] * 8 + [wrong] * 2)])
    assert whole["primary"] == (0.8, 0.8)  # one family: nothing can move
    single = bootstrap([right] * 8 + [wrong] * 2)
    assert single == bootstrap([right] * 8 + [wrong] * 2)
    low, high = single["primary"]
    assert 0.4 <= low <= 0.6  # binomial(10, 0.8): 2.5 % lies at 5, 97.5 % at 10
    assert high == 1.0
    assert bootstrap([right] * 8 + [wrong] * 2, seed=1).keys() == single.keys()


def test_confusion_counts_first_labels():
    found = confusion([(["a", "b"], ["a"]), (["a"], []), ([], ["b"]), ([], [])], ["b", "a", "c"])
    assert found.names == ("b", "a", "none")
    assert found.counts == ((0, 0, 0), (0, 1, 1), (1, 0, 1))


@given(st.lists(st.tuples(label_sets, label_sets), max_size=12))
def test_shares_are_between_nothing_and_all(pairs):
    for value in figures(tally_of(pairs)).values():
        assert 0.0 <= value <= 1.0


@given(st.lists(st.tuples(levels, levels), min_size=1, max_size=30))
def test_kappa_is_between_minus_one_and_one(pairs):
    tally = add(compare(Given([], {"R": a}), Given([], {"R": b})) for a, b in pairs)
    found = kappa.weighted_kappa(scores(tally, "R"))
    assert found is None or -1 - 1e-9 <= found <= 1 + 1e-9
    plain = kappa.cohen([(a > 1, b > 1) for a, b in pairs])
    assert plain is None or -1 - 1e-9 <= plain <= 1 + 1e-9


@given(st.lists(st.tuples(label_sets.map(frozenset), label_sets.map(frozenset)), min_size=1, max_size=12))
def test_alpha_is_at_most_one_and_one_only_without_a_difference(pairs):
    found = kappa.alpha(pairs)
    if found is not None:
        assert found <= 1.0
        assert (found == 1.0) == all(a == b for a, b in pairs)

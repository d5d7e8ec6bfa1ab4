"""One call compared with its labels, as counts that add up: the tally of a set is the sum of its calls' tallies.

Keys: ("calls",) ("primary",) ("zero",) ("kept",) ("hit", class) ("wrong", class) ("missed", class)
("bin", number, "n" | "score" | "right") ("s3", region, labelled, ours).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

Key = tuple[str | int, ...]
Tally = dict[Key, float]

BINS = 10


class Given:
    """The labels that somebody or something gave a call: ecosystems, primary first, and scores if it has any."""

    __slots__ = ("ecosystems", "s3", "scores")

    def __init__(
        self, ecosystems: Sequence[str], s3: Mapping[str, int], scores: Mapping[str, float] | None = None
    ) -> None:
        self.ecosystems = tuple(ecosystems)
        self.s3 = dict(s3)
        self.scores = dict(scores or {})


def compare(truth: Given, ours: Given) -> Tally:
    """The tally of one call. Regions that `truth` does not score are left out; one we do not name scores 0."""
    true, said = set(truth.ecosystems), set(ours.ecosystems)
    tally: Tally = {("calls",): 1.0}
    if truth.ecosystems[:1] == ours.ecosystems[:1]:
        tally["primary",] = 1.0
    if not true:
        tally["zero",] = 1.0
        if not said:
            tally["kept",] = 1.0
    for kind, names in (("hit", true & said), ("wrong", said - true), ("missed", true - said)):
        tally.update(dict.fromkeys(((kind, name) for name in names), 1.0))
    _count_scores(tally, ours.scores, true)
    for region, score in truth.s3.items():
        tally["s3", region, score, ours.s3.get(region, 0)] = 1.0
    return tally


def _count_scores(tally: Tally, scores: Mapping[str, float], true: set[str]) -> None:
    for name, score in scores.items():
        number = min(BINS - 1, int(score * BINS))
        for what, amount in (("n", 1.0), ("score", score), ("right", float(name in true))):
            key = ("bin", number, what)
            tally[key] = tally.get(key, 0.0) + amount


def add(tallies: Iterable[Tally]) -> Tally:
    """Their sum."""
    total: Tally = {}
    get = total.get
    for tally in tallies:
        for key, amount in tally.items():
            total[key] = get(key, 0.0) + amount
    return total

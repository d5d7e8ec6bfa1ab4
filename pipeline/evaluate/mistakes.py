"""The calls that went most wrong: labels given with a high score that are wrong, labels missed, S3 far off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter

import msgspec

from pipeline.evaluate.labelled import Labelled
from pipeline.models import Because, Classification

Judged = tuple[Labelled, str, Classification]
"""A labelled call, its title, and what the classifier says of it."""


class Mistake(msgspec.Struct, frozen=True):
    """One mistake. `kind`: wrong, missed or s3; `weight`: how bad, 0 to 1, comparable within a kind.

    `label` is the ecosystem or region it is about, `truth` and `ours` all labels of the call (of S3: the scores).
    """

    kind: str
    weight: float
    identifier: str
    title: str
    label: str
    truth: str
    ours: str
    because: tuple[Because, ...] = ()


def worst(judged: Sequence[Judged], most: int) -> list[Mistake]:
    """At most `most` mistakes of each kind, the worst first."""
    found = [mistake for each in judged for mistake in _of(*each)]
    chosen = []
    for kind in ("wrong", "missed", "s3"):
        mine = sorted((m for m in found if m.kind == kind), key=attrgetter("identifier", "label"))
        chosen += sorted(mine, key=lambda mistake: -mistake.weight)[:most]
    return chosen


def _of(labelled: Labelled, title: str, result: Classification) -> Iterator[Mistake]:
    yield from _ecosystems(labelled, title, result)
    ours = {label.region: label for label in result.s3}
    for region, truth in labelled.s3.items():
        label = ours.get(region)
        score = label.score if label else 0
        if score != truth.score:
            weight = abs(score - truth.score) / 3
            because = label.because if label else ()
            yield Mistake("s3", weight, labelled.name, title, region, str(truth.score), str(score), because)


def _ecosystems(labelled: Labelled, title: str, result: Classification) -> Iterator[Mistake]:
    truth = _listed(labelled.eco)
    ours = _listed([f"{label.id} {label.score:.2f}" for label in result.ecosystems])
    for label in result.ecosystems:
        if label.id not in labelled.eco:
            yield Mistake("wrong", label.score, labelled.name, title, label.id, truth, ours, label.because)
    given = {label.id for label in result.ecosystems}
    because = tuple(reason for label in result.ecosystems for reason in label.because)
    for position, name in enumerate(labelled.eco):
        if name not in given:  # a primary one missed is worse, and where nothing else was found it is worst
            weight = (1.0 if not given.intersection(labelled.eco) else 0.7) / (1 + position)
            yield Mistake("missed", weight, labelled.name, title, name, truth, ours, because)


def _listed(labels: Sequence[str]) -> str:
    return ", ".join(labels) or "none"

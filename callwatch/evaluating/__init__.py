"""Judges the classifier by labelled sets: finds the texts of the labelled calls, classifies, counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from callwatch.evaluating.texts import Library
from pipeline.classify import Classifier
from pipeline.errors import ConfigError
from pipeline.evaluate.agreement import Agreement, agreement
from pipeline.evaluate.confusion import Confusion, confusion
from pipeline.evaluate.figures import Bin, ClassFigures, classes, figures, regions, reliability, scores
from pipeline.evaluate.intervals import Interval, bootstrap
from pipeline.evaluate.labelled import Labelled, family, parse
from pipeline.evaluate.mistakes import Judged, Mistake, worst
from pipeline.evaluate.tally import Given, Tally, add, compare
from pipeline.models import Classification

HELD_BACK = "_test"
"""End of the name of a set that nothing is tuned on: its single mistakes are shown only when asked for."""


class Evaluation(msgspec.Struct, frozen=True):
    """What there is to say about one set. `missing`: labelled calls whose text was not found, left out of it all
    but of the readers' agreement."""

    name: str
    calls: int
    families: int
    missing: list[str]
    figures: dict[str, float]
    intervals: dict[str, Interval]
    classes: list[ClassFigures]
    reliability: list[Bin]
    s3: dict[str, list[list[float]]]
    confusion: Confusion
    agreement: Agreement | None
    mistakes: list[Mistake] = []


def read_set(path: Path, ecosystems: Sequence[str]) -> list[Labelled]:
    """The labelled calls of a file; raises ConfigError with file, line and remedy."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}). Name a set of labelled calls.") from error
    return parse(body, str(path), ecosystems)


def evaluate(
    path: Path, library: Library, classifier: Classifier, ecosystems: Sequence[str], most: int | None = None
) -> Evaluation:
    """Judge `classifier` by the set at `path`; `most` mistakes of each kind; None: 10, or 0 if it is held back."""
    rows = read_set(path, ecosystems)
    judged, missing = _judge(rows, library, classifier)
    if most is None:
        most = 0 if path.stem.endswith(HELD_BACK) else 10
    tallies = [(family(row.name), _tally(row, result)) for row, _, result in judged]
    families = _by_family(tallies)
    total = add(families.values())
    return Evaluation(
        name=path.stem,
        calls=len(judged),
        families=len(families),
        missing=missing,
        figures=figures(total),
        intervals=bootstrap(list(families.values())),
        classes=classes(total),
        reliability=reliability(total),
        s3={region: scores(total, region) for region in regions(total)},
        confusion=confusion(((row.eco, _ids(result)) for row, _, result in judged), ecosystems),
        agreement=agreement(rows),
        mistakes=worst(judged, most),
    )


def _judge(rows: Sequence[Labelled], library: Library, classifier: Classifier) -> tuple[list[Judged], list[str]]:
    judged: list[Judged] = []
    missing = []
    for row in rows:
        call = library.find(row)
        if call is None:
            missing.append(row.name)
        else:
            judged.append((row, call.title, classifier.classify(call)))
    return judged, missing


def _by_family(tallies: Sequence[tuple[str, Tally]]) -> Mapping[str, Tally]:
    grouped: dict[str, list[Tally]] = {}
    for name, tally in tallies:
        grouped.setdefault(name, []).append(tally)
    return {name: add(mine) for name, mine in sorted(grouped.items())}


def _tally(row: Labelled, result: Classification) -> Tally:
    truth = Given(row.eco, {region: relevance.score for region, relevance in row.s3.items()})
    s3 = {label.region: label.score for label in result.s3}
    return compare(truth, Given(_ids(result), s3, {label.id: label.score for label in result.ecosystems}))


def _ids(result: Classification) -> list[str]:
    return [label.id for label in result.ecosystems]

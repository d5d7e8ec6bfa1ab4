"""The main figures of a tally, by name; a figure that the set cannot tell (no zeros in it, say) is left out.

micro_f1, macro_f1   over all labels; the mean over the classes that occur in the labels
primary              share of calls whose first label, or whose having none, is right
zeros                share of calls labelled with nothing that were given nothing
ece                  expected calibration error: how far scores are from the share that is right, 0 is best
kappa REGION         agreement of S3 scores beyond chance, quadratic weights
top20 REGION         share of the 20 calls scored highest that are labelled 2 or 3; ties count by their average
"""

from __future__ import annotations

import math

import msgspec

from pipeline.evaluate.kappa import weighted_kappa
from pipeline.evaluate.tally import BINS, Tally

TOP = 20
RELEVANT = 2


class ClassFigures(msgspec.Struct, frozen=True):
    """One ecosystem: how many of its labels are right. `support` calls bear it in truth."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int
    given: int


class Bin(msgspec.Struct, frozen=True):
    """The labels with a score from `low` to `high`: how many, their mean score, the share that is right."""

    low: float
    high: float
    n: int
    score: float
    right: float


def f1(hit: float, wrong: float, missed: float) -> float:
    """0 to 1; 1 when there was nothing to find and nothing was said."""
    whole = 2 * hit + wrong + missed
    return 2 * hit / whole if whole else 1.0


def classes(tally: Tally) -> list[ClassFigures]:
    """Every ecosystem that was labelled or given, by name."""
    names = sorted({str(key[1]) for key in tally if key[0] in ("hit", "wrong", "missed")})
    return [_class(name, *(tally.get((kind, name), 0.0) for kind in ("hit", "wrong", "missed"))) for name in names]


def _class(name: str, hit: float, wrong: float, missed: float) -> ClassFigures:
    return ClassFigures(
        name=name,
        precision=hit / (hit + wrong) if hit + wrong else 0.0,
        recall=hit / (hit + missed) if hit + missed else 0.0,
        f1=f1(hit, wrong, missed),
        support=round(hit + missed),
        given=round(hit + wrong),
    )


def reliability(tally: Tally) -> list[Bin]:
    """The bins that hold labels, lowest scores first."""
    found = []
    for number in range(BINS):
        n = tally.get(("bin", number, "n"), 0.0)
        if n:
            score, right = (tally[("bin", number, what)] / n for what in ("score", "right"))
            found.append(Bin(number / BINS, (number + 1) / BINS, round(n), score, right))
    return found


def scores(tally: Tally, region: str) -> list[list[float]]:
    """Calls by labelled score (rows) and ours (columns)."""
    return [[tally.get(("s3", region, true, ours), 0.0) for ours in range(4)] for true in range(4)]


def regions(tally: Tally) -> list[str]:
    """The regions whose relevance is labelled."""
    return sorted({str(key[1]) for key in tally if key[0] == "s3"})


def figures(tally: Tally) -> dict[str, float]:
    """Name -> value, in the order of the list above."""
    by_class = classes(tally)
    calls, zero = tally.get(("calls",), 0.0), tally.get(("zero",), 0.0)
    supported = [c.f1 for c in by_class if c.support]
    found: dict[str, float | None] = {
        "micro_f1": f1(*(_sum(tally, kind) for kind in ("hit", "wrong", "missed"))) if calls else None,
        "macro_f1": sum(supported) / len(supported) if supported else None,
        "primary": tally.get(("primary",), 0.0) / calls if calls else None,
        "zeros": tally.get(("kept",), 0.0) / zero if zero else None,
        "ece": _calibration_error(tally),
    }
    for region in regions(tally):
        matrix = scores(tally, region)
        found[f"kappa {region}"] = weighted_kappa(matrix)
        found[f"top{TOP} {region}"] = precision_at(matrix, TOP)
    return {name: value for name, value in found.items() if value is not None}


def _sum(tally: Tally, kind: str) -> float:
    return math.fsum(amount for key, amount in tally.items() if key[0] == kind)


def _calibration_error(tally: Tally) -> float | None:
    bins = reliability(tally)
    total = sum(b.n for b in bins)
    return sum(b.n * abs(b.score - b.right) for b in bins) / total if total else None


def precision_at(matrix: list[list[float]], top: int) -> float | None:
    """Share labelled `RELEVANT` or more among the `top` calls that we score highest, those scored 0 never.

    Of calls with the same score any may stand at the edge: the expected share is given.
    """
    taken = relevant = 0.0
    for ours in (3, 2, 1):
        column = [row[ours] for row in matrix]
        size = sum(column)
        share = min(1.0, (top - taken) / size) if size else 0.0
        taken += share * size
        relevant += share * sum(column[RELEVANT:])
    return relevant / taken if taken else None

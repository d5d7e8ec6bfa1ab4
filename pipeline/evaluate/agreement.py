"""Two readers compared with each other: the upper bound of what any classifier can be asked for."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pipeline.evaluate import kappa
from pipeline.evaluate.figures import figures
from pipeline.evaluate.labelled import Labelled
from pipeline.evaluate.tally import Given, add, compare

OWN_FIGURES = ("micro_f1", "macro_f1", "primary", "zeros")


class Agreement(msgspec.Struct, frozen=True):
    """Of `calls` labelled twice. `figures`: the second reader judged by the first, as the classifier is judged.

    `kappas`: Cohen's kappa of each ecosystem that occurs; `alpha`: Krippendorff's of the sets, MASI distance.
    """

    calls: int
    figures: dict[str, float]
    kappas: dict[str, float]
    alpha: float | None


def agreement(rows: Sequence[Labelled]) -> Agreement | None:
    """How the two readers of these calls agree; None if no call was labelled twice."""
    pairs = [(row.eco_a or (), row.eco_b or ()) for row in rows if row.twice]
    if not pairs:
        return None
    names = sorted({label for a, b in pairs for label in (*a, *b)})
    kappas = {name: kappa.cohen([(name in a, name in b) for a, b in pairs]) for name in names}
    return Agreement(
        calls=len(pairs),
        figures=_figures(rows),
        kappas={name: value for name, value in kappas.items() if value is not None},
        alpha=kappa.alpha([(frozenset(a), frozenset(b)) for a, b in pairs]),
    )


def _figures(rows: Sequence[Labelled]) -> dict[str, float]:
    found = figures(add(_compared(row) for row in rows if row.twice))
    return {name: value for name, value in found.items() if name in OWN_FIGURES or name.startswith("kappa ")}


def _compared(row: Labelled) -> dict[tuple[str | int, ...], float]:
    both = {r: (s.a, s.b) for r, s in row.s3.items() if s.a is not None and s.b is not None}
    first = Given(row.eco_a or (), {region: a for region, (a, _) in both.items() if a is not None})
    second = Given(row.eco_b or (), {region: b for region, (_, b) in both.items() if b is not None})
    return compare(first, second)

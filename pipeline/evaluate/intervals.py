"""How far a figure would move with other calls: percentile intervals by bootstrap.

Whole families of calls are drawn, not calls: sister topics share their text, so that each is worth less than one
call of its own. The draw is seeded: the same set gives the same interval.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from pipeline.evaluate.figures import figures
from pipeline.evaluate.tally import Tally, add

RESAMPLES = 1_000
SEED = 20261126
LOW, HIGH = 0.025, 0.975

Interval = tuple[float, float]


def bootstrap(families: Sequence[Tally], resamples: int = RESAMPLES, seed: int = SEED) -> dict[str, Interval]:
    """Figure -> its 95 % interval; `families` holds the tally of each family."""
    draw = random.Random(seed)  # noqa: S311 - statistics, not secrets
    drawn: dict[str, list[float]] = {}
    for _ in range(resamples if families else 0):
        for name, value in figures(add(draw.choices(families, k=len(families)))).items():
            drawn.setdefault(name, []).append(value)
    return {name: _interval(sorted(values)) for name, values in drawn.items()}


def _interval(values: Sequence[float]) -> Interval:
    last = len(values) - 1
    return values[round(LOW * last)], values[round(HIGH * last)]

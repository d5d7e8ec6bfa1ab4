"""Agreement beyond chance: 1 is perfect, 0 what chance gives, below 0 worse than chance. None where undefined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

Labels = frozenset[str]

# MASI (Passonneau 2006): of one set within the other two thirds of the overlap count, of sets that cross a third.
_WITHIN, _OVERLAP = 2 / 3, 1 / 3


def cohen(pairs: Iterable[tuple[bool, bool]]) -> float | None:
    """Cohen's kappa of two readers who each say yes or no. None when neither ever varies."""
    counts = Counter((bool(a), bool(b)) for a, b in pairs)
    n = counts.total()
    yes_a = counts[True, True] + counts[True, False]
    yes_b = counts[True, True] + counts[False, True]
    by_chance = (yes_a * yes_b + (n - yes_a) * (n - yes_b)) / n**2 if n else 1.0
    if by_chance == 1.0:
        return None
    return ((counts[True, True] + counts[False, False]) / n - by_chance) / (1 - by_chance)


def weighted_kappa(matrix: Sequence[Sequence[float]]) -> float | None:
    """Cohen's kappa with quadratic weights of a square matrix of counts. None when chance alone agrees wholly."""
    rows, columns = [sum(row) for row in matrix], [sum(column) for column in zip(*matrix, strict=True)]
    total = sum(rows)
    seen = expected = 0.0
    for i, row in enumerate(matrix):
        for j, count in enumerate(row):
            seen += (i - j) ** 2 * count
            expected += (i - j) ** 2 * rows[i] * columns[j]
    return 1 - seen * total / expected if expected else None


def masi_distance(a: Labels, b: Labels) -> float:
    """0 for equal sets (two empty ones, too), 1 for sets without a common label."""
    if a == b:
        return 0.0
    shared = a & b
    factor = _WITHIN if a <= b or b <= a else _OVERLAP
    return 1 - factor * len(shared) / len(a | b)


def alpha(pairs: Sequence[tuple[Labels, Labels]]) -> float | None:
    """Krippendorff's alpha with the MASI distance, of calls that two readers labelled with a set each.

    None when there are no two different sets to confuse.
    """
    values = Counter(labels for pair in pairs for labels in pair)
    n = values.total()
    expected = sum(values[a] * values[b] * masi_distance(a, b) for a in values for b in values if a != b)
    if not expected:
        return None
    observed = sum(masi_distance(a, b) for a, b in pairs) / len(pairs)
    return 1 - observed * n * (n - 1) / expected

"""Which primary class is taken for which: counts by labelled class (rows) and ours (columns)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

NONE = "none"


class Confusion(msgspec.Struct, frozen=True):
    """`counts[i][j]` calls whose first label is `names[i]` were given `names[j]` first; "none" = no label."""

    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def confusion(pairs: Iterable[tuple[Sequence[str], Sequence[str]]], order: Sequence[str]) -> Confusion:
    """From (labels in truth, labels given) of each call. Classes that do not occur are left out; none is last."""
    firsts = [((truth[0] if truth else NONE), (ours[0] if ours else NONE)) for truth, ours in pairs]
    counts = Counter(firsts)
    seen = {name for pair in firsts for name in pair}
    names = tuple(name for name in (*order, NONE) if name in seen)
    return Confusion(names, tuple(tuple(counts[true, ours] for ours in names) for true in names))

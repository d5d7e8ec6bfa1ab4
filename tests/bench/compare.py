"""Whether something has become slower: the ratios to the limits, now and as stored. Seconds are not compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec

from tests.bench.figure import Figure

WORSE = 1.3
"""So many times the stored cost is too much."""
ENOUGH = 0.05
"""CPU seconds below which a clock says nothing."""
WEIGHTY = 50.0
"""MB below which a peak of memory says nothing: the allocator's habits weigh more."""


class Verdict(StrEnum):
    """What is said of one figure."""

    FINE = "fine"
    WORSE = "worse"
    SMALL = "too small to judge"
    NEW = "not stored yet"
    ABSENT = "not measured"


class Judged(msgspec.Struct, frozen=True):
    """One figure: `cost` and `memory` are how many times what is stored it takes; None where it cannot be said."""

    key: str
    verdict: Verdict
    cost: float | None = None
    memory: float | None = None


def compared(stored: Sequence[Figure], now: Sequence[Figure]) -> list[Judged]:
    """Each figure of either; those that were not measured now come last."""
    known, found = {one.key: one for one in stored}, {one.key for one in now}
    absent = [Judged(key, Verdict.ABSENT) for key in known if key not in found]
    return [_judged(known.get(one.key), one) for one in now] + absent


def _judged(stored: Figure | None, now: Figure) -> Judged:
    if stored is None:
        return Judged(now.key, Verdict.NEW)
    cost = stored.ratio / now.ratio if stored.ratio and now.ratio and _clear(stored, now) else None
    memory = now.memory / stored.memory if now.memory and stored.memory and _heavy(stored, now) else None
    grown = [value for value in (cost, memory) if value is not None]
    if not grown:
        return Judged(now.key, Verdict.SMALL)
    return Judged(now.key, Verdict.WORSE if max(grown) > WORSE else Verdict.FINE, cost, memory)


def _clear(*figures: Figure) -> bool:
    return all(figure.clock >= ENOUGH for figure in figures)


def _heavy(*figures: Figure) -> bool:
    return all(figure.whole and (figure.memory or 0) >= WEIGHTY for figure in figures)


def best(measured: Iterable[Sequence[Figure]]) -> list[Figure]:
    """Of several measurements of the same, the best of each figure: others on the machine only ever make it worse.

    The order is that of the first measurement.
    """
    found: dict[str, Figure] = {}
    for figure in (figure for one in measured for figure in one):
        found[figure.key] = _better(found.get(figure.key), figure)
    return list(found.values())


def _better(one: Figure | None, other: Figure) -> Figure:
    if one is None:
        return other
    better = other if (other.ratio or 0) > (one.ratio or 0) else one
    memory = min((m for m in (one.memory, other.memory) if m is not None), default=None)
    return msgspec.structs.replace(better, memory=memory)


def worse(judged: Iterable[Judged]) -> list[str]:
    """Keys of what is worse."""
    return [one.key for one in judged if one.verdict is Verdict.WORSE]


def told(judged: Sequence[Judged], names: Mapping[str, str]) -> str:
    """For a person: each figure with what became of it."""
    rows = [(names.get(one.key, one.key), _times(one), one.verdict.value) for one in judged]
    width = max((len(name) for name, _, _ in rows), default=0)
    return "\n".join(f"{name.ljust(width)}  {times:24}  {verdict}" for name, times, verdict in rows)


def _times(one: Judged) -> str:
    cost = "" if one.cost is None else f"cost x {one.cost:.2f}"
    memory = "" if one.memory is None else f"memory x {one.memory:.2f}"
    return "  ".join(filter(None, (cost, memory)))

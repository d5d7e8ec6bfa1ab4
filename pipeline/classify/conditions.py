"""Terms that count only in company or in a certain place ("cells" near "battery", "games" in the title). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pipeline.classify.automaton import Hit
from pipeline.profile import Condition


class _Rule(NamedTuple):
    """A condition with the numbers of its terms; `title`, `objective`: where the term has to stand."""

    near: frozenset[int]
    within: int
    title: bool
    objective: bool


class Places(NamedTuple):
    """Where title and objective of a call end, in bytes of the folded text."""

    title_end: int
    objective_end: int


class Conditions:
    """The conditions of the profiles, by the numbers that the automaton gave to the terms."""

    def __init__(self, conditions: Iterable[Condition], numbers: Mapping[str, int]) -> None:
        self._rules: dict[int, list[_Rule]] = {}
        for condition in conditions:
            near = frozenset(numbers[term] for term in condition.near)
            place = condition.place
            rule = _Rule(near, condition.within, place == "title", place == "objective")
            self._rules.setdefault(numbers[condition.term], []).append(rule)

    def kept(self, hits: list[Hit], places: Places) -> list[Hit]:
        """The hits without those whose conditions do not hold."""
        if self._rules.keys().isdisjoint([hit[0] for hit in hits]):
            return hits
        return list(self._kept(hits, places))

    def _kept(self, hits: list[Hit], places: Places) -> Iterator[Hit]:
        for hit in hits:
            rules = self._rules.get(hit[0])
            if rules is None or all(_holds(rule, hit, hits, places) for rule in rules):
                yield hit


def _holds(rule: _Rule, hit: Hit, hits: list[Hit], places: Places) -> bool:
    _, start, end = hit
    if rule.title and start >= places.title_end:
        return False
    if rule.objective and start >= places.objective_end:
        return False
    if not rule.near:
        return True
    first, last = start - rule.within, end + rule.within
    return any(number in rule.near and first <= at and until <= last for number, at, until in hits)

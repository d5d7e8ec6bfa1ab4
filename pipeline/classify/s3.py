"""How relevant a call is for each region's Smart Specialisation (S3) priorities, 0 to 3.

3  its main object is a priority: the priority's own terms in the title and the text, in its ecosystem
2  a substantial part is: own terms in the title, or often enough in the text
1  enabling: a few own terms, or only the wide ecosystem of a priority; weak words give no more
A region's geographic hooks ("arctic") lift a call that scores at all by one step, at most to 3. A programme that
pays nobody in the region, and a call for another part of the world, score 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.classify.evidence import Evidence
from pipeline.models import Because, EcosystemLabel, S3Label
from pipeline.profile import Priority, Profiles

# Mentions of a priority's own terms in the text; in the lead they count 1.5. Thresholds chosen on 77 calls scored
# for two regions by two readers.
SOME, CLEAR, MAIN = 3.0, 6.0, 20.0
MAIN_TITLE_TERMS = 2
WEAK_MENTIONS = 3.0
HOOK_MENTIONS = 3.0

Terms = frozenset[int]
RULES = {3: "main object", 2: "substantial part", 1: "enabling"}


@dataclass(frozen=True, slots=True)
class _Aim:
    """One priority of one region, with the numbers of its own and of its weak terms."""

    region: int
    name: str
    ecosystems: frozenset[str]
    own: frozenset[int]
    weak: frozenset[int]


class _Best(NamedTuple):
    """The priority that fits a region best. `title`, `mentions`: its own terms there and in the rest."""

    score: int
    weight: float
    aim: _Aim
    title: float
    mentions: float


class S3Classifier:
    """Scores calls for all regions at once; built once from the profiles and the automaton's term numbers."""

    def __init__(self, profiles: Profiles, numbers: Mapping[str, int]) -> None:
        self._regions = tuple(profiles.regions)
        self._shut: dict[str, set[int]] = {}
        self._elsewhere = frozenset(numbers[word] for word in profiles.elsewhere)
        self._aims: list[_Aim] = []
        self._own: dict[int, list[int]] = {}
        self._weak: dict[int, list[int]] = {}
        self._hooks: dict[int, list[int]] = {}
        self._fitting: dict[str, frozenset[int]] = {}
        for number, region in enumerate(profiles.regions.values()):
            for programme in region.ineligible:
                self._shut.setdefault(programme, set()).add(number)
            for hook in region.hooks:
                self._hooks.setdefault(numbers[hook], []).append(number)
            for priority in region.priorities:
                self._add(number, priority, numbers)

    def _add(self, region: int, priority: Priority, numbers: Mapping[str, int]) -> None:
        number = len(self._aims)
        own = frozenset(numbers[word] for word in priority.terms)
        weak = frozenset(numbers[word] for word in priority.weak)
        self._aims.append(_Aim(region, priority.name, frozenset(priority.ecosystems), own, weak))
        for ecosystem in priority.ecosystems:
            self._fitting[ecosystem] = self._fitting.get(ecosystem, frozenset()) | {number}
        for terms, target in ((own, self._own), (weak, self._weak)):
            for term in terms:
                target.setdefault(term, []).append(number)

    def label(
        self, evidence: Evidence, ecosystems: Sequence[EcosystemLabel], programme: str = ""
    ) -> tuple[S3Label, ...]:
        """Labels of the regions that score 1 or more, in the order of the profiles."""
        if not self._elsewhere.isdisjoint(evidence.title):
            return ()
        best: dict[int, _Best] = {}
        for found in self._find(evidence, [label.id for label in ecosystems]):
            known = best.get(found.aim.region)
            if known is None or _beats(found, known, evidence):
                best[found.aim.region] = found
        for region in self._shut.get(programme, ()):
            best.pop(region, None)
        if not best:
            return ()
        hooked = self._hooked(evidence)
        reasons = _Reasons(evidence)
        return tuple([self._label(best[region], reasons, hooked.get(region)) for region in sorted(best)])

    def _find(self, evidence: Evidence, ids: Sequence[str]) -> Iterator[_Best]:
        """The aims that score for a call with these ecosystems: they fit it, or the title names them."""
        title = self._tally(dict.fromkeys(evidence.title, 1.0))
        mentions = self._tally(evidence.rest)
        fitting = [self._fitting.get(ecosystem, frozenset()) for ecosystem in ids]
        fits = frozenset().union(*fitting)
        primary = fitting[0] if fitting else fits
        for number in sorted(fits.union(title)):
            in_title, in_rest = title.get(number, 0.0), mentions.get(number, 0.0)
            aim = self._aims[number]
            if in_title or in_rest:
                score = _score(in_title, in_rest, primary=number in primary, fits=number in fits)
            else:
                score = int(number in primary and _alludes(aim.weak, evidence))
            if score:
                yield _Best(score, in_rest + MAIN * in_title, aim, in_title, in_rest)

    def _tally(self, counts: Mapping[int, float]) -> dict[int, float]:
        """For each aim that has any of its own terms here, the sum of their `counts`."""
        tally: dict[int, float] = {}
        own = self._own
        for term, count in counts.items():
            if term in own:
                for number in own[term]:
                    tally[number] = tally.get(number, 0.0) + count
        return tally

    def _hooked(self, evidence: Evidence) -> dict[int, list[int]]:
        """The geographic words of each region that the title names or the text dwells on."""
        hooked: dict[int, list[int]] = {}
        for term in (self._hooks.keys() & evidence.title.keys()) | (self._hooks.keys() & evidence.rest.keys()):
            if term in evidence.title or evidence.rest[term] >= HOOK_MENTIONS:
                for region in self._hooks[term]:
                    hooked.setdefault(region, []).append(term)
        return hooked

    def _label(self, best: _Best, reasons: _Reasons, hooks: list[int] | None) -> S3Label:
        aim, rule = best.aim, RULES[best.score]
        because = [
            reasons.among(rule, aim.own, in_title=True) if best.title else None,
            reasons.among(rule, aim.own, in_title=False) if best.mentions else None,
        ]
        if not (best.title or best.mentions):
            because.append(reasons.either("only the wide ecosystem", aim.weak))
        if hooks:
            because.append(reasons.either("geographic hook", frozenset(hooks)))
        return S3Label(
            region=self._regions[aim.region],
            score=min(3, best.score + bool(hooks)),
            priority=aim.name,
            because=tuple([reason for reason in because if reason is not None]),
        )


class _Reasons:
    """The reasons of one call's labels, each made once: neighbouring regions share many."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._found = {True: frozenset(evidence.title), False: frozenset(evidence.rest)}
        self._made: dict[tuple[str, Terms, bool], Because | None] = {}

    def among(self, rule: str, terms: Terms, *, in_title: bool) -> Because | None:
        """The words of those `terms` that stand there; None if there are none."""
        found = terms & self._found[in_title]
        if not found:
            return None
        key = rule, found, in_title
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._evidence.because(rule, found, in_title=in_title)
        return made

    def either(self, rule: str, terms: Terms) -> Because | None:
        """The words in the title, else those in the rest."""
        return self.among(rule, terms, in_title=True) or self.among(rule, terms, in_title=False)


def _beats(found: _Best, known: _Best, evidence: Evidence) -> bool:
    if found[:2] != known[:2]:  # score and weight
        return found[:2] > known[:2]
    return _met(found.aim, evidence) < _met(known.aim, evidence)


def _met(aim: _Aim, evidence: Evidence) -> int:
    """Where the call first speaks of an aim: of two that weigh the same it is about the one it names first."""
    terms = aim.own | aim.weak
    return min(found[term][1] for found in (evidence.title, evidence.first) for term in terms & found.keys())


def _score(title: float, mentions: float, *, primary: bool, fits: bool) -> int:
    """0 to 3 for one priority before hooks, of whose own terms there is any; `fits`: it is in an ecosystem of
    the call, `primary`: in the first of them."""
    if primary and title and _dominates(title, mentions):
        return 3
    if (fits and title and mentions >= SOME) or (primary and mentions >= CLEAR):
        return 2
    return int(primary or mentions >= SOME or bool(fits and title))


def _dominates(title: float, mentions: float) -> bool:
    return mentions >= MAIN or (title >= MAIN_TITLE_TERMS and mentions >= CLEAR)


def _alludes(weak: Terms, evidence: Evidence) -> bool:
    """Whether weak words alone speak for a priority: one in the title, or several in the rest."""
    if not weak.isdisjoint(evidence.title):
        return True
    rest = evidence.rest
    return sum([rest[term] for term in weak if term in rest]) >= WEAK_MENTIONS

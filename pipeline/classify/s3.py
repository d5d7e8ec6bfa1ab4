"""How relevant a call is for each region's Smart Specialisation (S3) priorities, 0 to 3.

3  its main object is a priority: the priority's own terms in the title and the text, in its ecosystem
2  a substantial part is: own terms in the title, or often enough in the text
1  enabling: a few own terms, or only the wide ecosystem of a priority; weak words give no more
A region's geographic hooks ("arctic") lift a call that scores at all by one step, at most to 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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


class _Found(NamedTuple):
    """How much a call has of one aim: its own terms and weak words, in the title and in the rest."""

    title: float = 0.0
    mentions: float = 0.0
    weak_title: float = 0.0
    weak_mentions: float = 0.0


@dataclass(frozen=True, slots=True)
class _Best:
    """The priority that fits a region best."""

    score: int
    weight: float
    aim: _Aim


class S3Classifier:
    """Scores calls for all regions at once; built once from the profiles and the automaton's term numbers."""

    def __init__(self, profiles: Profiles, numbers: Mapping[str, int]) -> None:
        self._regions = tuple(profiles.regions)
        self._elsewhere = frozenset(numbers[word] for word in profiles.elsewhere)
        self._aims: list[_Aim] = []
        self._own: dict[int, list[int]] = {}
        self._weak: dict[int, list[int]] = {}
        self._hooks: dict[int, list[int]] = {}
        self._fitting: dict[str, set[int]] = {}
        for number, region in enumerate(profiles.regions.values()):
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
            self._fitting.setdefault(ecosystem, set()).add(number)
        for terms, target in ((own, self._own), (weak, self._weak)):
            for term in terms:
                target.setdefault(term, []).append(number)

    def label(self, evidence: Evidence, ecosystems: Sequence[EcosystemLabel]) -> tuple[S3Label, ...]:
        """Labels of the regions that score 1 or more, in the order of the profiles."""
        if not self._elsewhere.isdisjoint(evidence.title):
            return ()
        ids = [label.id for label in ecosystems]
        best: dict[int, _Best] = {}
        for aim, has in self._find(evidence, ids):
            score = _score(aim.ecosystems, has, ids)
            if not score:
                continue
            found = _Best(score, has.mentions + MAIN * has.title, aim)
            known = best.get(aim.region)
            if known is None or _beats(found, known, evidence):
                best[aim.region] = found
        if not best:
            return ()
        hooked = self._hooked(evidence)
        terms = frozenset(evidence.title), frozenset(evidence.rest)
        return tuple(self._label(best[region], evidence, terms, hooked.get(region)) for region in sorted(best))

    def _find(self, evidence: Evidence, ids: Sequence[str]) -> Iterator[tuple[_Aim, _Found]]:
        """What a call with these ecosystems has of each aim that can score: they fit it, or the title names it."""
        in_title = dict.fromkeys(evidence.title, 1.0)
        found = [
            self._tally(terms, counts) for counts in (in_title, evidence.rest) for terms in (self._own, self._weak)
        ]
        title, weak_title, mentions, weak_mentions = found
        named = {number for term in in_title for number in self._own.get(term, ())}
        for number in sorted(named.union(*(self._fitting.get(ecosystem, ()) for ecosystem in ids))):
            has = _Found(title[number], mentions[number], weak_title[number], weak_mentions[number])
            if any(has):
                yield self._aims[number], has

    def _tally(self, terms: Mapping[int, list[int]], counts: Mapping[int, float]) -> list[float]:
        """For each aim the sum of `counts` over its terms; `terms` says which aims a term belongs to."""
        tally = [0.0] * len(self._aims)
        for term, count in counts.items():
            for number in terms.get(term, ()):
                tally[number] += count
        return tally

    def _hooked(self, evidence: Evidence) -> dict[int, list[int]]:
        """The geographic words of each region that the title names or the text dwells on."""
        hooked: dict[int, list[int]] = {}
        for term in (self._hooks.keys() & evidence.title.keys()) | (self._hooks.keys() & evidence.rest.keys()):
            if term in evidence.title or evidence.rest[term] >= HOOK_MENTIONS:
                for region in self._hooks[term]:
                    hooked.setdefault(region, []).append(term)
        return hooked

    def _label(
        self, best: _Best, evidence: Evidence, found: tuple[Terms, Terms], hooks: list[int] | None
    ) -> S3Label:
        aim, rule = best.aim, RULES[best.score]
        in_title, in_rest = found
        reasons = [
            evidence.because(rule, aim.own & in_title, in_title=True),
            evidence.because(rule, aim.own & in_rest, in_title=False),
        ]
        if reasons == [None, None]:
            reasons.append(_either("only the wide ecosystem", aim.weak, evidence))
        if hooks:
            reasons.append(_either("geographic hook", hooks, evidence))
        return S3Label(
            region=self._regions[aim.region],
            score=min(3, best.score + bool(hooks)),
            priority=aim.name,
            because=tuple([reason for reason in reasons if reason is not None]),
        )


def _beats(found: _Best, known: _Best, evidence: Evidence) -> bool:
    if (found.score, found.weight) != (known.score, known.weight):
        return (found.score, found.weight) > (known.score, known.weight)
    return _met(found.aim, evidence) < _met(known.aim, evidence)


def _met(aim: _Aim, evidence: Evidence) -> int:
    """Where the call first speaks of an aim: of two that weigh the same it is about the one it names first."""
    terms = aim.own | aim.weak
    return min(found[term][1] for found in (evidence.title, evidence.first) for term in terms & found.keys())


def _either(rule: str, terms: Iterable[int], evidence: Evidence) -> Because | None:
    """The words in the title, else those in the rest."""
    found = frozenset(terms)
    in_title = evidence.because(rule, found & evidence.title.keys(), in_title=True)
    return in_title or evidence.because(rule, found & evidence.rest.keys(), in_title=False)


def _score(ecosystems: frozenset[str], has: _Found, ids: Sequence[str]) -> int:
    """0 to 3 for one priority before hooks; `ids` are the call's ecosystems, the primary first."""
    primary = bool(ids) and ids[0] in ecosystems
    fits = primary or not ecosystems.isdisjoint(ids)
    named = has.title > 0
    if primary and named and _dominates(has):
        return 3
    if (fits and named and has.mentions >= SOME) or (primary and has.mentions >= CLEAR):
        return 2
    return int(_enabling(has, primary=primary, fits=fits))


def _dominates(has: _Found) -> bool:
    return has.mentions >= MAIN or (has.title >= MAIN_TITLE_TERMS and has.mentions >= CLEAR)


def _enabling(has: _Found, *, primary: bool, fits: bool) -> bool:
    if has.title:
        return fits or has.mentions >= SOME
    if fits and has.mentions >= SOME:
        return True
    return primary and (has.weak_title > 0 or has.mentions > 0 or has.weak_mentions >= WEAK_MENTIONS)

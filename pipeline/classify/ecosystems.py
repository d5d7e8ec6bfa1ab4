"""Which industrial ecosystems a call belongs to: prior, title and text weighed together.

For each ecosystem four quantities between 0 and 1 are added up with fixed weights and turned into a score:

    prior   what the identifier or programme alone suggests
    title   the terms in the title
    share   how much of all ecosystems' terms in the call are this ecosystem's
    amount  how much of its terms there is at all, saturating

Signs that no industry is addressed count against every ecosystem. The weights are rounded from a logistic fit on
153 labelled calls; they are deliberately few, so that the profiles decide and not the arithmetic.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pipeline.classify.evidence import MAX_WORDS, Evidence
from pipeline.models import Because, EcosystemLabel
from pipeline.profile import Prior, Profiles
from pipeline.profile_terms import weighted

BASE, PRIOR, TITLE, SHARE, AMOUNT = -5.1, 4.1, 4.1, 3.0, 4.0
NONE_PRIOR, NONE_TITLE = -1.5, -2.0

# In the title several weak words make a strong sign: a term leaves this much doubt, and doubts multiply.
_DOUBT = {3: -math.log(0.2), 2: -math.log(0.65), 1: -math.log(0.88)}
_FULL_TITLE, _FULL_PRIOR = 2.5, 3.5
_VALUE = {3: 1.0, 2: 0.35, 1: 0.1}
_TITLE_MENTIONS, _MAX_MENTIONS = 3.0, 9.0
_HALF_AMOUNT, _FULL_LENGTH, _LEAST = 5.0, 1500, 0.25
"""A text of so many bytes needs that much to count half; a shorter one, such as a news item, less, if it would get
no label otherwise."""
_MOST = math.sqrt(_MAX_MENTIONS)

PRIMARY, SECONDARY, BESIDE_EXCLUSIVE = 0.4, 0.35, 0.5
NAMED_FIRST = 2.0
"""What a full title adds to the odds where labels are put in order: the first is the one that the title names."""

CALIBRATION = 0.65, 0.8
"""Slope and intercept, on the log-odds, from a score to how often a label is right (243 labels, 284 calls)."""
REVIEW = 0.7
"""Labels that are right less often than this are shown as uncertain."""

# Priors that need no words (some calls have an identifier for a title and no text): one that labels a call that
# nothing else labels, one that is always among the labels, and one that names the customer and is the primary.
FALLBACK_PRIOR, DECISIVE_PRIOR, CUSTOMER_PRIOR = 0.75, 0.9, 0.97
CASCADE_TRUST = 0.25
MAX_LABELS = 3

_NOTHING = "none"
_NO_PRIOR = Prior(ids="^")


@dataclass(frozen=True, slots=True)
class Weighed:
    """Evidence of one call per ecosystem (and "none"): title doubts, text values, and the prior that fits."""

    title: dict[str, float]
    rest: dict[str, float]
    prior: Prior
    trust: float
    half: float = _HALF_AMOUNT


class EcosystemClassifier:
    """Labels calls with ecosystems; built once from the profiles and the automaton's term numbers."""

    def __init__(self, profiles: Profiles, numbers: Mapping[str, int]) -> None:
        self._order = {name: position for position, name in enumerate(profiles.ecosystems)}
        self._exclusive = frozenset(name for name, e in profiles.ecosystems.items() if e.exclusive)
        self._technologies = frozenset(name for name, e in profiles.ecosystems.items() if e.technology)
        self._patterns = [(re.compile(p.ids, re.IGNORECASE).search, p) for p in profiles.priors if p.ids]
        self._programmes = {p.programme: p for p in reversed(profiles.priors) if p.programme}
        targets: dict[int, dict[str, int]] = {}
        for name, ecosystem in profiles.ecosystems.items():
            _add(targets, name, weighted(ecosystem.terms), numbers)
        _add(targets, _NOTHING, weighted(profiles.no_industry), numbers)
        self._worth: dict[str, dict[int, float]] = {name: {} for name in profiles.ecosystems}
        for number, found in targets.items():
            for name, weight in found.items():
                self._worth.setdefault(name, {})[number] = _VALUE[weight]
        self._doubts = {n: [(name, _DOUBT[w]) for name, w in found.items()] for n, found in targets.items()}
        self._values = {n: [(name, _VALUE[w]) for name, w in found.items()] for n, found in targets.items()}

    def label(
        self, evidence: Evidence, identifier: str, programme: str = "", *, cascade: bool = False
    ) -> tuple[EcosystemLabel, ...]:
        """At most three labels, the primary first; none if no industry is addressed."""
        weighed = self._weigh(evidence, self._prior(identifier, programme), CASCADE_TRUST if cascade else 1.0)
        scores = self._scores(weighed)
        chosen = self._choose(scores, weighed)
        if not chosen and evidence.rest and evidence.text_end < _FULL_LENGTH:
            weighed = replace(weighed, half=_HALF_AMOUNT * max(_LEAST, evidence.text_end / _FULL_LENGTH))
            scores = self._scores(weighed)
            chosen = self._choose(scores, weighed)[:1]
        return tuple(
            EcosystemLabel(
                id=name,
                rank="secondary" if position else "primary",
                score=score,
                because=self._reasons(name, evidence, weighed),
                review=score < REVIEW,
            )
            for position, name in enumerate(chosen)
            for score in (round(max(_calibrated(scores.get(name, 0.0)), self._granted(name, weighed)), 3),)
        )

    def _prior(self, identifier: str, programme: str) -> Prior:
        for found_in, prior in self._patterns:
            if found_in(identifier):
                return prior
        return self._programmes.get(programme, _NO_PRIOR)

    def _weigh(self, evidence: Evidence, prior: Prior, trust: float) -> Weighed:
        title: dict[str, float] = {}
        for term in evidence.title:
            for name, doubt in self._doubts.get(term, ()):
                title[name] = title.get(name, 0.0) + doubt
        mentions = dict(evidence.rest)
        worth = _TITLE_MENTIONS if mentions else _MAX_MENTIONS
        for term in evidence.title:
            mentions[term] = mentions.get(term, 0.0) + worth
        rest: dict[str, float] = {}
        all_values, sqrt = self._values, math.sqrt
        for term, count in mentions.items():
            if term in all_values:  # many terms are those of regions
                root = sqrt(count) if count < _MAX_MENTIONS else _MOST
                for name, value in all_values[term]:
                    rest[name] = rest.get(name, 0.0) + value * root
        return Weighed(title, rest, prior, trust)

    def _scores(self, weighed: Weighed) -> dict[str, float]:
        title, rest, prior, trust = weighed.title, weighed.rest, weighed.prior, weighed.trust
        total = 1.0 + sum(rest.values()) - rest.get(_NOTHING, 0.0)
        against = NONE_PRIOR * prior.none * trust + NONE_TITLE * _title(title.get(_NOTHING, 0.0))
        scores = {}
        for name in {*rest, *prior.ecosystems}:
            if name == _NOTHING:
                continue
            amount = rest.get(name, 0.0)
            odds = BASE + against
            if name in prior.ecosystems:
                odds += PRIOR * _strength(prior.ecosystems[name]) * trust
            if name in title:
                odds += TITLE * _title(title[name])
            odds += SHARE * amount / total + AMOUNT * amount / (amount + weighed.half)
            scores[name] = 1.0 / (1.0 + math.exp(-odds))
        return scores

    def _choose(self, scores: Mapping[str, float], weighed: Weighed) -> list[str]:
        prior = {name: share * weighed.trust for name, share in weighed.prior.ecosystems.items()}
        ranked = sorted(
            scores, key=lambda name: (prior.get(name, 0.0) < CUSTOMER_PRIOR, -scores[name], self._order[name])
        )
        if not ranked:
            return []
        best = max(ranked, key=scores.__getitem__)
        if scores[best] < PRIMARY:
            sure = max(prior, key=prior.__getitem__, default=best)
            return [sure] if prior.get(sure, 0.0) >= FALLBACK_PRIOR and not weighed.prior.none else []
        sectors = [name for name in ranked if name not in self._exclusive]
        for name in self._exclusive:
            clear = [sector for sector in sectors if scores[sector] >= BESIDE_EXCLUSIVE]
            if prior.get(name, 0.0) >= DECISIVE_PRIOR or (name == best and len(clear) < 2):
                return [name, *clear[:1]]
        chosen = [
            name
            for position, name in enumerate(sectors)
            if position == 0 or scores[name] >= SECONDARY or prior.get(name, 0.0) >= DECISIVE_PRIOR
        ][:MAX_LABELS]
        return self._users_first(self._named_first(chosen, scores, weighed, prior), weighed)

    def _named_first(
        self, chosen: list[str], scores: Mapping[str, float], weighed: Weighed, prior: Mapping[str, float]
    ) -> list[str]:
        """The labels by their odds, the title counted once more; behind a customer that the identifier names."""

        def place(name: str) -> tuple[bool, float]:
            odds = scores.get(name, 0.0) / max(1e-9, 1.0 - scores.get(name, 0.0))
            named = NAMED_FIRST * _title(weighed.title.get(name, 0.0))
            return prior.get(name, 0.0) < CUSTOMER_PRIOR, -math.log(max(odds, 1e-9)) - named

        return sorted(chosen, key=place)

    def _users_first(self, chosen: list[str], weighed: Weighed) -> list[str]:
        """A technology stands behind the sector that uses it, if the title names one: "AI for hospitals"."""
        if chosen[0] not in self._technologies:
            return chosen
        users = [name for name in chosen if name not in self._technologies and name in weighed.title]
        clear = [name for name in users if weighed.title[name] >= _DOUBT[2]]
        return sorted(chosen, key=lambda name: name not in clear[:1]) if clear else chosen

    def _granted(self, name: str, weighed: Weighed) -> float:
        """The score of a label that its prior alone would give."""
        share = weighed.prior.ecosystems.get(name, 0.0) * weighed.trust
        return share if share >= FALLBACK_PRIOR else 0.0

    def _reasons(self, name: str, evidence: Evidence, weighed: Weighed) -> tuple[Because, ...]:
        reasons = []
        if weighed.prior.ecosystems.get(name, 0.0) > 0:
            reasons.append(Because(rule=f"prior: {weighed.prior.rule}"))
        in_title = self._strongest(name, evidence.title)
        in_rest = self._strongest(name, evidence.rest, evidence.rest)
        for found in (
            evidence.because("words in the title", in_title, in_title=True),
            evidence.because("words in the text", in_rest, in_title=False),
        ):
            if found is not None:
                reasons.append(found)
        return tuple(reasons)

    def _strongest(self, name: str, terms: Iterable[int], counts: Mapping[int, float] | None = None) -> list[int]:
        """The terms of `name` that weigh most, at most six."""
        worth = self._worth[name]
        mine = [term for term in terms if term in worth]
        if len(mine) > 1:
            mine.sort(key=lambda term: -worth[term] * (counts[term] if counts else 1.0))
        return mine[:MAX_WORDS]


def _add(
    targets: dict[int, dict[str, int]],
    name: str,
    terms: Iterable[tuple[str, int, object]],
    numbers: Mapping[str, int],
) -> None:
    for word, weight, _ in terms:
        found = targets.setdefault(numbers[word], {})
        found[name] = max(weight, found.get(name, 0))


def _calibrated(score: float) -> float:
    """The score as a frequency of being right."""
    slope, intercept = CALIBRATION
    bounded = min(max(score, 1e-6), 1.0 - 1e-6)
    odds = slope * math.log(bounded / (1.0 - bounded)) + intercept
    return 1.0 / (1.0 + math.exp(-odds))


def _title(doubt: float) -> float:
    return min(doubt, _FULL_TITLE) / _FULL_TITLE


def _strength(probability: float) -> float:
    """0 for 0, 1 for 0.97 and more; in between like odds, so that 0.9 says far more than twice 0.45."""
    return min(_FULL_PRIOR, -math.log(max(1e-9, 1.0 - probability))) / _FULL_PRIOR

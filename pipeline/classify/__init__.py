"""Labels a call with industrial ecosystems and S3 relevance, with reasons. Pure: values in, values out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from pipeline.classify.automaton import Automaton
from pipeline.classify.conditions import Conditions
from pipeline.classify.ecosystems import EcosystemClassifier
from pipeline.classify.evidence import gather
from pipeline.classify.s3 import S3Classifier
from pipeline.languages import language_of
from pipeline.models import Call, Classification, Kind
from pipeline.profile import Profiles
from pipeline.profile_terms import weighted

__all__ = ["Classifier", "covered"]

ENOUGH_ECOSYSTEMS = 10
"""A language is covered when at least so many ecosystems have words in it."""

UNCOVERED_SCORE = 0.5
"""No label of a text in a language without words is surer than this; all of them are shown as uncertain."""


class Classifier:
    """All profiles compiled into one automaton. Construction takes milliseconds; an instance is immutable."""

    def __init__(self, profiles: Profiles) -> None:
        automaton = Automaton(_terms(profiles), profiles.vetoes)
        self._automaton = automaton
        self._conditions = Conditions(profiles.conditions, automaton.numbers)
        self._ecosystems = EcosystemClassifier(profiles, automaton.numbers)
        self._s3 = S3Classifier(profiles, automaton.numbers)
        self._covered = covered(profiles)
        self.fingerprint = profiles.fingerprint

    def classify(self, call: Call) -> Classification:
        """Labels of `call` from its title, text, keywords, identifier and programme."""
        about = _About(call.identifier, call.title, call.text, call.keywords, call.programme, call.kind)
        return self._classify(about, call.language)

    def classify_text(
        self, *, identifier: str = "", title: str = "", text: str = "", language: str = ""
    ) -> Classification:
        """Labels of any text. `language` (ISO 639-1), where known, says whether the profiles have words for it."""
        external = identifier.upper().startswith("EUROPEAID")
        kind = Kind.EXTERNAL_ACTION if external else Kind.TOPIC
        return self._classify(_About(identifier, title, text, kind=kind), language)

    def _classify(self, about: _About, language: str) -> Classification:
        evidence = gather(self._automaton, self._conditions, about.words, about.text, about.keywords)
        ecosystems = self._ecosystems.label(
            evidence, about.identifier, about.programme, cascade=about.kind is Kind.CASCADE
        )
        # External actions take place, and mostly have their applicants, outside the Union.
        s3 = () if about.kind is Kind.EXTERNAL_ACTION else self._s3.label(evidence, ecosystems, about.programme)
        uncovered = self._uncovered(about, language, labelled=bool(ecosystems))
        if uncovered:
            ecosystems = tuple(
                msgspec.structs.replace(label, score=min(label.score, UNCOVERED_SCORE), review=True)
                for label in ecosystems
            )
        return Classification(ecosystems=ecosystems, s3=s3, profiles=self.fingerprint, uncovered=uncovered)

    def _uncovered(self, about: _About, language: str, *, labelled: bool) -> str:
        """The language of the text if the profiles have no words for it. A portal often says "en" of whatever an
        applicant's partner wrote, so a text in which nothing was found is looked at; the others need no look."""
        if language and language not in self._covered:
            return language
        if labelled:
            return ""
        guess = language_of(f"{about.words}\n{about.text}")
        return "" if guess in self._covered else guess


@dataclass(frozen=True, slots=True)
class _About:
    """What a call is judged by."""

    identifier: str
    title: str
    text: str
    keywords: Iterable[str] = ()
    programme: str = ""
    kind: Kind = Kind.TOPIC

    @property
    def words(self) -> str:
        """The title; "" where it only repeats the identifier, which is judged as one and not as words."""
        return "" if self.title.casefold() == self.identifier.casefold() else self.title


def covered(profiles: Profiles) -> frozenset[str]:
    """The languages (ISO 639-1) in which enough ecosystems have words to tell them apart."""
    having = Counter(language for e in profiles.ecosystems.values() for language in e.terms if e.terms[language])
    return frozenset(language for language, count in having.items() if count >= ENOUGH_ECOSYSTEMS)


def _terms(profiles: Profiles) -> Iterator[str]:
    for ecosystem in profiles.ecosystems.values():
        for word, _, _ in weighted(ecosystem.terms):
            yield word
    for word, _, _ in weighted(profiles.no_industry):
        yield word
    yield from profiles.elsewhere
    for condition in profiles.conditions:
        yield from condition.near
    for region in profiles.regions.values():
        yield from region.hooks
        for priority in region.priorities:
            yield from priority.terms
            yield from priority.weak

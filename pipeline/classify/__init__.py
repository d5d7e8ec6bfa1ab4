"""Labels a call with industrial ecosystems and S3 relevance, with reasons. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.classify.automaton import Automaton
from pipeline.classify.conditions import Conditions
from pipeline.classify.ecosystems import EcosystemClassifier
from pipeline.classify.evidence import gather
from pipeline.classify.s3 import S3Classifier
from pipeline.models import Call, Classification, Kind
from pipeline.profile import Profiles
from pipeline.profile_terms import weighted

__all__ = ["Classifier"]


class Classifier:
    """All profiles compiled into one automaton. Construction takes milliseconds; an instance is immutable."""

    def __init__(self, profiles: Profiles) -> None:
        automaton = Automaton(_terms(profiles), profiles.vetoes)
        self._automaton = automaton
        self._conditions = Conditions(profiles.conditions, automaton.numbers)
        self._ecosystems = EcosystemClassifier(profiles, automaton.numbers)
        self._s3 = S3Classifier(profiles, automaton.numbers)
        self.fingerprint = profiles.fingerprint

    def classify(self, call: Call) -> Classification:
        """Labels of `call` from its title, text, keywords, identifier and programme."""
        return self._classify(
            identifier=call.identifier,
            title=call.title,
            text=call.text,
            keywords=call.keywords,
            programme=call.programme,
            kind=call.kind,
        )

    def classify_text(
        self, *, identifier: str = "", title: str = "", text: str = "", language: str = ""
    ) -> Classification:
        """Labels of any text. `language` is not needed to decide: the terms of all languages are looked for."""
        external = identifier.upper().startswith("EUROPEAID")
        kind = Kind.EXTERNAL_ACTION if external else Kind.TOPIC
        return self._classify(identifier=identifier, title=title, text=text, kind=kind)

    def _classify(
        self,
        *,
        identifier: str,
        title: str,
        text: str,
        keywords: Iterable[str] = (),
        programme: str = "",
        kind: Kind,
    ) -> Classification:
        # Some calls have their identifier for a title: it is judged as an identifier, not as words.
        named = "" if title.casefold() == identifier.casefold() else title
        evidence = gather(self._automaton, self._conditions, named, text, keywords)
        ecosystems = self._ecosystems.label(evidence, identifier, programme, cascade=kind is Kind.CASCADE)
        # External actions take place, and mostly have their applicants, outside the Union.
        s3 = () if kind is Kind.EXTERNAL_ACTION else self._s3.label(evidence, ecosystems)
        return Classification(ecosystems=ecosystems, s3=s3, profiles=self.fingerprint)


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

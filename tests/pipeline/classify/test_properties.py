"""What holds for any text at all."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.classify import Classifier
from pipeline.classify.evidence import MAX_WORDS
from pipeline.models import Because, Call, Classification, EcosystemLabel, Kind, S3Label
from pipeline.profile import Profiles, load_profiles
from tests.conftest import ROOT

PROFILES: Profiles = load_profiles(ROOT / "config")
CLASSIFIER = Classifier(PROFILES)

WORDS = [
    word.removesuffix("*")
    for ecosystem in PROFILES.ecosystems.values()
    for by in ecosystem.terms.values()
    for words in by.values()
    for word in words
]
TERMS = [
    word.removesuffix("*")
    for region in PROFILES.regions.values()
    for priority in region.priorities
    for word in (*priority.terms, *region.hooks)
]
SENTENCES = st.lists(
    st.one_of(st.sampled_from(WORDS + TERMS), st.text(max_size=8), st.sampled_from([*PROFILES.vetoes, "–", "\n"])),
    max_size=40,
).map(" ".join)
IDENTIFIERS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["HORIZON-CL5-2027-01-D5-01", "EDF-2027-X", "HORIZON-MSCA-2027", "LIFE-2027-NAT", "CERV-2027"]
    ),
)


def reasons(result: Classification) -> list[Because]:
    labels: tuple[EcosystemLabel | S3Label, ...] = (*result.ecosystems, *result.s3)
    return [reason for label in labels for reason in label.because]


@settings(deadline=None)
@given(IDENTIFIERS, SENTENCES, SENTENCES, st.lists(SENTENCES, max_size=3), st.sampled_from(Kind))
def test_any_call(identifier: str, title: str, text: str, keywords: list[str], kind: Kind) -> None:
    call = Call(
        portal="p",
        reference="r",
        identifier=identifier,
        kind=kind,
        title=title,
        language="en",
        url="https://example.eu/",
        text=text,
        keywords=tuple(keywords),
    )
    result = CLASSIFIER.classify(call)
    assert result == CLASSIFIER.classify(call)
    ids = [label.id for label in result.ecosystems]
    assert len(set(ids)) == len(ids) <= 3
    assert [label.rank for label in result.ecosystems] == ["primary", "secondary", "secondary"][: len(ids)]
    assert all(0 <= label.score <= 1 for label in result.ecosystems)
    if "transversal" in ids:
        assert ids[0] == "transversal"
        assert len(ids) <= 2
    regions = [label.region for label in result.s3]
    assert len(set(regions)) == len(regions)
    assert all(label.score in (1, 2, 3) and label.priority and label.because for label in result.s3)
    places = {"title": title, "text": text, "keywords": " ;; ".join(keywords), "": ""}
    for reason in reasons(result):
        assert len(reason.words) <= MAX_WORDS
        assert all(word in places[reason.where] for word in reason.words)


@settings(deadline=None)
@given(st.text(), st.text())
def test_any_text(title: str, text: str) -> None:
    result = CLASSIFIER.classify_text(identifier="", title=title, text=text, language="sv")
    assert result.profiles == PROFILES.fingerprint


def test_text_that_is_no_text() -> None:
    result = CLASSIFIER.classify_text(identifier="", title="\ud800\udfff", text="\x00" * 10, language="")
    assert result.ecosystems == ()

"""S3 relevance: scores 0 to 3 for a region's priorities, hooks, reasons."""

from __future__ import annotations

import pytest

from callwatch.wiring import Wiring
from pipeline.classify import Classifier
from pipeline.models import Call, Kind, S3Label
from pipeline.profile import Profiles
from tests.builders import call


def score(classifier: Classifier, region: str, title: str, text: str = "", identifier: str = "") -> S3Label | None:
    result = classifier.classify_text(identifier=identifier, title=title, text=text, language="en")
    return next((label for label in result.s3 if label.region == region), None)


STEEL = "Hydrogen reduction of iron ore: steel plants, steelmaking and metallurgy move to fossil-free steel. " * 3


def test_main_object_is_three(classifier: Classifier) -> None:
    label = score(classifier, "SE332", "Clean steel from iron ore", STEEL)
    assert label is not None
    assert (label.score, label.priority) == (3, "Steel industry")
    assert [(reason.rule, reason.where) for reason in label.because] == [
        ("main object", "title"),
        ("main object", "text"),
    ]
    assert "Clean steel" in label.because[0].words


def test_a_substantial_part_is_two(classifier: Classifier) -> None:
    text = "Renewable energy for farms. " + "A pilot on energy storage and electricity grid services follows. " * 2
    label = score(classifier, "SE332", "Affordable power for all", text, "CEF-E-2027-X")
    assert label is not None
    assert (label.score, label.priority) == (2, "Energy technology")


def test_an_enabling_capability_is_one(classifier: Classifier) -> None:
    label = score(
        classifier, "SE332", "Heavy duty vehicles", "Trucks and electric vehicles on test.", "CEF-T-2027-X"
    )
    assert label is not None
    assert label.score == 1
    assert label.because[0].rule == "only the wide ecosystem"
    assert label.because[0].where == "title"


@pytest.mark.parametrize("word", ["AI", "data", "sustainable", "space for", "energy", "digital"])
@pytest.mark.parametrize("region", ["SE332", "SE331", "SE322", "SE321"])
def test_a_broad_word_alone_is_never_two(classifier: Classifier, word: str, region: str) -> None:
    label = score(classifier, region, f"On {word}", f"This is about {word}. " * 12)
    assert label is None or label.score < 2


def test_a_geographic_hook_is_one_step(classifier: Classifier) -> None:
    text = "Renewable energy for farms. " + "A pilot on energy storage and electricity grid services follows. " * 2
    plain = score(classifier, "SE332", "Affordable power for all", text, "CEF-E-2027-X")
    hooked = score(classifier, "SE332", "Affordable power in sparsely populated areas", text, "CEF-E-2027-X")
    in_text = score(classifier, "SE332", "Affordable power for all", text + "High north. " * 3, "CEF-E-2027-X")
    assert plain is not None
    assert hooked is not None
    assert in_text is not None
    assert (plain.score, hooked.score, in_text.score) == (2, 3, 3)
    assert (hooked.because[-1].rule, hooked.because[-1].where) == ("geographic hook", "title")
    assert (in_text.because[-1].words, in_text.because[-1].where) == (("High north",), "text")
    # Three is the most there is, and a hook is no relevance of its own.
    top = score(classifier, "SE332", "Clean steel from iron ore in the high north", STEEL)
    assert top is not None
    assert top.score == 3
    assert score(classifier, "SE332", "Choirs of the high north", "Singing.") is None


def test_nothing_in_common_is_no_label(classifier: Classifier) -> None:
    text = "Vaccines and clinical trials for patients in hospitals."
    assert score(classifier, "SE332", "New vaccines", text, "HORIZON-HLTH-2027-01") is None


def test_elsewhere_in_the_world(classifier: Classifier) -> None:
    assert score(classifier, "SE332", "Clean steel from iron ore", STEEL) is not None
    result = classifier.classify_text(identifier="", title="Clean steel in Africa", text=STEEL, language="en")
    assert result.s3 == ()
    assert result.ecosystems[0].id == "energy_intensive"


def test_external_actions_are_elsewhere(classifier: Classifier) -> None:
    assert score(classifier, "SE332", "Clean steel from iron ore", STEEL, "EuropeAid/1/DD/ACT/Multi") is None
    call = Call(
        portal="p",
        reference="1PROSPECTS",
        identifier="X",
        kind=Kind.EXTERNAL_ACTION,
        title="Clean steel",
        language="en",
        url="https://example.eu/",
        text=STEEL,
    )
    assert classifier.classify(call).s3 == ()


@pytest.mark.parametrize(
    ("region", "title", "text", "priority"),
    [
        (
            "SE322",
            "Hållbar turism i fjällen",
            "Besöksnäring, friluftsliv och gastronomi. " * 4,
            "Upplevelser (experiences)",
        ),
        (
            "SE321",
            "Skoglig bioekonomi",
            "Skog, bioraffinaderier, cellulosa och lignin. " * 4,
            "Forest-based bioeconomy",
        ),
        ("SE331", "Gruvor och metallindustri", "Gruvnäring, mineral och smältverk. " * 4, "Mining and metals"),
        ("NO071", "Sjømat og havbruk", "Sjømat, havbruk og fiskeri. " * 6, "Sjømatproduksjon (seafood)"),
        ("DE2", "Wasserstoff und Photovoltaik", "Energiewende mit Wasserstoff und Photovoltaik. " * 6, "Energy"),
        (
            "ES51",
            "Sistema agroalimentario",
            "Agroalimentario y alimentación. " * 8,
            "Sustainable and healthy food system",
        ),
    ],
)
def test_local_words(classifier: Classifier, region: str, title: str, text: str, priority: str) -> None:
    label = score(classifier, region, title, text)
    assert label is not None
    assert label.priority == priority
    assert label.score >= 2


def test_a_programme_that_funds_nobody_there_is_zero(classifier: Classifier) -> None:
    fish = {"title": "Seafood and aquaculture", "text": "Fisheries, aquaculture and fish species in the sea. " * 9}
    funded = classifier.classify(call(**fish, programme="HORIZON")).s3
    assert "NO071" in {label.region for label in funded}
    shut = classifier.classify(call(**fish, programme="LIFE")).s3
    assert list(shut) == [label for label in funded if label.region != "NO071"]


def test_programmes_that_are_shut_exist(profiles: Profiles) -> None:
    known = {abbreviation for abbreviation, _ in Wiring().programmes.values()}
    assert {name for region in profiles.regions.values() for name in region.ineligible} <= known

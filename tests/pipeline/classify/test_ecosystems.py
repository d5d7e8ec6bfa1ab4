"""Ecosystem labels: languages, vetoes, priors, ranks, reasons."""

from __future__ import annotations

import pytest

from pipeline.classify import Classifier
from pipeline.classify.ecosystems import CASCADE_TRUST, MAX_LABELS
from pipeline.models import Call, Kind
from pipeline.profile import Profiles


def labels(
    classifier: Classifier, title: str, text: str = "", identifier: str = "", language: str = "en"
) -> list[str]:
    result = classifier.classify_text(identifier=identifier, title=title, text=text, language=language)
    return [label.id for label in result.ecosystems]


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        (
            "Fossilfritt stål från norra Sverige",
            "Stålindustrin, gruvor och processindustrin ställer om.",
            "energy_intensive",
        ),
        (
            "Skoglig bioekonomi",
            "Skogsindustrin och bioraffinaderier utvecklar biobaserade råvaror.",
            "energy_intensive",
        ),
        ("Besöksnäringen i fjällen", "Turismföretag och hotell tar emot besökare.", "tourism"),
        ("Elfordon och laddinfrastruktur", "Fordonsindustrin, lastbilar och kollektivtrafiken.", "mobility"),
        ("Rennäringens framtid", "Renskötsel, jordbruk och livsmedelsproduktion på landsbygden.", "agrifood"),
        ("Sociala företag", "Arbetsintegrerande sociala företag och civilsamhället.", "proximity_social"),
        ("Vindkraft och vätgas", "Energilagring, elnät och förnybar elproduktion.", "renewable_energy"),
        ("Byggande i trä", "Byggbranschen, renovering av bostäder och träbyggnad.", "construction"),
        ("E-hälsa i glesbygd", "Sjukvården, patienter och medicinteknik.", "health"),
        ("Smart specialisering och kluster", "Små och medelstora företag, entreprenörskap.", "transversal"),
        ("Kulturarv och dataspel", "Kreativa näringar, museer och filmproduktion.", "creative_cultural"),
        ("Halvledare och fotonik", "Elektronik och sensorteknik.", "electronics"),
        ("Textilåtervinning", "Kläder och textil blir nya fibrer.", "textiles"),
        ("Erneuerbare Energien und Wasserstoff", "Windenergie und Photovoltaik.", "renewable_energy"),
        ("Matkailuyritykset Lapissa", "Matkailu ja hotellit.", "tourism"),
        ("Patrimoine culturel", "Les industries créatives et le cinéma.", "creative_cultural"),
        ("Minería y materias primas", "La minería y la industria química.", "energy_intensive"),
        ("Sjømat og havbruk", "Havbruk og landbruk.", "agrifood"),
    ],
)
def test_other_languages_and_compounds(classifier: Classifier, title: str, text: str, expected: str) -> None:
    assert labels(classifier, title, text)[0] == expected


@pytest.mark.parametrize(
    ("title", "text", "never"),
    [
        ("A trail of evidence", "The trail is long and maintained by aid workers.", "mobility"),
        ("Making space for growth", "There is space for ideas and a safe space for debate.", "aerospace_defence"),
        ("Capacity building and team building", "Community building and building blocks.", "construction"),
        ("Healthy soils", "Soil health and ocean health.", "health"),
        ("Maintaining trails", "Aid and maintenance.", "digital"),
        ("Creative commons licences", "Texts appear under creative commons.", "creative_cultural"),
    ],
)
def test_vetoes_and_boundaries(classifier: Classifier, title: str, text: str, never: str) -> None:
    assert never not in labels(classifier, title, text)


def test_euroclusters_are_transversal(classifier: Classifier) -> None:
    title = "Joint Cluster Initiatives (EUROCLUSTERS) for Europe's recovery"
    text = (
        "Clusters of at least three countries support SMEs in 14 ecosystems such as tourism, mobility, aerospace, "
        "construction, agri-food, textiles, digital, energy, electronics, retail and health, or in an open strand."
    )
    result = classifier.classify_text(
        identifier="SMP-COSME-2021-CLUSTER-01", title=title, text=text, language="en"
    )
    assert result.ecosystems[0].id == "transversal"
    assert result.ecosystems[0].rank == "primary"
    assert len(result.ecosystems) == 1


def test_a_favoured_sector_stands_beside_transversal(classifier: Classifier) -> None:
    text = "Any research infrastructure may apply. " + "Artificial intelligence, software and cloud data. " * 8
    title = "Artificial intelligence in research infrastructures"
    result = classifier.classify_text(
        identifier="HORIZON-INFRA-2027-TECH-01", title=title, text=text, language="en"
    )
    assert [(label.id, label.rank) for label in result.ecosystems] == [
        ("transversal", "primary"),
        ("digital", "secondary"),
    ]


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("HORIZON-EIT-2027-PRIZE-X", ["transversal"]),
        ("AGRIP-SIMPLE-2027-XX", ["agrifood"]),
        ("agrip-simple-2027-xx", ["agrifood"]),
        ("HORIZON-CL5-2027-09-D5-01", ["mobility"]),
        ("HORIZON-MISS-2027-04-CIT-09", []),
        ("HORIZON-EURATOM-2027-01", []),
        ("UNHEARD-OF-2027", []),
    ],
)
def test_an_identifier_alone(classifier: Classifier, identifier: str, expected: list[str]) -> None:
    assert labels(classifier, identifier, "", identifier) == expected


def test_the_customer_comes_first(classifier: Classifier) -> None:
    text = "Textiles with sensors for soldiers: technical textiles, garments, fabrics and yarns."
    assert labels(classifier, "Smart textiles", text)[0] == "textiles"
    assert labels(classifier, "Smart textiles", text, "EDF-2027-DA-MATCOMP")[:2] == [
        "aerospace_defence",
        "textiles",
    ]


def call(**changes: object) -> Call:
    values: dict[str, object] = {
        "portal": "p",
        "reference": "r",
        "identifier": "HORIZON-MISS-2024-SOIL-01-01",
        "kind": Kind.TOPIC,
        "title": "Open call for demonstrators",
        "language": "en",
        "url": "https://example.eu/",
    }
    return Call(**{**values, **changes})  # type: ignore[arg-type]


def test_a_cascade_call_is_not_its_parent(classifier: Classifier) -> None:
    text = "Robots, software, cloud and artificial intelligence for data platforms."
    topic = classifier.classify(call(text=text))
    cascade = classifier.classify(call(text=text, kind=Kind.CASCADE))
    assert "agrifood" in [label.id for label in topic.ecosystems]
    assert [label.id for label in cascade.ecosystems] == ["digital"]
    assert CASCADE_TRUST < 0.5


def test_a_programme_speaks_where_the_identifier_does_not(classifier: Classifier) -> None:
    assert not classifier.classify(call(identifier="XX-1", title="Open call")).ecosystems
    result = classifier.classify(call(identifier="XX-1", title="Open call", programme="CREA"))
    assert [label.id for label in result.ecosystems] == ["creative_cultural"]
    assert result.ecosystems[0].because[0].rule == "prior: programme CREA"


def test_keywords_count_and_conditions_do_not(classifier: Classifier) -> None:
    words = ("Tourism", "Hotels", "tour operators", "travel agencies", "tourist guides", "destination management")
    result = classifier.classify(call(identifier="XX-1", title="Tourism", keywords=words))
    assert result.ecosystems[0].id == "tourism"
    where = {reason.where: reason.words for reason in result.ecosystems[0].because}
    assert set(where) == {"title", "keywords"}
    assert "tour operators" in where["keywords"]
    assert not classifier.classify(
        call(identifier="XX-1", title="Open call", conditions="Tourism " * 9)
    ).ecosystems


def test_reasons_name_prior_words_and_place(classifier: Classifier, profiles: Profiles) -> None:
    result = classifier.classify_text(
        identifier="RFCS-2027-01",
        title="Clean Steel pilots",
        text="For STEELMAKING with less coal.",
        language="en",
    )
    label = result.ecosystems[0]
    assert (label.id, label.rank) == ("energy_intensive", "primary")
    assert label.score > 0.9
    assert [(reason.rule, reason.words, reason.where) for reason in label.because] == [
        ("prior: identifier ^RFCS", (), ""),
        ("words in the title", ("Clean Steel", "Steel"), "title"),
        ("words in the text", ("STEELMAKING", "coal"), "text"),
    ]
    assert result.profiles == profiles.fingerprint


def test_at_most_three_labels_and_one_primary(classifier: Classifier) -> None:
    title = "Steel, mining, tourism, hotels, textiles, fashion, cancer, hospitals"
    result = classifier.classify_text(identifier="", title=title, text=f"{title}. " * 9, language="en")
    assert len(result.ecosystems) == MAX_LABELS
    assert [label.rank for label in result.ecosystems] == ["primary", "secondary", "secondary"]

"""The annotation rules as cases, in our own words."""

from __future__ import annotations

import pytest

from pipeline.classify import Classifier


@pytest.mark.parametrize(
    ("identifier", "title", "text", "expected"),
    [
        (
            "",
            "Low-emission steel and mining of critical raw materials",
            "Steel producers, metallurgy and mineral processing will cut their emissions.",
            ["energy_intensive"],
        ),
        (
            "",
            "Capture of CO2 in cement plants",
            "Carbon capture at cement and chemicals sites.",
            ["energy_intensive"],
        ),
        (
            "",
            "Bio-based polymers from pulp",
            "Biorefineries make polymers of pulp residues.",
            ["energy_intensive"],
        ),
        ("", "Forestry and soils under stress", "Farmers and foresters test soil management.", ["agrifood"]),
        (
            "",
            "Small-scale fisheries",
            "Fishing vessels and fish markets: fisheries and aquaculture.",
            ["agrifood"],
        ),
        (
            "HORIZON-CL6-2027-01-BIODIV-11",
            "Restoration of wild species in protected areas",
            "Nature restoration and habitats of threatened species.",
            [],
        ),
        (
            "",
            "Electrolysers and electricity grids",
            "Hydrogen electrolysers, energy storage, smart grids.",
            ["renewable_energy"],
        ),
        ("HORIZON-EURATOM-2027-01-07", "Safety of nuclear power plants", "Nuclear reactors and fission.", []),
        (
            "HORIZON-EURATOM-2027-01-08",
            "Medical isotopes for cancer therapies",
            "Isotopes for nuclear medicine: patients, hospitals, cancer diagnosis and therapy.",
            ["health"],
        ),
        (
            "LIFE-2027-CET-OSS",
            "One-stop shops for renovation of buildings",
            "Home owners get help with building renovation and energy efficiency, housing and energy renovation.",
            ["construction", "renewable_energy"],
        ),
        (
            "CEF-T-2027-AFIFGEN",
            "Charging infrastructure for road transport",
            "Recharging and hydrogen stations.",
            ["mobility", "renewable_energy"],
        ),
        ("", "Photonic chips", "Semiconductors, integrated circuits and photonic sensors.", ["electronics"]),
        (
            "",
            "Cloud software and cybersecurity",
            "Software, cloud, cyber defence of telecom networks.",
            ["digital"],
        ),
        (
            "",
            "Satellites and launchers",
            "Spacecraft, satellites and launchers for access to space.",
            ["aerospace_defence"],
        ),
        (
            "",
            "Police and civil protection",
            "Law enforcement and first responders prepare for disasters.",
            ["proximity_social"],
        ),
        (
            "",
            "Fraud and forensic methods",
            "Customs and police detect fraud and illicit trade.",
            ["proximity_social"],
        ),
        ("", "Social enterprises for work integration", "Social economy and cooperatives.", ["proximity_social"]),
        ("", "Films and video games", "Audiovisual producers, cinema and games industry.", ["creative_cultural"]),
        (
            "",
            "Robots and factories in advanced manufacturing",
            "Manufacturing SMEs, industry 5.0, factory floors.",
            ["transversal"],
        ),
        (
            "",
            "Wastewater and circular cities",
            "Water infrastructure and circular cities test wastewater reuse.",
            ["transversal"],
        ),
        ("ERASMUS-SPORT-2027-EU-AWARDS", "Sport across generations", "Grassroots sport for all ages.", []),
        (
            "EDF-2027-DA-ENERENV",
            "High-performance energy systems",
            "Energy storage for armed forces.",
            ["aerospace_defence", "renewable_energy"],
        ),
        (
            "",
            "Ocean technology test sites",
            "The blue economy gets a network of ocean technology test sites.",
            ["transversal"],
        ),
        ("", "Rights before the courts", "Judicial cooperation, rule of law and human rights.", []),
        ("", "Hotels and nature tourism", "Tourism firms, tour operators and hotels.", ["tourism"]),
        ("", "Town shops meet e-commerce", "Retail, retailers and wholesale.", ["retail"]),
        ("", "Footwear and leather recycling", "Footwear, textiles and garments are collected.", ["textiles"]),
    ],
)
def test_the_rules_of_annotation(
    classifier: Classifier, identifier: str, title: str, text: str, expected: list[str]
) -> None:
    result = classifier.classify_text(identifier=identifier, title=title, text=text, language="en")
    assert [label.id for label in result.ecosystems] == expected

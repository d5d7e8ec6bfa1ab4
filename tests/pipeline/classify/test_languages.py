"""Labels of texts in six more languages, and which language a text is in."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.classify import ENOUGH_ECOSYSTEMS, UNCOVERED_SCORE, Classifier, covered
from pipeline.languages import language_of
from pipeline.profile import Profiles

HERE = Path(__file__).parent
SIX = ("de", "es", "fi", "fr", "it", "no")
Row = dict[str, Any]


def rows(name: str) -> list[Row]:
    found: list[Row] = yaml.safe_load((HERE / f"languages_{name}.yml").read_text(encoding="utf-8"))
    return found


UNSEEN, SEEN = rows("unseen"), rows("seen")


def primary(classifier: Classifier, title: str, text: str) -> str:
    found = classifier.classify_text(title=title, text=text).ecosystems
    return found[0].id if found else ""


def test_texts_written_before_the_words(classifier: Classifier) -> None:
    missed = [row for row in UNSEEN if primary(classifier, row["title"], row["text"]) != row["is"]]
    right = Counter(row["lang"] for row in UNSEEN if row not in missed)
    print(f"\n{len(UNSEEN) - len(missed)} of {len(UNSEEN)} right: {dict(right)}")  # noqa: T201
    assert len(missed) <= 2, [row["title"] for row in missed]


@pytest.mark.parametrize("row", SEEN, ids=lambda row: f"{row['lang']}-{row['is'] or 'none'}")
def test_texts_at_hand(classifier: Classifier, row: Row) -> None:
    assert primary(classifier, row["title"], row["text"]) == row["is"]


def test_the_texts_show_every_ecosystem_in_every_language(profiles: Profiles) -> None:
    shown = {(row["lang"], row["is"]) for row in UNSEEN + SEEN}
    assert {(language, name) for language in SIX for name in profiles.ecosystems} <= shown


@pytest.mark.parametrize(
    "text",
    [
        "To skip the mote and fret about a lapin: theater of the barrios.",  # ferries, fashion, freight, Lapland
        "Politics and politicians of clusters, in cooperative and innovative cultures.",  # police, firms, harvests
        "Det blir verre med en rom leder i en bil på en vei.",  # glass, leather
        "Han måste ropa till ledaren, det är akut, med betoning på det.",  # clothes, batteries, concrete
        "Merci de ne pas enfermer le lapin.",  # goods, nurses
        "El asunto es asumir la red.",  # housing
        "Periodische Kunden in der Art und Weise, die sie leger nennen.",  # the press
        "Muoviamoci tutti, con calma e senza costa.",  # plastics
    ],
)
def test_words_of_another_meaning_say_nothing(classifier: Classifier, text: str) -> None:
    assert primary(classifier, text, f"{text} " * 5) == ""


@pytest.mark.parametrize(
    ("title", "text", "region", "score"),
    [
        ("Kaivosten sivuvirrat ja vihreä teräs", "Hankkeissa kaivosten raaka-aine hyödynnetään.", "SE332", 2),
        ("Vety ja uusiutuva energia", "Vedyn tuotanto, tuulivoima ja kaukolämpö pohjoisessa.", "SE331", 2),
        ("Porotalous ja metsätalous", "Poronhoitajat, maaseutu ja elintarvikkeet.", "SE322", 2),
        ("Skognæring og bioøkonomi", "Skogbruk, skogindustri og treforedling i nord.", "SE321", 2),
        (
            "Matkailu arktisessa Lapissa",
            "Luontomatkailu, poronhoito ja matkailu harvaan asutulla alueella.",
            "FI1D7",
            3,
        ),
        ("Havbruk og sjømat i nordområdene", "Oppdrett, fiskehelse og akvakultur.", "NO071", 3),
        ("Wasserstoff und Windenergie", "Stromnetze, Energiespeicher und Photovoltaik.", "DE2", 2),
        ("Energía eólica y fotovoltaica", "Hidrógeno, redes eléctricas y eficiencia energética.", "ES21", 2),
        ("Edilizia e riqualificazione energetica", "Edilizia, costruzioni, materiali da costruzione.", "ITH5", 2),
    ],
)
def test_regions_read_their_own_and_their_neighbours_language(
    classifier: Classifier, title: str, text: str, region: str, score: int
) -> None:
    found = {label.region: label.score for label in classifier.classify_text(title=title, text=text).s3}
    assert found.get(region, 0) >= score


def test_every_covered_language_can_be_told(profiles: Profiles) -> None:
    languages = covered(profiles)
    assert languages == {"en", "sv", *SIX}
    without = {
        name: e.model_copy(update={"terms": {k: v for k, v in e.terms.items() if k != "fi"}})
        for name, e in list(profiles.ecosystems.items())[ENOUGH_ECOSYSTEMS - 1 :]
    }
    fewer = Profiles(ecosystems={**profiles.ecosystems, **without}, regions={})
    assert covered(fewer) == languages - {"fi"}
    assert {language_of(f"{row['title']}\n{row['text']}") for row in SEEN} >= set(SIX)


def test_a_short_text_is_told_rightly_or_not_at_all() -> None:
    told = [(row["lang"], language_of(f"{row['title']}\n{row['text']}")) for row in UNSEEN + SEEN]
    assert [pair for pair in told if pair[1] not in ("", pair[0])] == []
    assert sum(bool(guess) for _, guess in told) >= 0.85 * len(told)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The call is open to small firms and will close in June.", "en"),
        ("Utlysningen är öppen för små företag och stänger den 3 juni.", "sv"),
        ("Søknadsfristen er 3. mai, og prosjektene må ha minst tre partnere fra nordiske land.", "no"),
        (
            "Ansøgningsfristen er den 3. maj, og projekterne skal have tre partnere fra de nordiske lande.",
            "",
        ),
        ("As candidaturas estão abertas e podem ser apresentadas por pequenas empresas de toda a União.", "pt"),
        ("De subsidie is bedoeld voor kleine bedrijven die een nieuwe dienst op de markt willen brengen.", "nl"),
        ("Els ajuts són per a les empreses catalanes que vulguin participar en projectes europeus.", "ca"),
        ("Apelul este deschis pentru întreprinderile mici și mijlocii din toate statele membre.", "ro"),
        ("Конкурсът е отворен за малки предприятия.", ""),
        ("Fornybar energi i nord", ""),
        ("HORIZON-CL5-2027-D3-01 (2027)", ""),
        ("", ""),
    ],
)
def test_a_neighbour_is_not_taken_for_a_covered_language(text: str, language: str) -> None:
    assert language_of(text) == language


PORTUGUESE = "As candidaturas estão abertas e podem ser apresentadas por pequenas empresas de toda a União."


def test_a_language_without_words_is_said(classifier: Classifier) -> None:
    assert classifier.classify_text(title="Candidaturas", text=PORTUGUESE).uncovered == "pt"
    assert classifier.classify_text(title="Open call", text="The call is open to all of them.").uncovered == ""
    declared = classifier.classify_text(title="Hydrogen", text="Hydrogen and batteries.", language="pt")
    assert declared.uncovered == "pt"
    assert declared.ecosystems
    assert all(label.review and label.score <= UNCOVERED_SCORE for label in declared.ecosystems)


def test_labels_found_speak_for_themselves(classifier: Classifier) -> None:
    found = classifier.classify_text(title="Hydrogen", text=f"{PORTUGUESE} Hydrogen, wind power and batteries.")
    assert [label.id for label in found.ecosystems] == ["renewable_energy"]
    assert found.uncovered == ""


def test_only_the_beginning_is_read() -> None:
    german = "Der Aufruf ist für kleine Unternehmen und wird im Juni geschlossen. " * 50
    assert language_of(german + "The call is open to all and it will be closed. " * 500) == "de"


@pytest.mark.recorded
def test_announcements(recorded: Path, classifier: Classifier) -> None:
    table = []
    for path in sorted((recorded / "announcements").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        title, _, rest = text.partition("\n")
        written = path.name[:2].replace("nb", "no")
        table.append((path.name, written, language_of(text), primary(classifier, title, rest)))
    print("\n" + "\n".join(f"{name:50} {told or '-':3} {label or '-'}" for name, _, told, label in table))  # noqa: T201
    assert len(table) > 40
    assert [row for row in table if row[1] != row[2]] == []


def test_all_profiles_are_compiled_at_once(profiles: Profiles) -> None:
    took = []
    for _ in range(3):
        start = time.process_time()
        Classifier(profiles)
        took.append(time.process_time() - start)
    assert min(took) < 0.2

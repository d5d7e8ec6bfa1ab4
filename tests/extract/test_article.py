"""The Swedish article on the Euroclusters call comes out whole, and finds its call."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from pipeline.extract import Extraction, Money, extract
from pipeline.extract.known import identify
from pipeline.models import Budget, Call, Deadline, Kind, Precision
from pipeline.profile import load_profiles
from tests.extract.measure import own

REFERENCE = "Referens: SMP-COSME-2021-CLUSTER-01"
CALL = Call(
    portal="eu_funding_tenders",
    reference="46064TOPICSen",
    identifier="SMP-COSME-2021-CLUSTER-01",
    kind=Kind.TOPIC,
    title="Joint cluster initiatives",
    language="en",
    url="https://example.invalid/",
    deadlines=(Deadline(at=datetime(2021, 11, 30, 16, tzinfo=UTC), stage="single", precision=Precision.DATE),),
    budget=Budget(currency="EUR", total=Decimal(42_000_000)),
)


@pytest.fixture(scope="module")
def names(config_dir: Path) -> dict[str, tuple[str, ...]]:
    profiles = load_profiles(config_dir)
    return {key: tuple(ecosystem.name.values()) for key, ecosystem in profiles.ecosystems.items()}


@pytest.fixture(scope="module")
def text() -> str:
    return next(case.text for case in own("tuned") if case.name == "sv-1")


@pytest.fixture(scope="module")
def found(text: str, names: dict[str, tuple[str, ...]]) -> Extraction:
    return extract(text, published=date(2021, 9, 30), names=names)


def test_budget_deadline_and_opening(found: Extraction) -> None:
    assert found.budget == Money(Decimal(42_000_000), "EUR")
    (deadline,) = found.deadlines
    assert deadline.at.isoformat() == "2021-11-30T17:00:00+01:00"
    assert (deadline.precision, deadline.time_zone, deadline.inferred) == ("exact", "Europe/Brussels", False)
    (opening,) = found.openings
    assert (opening.at.date(), opening.inferred) == (date(2021, 9, 30), True)
    assert (found.language, found.programme) == ("sv", "SMP COSME")


def test_all_fifteen_strands(found: Extraction, names: dict[str, tuple[str, ...]]) -> None:
    assert found.ecosystems == tuple(names)
    assert len(names) == 15


def test_seven_names_are_no_list(text: str, names: dict[str, tuple[str, ...]]) -> None:
    lines = text.split("\n")
    short = "\n".join(
        line for line in lines if not line.startswith("- ") or lines.index(line) < lines.index("- Textil")
    )
    assert extract(short, names=names).ecosystems == ()


def test_the_label_of_the_caller_counts_where_there_is_no_list(names: dict[str, tuple[str, ...]]) -> None:
    found = extract(
        "Stöd till hamnar\nSök senast 3 maj 2025.", names=names, label=lambda title, text: ("mobility",)
    )
    assert found.ecosystems == ("mobility",)


def test_the_call_is_found_by_budget_and_deadline(text: str) -> None:
    unnamed = text.replace(REFERENCE, "")
    found = extract(unnamed, lookup=lambda facts: identify(facts, [CALL]))
    assert found.identifiers == ("SMP-COSME-2021-CLUSTER-01",)
    assert "42 000 000 EURO" in found.evidence["identifiers"]


def test_two_calls_that_fit_are_none(text: str) -> None:
    twin = msgspec.structs.replace(CALL, identifier="SMP-COSME-2021-CLUSTER-02")
    other = msgspec.structs.replace(CALL, budget=Budget(currency="EUR", total=Decimal(41_000_000)))
    unnamed = text.replace(REFERENCE, "")
    assert extract(unnamed, lookup=lambda facts: identify(facts, [CALL, twin])).identifiers == ()
    assert extract(unnamed, lookup=lambda facts: identify(facts, [other])).identifiers == ()
    assert identify(Extraction(), [CALL]) is None

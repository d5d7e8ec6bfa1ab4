"""Real answers of the portal become exactly the calls that were checked by eye."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.portals.eu_funding_tenders.recorded import EXPECTED, facts

pytestmark = pytest.mark.recorded

NAMES = sorted(path.name for path in EXPECTED.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_recorded_answer(name: str, recorded: Path) -> None:
    found = json.loads(json.dumps(facts(recorded / "ft" / "raw" / name)))
    assert found == json.loads((EXPECTED / name).read_text(encoding="utf-8"))


def test_every_recorded_answer_has_its_expectation(recorded: Path) -> None:
    assert sorted(path.name for path in (recorded / "ft" / "raw").glob("*.json")) == NAMES

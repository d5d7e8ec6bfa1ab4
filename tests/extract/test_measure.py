"""The extractor stays as good as it was measured to be: floors that only go up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.extract.measure import Tally, made_with, measure, own, recorded


def share(tally: Tally, field: str) -> tuple[float, float]:
    """(right of those stated, wrong of all)."""
    counts = tally[field]
    stated = counts["exact"] + counts["missing"] + (counts["wrong"])
    return counts["exact"] / stated, counts["wrong"] / sum(counts.values())


@pytest.mark.parametrize(
    ("field", "right", "wrong"),
    [
        ("deadlines", 0.99, 0.0),
        ("opens", 0.97, 0.0),
        ("budget", 0.98, 0.01),
        ("project_max", 0.95, 0.0),
        ("ids", 1.0, 0.0),
    ],
)
def test_the_announcements_the_rules_were_made_with(field: str, right: float, wrong: float) -> None:
    tally, lines, _ = measure(made_with())
    exact, strange = share(tally, field)
    assert exact >= right, "\n".join(lines)
    assert strange <= wrong, "\n".join(lines)


@pytest.mark.parametrize(
    ("field", "right"), [("deadlines", 0.96), ("opens", 0.95), ("budget", 0.96), ("ids", 0.95)]
)
def test_the_announcements_that_no_rule_was_made_with(field: str, right: float) -> None:
    tally, _, _ = measure(own("held_out"))
    exact, strange = share(tally, field)
    assert exact >= right
    assert strange <= 0.02


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("field", "right"), [("deadlines", 0.97), ("opens", 0.95), ("budget", 0.95), ("project_max", 1.0)]
)
def test_the_recorded_announcements(recorded_folder: Path, field: str, right: float) -> None:
    tally, lines, _ = measure(recorded(recorded_folder))
    exact, strange = share(tally, field)
    assert exact >= right, "\n".join(lines)
    assert strange == 0, "\n".join(lines)


@pytest.fixture
def recorded_folder(recorded: Path) -> Path:
    return recorded / "announcements"


def test_there_are_announcements_of_every_language_and_without_any_fact() -> None:
    cases = [*made_with(), *own("held_out")]
    languages = {case.name.partition("-")[0] for case in cases}
    assert languages == {"sv", "en", "fi", "no", "da", "de", "fr", "es", "it", "ro"}
    empty = [case for case in cases if not case.expected["deadlines"] and not case.expected.get("budget")]
    assert len(cases) > 120
    assert len(empty) > 20

"""The lock files install with pip alone, also after a newer version of something has come out."""

from __future__ import annotations

import re
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def wanted_with_extras() -> set[tuple[str, str]]:
    """(name, extra) of every requirement of an installed distribution that asks for an extra."""
    found = set()
    for distribution in distributions():
        for line in distribution.requires or ():
            requirement = Requirement(line)
            if requirement.extras and (requirement.marker is None or requirement.marker.evaluate({"extra": ""})):
                found |= {(requirement.name.lower(), extra.replace("_", "-")) for extra in requirement.extras}
    return found


def test_an_extra_is_pinned_with_its_name() -> None:
    """pip takes the newest `coverage[toml]`, which has no hash here, when the lock pins only `coverage`."""
    pinned = set(
        re.findall(r"^([a-z0-9._-]+)\[([a-z0-9_-]+)\]==", (ROOT / "requirements-dev.lock").read_text(), re.M)
    )
    assert ("coverage", "toml") in wanted_with_extras()
    assert wanted_with_extras() <= pinned


@pytest.mark.parametrize(
    "name", ["requirements-pip.lock", "requirements-build.lock", "requirements.lock", "requirements-dev.lock"]
)
def test_no_registry_is_named(name: str) -> None:
    assert "://" not in (ROOT / name).read_text()

"""The shipped profiles, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.classify import Classifier
from pipeline.profile import Profiles, load_profiles


@pytest.fixture(scope="session")
def profiles(config_dir: Path) -> Profiles:
    return load_profiles(config_dir)


@pytest.fixture(scope="session")
def classifier(profiles: Profiles) -> Classifier:
    return Classifier(profiles)

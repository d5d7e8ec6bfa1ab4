"""The command line over a database that holds a harvest of the sample and one of the next day."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from callwatch.demo.edits import fields
from tests.harvest.commands import Callwatch, Zygote
from tests.harvest.conftest import callwatch, zygote
from tests.harvest.days import NOW, days

__all__ = ["callwatch", "zygote"]

FORMULA = '=HYPERLINK("http://example.invalid","open")'
RENAMED = "HORIZON-NEB-2026-01-REGEN-02"


@pytest.fixture(scope="session")
def two_days(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database after two harvests; one title has become a formula that also speaks to the terminal."""
    callwatch = Callwatch(zygote, tmp_path_factory.mktemp("two-days"))
    with days(callwatch) as portal:
        portal.harvest()
        portal.next()
        title = f"{FORMULA}\x1b[2J, \U0001f600"
        portal.show(portal.edited(RENAMED, lambda item: fields(item).update(title=[title])))
        portal.harvest()
    return callwatch.folder / "callwatch.db"


@pytest.fixture(scope="session")
def read(zygote: Zygote, two_days: Path, tmp_path_factory: pytest.TempPathFactory) -> Callwatch:
    """Commands that only read, over that database."""
    callwatch = Callwatch(zygote, tmp_path_factory.mktemp("read"))
    shutil.copy(two_days, callwatch.folder)
    return callwatch


__all__ += ["NOW"]

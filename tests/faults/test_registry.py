"""Every fault has its play, every play is a test that there is."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from tests.conftest import ROOT
from tests.faults.registry import FAULTS, ONE_STORE, Fault

ISSUED = 25
"""Faults that a release must have been played through; those beyond are further ones."""


def test_no_fault_is_missing() -> None:
    assert [fault.number for fault in FAULTS] == list(range(1, len(FAULTS) + 1))
    assert len(FAULTS) >= ISSUED


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault.number))
def test_it_is_played_where_it_can_happen(fault: Fault) -> None:
    assert fault.fault
    assert fault.expected
    stores = {store for play in fault.plays for store in play.stores}
    if fault.touches and fault.number not in ONE_STORE:
        assert stores == {"sqlite", "postgresql"}
    assert stores


@cache
def functions(path: str) -> frozenset[str]:
    """Tests in a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("node", sorted({play.node for fault in FAULTS for play in fault.plays}))
def test_every_play_is_there(node: str) -> None:
    path, _, name = node.partition("::")
    assert (ROOT / path).is_file()
    assert not name or name.partition("[")[0] in functions(path)

"""The figures below which `make evaluate` fails: tests/evaluate/floors.yml, which only goes up."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import yaml

Floors = dict[str, dict[str, float]]
FILE = Path(__file__).with_name("floors.yml")
HEAD = "# The least that a figure of a set may be (the most, for ece); `make raise-floors` writes better ones.\n"
CEILINGS = ("ece",)
"""Figures that are better when they are lower."""
UNSTEADY = "top"
"""Figures whose names begin so rest on 20 calls: a floor would hold noise."""
MARGIN = 0.01
"""Left below a figure, so that one word in a profile does not stop everything."""


def read(path: Path = FILE) -> Floors:
    """Set -> figure -> floor."""
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def write(floors: Floors, path: Path = FILE) -> None:
    """All of them, with the head."""
    path.write_text(HEAD + yaml.safe_dump(floors, sort_keys=False), encoding="utf-8")


def above(figure: str, value: float, floor: float) -> float:
    """How much better than its floor; negative is below."""
    return floor - value if figure in CEILINGS else value - floor


def raised(floors: Floors, found: Mapping[str, Mapping[str, float]]) -> Floors:
    """`floors` with every figure that is better now, a little below it, to two decimals; none gets worse."""
    new = {name: dict(figures) for name, figures in floors.items()}
    for name, figures in found.items():
        mine = new.setdefault(name, {})
        for figure, value in figures.items():
            if figure in CEILINGS:
                mine[figure] = min(mine.get(figure, math.inf), math.ceil((value + MARGIN) * 100 - 1e-9) / 100)
            elif not figure.startswith(UNSTEADY):
                mine[figure] = max(mine.get(figure, -math.inf), math.floor((value - MARGIN) * 100 + 1e-9) / 100)
    return new

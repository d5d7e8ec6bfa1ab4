"""Draws which primary class is taken for which, as SVG: a count in each cell, the diagonal in green."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import jinja2
import msgspec

from pipeline.evaluate.confusion import NONE, Confusion
from pipeline.profile import Profiles

CELL, GAP = 44, 150
LEFT, HEAD, FOOT = 250, 240, 40
_RIGHT, _WRONG = (22, 120, 72), (176, 58, 46)


class Cell(msgspec.Struct, frozen=True):
    """One square: its corner, count, colours, and what it says to a reader who points at it."""

    x: int
    y: int
    count: int
    fill: str
    ink: str
    says: str


class Panel(msgspec.Struct, frozen=True):
    """The picture of one set, `top` pixels from the top."""

    top: int
    title: str
    names: list[str]
    cells: list[Cell]


def draw(found: Sequence[tuple[str, Confusion]], profiles: Profiles) -> str:
    """One SVG with a panel for each (name of the set, confusion)."""
    panels, top, widest = [], 0, 0
    for name, confusion in found:
        panels.append(_panel(top, name, confusion, profiles))
        widest = max(widest, len(confusion.names))
        top += HEAD + CELL * len(confusion.names) + FOOT
    sizes = {"cell": CELL, "left": LEFT, "head": HEAD, "height": top, "width": LEFT + CELL * widest + GAP}
    return _template().render(panels=panels, **sizes)


def _panel(top: int, name: str, confusion: Confusion, profiles: Profiles) -> Panel:
    names = [_name(each, profiles) for each in confusion.names]
    most = max((sum(row) for row in confusion.counts), default=1)
    cells = [
        _cell(i, j, count, most, (names[i], names[j]))
        for i, row in enumerate(confusion.counts)
        for j, count in enumerate(row)
    ]
    right = sum(row[i] for i, row in enumerate(confusion.counts))
    calls = sum(map(sum, confusion.counts))
    return Panel(top, f"{name}: primary class right in {right} of {calls} calls", names, cells)


def _name(ecosystem: str, profiles: Profiles) -> str:
    return "No ecosystem" if ecosystem == NONE else profiles.ecosystems[ecosystem].name["en"]


def _cell(i: int, j: int, count: int, most: int, names: tuple[str, str]) -> Cell:
    depth = (count / most) ** 0.5 if count else 0.0
    fill = _blend(_RIGHT if i == j else _WRONG, depth) if count else ("#eef5f0" if i == j else "#fafafa")
    ink = "#ffffff" if depth > 0.55 else "#1c1c1c"
    return Cell(LEFT + CELL * j, HEAD + CELL * i, count, fill, ink, f"{names[0]}, given {names[1]}: {count}")


def _blend(colour: tuple[int, int, int], depth: float) -> str:
    """From a tint (0) to the full colour (1)."""
    return "#" + "".join(f"{round(255 - (255 - part) * (0.18 + 0.82 * depth)):02x}" for part in colour)


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("confusion.svg.j2")

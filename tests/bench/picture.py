"""Curves as SVG: one panel each, the sizes on a logarithmic axis, values from zero, each point with its number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT, GAP = 420, 240, 70
LEFT, TOP, FOOT = 70, 70, 60
STYLE = "font-family:sans-serif;font-size:13px;fill:#222"
LINE, DOT = "#0b4f9e", 4


class Curve(NamedTuple):
    """`label` names the value and its unit; `points` are (size, value)."""

    label: str
    points: Sequence[tuple[float, float]]


def draw(title: str, below: str, curves: Sequence[Curve]) -> str:
    """One SVG; `below` is the label of the sizes."""
    width = LEFT + len(curves) * (WIDTH + GAP)
    height = TOP + HEIGHT + FOOT
    panels = "".join(_panel(curve, below, LEFT + n * (WIDTH + GAP)) for n, curve in enumerate(curves))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" style="{STYLE}">\n<title>{escape(title)}</title>\n'
        f'<rect width="{width}" height="{height}" fill="#fff"/>\n'
        f"{_text(LEFT, 26, title, 'start', 'font-size:16px;font-weight:bold')}{panels}</svg>\n"
    )


def _panel(curve: Curve, below: str, left: int) -> str:
    sizes = [size for size, _ in curve.points]
    top = _round_up(max(value for _, value in curve.points))
    places = [(_across(size, sizes, left), _up(value, top)) for size, value in curve.points]
    parts = [_text(left, TOP - 14, curve.label, "start", "font-weight:bold")]
    for step in range(5):
        value = top * step / 4
        y = _up(value, top)
        parts.append(
            f'<path d="M{left} {y:.0f}h{WIDTH}" stroke="#ddd"/>\n{_text(left - 8, y + 4, _number(value), "end")}'
        )
    for size in sizes:
        parts.append(_text(_across(size, sizes, left), TOP + HEIGHT + 22, f"{size:,.0f}", "middle"))
    parts.append(_text(left + WIDTH / 2, TOP + HEIGHT + 46, below, "middle"))
    path = " ".join(f"{x:.0f},{y:.0f}" for x, y in places)
    parts.append(f'<polyline points="{path}" fill="none" stroke="{LINE}" stroke-width="2"/>\n')
    for (x, y), (_, value) in zip(places, curve.points, strict=True):
        parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{DOT}" fill="{LINE}"/>\n')
        parts.append(_text(x, y - 10, _number(value), "middle"))
    return "".join(parts)


def _across(size: float, sizes: Sequence[float], left: int) -> float:
    """Where a size stands, some way in from both ends."""
    low, high = math.log10(min(sizes)), math.log10(max(sizes))
    share = (math.log10(size) - low) / (high - low) if high > low else 0.5
    return left + 40 + share * (WIDTH - 80)


def _up(value: float, top: float) -> float:
    return TOP + HEIGHT - value / top * HEIGHT


def _round_up(value: float) -> float:
    """The end of an axis: 1, 2, 4 or 8 times a power of ten, with room for a number above the curve."""
    wanted = value * 1.15
    power: float = 10.0 ** math.floor(math.log10(wanted))
    return next(step * power for step in (1, 2, 4, 8, 10) if step * power >= wanted)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 20 else f"{value:.3g}"


def _text(x: float, y: float, text: str, anchor: str, style: str = "") -> str:
    styled = f' style="{style}"' if style else ""
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}"{styled}>{escape(text)}</text>\n'

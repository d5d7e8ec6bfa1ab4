"""What was measured, as a table for a person."""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line: `limit` and `ratio` are empty where nothing can be compared; `reached` is None without a goal."""

    what: str
    ours: str
    limit: str = ""
    ratio: str = ""
    goal: str = ""
    reached: bool | None = None


def shown(figures: list[Figure]) -> str:
    """The table as lines of equal width."""
    head = ("what", "ours", "limit here", "ratio", "goal", "reached")
    words = {True: "yes", False: "NO", None: ""}
    rows = [head, *((f.what, f.ours, f.limit, f.ratio, f.goal, words[f.reached]) for f in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return "\n".join([lines[0], "-" * (sum(widths) + 2 * len(widths) - 2), *lines[1:]])


def say(line: str) -> None:
    """To a person, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()

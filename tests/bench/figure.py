"""One line of what was measured, and the table of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one piece of work costs.

    `key` never changes: by it the stored figure is found. `values` and `limits` are CPU seconds for all of `what`,
    run by run; a limit is what the machine needs at best for the same, measured in turns with ours, and `least`
    says what that is. `clock` is the least that was on a clock at one time, in CPU seconds: it decides whether the
    ratio can be judged. `memory` in MB: the peak beyond what the process had before, or (`whole`) the peak of the
    process. `count`: so many things are in it.
    """

    key: str
    what: str
    values: tuple[float, ...] = ()
    limits: tuple[float, ...] = ()
    least: str = ""
    clock: float = 0.0
    memory: float | None = None
    whole: bool = False
    count: int = 0
    goal: str = ""
    reached: bool | None = None
    note: str = ""

    @property
    def ours(self) -> float | None:
        """CPU seconds, the median."""
        return median(self.values) if self.values else None

    @property
    def limit(self) -> float | None:
        """CPU seconds, the median."""
        return median(self.limits) if self.limits else None

    @property
    def ratio(self) -> float | None:
        """Limit by ours: 1 is as good as it gets. The median of the runs, for a machine changes between them."""
        if not (self.values and self.limits):
            return None
        return median(limit / ours for ours, limit in zip(self.values, self.limits, strict=True))

    @property
    def rate(self) -> str:
        """Things a CPU second; empty where that says nothing."""
        return f"{self.count / self.ours:,.0f}/s" if self.count and self.ours else ""


HEAD = ("what", "ours, CPU s", "a second", "limit, CPU s", "ratio", "memory, MB", "goal", "reached")


def cells(figure: Figure) -> tuple[str, ...]:
    """The figure under `HEAD`."""
    memory = "" if figure.memory is None else f"{'' if figure.whole else '+'}{figure.memory:.0f}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    reached = {True: "yes", False: "no", None: ""}[figure.reached]
    what = f"{figure.what} ({figure.note})" if figure.note else figure.what
    seconds = (_seconds(figure.ours), figure.rate, _seconds(figure.limit))
    return (what, *seconds, ratio, memory, figure.goal, reached)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"


def shown(figures: Sequence[Figure]) -> str:
    """The table as lines of equal width."""
    rows = [HEAD, *map(cells, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])

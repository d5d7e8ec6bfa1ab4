"""How alike two calls are called, in any of their languages. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from pipeline.models import BRUSSELS, Call

ALIKE = 85.0
"""From here on (of 100) two titles may be of one call; a person decides."""
NEAR = timedelta(days=1)


def titles(call: Call) -> list[str]:
    """Title and translations, folded, each once."""
    from rapidfuzz import utils

    found = (utils.default_process(title) for title in (call.title, *call.titles.values()))
    return list(dict.fromkeys(title for title in found if title))


def likeness(some: Iterable[str], others: Iterable[str]) -> float:
    """0 to 100, of the two folded titles that are most alike, whatever the order of their words."""
    from rapidfuzz import fuzz, process

    names = list(others)
    best = (process.extractOne(title, names, scorer=fuzz.token_sort_ratio) for title in some if names)
    return max((found[1] for found in best if found), default=0.0)


def days(call: Call) -> set[date]:
    """The days, in Brussels, on which one of its stages ends."""
    return {deadline.at.astimezone(BRUSSELS).date() for deadline in call.deadlines}


def near(some: Iterable[date], others: Iterable[date]) -> date | None:
    """The first day of `some` on which, or a day before or after which, one of `others` falls."""
    known = set(others)
    return next((day for day in sorted(some) if known & {day - NEAR, day, day + NEAR}), None)

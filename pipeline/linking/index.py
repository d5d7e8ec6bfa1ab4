"""Which of many calls have to be compared at all: those that share a name, or a day and a word of the title.

New calls look for the rows of others by key, so that the work
grows with the new calls and with what they find, and not with all there are. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from pipeline.linking import titles
from pipeline.linking.judge import Card
from pipeline.linking.names import kind_of
from pipeline.links import Row

COMMON = 50
"""A word in more titles of one day than this says nothing about any of them."""
LETTERS = 4
"""Of a word that says something."""


MEETS = {"own": ("own", "named", "below"), "named": ("own", "below"), "below": ("own", "named")}
"""Which rows of others a row of this role is looked for among, under the same key."""


def rows(card: Card) -> Iterator[Row]:
    """All rows of a call."""
    call, names = card.call, card.names
    for role, found in (("own", names.own), ("below", names.below), ("named", names.named)):
        for key in found:
            yield Row(call.id, role, key)
    words = "\n".join([*titles.titles(call), call.project.casefold()])
    for day in titles.days(call):
        yield Row(call.id, "day", f"day:{day}", words)


def needed(some: Iterable[Row]) -> set[str]:
    """The keys under which rows of other calls may meet these."""
    found: set[str] = set()
    for row in some:
        if row.role != "day":
            found.add(row.key)
            continue
        day = date.fromisoformat(row.key.removeprefix("day:"))
        found.update(f"day:{each}" for each in (day - titles.NEAR, day, day + titles.NEAR))
    return found


class Index:
    """Rows of many calls. `compared` counts the titles that were compared, to show that they stay few."""

    def __init__(self, some: Iterable[Row]) -> None:
        self._rows: dict[tuple[str, str], list[Row]] = {}
        self._words: dict[tuple[str, str], dict[str, list[Row]]] = {}
        self._days: dict[str, set[str]] = {}
        """The portals that have a call of this day."""
        self.compared = 0
        for row in some:
            if row.role == "day":
                self._days.setdefault(row.key, set()).add(row.portal)
                for word in _words(row):
                    self._words.setdefault((row.key, word), {}).setdefault(row.portal, []).append(row)
            else:
                self._rows.setdefault((row.role, row.key), []).append(row)

    def partners(self, some: Iterable[Row]) -> set[tuple[str, str]]:
        """Pairs of ids, sorted, of calls that have to be judged."""
        found: set[tuple[str, str]] = set()
        for row in some:
            for other in self._alike(row) if row.role == "day" else self._named(row):
                if other.call_id != row.call_id:
                    first, second = sorted((row.call_id, other.call_id))
                    found.add((first, second))
        return found

    def _named(self, row: Row) -> Iterator[Row]:
        """Within one portal only a cascade call names another call: the topic it belongs to."""
        for role in MEETS[row.role]:
            inside = kind_of(row.key) == "id" and {row.role, role} == {"own", "named"}
            for other in self._rows.get((role, row.key), ()):
                if inside or other.portal != row.portal:
                    yield other

    def _alike(self, row: Row) -> Iterator[Row]:
        seen: dict[tuple[str, str], Row] = {}
        portal = row.portal
        days = [day for day in needed([row]) if self._days.get(day, set()) - {portal}]
        words = _words(row) if days else ()
        for day in days:
            for word in words:
                found = self._words.get((day, word), {})
                others = [of_one for name, of_one in found.items() if name != portal]
                if sum(map(len, others)) <= COMMON:
                    seen.update(((other.call_id, other.key), other) for of_one in others for other in of_one)
        for other in {o.call_id: o for o in seen.values()}.values():
            self.compared += 1
            if _may_be_one(row, other):
                yield other


def _words(row: Row) -> set[str]:
    return {word for word in row.words.split() if len(word) >= LETTERS}


def _may_be_one(row: Row, other: Row) -> bool:
    mine, project = row.words.rsplit("\n", 1)
    theirs, others = other.words.rsplit("\n", 1)
    by_name = (project and project in theirs.split()) or (others and others in mine.split())
    return bool(by_name) or titles.likeness(mine.split("\n"), theirs.split("\n")) >= titles.ALIKE

"""A portal on which something happens every few seconds, to each call once: what readers must be told of it
follows from what the portal showed, and from nothing that callwatch has stored."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from callwatch.demo import items
from callwatch.demo.standin.server import StandIn
from tests.delivery.world import GROUPS

START = date(2026, 1, 15)
FAR = timedelta(days=90)
"""Until the deadline: no reminder comes near."""
NEW, LATER, EARLIER = "new call", "deadline extended", "deadline brought forward"


class Told(NamedTuple):
    """One thing that one destination must hear once."""

    target: str
    call: str
    what: str


def reference(number: int) -> str:
    """Of the call with this number."""
    return f"TRIAL-{number:04d}"


class Changing:
    """`known` calls to begin with; then new ones, and deadlines that move. Each call changes once at most."""

    def __init__(self, portal: StandIn, chance: Random, known: int) -> None:
        self._portal, self._chance = portal, chance
        today = datetime.now(UTC).date()
        self._deadlines = dict.fromkeys(range(known), today + FAR)
        self._untouched = list(range(known))
        chance.shuffle(self._untouched)
        self.happened: dict[int, str] = {}
        self._show()

    def step(self) -> None:
        """One to three calls change, or are new."""
        for _ in range(self._chance.randint(1, 3)):
            if self._untouched and self._chance.random() < 0.6:
                self._move(self._untouched.pop())
            else:
                self._invent()
        self._show()

    def expected(self, book: dict[str, Any]) -> set[Told]:
        """What the subscribers of `book` must have been told of all that happened."""
        return {
            Told(target, reference(number), what)
            for target, group in destinations(book).items()
            for number, what in self.happened.items()
            if GROUPS[number % len(GROUPS)] == group
        }

    def _move(self, number: int) -> None:
        later = self._chance.random() < 0.5
        self._deadlines[number] += timedelta(days=10 if later else -10)
        self.happened[number] = LATER if later else EARLIER

    def _invent(self) -> None:
        number = max(self._deadlines) + 1
        self._deadlines[number] = datetime.now(UTC).date() + FAR
        self.happened[number] = NEW

    def _show(self) -> None:
        self._portal.replace(topic(number, day) for number, day in self._deadlines.items())


def topic(number: int, deadline: date) -> dict[str, Any]:
    """The call as the portal has it."""
    title = f"Better roads through {GROUPS[number % len(GROUPS)]} woods, part {number}"
    return items.topic(reference(number), start=START, deadlines=[deadline], title=title)


def destinations(book: dict[str, Any]) -> dict[str, str]:
    """By address, the one word that its subscription asks for."""
    found = {}
    for wish in book["subscriptions"]:
        contact = book["contacts"][wish["contact"]]
        found[contact[wish["channel"]]] = wish["filters"]["words"][0]
    return found

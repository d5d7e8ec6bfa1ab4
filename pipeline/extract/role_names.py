"""The roles of words beside days, and which of them speak for and against a day to apply by. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from pipeline.extract.cues import Cue, Cues
from pipeline.extract.date_words import DATE_WORDS
from pipeline.extract.dates import Day, Window
from pipeline.extract.sentences import Sentence

DEADLINE, OPENING, WINDOW, PUBLISHED, EXTENDED = "deadline", "open", "window", "published", "extended"

CUES = Cues(DATE_WORDS)
AGAINST = frozenset({"event", "decision", "project", "projects", "published", "other", "former"})
STRONG = frozenset({"deadline", "open", "stage"})
FOR = STRONG | {"submit", "isopen"}
CONTEXT = frozenset({"submit", "isopen", "programme"})
"""Roles that say nothing about a day by themselves."""

NOT_A_CALL = {
    DEADLINE: frozenset({"event", "other", "former"}),
    OPENING: frozenset({"event", "other", "former", "programme"}),
}
"""What may close or open, and is no call."""

_LONGER = """
extend förläng verläng prolong prorog ampli prelung forl pidenn moved postpon
"""
LONGER = tuple(_LONGER.split())
"""How words begin that move a deadline."""

_PAST = """
stängd|stängt|öppnade|öppnat|lanserade| closed| opened
launched|sulkeutui|päättyi|avattiin|avautui|alkoi|åpnet|åbnede
stengt|lukket|öffnete|startete|geschlossen|a ouvert|lancé|clos |clôturé
abrió|lanzó|cerró|cerrad|ha aperto|chius|lanciat
a fost|închis|lansat|aujourd'hui| today|i dag|idag
"""
PAST = tuple(word for line in _PAST.strip("\n").split("\n") for word in line.split("|"))
"""Parts of words that speak of something over, or of today."""


class Dated(msgspec.Struct, frozen=True):
    """A day or window, the sentence it stands in (offsets are the sentence's), and its role ("" when it has none).

    `low` and `high` bound the words that belong to it; `past`: the words speak of it as over.
    """

    sentence: Sentence
    mention: Day | Window
    role: str
    low: int
    high: int
    past: bool = False


def against(cues: Sequence[Cue], roles: frozenset[str] | set[str]) -> str:
    """The last role of `roles` among `cues`, unless a word about applying comes after it."""
    for cue in reversed(cues):
        if cue.role in roles:
            return cue.role
        if cue.role in FOR and cue.role != "isopen":
            return ""
    return ""


def speaks_for(cues: Iterable[Cue]) -> bool:
    return any(cue.role in FOR for cue in cues)

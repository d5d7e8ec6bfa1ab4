"""Finds cue words: a table of roles and words becomes one pattern; a match says which role stands where. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_SAME = str.maketrans({"’": "'", "ş": "ș", "ţ": "ț", "Ş": "Ș", "Ţ": "Ț", "ë": "e"})


class Cue(NamedTuple):
    """A role named by the words from `start` to `end`."""

    role: str
    start: int
    end: int


class Cues:
    """All words of a table. A longer phrase wins over a shorter one at the same place; `*` ends an open word."""

    def __init__(self, table: Mapping[str, str]) -> None:
        """`table`: role -> phrases in any language, separated by line ends or `|`."""
        phrases = sorted(
            ((phrase, role) for role, block in table.items() for phrase in _phrases(block)),
            key=lambda pair: -len(pair[0]),
        )
        self._roles: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []
        for phrase, role in phrases:
            if phrase.endswith("*"):
                self._open.append((phrase[:-1], role))
            else:
                self._roles.setdefault(phrase, role)
        alternatives = "|".join(re.escape(phrase.rstrip("*")) + _tail(phrase) for phrase, _ in phrases)
        self._pattern = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE)

    def find(self, text: str) -> list[Cue]:
        """The cues of `text` in order, never overlapping."""
        return [
            Cue(self._role(match.group().lower()), match.start(), match.end())
            for match in self._pattern.finditer(text.translate(_SAME))
        ]

    def _role(self, words: str) -> str:
        exact = self._roles.get(words)
        return exact or next(role for stem, role in self._open if words.startswith(stem))


def _phrases(block: str) -> list[str]:
    parts = (part.strip().lower().translate(_SAME) for line in block.split("\n") for part in line.split("|"))
    return [part for part in parts if part]


def _tail(phrase: str) -> str:
    return r"\w{0,30}" if phrase.endswith("*") else ""

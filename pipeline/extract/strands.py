"""Recognises a list of the industrial ecosystems ("one strand for each of the fourteen"). Pure.

Calls that list most ecosystems by name are about all of them, however few other words they have. A list is at
least eight different names close together; then every name in it counts, and the open strand, if it is named too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from pipeline.extract.strand_words import STRAND_WORDS, TOO_SMALL

LEAST = 8
_SPAN = 2500
"""Characters a list may stretch over."""

OPEN_STRAND = "transversal"
_OPEN = re.compile(
    r"\b(?:öppet spår|öppna spåret|tvärgående|övergripande|för alla ekosystem|samtliga ekosystem"
    r"|open strand|all ecosystems|horizontal|transversal\w*|tous les écosystèmes|volet ouvert|"
    r"todos los ecosistemas|tutti gli ecosistemi|alle ökosysteme|offener strang|bereichsübergreifend\w*"
    r"|avoin osio|kaikki ekosysteemit|monialai\w*|toate ecosistemele|tværgående|overgripende|generell\w*"
    r"|allmän\w*|öppen kategori)\b",
    re.I,
)


def find(text: str, names: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], str]:
    """(ids of the ecosystems listed, the words of the list); empty for no list. `names`: id -> names."""
    hits = sorted(
        (match.start(), match.end(), identifier)
        for identifier, pattern in _patterns(tuple(sorted((key, tuple(value)) for key, value in names.items())))
        for match in pattern.finditer(text)
    )
    best: tuple[int, int, frozenset[str]] = (0, 0, frozenset())
    low = 0
    for position, (start, end, _) in enumerate(hits):
        while start - hits[low][0] > _SPAN:
            low += 1
        among = frozenset(identifier for _, _, identifier in hits[low : position + 1][-200:])
        if len(among) > len(best[2]):
            best = (hits[low][0], end, among)
    return _listed(text, best, names)


def _listed(
    text: str, best: tuple[int, int, frozenset[str]], names: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[str, ...], str]:
    start, end, among = best
    if len(among) < LEAST:
        return (), ""
    beside = text[max(0, start - 600) : end + 600]
    if _OPEN.search(beside):
        among = among | {OPEN_STRAND}
    order = [identifier for identifier in names if identifier in among]
    return tuple(order), text[start:end]


@lru_cache(maxsize=8)
def _patterns(names: tuple[tuple[str, tuple[str, ...]], ...]) -> list[tuple[str, re.Pattern[str]]]:
    made = []
    for identifier, spoken in names:
        if identifier == OPEN_STRAND:
            continue
        words = {re.escape(name.lower()) for name in spoken if name.lower() not in TOO_SMALL and len(name) > 3}
        stems = STRAND_WORDS.get(identifier, "").replace("\n", "|").split("|")
        words |= {re.escape(stem.strip()) + r"[\w-]{0,25}" for stem in stems if stem.strip()}
        pattern = "|".join(sorted(words, key=len, reverse=True))
        made.append((identifier, re.compile(rf"(?<!\w)(?:{pattern})", re.I)))
    return made

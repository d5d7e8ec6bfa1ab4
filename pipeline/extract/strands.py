"""Recognises a list of the industrial ecosystems ("one strand for each of the fourteen"). Pure.

Calls that list most ecosystems by name are about all of them, however few other words they have. A list is at least eight
different names close together; then every name in it counts, and the open strand, if it is named beside them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

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
_SMALL = frozenset(
    {
        "industries",
        "industrie",
        "industrier",
        "industrias",
        "sektorn",
        "ekonomi",
        "economia",
        "économie",
        "economía",
        "wirtschaft",
        "näringar",
        "industri",
        "industria",
        "teollisuus",
        "energi",
        "energy",
    }
)
_STEMS = {
    "tourism": "turis besöksnäring matkailu touris",
    "mobility": "mobilit fordonsindustri automotiv automobil movilid liikkuvuu autoteollisuu automoc transportmedel",
    "aerospace_defence": "rymd flygindustri försvarsindustri försvar aerospa defence défense difesa defensa verteidigung luftfahrt raumfahrt ilmailu puolustus flyg luft-",
    "construction": "bygg construction bauwirtschaft bauwesen baugewerbe rakent construcción costruzion construcți bau",
    "agrifood": "livsmedel jordbruk agri-food agrifood agroaliment agrar ernährung maatalou elintarvik agroalimenta landbruk lantbruk",
    "energy_intensive": "energiintensiv energikrävande energy-intensive energy intensive energieintensiv intensité energ gran consumo intensità energ energiaintensiiv energointensiv",
    "textiles": "textil textile tessil tekstiil tekstil",
    "creative_cultural": "kulturella kreativa cultural creative kultur- kreativ culturelles créatives culturales creativas culturali luovat kulturell",
    "digital": "digital numérique digitaali",
    "renewable_energy": "förnybar förnyelsebar renewable erneuerbar renouvelable renovable rinnovabil uusiutuva fornybar regenerabil",
    "electronics": "elektroni electronic électroni electróni elettroni elektronik",
    "retail": "detaljhandel handel retail einzelhandel commerce de détail comercio minorista vendita al dettaglio vähittäis comerț cu amănuntul",
    "proximity_social": "närhetsekonomi social ekonomi närekonomi proximity social economy nahversorgung sozialwirtschaft économie sociale economía social economia social prossimità lähitalou yhteisötalou proximit",
    "health": "hälsa hälso health gesundheit santé salud salute terveys helse sundhed sănătate vård",
}
_PHRASES = (
    "energy intensive",
    "intensité energ",
    "gran consumo",
    "intensità energ",
    "commerce de détail",
    "comercio minorista",
    "vendita al dettaglio",
)
_PHRASES += (
    "social ekonomi",
    "social economy",
    "économie sociale",
    "economía social",
    "economia social",
    "comerț cu amănuntul",
)


def find(text: str, names: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], str]:
    """(ids of the ecosystems listed, the words of the list). `names`: ids -> names in any language. Empty for no list."""
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
        words = {re.escape(name.lower()) for name in spoken if name.lower() not in _SMALL and len(name) > 3}
        block = _STEMS.get(identifier, "")
        for phrase in _PHRASES:
            if phrase in block:
                words.add(re.escape(phrase))
                block = block.replace(phrase, " ")
        words |= {re.escape(stem) + r"[\w-]{0,25}" for stem in block.split()}
        pattern = "|".join(sorted(words, key=len, reverse=True))
        made.append((identifier, re.compile(rf"(?<!\w)(?:{pattern})", re.I)))
    return made

"""The programme a call belongs to, by its name or by the identifier. Pure."""

from __future__ import annotations

import re

_PREFIXES = {
    "HORIZON": "Horizon Europe",
    "H2020": "Horizon 2020",
    "DIGITAL": "Digital Europe",
    "LIFE": "LIFE",
    "SMP-COSME": "SMP COSME",
    "SMP": "SMP",
    "COSME": "COSME",
    "ERASMUS": "Erasmus+",
    "CREA": "Creative Europe",
    "CERV": "CERV",
    "CEF": "CEF",
    "EDF": "EDF",
    "EU4H": "EU4Health",
    "I3": "I3",
    "INNOVFUND": "Innovation Fund",
    "EMFAF": "EMFAF",
    "EUROPEAID": "EuropeAid",
    "AMIF": "AMIF",
    "ISF": "ISF",
    "JUST": "Justice",
}
_NAMES = (
    (
        "SMP COSME",
        r"SMP[ -]?COSME|(?:COSME.{0,80}(?:Single Market Programme|marché unique|Mercato Unico|Piața unică"
        r"|Binnenmarktprogramm))",
    ),
    ("Interreg NPA", r"NPA(?:-ohjelma\w*)?\b|(?:Interreg )?Northern Periphery and Arctic"),
    (
        "Interreg",
        r"Interreg(?:[ -](?:VI|V|IV)[ -]?[A-D]?)?(?: (?:Europe|NEXT"
        r"|(?!Call\b)[A-ZÅÄÖ][\wåäöéß-]+(?:[ -](?!Calls?\b)[A-ZÅÄÖ][\wåäöéß-]+){0,3}))?",
    ),
    ("COSME", r"COSME"),
    ("I3", r"\bI3\b|Interregional Innovation Investments?"),
    ("Innovation Fund", r"Innovation Fund|Innovationsfond\w*|Fonds (?:pour l')?innovation|Fondo de Innovación"),
    (
        "Horizon Europe",
        r"Horizon Europ[ea]|Horisont Europa|Horisontti Eurooppa|Horizonte Europa|Orizzonte Europa|Orizont Europa",
    ),
    ("Digital Europe", r"Digital Europe|Programmet för ett digitalt Europa"),
    ("Erasmus+", r"Erasmus ?\+"),
    ("Creative Europe", r"Creative Europe|Kreativa Europa|Europe Créative|Kreatives Europa|Europa Creativa"),
    ("EU4Health", r"EU4Health"),
    ("CERV", r"\bCERV\b"),
    ("Eurostars", r"Eurostars"),
    (
        "SMP",
        r"Single Market Programme|marché unique|Mercato Unico|Piața unică|Binnenmarktprogramm"
        r"|inre marknadsprogrammet",
    ),
    ("LIFE", r"\bLIFE\b"),
    ("ERUF", r"regionalfonden|Europeiska regionala utvecklingsfonden|\bERUF\b"),
    ("ERDF", r"\bERDF\b|\bEFRE\b|\bFEDER\b|\bFESR\b"),
    ("ESF+", r"\bESF ?\+|Socialfonden|European Social Fund"),
    ("Vinnova", r"Vinnova"),
)
_PATTERNS = [(name, re.compile(pattern)) for name, pattern in _NAMES]
_BRUSSELS = frozenset(_PREFIXES.values())


def find(text: str, identifiers: list[tuple[str, str]]) -> tuple[str, str]:
    """(programme, words it rests on): the identifier's own, else the first named; ("", "") for none."""
    for identifier, raw in identifiers:
        for prefix in sorted(_PREFIXES, key=len, reverse=True):
            if identifier.upper().startswith((f"{prefix}-", f"{prefix}/")):
                return _PREFIXES[prefix], raw
    found = [
        (match.start(), rank, name, match.group())
        for rank, (name, pattern) in enumerate(_PATTERNS)
        if (match := pattern.search(text))
    ]
    if not found:
        return "", ""
    _, _, name, raw = min(found)
    return (raw if name == "Interreg" else name), raw


def is_brussels(programme: str) -> bool:
    """True when the Commission itself runs the programme: its hours are Brussels hours."""
    return programme in _BRUSSELS

"""Identifiers of calls and topics a text names, written as the portals write them. Pure."""

from __future__ import annotations

import re

_FUNDING_TENDERS = (
    "HORIZON|H2020|DIGITAL|LIFE|SMP|COSME|ERASMUS|CREA|CERV|CEF|EDF|EDIP|EU4H|I3|INNOVFUND|ERC|EIC|EMFAF"
    "|AMIF|ISF|BMVI|JUST|RFCS|EURATOM|"
    "PPPA|UCPM|AGRIP|IMREG|IMCAP|ESF|ESC|TSI|SOCPL|RENEWFM|JTM|MSCA|EUBA|FISCALIS|CUSTOMS|PERICLES|NDICI"
    "|COS|EASME|GRO|ECSEL"
)
_TOPIC = re.compile(
    rf"(?<![\w/-])(?:{_FUNDING_TENDERS})(?:\+|PLUS)?-[A-Z0-9][A-Z0-9-]{{3,80}}[A-Z0-9](?![\w/])", re.I
)
_EUROPEAID = re.compile(r"\bEuropeAid/\d{5,6}/[A-Z]{1,3}(?:/[A-Z]{2,4}){1,3}(?:/\w{2,5})?\b", re.I)
_CASCADE = re.compile(r"\bcompetitive-calls-cs/(\d{1,6})\b", re.I)
_REGISTER = re.compile(r"(?<![\w-])(20[12]\d-\d{5})(?![\w-])")
_DASHES = str.maketrans("‐‑‒–", "----")
_YEAR = re.compile(r"(?:^|-)(?:19|20)\d\d(?:-|$)")


def find(text: str) -> list[tuple[str, str]]:
    """(normalised identifier, words as written), each once, in the order of the text."""
    plain = text.translate(_DASHES)
    found = []
    for pattern, normalise in ((_TOPIC, _topic), (_EUROPEAID, _europeaid), (_CASCADE, _cascade), (_REGISTER, str)):
        for match in pattern.finditer(plain):
            identifier = normalise(match.group())
            if identifier:
                found.append((match.start(), identifier, text[match.start() : match.end()]))
    distinct: dict[str, tuple[str, str]] = {}
    for _, identifier, raw in sorted(found):
        distinct.setdefault(identifier.casefold(), (identifier, raw))
    return list(distinct.values())


def _topic(raw: str) -> str:
    """Upper case but for the small letter of a strand, which the portal keeps ("I3-2024-INV2a"); needs a year."""
    if not _YEAR.search(raw) and not re.search(r"-\d\d\b", raw):
        return ""
    head, tail = raw[:-1], raw[-1]
    return head.upper() + (
        tail if re.search(r"\d$", head) and tail.islower() and raw[:2].upper() == "I3" else tail.upper()
    )


def _europeaid(raw: str) -> str:
    return "EuropeAid" + raw[len("EuropeAid") :].upper()


def _cascade(raw: str) -> str:
    return raw.lower()

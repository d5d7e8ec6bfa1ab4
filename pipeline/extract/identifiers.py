"""Identifiers of calls and topics a text names, written as the portals write them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FUNDING_TENDERS = (
    "HORIZON|H2020|DIGITAL|LIFE|SMP|COSME|ERASMUS|CREA|CERV|CEF|EDF|EDIP|EU4H|I3|INNOVFUND|ERC|EIC|EMFAF"
    "|AMIF|ISF|BMVI|JUST|RFCS|EURATOM|"
    "PPPA|UCPM|AGRIP|IMREG|IMCAP|ESF|ESC|TSI|SOCPL|RENEWFM|JTM|MSCA|EUBA|FISCALIS|CUSTOMS|PERICLES|NDICI"
    "|COS|EASME|GRO|ECSEL"
)
# A topic is looked for from its first hyphen, and what may stand before that is looked at then: a pattern that
# begins with all families is tried at every letter of a text, at fifteen times the price.
_BEHIND = re.compile(r"-[A-Z0-9][A-Z0-9-]{3,80}[A-Z0-9](?![\w/])", re.I)
_FAMILY = re.compile(rf"(?<![\w/-])(?:{_FUNDING_TENDERS})(?:\+|PLUS)?\Z", re.I)
_LONGEST_FAMILY = 16
_EUROPEAID = re.compile(r"\bEuropeAid/\d{5,6}/[A-Z]{1,3}(?:/[A-Z]{2,4}){1,3}(?:/\w{2,5})?\b", re.I)
_CASCADE = re.compile(r"\bcompetitive-calls-cs/(\d{1,6})\b", re.I)
_REGISTER = re.compile(r"20(?<![\w-]20)[12]\d-\d{5}(?![\w-])")
_DASHES = str.maketrans("‐‑‒–", "----")
_YEAR = re.compile(r"(?:^|-)(?:19|20)\d\d(?:-|$)")


def find(text: str) -> list[tuple[str, str]]:
    """(normalised identifier, words as written), each once, in the order of the text."""
    found = sorted(_found(text, text.translate(_DASHES)))
    distinct: dict[str, tuple[str, str]] = {}
    for _, identifier, raw in found:
        distinct.setdefault(identifier.casefold(), (identifier, raw))
    return list(distinct.values())


def _found(text: str, plain: str) -> Iterator[tuple[int, str, str]]:
    """(place, normalised identifier, words as written), of one kind after the other."""
    for start, end in _topics(plain):
        if identifier := _topic(plain[start:end]):
            yield start, identifier, text[start:end]
    small = plain.lower()
    for sign, pattern, normalise in (
        ("europeaid/", _EUROPEAID, _europeaid),
        ("competitive-calls-cs/", _CASCADE, str.lower),
        ("-", _REGISTER, str),
    ):
        for match in pattern.finditer(plain) if sign in small else ():
            yield match.start(), normalise(match.group()), text[match.start() : match.end()]


def _topics(plain: str) -> Iterator[tuple[int, int]]:
    """First and last place of all that is written like the name of a topic, none within another."""
    end = begin = 0
    while behind := _BEHIND.search(plain, begin):
        hyphen = behind.start()
        family = _FAMILY.search(plain, max(end, hyphen - _LONGEST_FAMILY), hyphen)
        begin = hyphen + 1
        if family:
            end = begin = behind.end()
            yield family.start(), end


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

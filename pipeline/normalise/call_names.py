"""What a funding programme calls one of its calls, as a key that lasts: number and kind, else words. Pure."""

from __future__ import annotations

import re
import unicodedata

_CALL = r"(?:calls?|utlysning(?:en)?|utlysing(?:en)?|ansökningsomgång(?:en)?|haku|hakukierros|hakukierrokset)"
_WORDS = {
    1: "first|första|første|ensimmäinen",
    2: "second|andra|andre|toinen",
    3: "third|tredje|kolmas",
    4: "fourth|fjärde|fjerde|neljäs",
    5: "fifth|femte|viides",
    6: "sixth|sjätte|sjette|kuudes",
    7: "seventh|sjunde|syvende|sjuende|seitsemäs",
    8: "eighth|åttonde|åttende|kahdeksas",
    9: "ninth|nionde|niende|yhdeksäs",
    10: "tenth|tionde|tiende|kymmenes",
    11: "eleventh|elfte|ellevte|yhdestoista",
    12: "twelfth|tolfte|tolvte|kahdestoista",
}
_BY_WORD = {word: number for number, words in _WORDS.items() for word in words.split("|")}
_OF_YEAR = re.compile(rf"\b{_CALL}\s*(?:nr\.?\s*|no\.?\s*|#)?(20\d\d)\s?[.:/-]\s?(\d{{1,2}})\b(?![.:/-]\d)", re.I)
_IN_YEAR = re.compile(rf"\b{_CALL}\s*(?:nr\.?\s*|no\.?\s*|#)?(\d{{1,2}})\s?[:/]\s?(20\d\d)\b", re.I)
_AFTER = re.compile(
    rf"\b{_CALL}\s*(?:nr\.?\s*|no\.?\s*|#)?(\d{{1,2}})(?!\d|[:/.,]\d|\.?\s+(?:jan|feb|mar|apr|ma[ji]|jun|jul|aug|sep|o[ck]t|nov|de[cs])\w*)\b",
    re.I,
)
_BEFORE = re.compile(
    rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th|:a|:e|\.)|({'|'.join(_BY_WORD)}))\s+(?:[\w-]+\s+){{0,2}}?(?:\w*{_CALL})\b",
    re.I,
)
KINDS = (
    (
        "main",
        re.compile(
            r"\b(?:main|regular|REG|ordinarie|ordinære?|huvudprojekt|hovedprosjekt\w*|varsinai\w+)\b", re.I
        ),
    ),
    (
        "ssp",
        re.compile(r"\b(?:small[- ]scale|SSP|småskali\w*|mindre projekt|pien\w*hank\w*|pienimuotoi\w*)", re.I),
    ),
    ("prep", re.compile(r"\b(?:preparatory|förberedande|forberedende|valmistelu\w*)", re.I)),
    ("cluster", re.compile(r"\b(?:clustering|cluster|kluster)\b", re.I)),
    ("study", re.compile(r"\b(?:pre-?stud\w+|förstudi\w+|forprosjekt\w*|forstudi\w+|esiselvity\w*)", re.I)),
    ("people", re.compile(r"\b(?:people[- ]to[- ]people|p2p)\b", re.I)),
)
"""Kinds of projects; of a call for main ones nothing is said, and such a call may take others, too."""

_STATUS = re.compile(
    r"\b(?:open(?:s|ing)?|now|closed|closes|upcoming|coming|next|current|ongoing|planned|forthcoming"
    r"|öppen|öppet|öppna|öppnar|nu|stängd|stängt|kommande|kommer|nästa|nästkommande|pågående|aktuella?|planerade?"
    r"|åpen|åpner|stengt|neste|kommende|pågående|avoinna|auki|tuleva\w*|seuraava|suljettu)\b|\b20\d\d\b",
    re.IGNORECASE,
)
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")


def number(text: str) -> str:
    """The number a call is known by ("7", "2027-1"); empty where it has none."""
    if match := _OF_YEAR.search(text):
        return f"{match[1]}-{int(match[2])}"
    if match := _IN_YEAR.search(text):
        return f"{match[2]}-{int(match[1])}"
    if match := _AFTER.search(text):
        return str(int(match[1]))
    if match := _BEFORE.search(text):
        return str(int(match[1])) if match[1] else str(_BY_WORD[match[2].casefold()])
    return ""


def kind(text: str) -> str:
    """What sort of projects a call is for; empty for main ones, and where nothing is said."""
    found = next((name for name, pattern in KINDS if pattern.search(text)), "")
    return "" if found == "main" else found


def numbered(text: str) -> str:
    """`call-7-ssp` for everything that names that call, in whatever words; empty without a number."""
    found = number(text)
    return "-".join(part for part in ("call", found, kind(text)) if part) if found else ""


def key(text: str) -> str:
    """The same, or the words of the name without those on its state and years; empty without any."""
    return numbered(text) or slug(_STATUS.sub(" ", text)) or slug(text)


def label(key: str) -> str:
    """How readers know a numbered call: "Call 7 SSP"; empty for other keys."""
    match = re.fullmatch(r"call-(\d{1,2}|20\d\d-\d{1,2})(?:-([a-z]+))?", key)
    if match is None:
        return ""
    sort = {"ssp": "SSP", "prep": "preparatory", "cluster": "clustering", "study": "pre-study"}.get(
        match[2], match[2]
    )
    return f"Call {match[1].replace('-', '.')}{f' {sort}' if sort else ''}"


def slug(text: str, longest: int = 80) -> str:
    """Small letters, digits and hyphens; as much of the text as whole words of it fit."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    words = _NOT_PLAIN.sub("-", plain).strip("-")
    return words if len(words) <= longest else words[: longest + 1].rsplit("-", 1)[0]

"""Periods in place of dates: "autumn 2027", "Q1 2027", "januari 2027", "not decided yet". Pure."""

from __future__ import annotations

import re
from datetime import date

from pipeline.extract.months import months

_SEASONS = (
    (1, r"spring|våren|vår|vår(?:en)?|kevät|kevään|keväällä|winter|vinter(?:n|en)?|talvi|h1|1st half|first half"),
    (1, r"first half of|första halvåret|første halvår|ensimmäinen puolivuosi"),
    (2, r"autumn|fall|hösten|höst|høst(?:en)?|syksy\w*|h2|second half|2nd half|andra halvåret|andre halvår"),
    (2, r"second half of|toinen puolivuosi|summer|sommar(?:en)?|sommer(?:en)?|kesä\w*"),
)
_YEAR = re.compile(r"\b(20\d\d)\b")
_QUARTER = re.compile(
    r"\b(?:q|kvartal|quarter|neljännes)\s?([1-4])\b|\b([1-4])(?:st|nd|rd|th|\.|:a|:e)?\s?(?:q|kvartal\w*|quarter)\b",
    re.I,
)
_HALVES = [(half, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for half, words in _SEASONS]
_MONTH_NUMBER = re.compile(r"\b(20\d\d)[-./](0[1-9]|1[0-2])\b(?![-./]\d)|\b(0?[1-9]|1[0-2])/(20\d\d)\b")
_OPEN_ENDED = re.compile(
    r"\bej bestäm\w+|\binte bestäm\w+|\bej beslutat\b|\binte beslutat\b|\btill?kännages\b|\bmeddelas senare\b"
    r"|\bto be (?:decided|confirmed|announced|defined)\b|\bnot (?:yet )?decided\b|\btb[acd]\b"
    r"|\bikke (?:bestemt|avklart|besluttet)\b|\bkommer senere\b|\bei (?:vielä )?päätetty\b|\bmyöhemmin\b"
    r"|\bavoin\b|\bpreliminär\w*\b",
    re.IGNORECASE,
)
_PLANNED = re.compile(
    r"\b(?:scheduled|planned|planning|upcoming|forthcoming|expected|will (?:be )?(?:open|launch)\w*|coming"
    r"|planera\w*|kommande|beräknas|väntas|planlagt|planlegges|planlagte|kommende|forventes"
    r"|suunnit\w+|tuleva\w*|avautuu)\b",
    re.IGNORECASE,
)


def half_year(words: str, first: date | None = None) -> str:
    """`2027h1`, of a day or of words; `2027` where they name a year only, empty where they name none."""
    if first:
        return f"{first.year}h{1 if first.month <= 6 else 2}"
    year = _YEAR.search(words)
    if year is None:
        return ""
    half = _half(words)
    return f"{year[1]}h{half}" if half else year[1]


def undecided(words: str) -> bool:
    """Whether they say that a date is not decided."""
    return bool(_OPEN_ENDED.search(words))


def ahead(words: str) -> bool:
    """Whether they speak of something that is to come, with a period or without any date."""
    return undecided(words) or bool(_PLANNED.search(words))


def _half(words: str) -> int:
    if quarter := _QUARTER.search(words):
        return 1 if int(quarter[1] or quarter[2]) <= 2 else 2
    if month := _MONTH_NUMBER.search(words):
        return 1 if int(month[2] or month[3]) <= 6 else 2
    named = [months()[word] for word in re.findall(r"[^\W\d_]+", words.casefold()) if word in months()]
    if named:
        return 1 if named[0] <= 6 else 2
    return next((half for half, pattern in _HALVES if pattern.search(words)), 0)

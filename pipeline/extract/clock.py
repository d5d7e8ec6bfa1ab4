"""Hours and time zones beside a day. Pure; an hour is read only where it is written as one."""

from __future__ import annotations

import re
from datetime import time
from functools import lru_cache
from zoneinfo import available_timezones

_FILL = (
    r"[\s,;:()|–-]{0,4}(?:(?:at|um|by|kl\.?|klo|kello|klockan|senast|före|à|a las|alle|alle ore|ore|ora|orele"
    r"|hora|time|strictly|the latest|at the latest|before|frist|med frist|ved)\b\.?[\s:]{0,2}){0,3}"
)
_WORD = r"(?:kl\.?|klo|kello|klockan|um|at|by|before|until|a las|alle ore|alle|le ore|ore|ora|orele|à|frist kl\.)"
_TIME = r"(?P<h>[01]?\d|2[0-4])(?:(?P<sep>\s?[.:h]\s?)(?P<m>[0-5]\d)(?::[0-5]\d)?)?"
_HALF_DAY = r"(?:\s?(?P<ap>[ap])\.?m\b\.?)?"
_UNIT = r"(?P<unit>\s?(?:Uhr|h\b|heures?|hrs?\b|o'clock|horas|noon))?"
_CLOCK = re.compile(rf"(?P<fill>{_FILL})(?P<word>{_WORD}\s?)?{_TIME}{_HALF_DAY}{_UNIT}(?![\d%€/]|\.\d)", re.I)
_MIDNIGHT = re.compile(
    r"\b(?:midnight|midnatt|midnat|keskiyö\w*|Mitternacht|minuit|medianoche|mezzanotte|miezul nopții)\b", re.I
)
_NOON = re.compile(r"\b(?:12 noon|noon|midi|mediodía|mezzogiorno|Mittag|middag)\b", re.I)
_BEFORE = re.compile(
    rf"(?<![\w.,])(?P<word>{_WORD}\s)?{_TIME}{_HALF_DAY}{_UNIT}\s?"
    rf"(?:\(?[\w']{{2,20}}(?: [\w']{{2,20}}){{0,2}}\)?)?[\s,]{{0,2}}(?:on"
    rf"|den|am|le|el|de|del|di|pe|the|of|på)?\s?$",
    re.I,
)
_LATER = re.compile(
    rf"\b(?:kl\.?|klo|kello|klockan|um|a las|alle ore|ore|orele|ora|à"
    rf"|at)\s{_TIME}{_HALF_DAY}{_UNIT}(?![\d%€/]|\.\d)",
    re.I,
)
_NAMED = re.compile(r"\b(?:kl|klo|kello|klockan|um|ore|ora|orele|a las|at|alle|by|before|frist)\b|à", re.I)
_WORDS = ((_MIDNIGHT, time(23, 59)), (_NOON, time(12)))
_REACH, _WORD_REACH = 60, 30

_ZONES = (
    (
        "Europe/Brussels",
        r"\b(?:bryssel\w*|brussels?\w*|bruxelles\w*|brüssel\w*|bruselas\w*|CES?T|MES?Z|C\.E\.T\.|HEC)\b",
    ),
    ("Europe/Stockholm", r"\b(?:svensk tid|swedish time)\b"),
    ("Europe/Helsinki", r"\b(?:suomen aika\w*|finsk tid|finnish time|EES?T)\b"),
    ("Europe/Oslo", r"\b(?:norsk tid|norwegian time)\b"),
    ("Europe/Copenhagen", r"\b(?:dansk tid|danish time)\b"),
    ("Europe/Berlin", r"\b(?:deutsche[rn]? zeit|ortszeit berlin|german time)\b"),
    ("Europe/Paris", r"\b(?:heure (?:de paris|française)|french time)\b"),
    ("Europe/Madrid", r"\b(?:hora (?:peninsular|española|de madrid)|spanish time)\b"),
    ("Europe/Rome", r"\b(?:ora (?:italiana|di roma)|italian time)\b"),
    ("Europe/Bucharest", r"\b(?:ora (?:româniei|bucureștiului|la bucurești))\b"),
    ("Europe/Dublin", r"\b(?:irish time)\b"),
    ("Europe/London", r"\b(?:UK time|GMT/BST|BST)\b"),
    ("UTC", r"\b(?:UTC|GMT)\b"),
)
_PATTERNS = [(zone, re.compile(pattern, re.I)) for zone, pattern in _ZONES]
_CITY = re.compile(r"\b(?P<city>[A-Z][\w-]{2,20}(?: [A-Z][\w-]{2,20})?)(?: local)? time\b")
_NOT_A_CITY = {
    "Local",
    "Central European",
    "Deadline",
    "The",
    "European",
    "This",
    "First",
    "Closing",
    "Last",
    "Any",
}

HOME_ZONES = {
    **{"en": "Europe/Brussels", "sv": "Europe/Stockholm", "fi": "Europe/Helsinki", "no": "Europe/Oslo"},
    **{"da": "Europe/Copenhagen", "de": "Europe/Berlin", "fr": "Europe/Paris", "es": "Europe/Madrid"},
    **{"it": "Europe/Rome", "ro": "Europe/Bucharest"},
}
"""Zone of a publisher who names none, by the language of the text."""

UNKNOWN = "?"
"""A zone is named, and we do not know which it is."""


def beside(text: str, start: int, end: int, low: int, high: int) -> tuple[time, int] | None:
    """The hour of the day written from `start` to `end`, and where its words end.

    The one that follows at once, else the one right before ("at 17:00 on"), else one a few words on; looks no
    further than from `low` to `high`.
    """
    reach = text[end : min(high, end + _REACH)]
    if (match := _CLOCK.match(reach)) and (hour := _time(match, named=bool(_NAMED.search(match.group())))):
        return hour, end + match.end()
    if hour := _before(text[max(low, start - _REACH) : start]):
        return hour, end
    if (match := _LATER.search(reach)) and (hour := _time(match, named=True)):
        return hour, end + match.end()
    for pattern, value in _WORDS:
        if (match := pattern.search(reach)) and match.start() <= _WORD_REACH:
            return value, end + match.end()
    return None


def _before(reach: str) -> time | None:
    if match := _BEFORE.search(reach):
        return _time(match, named=bool(match["word"]), strict=True)
    for pattern, value in _WORDS:
        if (match := pattern.search(reach)) and len(reach) - match.end() <= _WORD_REACH:
            return value
    return None


def zone(text: str) -> str:
    """The IANA zone the words name; "" when they name none, `UNKNOWN` when it is one we cannot place."""
    for name, pattern in _PATTERNS:
        if pattern.search(text):
            return name
    match = _CITY.search(text)
    if not match or match["city"] in _NOT_A_CITY:
        return ""
    return _cities().get(match["city"].lower().replace(" ", "_"), UNKNOWN)


def _time(match: re.Match[str], *, named: bool, strict: bool = False) -> time | None:
    """`named`: a word such as "at" or "klockan" says that it is an hour; `strict`: "17.00" needs one, too."""
    part = match.groupdict()
    hour, minute = int(part["h"]), int(part["m"] or 0)
    if part["m"] is None and not part["ap"] and not part["unit"] and not named:
        return None
    if strict and (part["sep"] or "").strip() == "." and not part["unit"] and not named:
        return None
    if part["ap"]:
        hour = hour % 12 + (12 if part["ap"].lower() == "p" else 0)
    return time(23, 59) if hour == 24 else time(hour, minute)


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    names = sorted(name for name in available_timezones() if name.count("/") >= 1 and not name.startswith("Etc/"))
    return {name.rsplit("/", 1)[1].lower(): name for name in names}

"""Names of months in every language we read, from CLDR (babel), and the Finnish cases CLDR does not list. Pure."""

from __future__ import annotations

from functools import lru_cache

from babel.dates import get_month_names

LANGUAGES = ("en", "sv", "fi", "no", "da", "de", "fr", "es", "it", "ro")

_WORDS_OF_THEIR_OWN = {"set"}  # Italian for September, English for anything
_FURTHER = {"sept": 9, "febr": 2, "noi": 11, "marts": 3, "juill": 7, "setiembre": 9, "decembrie": 12, "aout": 8}
_FINNISH_CASES = ("", "ta", "n", "ssa")


@lru_cache(maxsize=1)
def months() -> dict[str, int]:
    """Name in lower case, without a full stop -> 1 to 12."""
    names = dict(_FURTHER)
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for number, name in get_month_names(width, "format", language).items():
                names[name.lower().rstrip(".")] = number
    for number, stem in get_month_names("abbreviated", "format", "fi").items():
        names.update({f"{stem}kuu{case}": number for case in _FINNISH_CASES})
    return {name: number for name, number in names.items() if name not in _WORDS_OF_THEIR_OWN}

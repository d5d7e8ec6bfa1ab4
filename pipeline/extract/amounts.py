"""Finds the amounts of money a text names. Pure; reads a number only where it can be read in one way.

Our own rules: libraries that read prices take the first number and guess what a dot means; "EUR 360.000" and
"2,5 M€" in one English text need the words around them.
"""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec

_SPACE = "[ \u00a0\u202f\u2009]"
_NUMBER = (
    rf"\d{{1,3}}(?:(?P<mark>[.,'’]|{_SPACE})\d{{3}})(?:(?P=mark)\d{{3}}){{0,4}}(?:[.,]\d{{1,2}}(?!\d))?"
    rf"|\d{{1,15}}(?:[.,]\d{{1,3}}(?!\d))?"
)
_SCALES = {
    3: "k|tkr|tusen|thousand|tausend|Tsd\\.?|mila|mil(?!\\w)|mii|tuhatta|t",
    6: (
        "million(?:s|en|er)?(?: de| d')?|miljon(?:er)?|miljoonaa?|milj\\.?|millioner|mill\\.?|mio\\.?|mkr"
        "|millón|millones(?: de)?|milion[ei](?: di)?|milioane(?: de)?|milion(?: de)?|mln\\.?|mn|M|MEUR|MSEK"
        "|MNOK|MDKK"
    ),
    9: (
        "miljard(?:er)?|billion|bn|milliards?(?: de| d')?|Mrd\\.?|Milliarden?|miljardia|miljardi|milliarder"
        "|mia\\.?|miliard[ei](?: di)?|miliarde(?: de)?|mil millones(?: de)?|md€|Md"
    ),
}
_SCALE = "|".join(f"(?P<s{power}>{words})" for power, words in sorted(_SCALES.items(), reverse=True))
_CURRENCIES = {
    "EUR": "€|EUR|euros?|euroa|eurosta|euro(?:jen)?|EUROS?|e(?!\\w)",
    "SEK": "SEK|kronor|svenska kronor|miljoner kronor",
    "NOK": "NOK|norske kroner",
    "DKK": "DKK|danske kroner",
    "?KR": "kroner|kr\\.?(?!\\w)|mkr|tkr",
    "GBP": "GBP|£|pounds?",
    "USD": "USD|US\\$|\\$|dollars?",
    "RON": "RON|lei",
    "CHF": "CHF",
    "PLN": "PLN",
}
_CURRENCY = "|".join(f"(?P<{code.strip('?')}>{words})" for code, words in _CURRENCIES.items())
_BEFORE = r"(?:(?<!\w)(?P<before>€|EUR|euros?|SEK|NOK|DKK|GBP|£|USD|\$|kr)\s?)?"
_SIGN = "M€|k€|M\\s?EUR|MEUR|MSEK|MNOK|MDKK|MKR|KEUR|TSEK|TEUR"
_MONEY = re.compile(
    rf"(?<![\w.,/-]){_BEFORE}(?P<n>{_NUMBER})(?!\d)"
    rf"{_SPACE}?(?:(?:{_SCALE})(?!\w|€)\.?|(?P<sign>{_SIGN}))?{_SPACE}?(?:d['’]|de |di |of "
    rf"|i )?(?:{_CURRENCY})?(?!\w)",
    re.IGNORECASE,
)
_SIGNS = {
    "m€": (6, "EUR"),
    "meur": (6, "EUR"),
    "msek": (6, "SEK"),
    "mnok": (6, "NOK"),
    "mdkk": (6, "DKK"),
    "mkr": (6, "?KR"),
}
_SIGNS |= {"k€": (3, "EUR"), "keur": (3, "EUR"), "tsek": (3, "SEK"), "teur": (3, "EUR")}
_PREFIXES = {"€": "EUR", "£": "GBP", "$": "USD", "kr": "?KR", "euro": "EUR", "euros": "EUR"}
_KR = {"sv": "SEK", "no": "NOK", "da": "DKK"}
_LEAST = Decimal(1000)
_LOW = r"\d[\d.,'’]{0,15}(?:[ \u00a0\u202f]\d{3}){0,4}\s?"
_RANGE_BEFORE = re.compile(
    rf"(?:€\s?|EUR\s?)?{_LOW}(?:€|EUR|euros?|M€|million|millions|miljoner|millones|milioni|Mio\.?)?\s?"
    r"(?:[-–—]|to|til|till|bis|bis höchstens|bis zu|à|a|la)\s?(?:€\s?|EUR\s?)?$"
    rf"|(?:€\s?|EUR\s?)?{_LOW}(?:and|och|og|und|et|y|e|și|sekä)\s(?:€\s?|EUR\s?)?$",
    re.I,
)


class Amount(msgspec.Struct, frozen=True):
    """Money as written from `start` to `end`.

    `currency` is "" where only "million" is said; `ranged`: it is the upper of two.
    """

    start: int
    end: int
    amount: Decimal
    currency: str
    ranged: bool = False


def find(text: str, language: str) -> list[Amount]:
    """Amounts of at least 1,000, in the order of the text."""
    found: list[Amount] = []
    for match in _MONEY.finditer(text):
        amount = _amount(text, match, language)
        if amount is None:
            continue
        if found and amount.ranged and amount.start < found[-1].end:
            found.pop()
        found.append(amount)
    return [amount for amount in found if amount.amount >= _LEAST]


def _amount(text: str, match: re.Match[str], language: str) -> Amount | None:
    part = match.groupdict()
    power = next((power for power in (9, 6, 3) if part[f"s{power}"]), 0)
    currency = next((code for code in _CURRENCIES if part[code.strip("?")]), "")
    if part["sign"]:
        power, currency = _SIGNS[re.sub(r"\s", "", part["sign"].lower())]
    if part["before"]:
        currency = _PREFIXES.get(part["before"].lower(), part["before"].upper())
    scale = (part.get(f"s{power}") or "").lower()
    if scale in ("mkr", "tkr"):
        currency = "?KR"
    if scale in ("meur", "msek", "mnok", "mdkk"):
        currency = scale[1:].upper()
    if not currency and (power < 6 or scale in ("m", "t", "k", "mn")):
        return None
    number = _number(part["n"], language, scaled=bool(power))
    if number is None:
        return None
    currency = _KR.get(language, "NOK" if language != "sv" else "SEK") if currency == "?KR" else currency
    ranged = _RANGE_BEFORE.search(text[max(0, match.start() - 40) : match.start()])
    start = match.start() - (len(ranged.group()) if ranged else 0)
    return Amount(start, match.end(), number * 10**power, currency, ranged is not None)


def _number(written: str, language: str, *, scaled: bool) -> Decimal | None:
    """The value of digits with marks: three digits after each mark are thousands, unless a scale follows."""
    bare = re.sub(rf"['’]|{_SPACE}", "", written)
    marks = [char for char in bare if char in ".,"]
    if not marks:
        return Decimal(bare)
    last = max(bare.rfind("."), bare.rfind(","))
    digits_after = len(bare) - last - 1
    if len(set(marks)) == 1 and digits_after == 3:
        english = language == "en"
        decimal_mark = "." if english else ","
        if scaled and len(marks) == 1 and marks[0] == decimal_mark:
            return Decimal(bare.replace(",", "."))
        return Decimal(re.sub(r"[.,]", "", bare))
    if digits_after > 2 or (len(marks) > 1 and len(set(marks)) == 1):
        return None
    return Decimal(re.sub(r"[.,]", "", bare[:last]) + "." + bare[last + 1 :])

"""Amounts of money as portals write them, read without guessing. Pure; nothing here raises on any input."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

_PLAIN = re.compile(r"\d{1,18}(?:\.\d{1,12})?(?:[eE]\+?\d{1,2})?", re.ASCII)
_AMBIGUOUS = re.compile(r"\d{1,3}\.\d{3}", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}(?:([ ',.])\d{3})(?:\1\d{3})+|\d{1,3}(?: \d{3})+", re.ASCII)
_LARGEST = Decimal(10) ** 15

_CODES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ
GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR
LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN
PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB
TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(_CODES.split())
"""ISO 4217 codes in use."""

_NAMES = {"€": "EUR", "EURO": "EUR", "EUROS": "EUR"}


def amount(value: object) -> Decimal | None:
    """A number, or text that can be read in one way only (`30000000`, `1.5E7`, `422 000 000`, `1,250,000`).

    None for anything else: negative, not finite, above 10^15, or ambiguous like `1,000` and `1.000`.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value) if 0 <= value <= _LARGEST else None
    if isinstance(value, Decimal):
        return _bounded(value)
    if isinstance(value, float):
        return _bounded(Decimal(repr(value)))
    return _from_text(value) if isinstance(value, str) and len(value) <= 60 else None


def currency(value: str) -> str | None:
    """The ISO 4217 code of a code or the sign of the euro; None when it is neither."""
    code = value.strip().upper()
    code = _NAMES.get(code, code)
    return code if code in CURRENCIES else None


@lru_cache(maxsize=4096)
def _from_text(text: str) -> Decimal | None:
    text = " ".join(text.split())
    if _PLAIN.fullmatch(text) and not _AMBIGUOUS.fullmatch(text):
        return _bounded(Decimal(text))
    if _GROUPED.fullmatch(text):
        return _bounded(Decimal(re.sub(r"[ ',.]", "", text)))
    return None


def _bounded(number: Decimal) -> Decimal | None:
    """`number` without exponent and trailing zeros, if it can be an amount of money."""
    if not number.is_finite() or not 0 <= number <= _LARGEST:
        return None
    whole = number.to_integral_value()
    return whole.quantize(Decimal(1)) + 0 if whole == number else number.normalize()

"""Which document a row is, and to which call it belongs.

A topic is known by its identifier: its `reference` changes when the row is ingested again. A cascade call carries
its PARENT's identifier and is known by its own number, an external action by its number too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pipeline.harvest import Issue, Role
from pipeline.models import Kind
from pipeline.normalise import Identity
from pipeline.normalise.eu_funding_tenders.row import fields_of
from pipeline.normalise.shared import first_of, quoted, strings
from pipeline.text import clean

KINDS = {"1": Kind.TOPIC, "2": Kind.EXTERNAL_ACTION, "8": Kind.CASCADE}
NEWS = "6"
SOURCE = "SEDIA"
FROZEN = "SEDIA_PRD_CENTRICITY"
"""Copies of 2023 and 2024 that still call themselves open; half of what "open" returned in autumn 2026."""

_CASCADE = re.compile(r"(\d{1,12})COMPETITIVE_CALL", re.ASCII)
_PROSPECT = re.compile(r"(\d{1,12})PROSPECTS", re.ASCII)
_TOPIC = re.compile(r"\d{1,12}TOPICS[A-Za-z]{0,3}", re.ASCII)
_NUMBER = re.compile(r"(?:EuropeAid/)?(\d{1,12})(?:/.*)?", re.ASCII | re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def identify(item: Mapping[str, Any] | object, /) -> Identity | Issue:
    """Place one element of the portal's `results`; never raises. An Issue says why it cannot be placed."""
    if not isinstance(item, Mapping):  # a hostile answer is not what the annotation says
        return Issue("", "item", f"not an object but {quoted(item)}")
    meta = fields_of(item)
    reference = clean(first_of(item, "reference") or _one(meta, "REFERENCE"))
    if not 0 < len(reference) <= 200:
        return Issue(clean(_one(meta, "identifier"), 200), "reference", "missing or too long; the row was skipped")
    kind = _type(meta, reference)
    source = clean(_one(meta, "DATASOURCE") or _one(meta, "datasource"), 60)
    language = _language(item, meta)
    document = f"{source}|{reference}|{language}"
    if _is_ghost(item, meta, source, kind):
        return Identity(document, clean(_one(meta, "identifier"), 200).upper(), Role.GHOST, language)
    if source not in (SOURCE, ""):
        return Issue(reference, "DATASOURCE", f"unknown data source {quoted(source)}; the row was skipped")
    if kind not in (*KINDS, NEWS):
        return Issue(reference, "type", f"unknown type {quoted(kind)}; the row was skipped")
    call = _call_reference(kind, reference, meta)
    if not call:
        return Issue(reference, "identifier", "no identifier or number of its own; the row was skipped")
    role = Role.NEWS if kind == NEWS else Role.CALL if language == "en" else Role.TRANSLATION
    return Identity(document, call, role, language)


def kind_of(meta: Mapping[str, Any], reference: str) -> Kind:
    """What the row describes; only for rows that `identify` has placed as a call or a translation of one."""
    return KINDS[_type(meta, reference)]


def number_of(call_reference: str) -> str:
    """The portal's own number in the reference of a cascade call or an external action."""
    return call_reference.removesuffix("COMPETITIVE_CALL").removesuffix("PROSPECTS")


def _one(meta: Mapping[str, Any], key: str) -> str:
    return next(iter(strings(meta.get(key))), "")


def _type(meta: Mapping[str, Any], reference: str) -> str:
    """The row's type; a stub without one tells it by its reference."""
    shapes = {"8": _CASCADE, "2": _PROSPECT, "1": _TOPIC}
    return _one(meta, "type") or next((kind for kind, shape in shapes.items() if shape.match(reference)), "")


def _language(item: Mapping[str, Any], meta: Mapping[str, Any]) -> str:
    stated = (first_of(item, "language") or _one(meta, "language")).lower()
    return stated if _LANGUAGE.fullmatch(stated) else "en"


def _is_ghost(item: Mapping[str, Any], meta: Mapping[str, Any], source: str, kind: str) -> bool:
    url = first_of(item, "url") or _one(meta, "url")
    return source == FROZEN or (not source and kind != NEWS and url.lower().endswith(".json"))


def _call_reference(kind: str, reference: str, meta: Mapping[str, Any]) -> str:
    if kind == "8":
        return _numbered(_CASCADE, reference, (_one(meta, "callccm2Id"),), "COMPETITIVE_CALL")
    if kind == "2":
        return _numbered(
            _PROSPECT, reference, (_one(meta, "callIdentifier"), _one(meta, "identifier")), "PROSPECTS"
        )
    identifier = clean(_one(meta, "identifier"))
    return identifier.upper() if len(identifier) <= 200 else ""


def _numbered(shape: re.Pattern[str], reference: str, others: tuple[str, ...], suffix: str) -> str:
    match = shape.match(reference)
    numbers = (match[1] if match else "", *(m[1] for other in others if (m := _NUMBER.fullmatch(other))))
    number = next((n for n in numbers if n), "")
    return f"{int(number)}{suffix}" if number else ""

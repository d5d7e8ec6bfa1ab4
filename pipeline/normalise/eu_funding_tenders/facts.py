"""Codes and addresses: programme, type of action, status, page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pipeline.models import Kind, Status
from pipeline.normalise import Programmes
from pipeline.normalise.eu_funding_tenders.identity import number_of
from pipeline.normalise.eu_funding_tenders.row import Row
from pipeline.normalise.shared import Notes, distinct, first_of, mappings, quoted
from pipeline.text import clean

STATUS = {
    "31094501": Status.FORTHCOMING,
    "31094502": Status.OPEN,
    "31094503": Status.CLOSED,
    "310945031": Status.CLOSED,
}
"""The last one is a stray of the index, seen on closed rows."""

PAGES = "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities"
OFFICIAL_TEXT = "https://webgate.ec.europa.eu/prospect/external/publishedcalls.htm?callId="

_CODED = re.compile(r"[A-Z0-9+]+(?:-[A-Z0-9+]+)+ (.+)", re.ASCII)


def programme(row: Row, programmes: Programmes, notes: Notes) -> tuple[str, str]:
    """(abbreviation, name) of the row's programme; an unknown code is an Issue, never a guess."""
    codes = row.all("frameworkProgramme")
    for code in codes:
        if code in programmes:
            abbreviation, name = programmes[code]
            return abbreviation, name
    for abbreviation, name in programmes.values():
        if abbreviation in codes:  # some rows carry the abbreviation instead of the code
            return abbreviation, name
    notes.add("frameworkProgramme", f"unknown code {', '.join(map(quoted, codes))}" if codes else "missing")
    return "", ""


def status(row: Row, notes: Notes) -> str:
    """The portal's own word; dates decide, and it is not to be trusted either way."""
    code = row.one("status")
    if code not in STATUS:
        notes.add("status", f"unknown code {quoted(code)}" if code else "missing")
        return ""
    return STATUS[code].value


def type_of_action(row: Row, actions: Sequence[Mapping[str, Any]]) -> str:
    """Names of the types of action; the index doubles spaces in them."""
    named = [clean(name, 200) for name in row.all("typesOfAction")]
    if not named:
        types = [clean(first_of(t, "typeOfAction"), 250) for a in actions for t in mappings(a.get("types"))]
        named = [coded[1] if (coded := _CODED.fullmatch(name)) else name for name in types]
    return "; ".join(name for name in distinct(named) if name)


def page(kind: Kind, call_reference: str, identifier: str) -> str:
    """The page for people. The index's own `url` may be a data file or another call's page."""
    if kind is Kind.TOPIC:
        return f"{PAGES}/topic-details/{quote(identifier.upper(), safe='+')}"
    if kind is Kind.CASCADE:
        return f"{PAGES}/competitive-calls-cs/{number_of(call_reference)}"
    return f"{PAGES}/prospect-details/{call_reference}EN"

"""How the facts of an announcement are printed: the keys of the JSON document, and rows for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callwatch.cli.views import number
from pipeline.extract import Extraction, Moment, Money
from pipeline.text import clean

_WIDEST = 60
_EVIDENCE = {"deadline": "deadlines", "opening": "opens_at", "ecosystem": "ecosystems"}


def as_json(found: Extraction) -> dict[str, Any]:
    """The document of `callwatch extract` (docs/extract.md)."""
    return {
        "title": found.title,
        "language": found.language,
        "budget": _money(found.budget),
        "project_max": _money(found.project_max),
        "deadlines": [_moment(moment) for moment in found.deadlines],
        "opens_at": found.opens_at.isoformat(timespec="minutes") if found.opens_at else None,
        "openings": [_moment(moment) for moment in found.openings],
        "closed": found.closed,
        "programme": found.programme,
        "identifiers": list(found.identifiers),
        "applicants": found.applicants,
        "ecosystems": list(found.ecosystems),
        "evidence": found.evidence,
    }


def rows(found: Extraction) -> Iterator[tuple[str, str, str]]:
    """(fact, value, words) for each fact that is stated."""
    for name, value in _values(found):
        if value:
            yield name, clean(value, _WIDEST), clean(found.evidence.get(_EVIDENCE.get(name, name), ""))


def _values(found: Extraction) -> Iterator[tuple[str, str]]:
    yield "title", found.title
    for name, money in (("budget", found.budget), ("project_max", found.project_max)):
        yield name, f"{money.amount:,.0f} {money.currency}".replace(",", " ") if money else ""
    for moment in found.deadlines:
        yield "deadline", shown(moment)
    for moment in found.openings:
        yield "opening", shown(moment)
    yield "closed", "yes" if found.closed else ""
    yield "programme", found.programme
    yield "identifiers", ", ".join(found.identifiers)
    yield "applicants", found.applicants
    for identifier in found.ecosystems:
        yield "ecosystem", identifier


def shown(moment: Moment) -> str:
    """A day, with hour and zone where the text has an hour; says so when the year was not written."""
    day = (
        f"{moment.at:%Y-%m-%d %H:%M} {moment.time_zone}"
        if moment.precision == "exact"
        else f"{moment.at:%Y-%m-%d}"
    )
    return f"{day} (year inferred)" if moment.inferred else day


def _money(money: Money | None) -> dict[str, Any] | None:
    return {"amount": number(money.amount), "currency": money.currency} if money else None


def _moment(moment: Moment) -> dict[str, Any]:
    return {
        "at": moment.at.isoformat(timespec="minutes"),
        "precision": moment.precision,
        "time_zone": moment.time_zone,
        "inferred": moment.inferred,
        "raw": moment.raw,
    }

"""Facts read from prose compared with those that a reader found, document by document.

Truth is a row of facts.csv (columns as in docs/evaluate.md), a prediction the JSON of `callwatch extract`. Each
field of a document has one verdict: exact; missing (stated, and not found); wrong (what was found is not what is
stated); invented (nothing is stated, something was found); empty (nothing is stated, nothing was found).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from pipeline.evaluate.moments import Moment, moments, same_day, same_time
from pipeline.models import BRUSSELS

Row = Mapping[str, str]
Found = Mapping[str, Any]
_LOCAL = {"fi": ZoneInfo("Europe/Helsinki"), "ro": ZoneInfo("Europe/Bucharest")}


class Verdict(StrEnum):
    """What became of one field of one document."""

    EXACT = "exact"
    MISSING = "missing"
    WRONG = "wrong"
    INVENTED = "invented"
    EMPTY = "empty"


class Judgement(msgspec.Struct, frozen=True):
    """One field of one document: what is stated, what was found."""

    file: str
    field: str
    verdict: Verdict
    stated: str
    found: str


class FieldFigures(msgspec.Struct, frozen=True):
    """One field over all documents. `right`: exact of those that state it; `harm`: wrong or invented of all."""

    name: str
    stated: int
    exact: int
    missing: int
    wrong: int
    invented: int
    right: float | None
    harm: float


def judge(row: Row, found: Found) -> list[Judgement]:
    """The verdict on each field of one document."""
    stated = {name: row.get(name) or "" for name in _COLUMNS}
    verdicts = {
        "budget": _money(stated["budget_eur"], stated["budget_other"], found.get("budget")),
        "project max": _money(stated["max_per_project_eur"], "", found.get("project_max")),
        "deadline": _day(stated, "deadline", _instants(found.get("deadlines"))),
        "deadline time": _time(stated, _instants(found.get("deadlines"))),
        "opening": _day(stated, "opening", _instants([found.get("opens_at")])[:1]),
        "programme": _programme(stated["programme"], str(found.get("programme") or "")),
        "identifier": _identifier(stated["call_id"], [str(i) for i in found.get("identifiers") or ()]),
    }
    return [
        Judgement(row.get("file") or "", field, verdict, _stated(stated, field), _said(found, field))
        for field, verdict in verdicts.items()
    ]


def summarise(judgements: Sequence[Judgement]) -> list[FieldFigures]:
    """Each field's figures, in the order in which `judge` gives the fields."""
    fields = list(dict.fromkeys(judgement.field for judgement in judgements))
    return [_summary(field, Counter(j.verdict for j in judgements if j.field == field)) for field in fields]


def _summary(field: str, counts: Counter[Verdict]) -> FieldFigures:
    stated = counts[Verdict.EXACT] + counts[Verdict.MISSING] + counts[Verdict.WRONG]
    return FieldFigures(
        name=field,
        stated=stated,
        exact=counts[Verdict.EXACT],
        missing=counts[Verdict.MISSING],
        wrong=counts[Verdict.WRONG],
        invented=counts[Verdict.INVENTED],
        right=counts[Verdict.EXACT] / stated if stated else None,
        harm=(counts[Verdict.WRONG] + counts[Verdict.INVENTED]) / max(1, counts.total()),
    )


_COLUMNS = (
    *(
        "budget_eur",
        "budget_other",
        "max_per_project_eur",
        "programme",
        "call_id",
        "language",
        "published_iso",
        "deadline_tz",
    ),
    *(f"{what}_{form}" for what in ("deadline", "opening") for form in ("iso", "inferred", "partial")),
    *("other_deadlines", "other_openings"),
)


def _plain(stated: bool, found: bool, right: bool) -> Verdict:
    if not stated:
        return Verdict.INVENTED if found else Verdict.EMPTY
    if not found:
        return Verdict.MISSING
    return Verdict.EXACT if right else Verdict.WRONG


def _money(euros: str, others: str, found: Any) -> Verdict:
    """`others`: "SEK:40000000", several with ";"."""
    written = [("EUR", euros)] if euros else []
    written += [(c.strip(), a) for c, _, a in (part.partition(":") for part in others.split(";")) if a]
    known = isinstance(found, Mapping) and found.get("amount") is not None
    right = known and (str(found.get("currency")), _amount(found["amount"])) in [
        (c, _amount(a)) for c, a in written
    ]
    return _plain(bool(written), known, right)


def _amount(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value).strip())
    except InvalidOperation:
        return None


def _instants(found: Any) -> list[str]:
    """ISO 8601 texts; of a deadline that is an object, its `at`, a day if it says that it knows no more."""
    texts = []
    for each in found or ():
        if isinstance(each, Mapping):
            at = str(each.get("at") or "")
            texts.append(_local_day(at) if each.get("precision") == "date" else at)
        elif each:
            texts.append(str(each))
    return [text for text in texts if text]


def _local_day(at: str) -> str:
    """The day at the place an instant speaks of; Brussels if it gives UTC."""
    try:
        instant = datetime.fromisoformat(at)
    except ValueError:
        return at
    return (instant.astimezone(BRUSSELS) if instant.utcoffset() == timedelta(0) else instant).date().isoformat()


def _truth(stated: Mapping[str, str], what: str) -> tuple[list[Moment], bool]:
    """What is stated, and whether it must be found: a year that nobody can tell need not be."""
    full = moments(stated[f"{what}_iso"] or stated[f"{what}_inferred"])
    partial = moments(stated[f"{what}_partial"])
    demanded = bool(stated[f"{what}_iso"] or (stated[f"{what}_inferred"] and stated["published_iso"]))
    return full or partial, demanded


def _zones(stated: Mapping[str, str]) -> list[ZoneInfo]:
    if stated["deadline_tz"]:
        return [ZoneInfo(stated["deadline_tz"])]
    local = _LOCAL.get(stated["language"])
    return [BRUSSELS, local] if local else [BRUSSELS]


def _day(stated: Mapping[str, str], what: str, found: Sequence[str]) -> Verdict:
    """Right if the first one stated is among those found and all found are stated somewhere in the text."""
    truth, demanded = _truth(stated, what)
    zones = _zones(stated)
    if not found and not demanded:
        return Verdict.EMPTY
    allowed = [*truth, *moments(stated[f"other_{what}s"])]
    foreign = any(not any(same_day(moment, text, zones) for moment in allowed) for text in found)
    if not foreign and found and not any(same_day(m, text, zones) for m in truth for text in found):
        return Verdict.MISSING if truth else Verdict.EMPTY  # others that the text states, the first is lacking
    return _plain(bool(truth), bool(found), not foreign)


def _time(stated: Mapping[str, str], found: Sequence[str]) -> Verdict:
    """Only where the day is right: whether the time is the one stated."""
    truth, demanded = _truth(stated, "deadline")
    zones = _zones(stated)
    first = next((m for m in truth if m.time), None)
    mine = [text for text in found if first is None or same_day(first, text, zones)]
    timed = [text for text in mine if "T" in text]
    if first is None or not (found or demanded):
        return Verdict.EMPTY  # a time that follows from a portal's rule is no invention
    return _plain(True, bool(timed), any(same_time(first, text, zones) for text in timed))


def _tokens(name: str) -> set[str]:
    return set(re.findall(r"\w+", name.casefold()))


def _programme(stated: str, found: str) -> Verdict:
    """Right if one of both names holds the other's words: "COSME" and "SMP COSME"."""
    a, b = _tokens(stated), _tokens(found)
    return _plain(bool(a), bool(b), a <= b or b <= a)


def _identifier(stated: str, found: Sequence[str]) -> Verdict:
    truth = {part.strip().casefold() for part in stated.split(";") if part.strip()}
    said = {part.casefold() for part in found}
    return _plain(bool(truth), bool(said), bool(said) and said <= truth)


def _stated(stated: Mapping[str, str], field: str) -> str:
    columns = {
        "budget": ("budget_eur", "budget_other"),
        "project max": ("max_per_project_eur",),
        "programme": ("programme",),
        "identifier": ("call_id",),
    }.get(field)
    what = field.partition(" ")[0]
    return " ".join(
        filter(None, (stated[name] for name in columns or (f"{what}_iso", f"{what}_inferred", f"{what}_partial")))
    )


def _said(found: Found, field: str) -> str:
    value = found.get(_KEYS.get(field, field))
    if field.startswith("deadline"):
        return " ".join(_instants(value))
    if isinstance(value, Mapping):
        return f"{value.get('amount')} {value.get('currency')}"
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")


_KEYS = {
    "project max": "project_max",
    "deadline": "deadlines",
    "deadline time": "deadlines",
    "opening": "opens_at",
    "identifier": "identifiers",
}

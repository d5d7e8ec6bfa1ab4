"""Opening date and deadlines. Each kind of call writes its dates in its own way.

topic            a calendar day; submission closes at 17:00 in Brussels
cascade          a Brussels clock reading labelled +0000; 00:00 is a day without an hour
external action  true UTC, with seconds that change whenever the row is indexed again
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import Any

from pipeline import dates
from pipeline.models import Deadline, Kind, Precision
from pipeline.normalise.eu_funding_tenders.row import Row
from pipeline.normalise.shared import Notes, first_of, quoted, strings

SINGLE, TWO_STAGE, CUT_OFFS = "single-stage", "two-stage", "multiple cut-off"
_MODELS = {model.replace("-", " "): model for model in (SINGLE, TWO_STAGE, CUT_OFFS)}

Point = tuple[datetime, Precision]


def deadline_model(row: Row, own: Sequence[Mapping[str, Any]], notes: Notes) -> str:
    """The portal's word for how the deadlines hang together; empty, with an Issue, if it is a new one.

    `own` are the call's own actions and budget lines, which repeat it.
    """
    procedures = [action.get("submissionProcedure") for action in own]
    repeated = [first_of(p, "abbreviation", "description") for p in procedures if isinstance(p, dict)]
    repeated += [first_of(line, "deadlineModel") for line in own]
    word = row.one("deadlineModel") or next((word for word in repeated if word), "")
    model = _MODELS.get(" ".join(word.casefold().replace("-", " ").split()), "")
    if word and not model:
        notes.add("deadlineModel", f"unknown model {quoted(word)}")
    return model


def deadlines(
    row: Row, kind: Kind, own: Sequence[Mapping[str, Any]], model: str, notes: Notes
) -> tuple[Deadline, ...]:
    """Every deadline of the call, past ones too, by time; what cannot be read is an Issue."""
    points = set(_points(row.all("deadlineDate"), kind, "deadlineDate", notes))
    if kind is Kind.TOPIC:
        repeated = set(_points(_listed(own, "deadlineDates"), kind, "actions.deadlineDates", notes))
        if points and repeated and points != repeated:
            notes.add("deadlineDate", f"says {_days(points)}, its actions {_days(repeated)}; all are kept")
        points |= repeated
    elif not points and row.one("closingDate"):
        points = set(_points([row.one("closingDate")], kind, "closingDate", notes))
        notes.add("deadlineDate", "missing; closingDate was taken")
    ordered = sorted(points)
    return tuple(
        Deadline(at, stage, precision, dates.RULE_17 if precision is Precision.DATE else "")
        for (at, precision), stage in zip(ordered, _stages(len(ordered), model, notes), strict=True)
    )


def opens_at(row: Row, kind: Kind, own: Sequence[Mapping[str, Any]], notes: Notes) -> datetime | None:
    """When submission opens (the planned date while it is forthcoming); None if it is not said."""
    for field, values in (
        ("startDate", row.all("startDate")[:1]),
        ("actions.plannedOpeningDate", _listed(own, "plannedOpeningDate")),
    ):
        stamps = _stamps(values, field, notes)
        if stamps:
            return min(_opening(stamp, kind) for stamp in stamps)
    return None


def _opening(stamp: dates.Stamp, kind: Kind) -> datetime:
    if kind is Kind.TOPIC or not stamp.timed:
        return dates.start_of_day(dates.calendar_day(stamp))
    return dates.wall_clock(stamp) if kind is Kind.CASCADE else dates.instant(stamp)


def _points(values: Iterable[str], kind: Kind, field: str, notes: Notes) -> Iterable[Point]:
    for stamp in _stamps(values, field, notes):
        is_day = kind is Kind.TOPIC or not stamp.timed
        if is_day or (kind is Kind.CASCADE and stamp.utc_clock.time() == time.min):
            yield dates.day_at_17(dates.calendar_day(stamp)), Precision.DATE
        elif kind is Kind.CASCADE:
            yield dates.wall_clock(stamp), Precision.EXACT
        else:
            yield dates.instant(stamp), Precision.EXACT


def _stamps(values: Iterable[str], field: str, notes: Notes) -> list[dates.Stamp]:
    stamps = []
    for value in values:
        stamp = dates.parse(value)
        if stamp is None:
            notes.add(field, f"date not understood: {quoted(value)}")
        else:
            stamps.append(stamp)
    return stamps


def _listed(own: Iterable[Mapping[str, Any]], key: str) -> list[str]:
    return [value for item in own for value in strings(item.get(key))]


def _stages(count: int, model: str, notes: Notes) -> list[str]:
    """Names in the order of time. Several dates of a single stage are those of several types of action."""
    if count == 1 and model in (SINGLE, ""):
        return ["single"]
    if model == TWO_STAGE and count > 2:
        notes.add("deadlineModel", f"two-stage with {count} dates; they are listed as cut-offs")
    word = "stage" if model == TWO_STAGE and count <= 2 else "cut-off"
    return [f"{word} {n}" for n in range(1, count + 1)]


def _days(points: Iterable[Point]) -> str:
    return ", ".join(f"{at:%Y-%m-%d}" for at, _ in sorted(points))

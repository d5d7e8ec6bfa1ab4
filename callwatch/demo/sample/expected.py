"""What a correct reading of the sample must find, call by call.

Keys of every fact sheet: reference (of the call), kind, identifier, call_identifier, title, titles (of translated
copies), programme, type_of_action, opens (date, or UTC instant of an external action), deadlines (list of {at: UTC
instant, stage, precision}), deadline_model, currency, budget_total (Decimal or None), by_year, project_min,
project_max, grants, shared_with (when every line of the call shows its whole pot: the number of other lines),
ecosystems (primary first, [] = none, None = not judged), s3 (region -> 0..3), parent, portal_status, is_closed (by
whole days), news (number of items), legacy.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from callwatch.demo.sample.places import PlacedCascade, PlacedExternal, PlacedTopic
from pipeline.models import BRUSSELS

_EMPTY: dict[str, Any] = {
    "titles": {},
    "call_identifier": "",
    "type_of_action": "",
    "by_year": {},
    "project_min": None,
    "project_max": None,
    "grants": None,
    "shared_with": 0,
    "s3": {},
    "parent": "",
    "news": 0,
    "legacy": False,
}


def topic_truth(topic: PlacedTopic, today: date) -> dict[str, Any]:
    """Facts of a topic: a deadline is a day, closing at 17:00 in Brussels."""
    facts = topic.facts
    model = topic.call.model
    amounts = {year: Decimal(amount) for year, amount in topic.amounts.items()}
    titles = {} if facts.sv is None else {"sv": facts.sv.title}
    return {
        **_EMPTY,
        "reference": facts.id.upper(),
        "kind": "topic",
        "identifier": facts.id,
        "call_identifier": facts.call,
        "title": facts.title,
        "titles": titles,
        "programme": topic.call.programme,
        "type_of_action": " ".join(topic.action.label.split()),
        "opens": topic.opens,
        "deadlines": [
            {"at": _at_17(day), "stage": stage, "precision": "date"}
            for day, stage in zip(topic.deadlines, stages(model, len(topic.deadlines)), strict=True)
        ],
        "deadline_model": model,
        "currency": "EUR",
        "budget_total": sum(amounts.values(), Decimal()) if amounts else None,
        "by_year": amounts,
        **({} if facts.legacy else _grants(topic)),
        "shared_with": 0 if topic.call.pot is None else len(topic.lines) - 1,
        "ecosystems": facts.ecosystems,
        "s3": facts.s3,
        "portal_status": topic.status,
        "is_closed": topic.deadlines[-1] < today,
        "news": len(topic.news),
        "legacy": facts.legacy,
    }


def _grants(topic: PlacedTopic) -> dict[str, Any]:
    """Number and size of grants; the legacy generation does not state them."""
    low, high = topic.facts.each or (None, None)
    return {
        "grants": topic.facts.grants,
        "project_min": Decimal(low) if low else None,
        "project_max": Decimal(high) if high else None,
    }


def cascade_truth(placed: PlacedCascade, today: date) -> dict[str, Any]:
    """Facts of a cascade call: its deadlines are wall clock in Brussels."""
    facts = placed.facts
    names = stages(facts.model, len(placed.deadlines))
    return {
        **_EMPTY,
        "reference": f"{facts.number}COMPETITIVE_CALL",
        "kind": "cascade",
        "identifier": facts.parent,
        "title": facts.title,
        "programme": facts.programme,
        "opens": placed.opens,
        "deadlines": [
            {"at": moment.replace(tzinfo=BRUSSELS).astimezone(UTC), "stage": name, "precision": "exact"}
            for moment, name in zip(placed.deadlines, names, strict=True)
        ],
        "deadline_model": facts.model,
        "currency": "EUR",
        "budget_total": None if facts.budget is None else Decimal(facts.budget),
        "ecosystems": facts.ecosystems,
        "s3": facts.s3,
        "parent": facts.parent,
        "portal_status": placed.status,
        "is_closed": placed.deadlines[-1].date() < today,
    }


def external_truth(placed: PlacedExternal, today: date) -> dict[str, Any]:
    """Facts of an external action: the deadline is true UTC, known to the minute."""
    facts = placed.facts
    return {
        **_EMPTY,
        "reference": f"{facts.number}PROSPECTS",
        "kind": "external_action",
        "identifier": f"EuropeAid/{facts.number}/DD/ACT/{facts.country}",
        "call_identifier": str(facts.number),
        "title": facts.title,
        "programme": "RELEX-PROSPECT",
        "opens": placed.opens.replace(tzinfo=UTC),
        "deadlines": [
            {"at": placed.deadline.replace(second=0, tzinfo=UTC), "stage": "single", "precision": "exact"}
        ],
        "deadline_model": "",
        "currency": "EUR",
        "budget_total": None if facts.budget is None else Decimal(facts.budget),
        "ecosystems": facts.ecosystems,
        "portal_status": placed.status,
        "is_closed": placed.deadline.date() < today,
    }


def stages(model: str, count: int) -> list[str]:
    """Names of deadlines: "single", "stage 1" ..., "cut-off 1" ..."""
    if count == 1 and model not in ("two-stage", "multiple cut-off"):
        return ["single"]
    word = "stage" if model == "two-stage" else "cut-off"
    return [f"{word} {index + 1}" for index in range(count)]


def _at_17(day: date) -> datetime:
    return datetime.combine(day, time(17), BRUSSELS).astimezone(UTC)

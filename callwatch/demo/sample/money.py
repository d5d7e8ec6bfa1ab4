"""The actions and the budget table of a topic, before they are written as JSON into one string."""

from __future__ import annotations

from typing import Any

from callwatch.demo.sample.facts import Action, Line
from callwatch.demo.sample.places import STATUS, STATUS_LABEL, PlacedTopic, number

PROCEDURES = {"single-stage": 31094504, "two-stage": 31094505, "multiple cut-off": 31094506}


def actions(topic: PlacedTopic, days: list[str]) -> list[dict[str, Any]]:
    """`actions`: one entry with opening, then deadlines; `days` are already worded for the generation."""
    opens, *deadlines = days
    mga_id, abbreviation, wording = topic.action.mga
    label, model = STATUS_LABEL[topic.status], topic.call.model
    return [
        {
            "types": [
                {
                    "typeOfAction": f"{topic.facts.action} {topic.action.label}",
                    "typeOfMGA": [{"id": mga_id, "abbreviation": abbreviation, "description": wording}],
                }
            ],
            "status": {"id": int(STATUS[topic.status]), "abbreviation": label, "description": label},
            "plannedOpeningDate": opens,
            "submissionProcedure": {"id": PROCEDURES[model], "abbreviation": model, "description": model},
            "deadlineDates": deadlines,
        }
    ]


def budget(topic: PlacedTopic) -> dict[str, Any]:
    """The budget table of the whole call: every sibling topic has its line."""
    years = sorted({str(topic.call.year), *topic.amounts})
    dates = [day.isoformat() for day in topic.deadlines]
    table = {}
    for line in topic.lines:
        low, high = line.each or (0, 0)
        table[str(number(line.id, 6))] = [
            {
                "action": _line_name(line, topic.actions),
                "expectedGrants": line.grants or 0,
                "minContribution": low,
                "maxContribution": high,
                "budgetYearMap": _amounts(topic, line),
                "plannedOpeningDate": topic.opens.isoformat(),
                "deadlineModel": topic.call.model,
                "deadlineDates": dates,
            }
        ]
    return {"budgetYearsColumns": years, "budgetTopicActionMap": table}


def legacy_budget(topic: PlacedTopic, days: list[str]) -> dict[str, Any]:
    """The table of the legacy generation: numbers, an empty inner table, no number and size of grants."""
    opens, *deadlines = days
    lines = [
        {
            "action": _line_name(line, topic.actions),
            "plannedOpeningDate": opens,
            "deadlineModel": topic.call.model,
            "deadlineDates": deadlines,
            "budgetYearMap": {year: int(amount) for year, amount in _amounts(topic, line).items()},
            "budgetTopicActionMap": {},
        }
        for line in topic.lines
    ]
    years = sorted({str(topic.call.year), *topic.amounts})
    return {"budgetTopicActionMap": {str(number(topic.facts.call)): lines}, "budgetYearsColumns": years}


def _line_name(line: Line, actions: dict[str, Action]) -> str:
    return f"{line.id} - {line.action} {actions[line.action].label}"


def _amounts(topic: PlacedTopic, line: Line) -> dict[str, str]:
    if line.id == topic.facts.id and topic.amounts:
        return {year: str(amount) for year, amount in topic.amounts.items()}
    return {str(topic.call.year): str(line.amount if topic.call.pot is None else topic.call.pot)}

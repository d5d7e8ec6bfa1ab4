"""Daily snapshots of the Funding & Tenders portal, second-hand, turned back into the portal's own raw items.

The snapshots (../shared/data/ft/daily) hold what another program normalised each morning: every field it kept is
put back where the portal had it, so that the stand-in can serve real days one after the other.
"""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path
from typing import Any

FOLDER = ("ft", "daily")


def days(recorded: Path) -> list[Path]:
    """The snapshots, oldest first."""
    return sorted(recorded.joinpath(*FOLDER).glob("*.json.gz"))


def load(path: Path) -> tuple[datetime, list[dict[str, Any]]]:
    """(when the snapshot was taken, the grants as they stand in it)."""
    with gzip.open(path) as file:
        day = json.load(file)
    return datetime.fromisoformat(day["generatedAt"]), day["grants"]


def raw_items(grants: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The portal's raw items of a day."""
    return [_raw_item(grant) for grant in grants]


def _raw_item(grant: dict[str, Any]) -> dict[str, Any]:
    kind = grant["kind"]["id"]
    own = {"1": _topic, "2": _external_action, "8": _cascade}[kind](grant)
    metadata = {
        "DATASOURCE": ["SEDIA"],
        "REFERENCE": [grant["id"]],
        "type": [kind],
        "language": ["en"],
        "identifier": [grant["identifier"]],
        "title": [grant["title"]],
        "status": [grant["status"]["id"]],
        "sortStatus": ["1" if grant["status"]["id"] == "31094502" else "2"],
        "startDate": [_stamp(grant["startDate"])],
        "deadlineDate": [_stamp(grant["deadlineDate"])],
        "es_SortDate": [_stamp(grant["startDate"])],
        "frameworkProgramme": [programme["id"] for programme in grant["frameworkProgrammes"]][:1],
        "programmeDivision": [division["id"] for division in grant["programmeDivisions"]],
        "descriptionByte": [f"<p>{grant['abstract']}</p>"] if grant["abstract"] else [],
        "url": [grant["url"]],
        **own,
    }
    return {
        "apiVersion": "2.151",
        "reference": grant["id"],
        "url": grant["url"],
        "title": None,
        "contentType": "text/plain",
        "language": "en",
        "databaseLabel": "SEDIA",
        "database": "SEDIA",
        "summary": grant["summary"],
        "content": grant["summary"],
        "metadata": metadata,
    }


def _topic(grant: dict[str, Any]) -> dict[str, list[str]]:
    return {
        "callIdentifier": [grant["callIdentifier"]] if grant["callIdentifier"] else [],
        "callTitle": [grant["callTitle"]] if grant["callTitle"] else [],
        "ccm2Id": [grant["id"].removesuffix("TOPICSen")],
        "typesOfAction": [grant["actionType"]] if grant["actionType"] else [],
        "budgetOverview": _budget(grant),
    }


def _budget(grant: dict[str, Any]) -> list[str]:
    money = grant["budget"]
    if not money:
        return []
    total, years = money["totalBudgetEur"] or 0, money["years"] or ["2026"]
    line = {
        "action": f"{grant['identifier']} - X {grant['actionType'] or 'Grant'}",
        "expectedGrants": money["expectedGrants"] or 0,
        "minContribution": money["minContributionEur"] or 0,
        "maxContribution": money["maxContributionEur"] or 0,
        "budgetYearMap": {years[0]: str(total)},
        "deadlineDates": [grant["deadlineDate"][:10]],
    }
    return [json.dumps({"budgetYearsColumns": years[:1], "budgetTopicActionMap": {"1": [line]}})]


def _cascade(grant: dict[str, Any]) -> dict[str, list[str]]:
    number = grant["id"].removesuffix("COMPETITIVE_CALLen")
    return {
        "callccm2Id": [number],
        "callTitle": [grant["callTitle"] or grant["title"]],
        "caName": [grant["summary"]],
    }


def _external_action(grant: dict[str, Any]) -> dict[str, list[str]]:
    return {"callIdentifier": [grant["callIdentifier"] or grant["id"].removesuffix("PROSPECTSEN")]}


def _stamp(text: str) -> str:
    """ "2026-03-28T09:00:08.000Z" as the portal writes it."""
    return text.replace("Z", "+0000")

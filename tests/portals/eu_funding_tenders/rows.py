"""Rows as the index writes them, in our own words, and what they become."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pipeline.harvest import Issue
from pipeline.models import Call
from pipeline.normalise import Document, Identity
from pipeline.normalise.eu_funding_tenders import assemble, identify

PROGRAMMES = {
    "43108390": ("HORIZON", "Horizon Europe"),
    "43252476": ("SMP", "Single Market Programme"),
    "111111": ("RELEX-PROSPECT", "EU External Action (PROSPECT)"),
}
TOPIC = "HORIZON-TEST-2026-01-02"
Row = dict[str, Any]


def line(identifier: str = TOPIC, **fields: Any) -> dict[str, Any]:
    """One line of the budget table."""
    given = {
        "action": f"{identifier} - HORIZON-RIA HORIZON  Research and Innovation Actions",
        "expectedGrants": 3,
        "minContribution": 4000000,
        "maxContribution": 6000000,
        "budgetYearMap": {"2026": "15000000"},
        "deadlineModel": "single-stage",
        "deadlineDates": ["2026-09-15"],
    }
    return given | fields


def table(*lines: dict[str, Any]) -> list[str]:
    """A budgetOverview with these lines, each under a key of its own."""
    groups = {str(number): [entry] for number, entry in enumerate(lines)}
    return [json.dumps({"budgetYearsColumns": ["2026"], "budgetTopicActionMap": groups})]


def action(*days: str, **fields: Any) -> dict[str, Any]:
    """One entry of `actions`."""
    return {"deadlineDates": list(days), "plannedOpeningDate": "2026-05-05", **fields}


def row(reference: str, kind: str, language: str = "en", **meta: Any) -> Row:
    """A row of the index; a field given as None is left out."""
    given = {"type": [kind], "language": [language], "DATASOURCE": ["SEDIA"], "REFERENCE": [reference]}
    fields = {
        key: value if isinstance(value, list) else [value] for key, value in meta.items() if value is not None
    }
    return {"reference": reference, "language": language, "url": "https://x/", "metadata": given | fields}


def topic(language: str = "en", reference: str = "", **meta: Any) -> Row:
    """A topic of the new generation, complete."""
    given: dict[str, Any] = {
        "identifier": TOPIC,
        "title": "Winter tests of electric lorries",
        "callIdentifier": "HORIZON-TEST-2026-01",
        "callTitle": "Clean transport",
        "ccm2Id": "48000001",
        "frameworkProgramme": "43108390",
        "status": "31094502",
        "startDate": "2026-05-05T00:00:00.000+0000",
        "deadlineDate": "2026-09-15T00:00:00.000+0000",
        "deadlineModel": "single-stage",
        "descriptionByte": '<p class="topicdescriptionkind">Scope:</p><p>Lorries in the cold.</p>',
        "topicConditions": '<div class="eui-u-mt-l>"><h4>Conditions</h4><p>Annex A.</p></div>',
        "typesOfAction": "HORIZON  Research and Innovation Actions",
        "keywords": [TOPIC, "HORIZON-TEST-2026-01", "Batteries", "batteries", "Snow"],
        "actions": json.dumps([action("2026-09-15")]),
        "budgetOverview": table(line()),
        "latestInfos": "[]",
        "links": "[]",
        "esDA_IngestDate": "2026-05-06T04:12:41.938+0200",
    }
    return row(reference or f"48000001TOPICS{language}", "1", language, **(given | meta))


def cascade(number: str = "15301", **meta: Any) -> Row:
    """A cascade call: identifier, title and ccm2Id are its parent's."""
    given: dict[str, Any] = {
        "identifier": "SMP-COSME-2024-CLUSTER-01",
        "title": "Clusters for recovery",
        "callTitle": "Vouchers for tourism firms",
        "ccm2Id": "47108154",
        "callccm2Id": number,
        "frameworkProgramme": "43252476",
        "status": "31094502",
        "startDate": "2026-03-01T09:00:00.000+0000",
        "deadlineDate": "2026-07-01T17:00:00.000+0000",
        "budget": "600000",
        "description": "<p>Vouchers.</p>",
        "furtherInformation": "<p>Write to us.</p>",
        "projectAcronym": "TOURCLUST",
        "projectName": "Tourism clusters",
    }
    return row(f"{number}COMPETITIVE_CALLen", "8", **(given | meta))


def prospect(number: str = "185123", **meta: Any) -> Row:
    """A call of external action."""
    given: dict[str, Any] = {
        "identifier": f"EuropeAid/{number}/DD/ACT/XX",
        "callIdentifier": number,
        "title": "Civil society in the mountains",
        "frameworkProgramme": "111111",
        "status": "31094502",
        "startDate": "2026-03-01T08:12:31.000+0000",
        "deadlineDate": "2026-06-01T21:59:43.000+0000",
        "budget": 2500000,
        "currency": "EUR",
        "description": "<p>Grants for associations.</p>",
    }
    return row(f"{number}PROSPECTSEN", "2", **(given | meta))


def news(text: str, at: str, reference: str = "480000019999999", identifier: str = TOPIC) -> Row:
    """A type 6 row."""
    return row(reference, "6", identifier=identifier, title="Winter tests", description=text, startDate=at)


def documents(rows: Sequence[Any]) -> list[Document]:
    """As the store would hand them over."""
    fetched = datetime(2026, 5, 7, tzinfo=UTC)
    return [_document(item, fetched) for item in rows]


def _document(item: Any, fetched: datetime) -> Document:
    identity = identify(item)
    assert isinstance(identity, Identity), identity
    return Document(identity.role, identity.language, json.dumps(item).encode(), fetched)


def assembled(*rows: Any) -> tuple[Call, list[Issue]]:
    """The call of these rows, which must be one."""
    call, issues = assemble(documents(rows), PROGRAMMES)
    assert call is not None, issues
    return call, issues


def fields_of(issues: Sequence[Issue]) -> list[str]:
    """Which fields were complained about."""
    return [issue.field for issue in issues]

"""Cascade calls (type 8) and external actions (type 2) as raw result items."""

from __future__ import annotations

import zlib
from datetime import date
from typing import Any

from callwatch.demo.sample.html import PORTAL, gson, ingested, instant, midnight, paragraphs
from callwatch.demo.sample.places import SORT, STATUS, PlacedCascade, PlacedExternal, number
from callwatch.demo.sample.rows import administration, envelope

_PROSPECT = "https://webgate.ec.europa.eu/prospect/external/publishedcalls.htm?callId="


def cascade(placed: PlacedCascade) -> dict[str, Any]:
    """A call for third parties: identifier, title, ccm2Id and the end of the url are those of the PARENT topic."""
    facts = placed.facts
    reference = f"{facts.number}COMPETITIVE_CALLen"
    url = f"{PORTAL}/portal/screen/opportunities/competitive-calls-cs/{facts.parent_ccm2}"
    item = envelope(reference, url, "en", facts.title, SORT[placed.status])
    metadata = {
        **administration(url, reference, facts.title, midnight(placed.opens)),
        **_money(facts.budget),
        "beneficiaryAdministration": [facts.beneficiary] if facts.beneficiary else [],
        "caName": [facts.title],
        "callTitle": [facts.title],
        "callccm2Id": [str(facts.number)],
        "ccm2Id": [str(facts.parent_ccm2)],
        "closingDate": [instant(placed.deadlines[-1])],
        "deadlineDate": [instant(moment) for moment in placed.deadlines],
        "deadlineModel": [facts.model] if facts.model else [],
        "description": [paragraphs(facts.text)],
        "duration": [facts.duration] if facts.duration else [],
        "es_Combine": [SORT[placed.status]],
        "esDA_IngestDate": [ingested(placed.opens, facts.number)],
        "esDA_QueueDate": [ingested(placed.opens, facts.number)],
        "frameworkProgramme": [placed.programme.code],
        "furtherInformation": [paragraphs(facts.more)] if facts.more else [],
        "identifier": [facts.parent],
        "language": ["en"],
        "programmeDivision": [],
        "programmePeriod": ["2021 - 2027"],
        "projectAcronym": [facts.project] if facts.project else [],
        "projectId": [str(number(facts.project, 9))] if facts.project else [],
        "projectName": [facts.project_name] if facts.project_name else [],
        "sortStatus": [SORT[placed.status]],
        "startDate": [midnight(placed.opens)],
        "status": [STATUS[placed.status]],
        "title": [facts.parent_title],
        "type": ["8"],
    }
    return _bare(item, metadata) if facts.bare else {**item, "metadata": metadata}


def _bare(item: dict[str, Any], metadata: dict[str, list[str]]) -> dict[str, Any]:
    """The rare row without `metadata`: fields at the top level, the envelope's own where both have one."""
    top = {**item, "title": metadata["title"]}
    del top["metadata"]
    return {**metadata, **top}


def external(placed: PlacedExternal, today: date) -> dict[str, Any]:
    """A call of external action. The seconds of its deadline are noise that differs from day to day."""
    facts = placed.facts
    reference = f"{facts.number}PROSPECTSEN"
    page = f"{PORTAL}/portal/screen/opportunities/topic-details/{reference}"
    url = page if facts.on_portal else f"{_PROSPECT}{facts.number}"
    noise = zlib.crc32(f"{facts.number}{today}".encode()) % 60
    document = {
        "docUrl": f"{_PROSPECT}{facts.number}",
        "nameDoc": f"Guidelines for applicants {facts.number}",
        "typeDoc": "Guidelines",
        "languageDoc": "EN",
        "finalPublicDocDate": f"{placed.opens:%Y-%m-%d}",
    }
    item = envelope(reference, url, "en", facts.title, SORT[placed.status])
    item["metadata"] = {
        **administration(url, reference, facts.title, instant(placed.opens)),
        **_money(facts.budget),
        "callIdentifier": [str(facts.number)],
        "deadlineDate": [instant(placed.deadline.replace(second=noise))],
        "description": [paragraphs(facts.text)],
        "es_Combine": [SORT[placed.status]],
        "esDA_IngestDate": [ingested(placed.opens.date(), facts.number)],
        "esDA_QueueDate": [ingested(placed.opens.date(), facts.number)],
        "frameworkProgramme": ["111111"],
        "geographicalZone": [facts.zone],
        "geographicalZones": [facts.zone],
        "identifier": [f"EuropeAid/{facts.number}/DD/ACT/{facts.country}"],
        "language": ["en"],
        "programmeDivisionProspect": ["NDICI"],
        "programmePeriod": ["2021 - 2027"],
        "publicationDocuments": [gson([document])],
        "sortStatus": [SORT[placed.status]],
        "startDate": [instant(placed.opens)],
        "status": [STATUS[placed.status]],
        "title": [facts.title],
        "type": ["2"],
    }
    return item


def _money(budget: int | None) -> dict[str, list[str]]:
    return {"budget": [] if budget is None else [str(budget)], "currency": ["EUR"]}

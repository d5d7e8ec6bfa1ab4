"""The dirt of the index: frozen copies that are still flagged open, and stubs."""

from __future__ import annotations

from datetime import date
from typing import Any

from callwatch.demo.sample.facts import Action, GhostFacts, Programme, StubFacts
from callwatch.demo.sample.html import PORTAL, compact, midnight, paragraphs
from callwatch.demo.sample.places import SORT, STATUS, number
from callwatch.demo.sample.rows import administration, envelope, legacy_reference

_FROZEN = "2023-10-20T11:22:33.444+0200"


def ghosts(facts: GhostFacts, action: Action, programme: Programme) -> list[dict[str, Any]]:
    """One frozen copy, or a byte-identical pair of them."""
    item = _ghost(facts, action, programme)
    return [item, _ghost(facts, action, programme)] if facts.twice else [item]


def _ghost(facts: GhostFacts, action: Action, programme: Programme) -> dict[str, Any]:
    """A copy of the database before the present one: no text, no actions, no budget, wall clock labelled +0000."""
    reference = legacy_reference(facts.ccm2, action.label, facts.opens, "en")
    url = f"{PORTAL}/data/topicDetails/{facts.id}.json"
    sort = SORT[facts.status]
    item = envelope(reference, url, "en", facts.title, sort)
    metadata = {
        **administration(url, reference, facts.title, midnight(facts.opens)),
        "DATASOURCE": ["SEDIA_PRD_CENTRICITY"],
        "datasource": ["SEDIA_PRD_CENTRICITY"],
        "corporate-search-version": ["1.0"],
        "ccmTags": [],
        "ccmTags2": [],
        "esIN_ccmTags": [],
        "esIN_ccmTags2": [],
        "cftId": ["0"],
        "callIdentifier": [facts.call],
        "callTitle": [facts.call_title],
        "callccm2Id": [str(number(facts.call, 8))],
        "ccm2Id": [str(facts.ccm2)],
        "deadlineDate": [_five_o_clock(day) for day in facts.deadlines],
        "deadlineModel": [facts.model],
        "es_Combine": [sort],
        "esDA_IngestDate": [_FROZEN],
        "esDA_QueueDate": [_FROZEN],
        "frameworkProgramme": [programme.code],
        "identifier": [facts.id],
        "keywords": [compact([*facts.keywords, facts.id])],
        "language": ["en"],
        "links": ["[]"],
        "programmeDivision": [],
        "programmePeriod": ["2021 - 2027"],
        "sepTemplate": [paragraphs("The submission system is open.")],
        "sortStatus": [sort],
        "startDate": [_five_o_clock(facts.opens)],
        "status": [STATUS[facts.status]],
        "tags": [compact(facts.keywords)],
        "title": [facts.title],
        "type": ["1"],
        "typesOfAction": [action.label],
    }
    if facts.anonymous:
        del metadata["DATASOURCE"], metadata["datasource"]
    return {**item, "databaseLabel": "", "database": "", "metadata": metadata}


def _five_o_clock(day: date) -> str:
    return f"{day.isoformat()}T17:00:00.000+0000"


def stub(facts: StubFacts) -> dict[str, Any]:
    """A row that was never filled in; it must not become a call, and must not spoil the call it is a stub of."""
    reference = f"{facts.ccm2}STUB"
    url = f"{PORTAL}/portal/screen/opportunities/topic-details/{facts.id}"
    item = envelope(reference, url, "en", facts.title, None)
    item["metadata"] = {
        **administration(url, reference, facts.title, "2024-01-10T00:00:00.000+0000"),
        "callIdentifier": [facts.call],
        "ccm2Id": [str(facts.ccm2)],
        "identifier": [facts.id],
        "keywords": [],
        "language": ["en"],
        "programmePeriod": ["2021 - 2027"],
        "title": [facts.title],
        "type": ["1"],
    }
    return item

"""Topics as raw result items: the new generation (48 metadata keys) and the legacy one (51)."""

from __future__ import annotations

from typing import Any

from callwatch.demo.sample.facts import Text
from callwatch.demo.sample.html import (
    PORTAL,
    compact,
    conditions,
    description,
    gson,
    ingested,
    latest,
    legacy_conditions,
    legacy_description,
    long_day,
    midnight,
    moment_of,
    paragraphs,
    stamp,
)
from callwatch.demo.sample.money import actions, budget, legacy_budget
from callwatch.demo.sample.places import SORT, STATUS, PlacedNews, PlacedTopic, number
from callwatch.demo.sample.rows import administration, envelope, legacy_reference

_LEGACY_INGEST = "2024-08-05T15:46:39.821+0200"
_SUPPORT = {
    "en": (
        "The online manual of the portal explains every step from the first draft to the final report.",
        "Questions on the call are answered by the funding agency and by the National Contact Points.",
    ),
    "sv": (
        "Portalens onlinehandbok förklarar varje steg från första utkast till slutrapport.",
        "Frågor om utlysningen besvaras av den ansvariga EU-myndigheten och av de nationella kontaktpunkterna.",
    ),
}
_SESSION = {
    "en": ("No submission system is open.", "The submission system is open."),
    "sv": ("Inget ansökningssystem är öppet.", "Ansökningssystemet är öppet."),
}


def rows(topic: PlacedTopic) -> list[dict[str, Any]]:
    """The English row of a topic, its Swedish copy, copies that were never translated, and its news rows."""
    facts = topic.facts
    build = _legacy if facts.legacy else _new
    items = [build(topic, "en", facts)]
    if facts.sv is not None:
        items.append(build(topic, "sv", facts.sv))
    items.extend(build(topic, language, facts) for language in facts.copies)
    items.extend(_news(topic, item) for item in topic.news)
    return items


def _new(topic: PlacedTopic, language: str, text: Text) -> dict[str, Any]:
    facts = topic.facts
    reference = f"{facts.ccm2}TOPICS{language}"
    url = f"{PORTAL}/portal/screen/opportunities/topic-details/{facts.id}"
    read = "sv" if language == "sv" else "en"
    who = "\n\n".join(
        filter(None, (topic.action.sv if read == "sv" else topic.action.conditions, facts.conditions))
    )
    news = [(item.day, item.sv if read == "sv" else item.text) for item in topic.news]
    seed = number(facts.id)
    last_change = max((item.day for item in topic.news), default=topic.opens)
    item = envelope(reference, url, language, text.title, SORT[topic.status])
    item["metadata"] = {
        **_common(topic, language, text.title, reference, url),
        "latestInfos": [gson(latest(news, facts.id))],
        "links": ["[]"],
        "keywords": [facts.id, facts.call, *facts.keywords],
        "tags": list(facts.tags),
        "topicConditions": [conditions(who, read)],
        "descriptionByte": [description(text, read, topic.opens)],
        "actions": [gson(actions(topic, [day.isoformat() for day in (topic.opens, *topic.deadlines)]))],
        "budgetOverview": [gson(budget(topic))],
        "destination": [str(number(topic.call.destination, 8))] if topic.call.destination else [],
        "destinationGroup": [str(number(facts.call + "group", 8))] if topic.call.destination else [],
        "specificObjective": [],
        "esDA_FirstIngestDate": [ingested(topic.opens, seed)],
        "esDA_IngestDate": [ingested(last_change, seed + 7)],
        "esDA_QueueDate": [ingested(last_change, seed + 6)],
    }
    return item


def _common(topic: PlacedTopic, language: str, title: str, reference: str, url: str) -> dict[str, list[str]]:
    facts, call = topic.facts, topic.call
    read = "sv" if language == "sv" else "en"
    session = _SESSION[read][topic.status == "open"]
    return {
        **administration(url, reference, title, midnight(topic.opens)),
        "allowPartnerSearch": ["true"],
        "callIdentifier": [facts.call],
        "callTitle": [call.title],
        "callccm2Id": [str(number(facts.call, 8))],
        "ccm2Id": [str(facts.ccm2)],
        "crossCuttingPriorities": list(facts.priorities),
        "deadlineDate": [midnight(day) for day in topic.deadlines],
        "deadlineModel": [call.model],
        "destinationDescription": [call.destination] if call.destination else [],
        "destinationDetails": [paragraphs(call.destination)] if call.destination else [],
        "es_Combine": [SORT[topic.status]],
        "focusArea": [],
        "frameworkProgramme": [topic.programme.code],
        "identifier": [facts.id],
        "language": [language],
        "programmeDivision": list(call.divisions),
        "programmePeriod": ["2021 - 2027"],
        "sepTemplate": [paragraphs(session)],
        "sortStatus": [SORT[topic.status]],
        "startDate": [midnight(topic.opens)],
        "status": [STATUS[topic.status]],
        "supportInfo": [paragraphs("\n\n".join(_SUPPORT[read]))],
        "title": [title],
        "type": ["1"],
        "typeOfMGAs": [str(topic.action.mga[0])],
        "typesOfAction": [topic.action.label],
    }


def _legacy(topic: PlacedTopic, language: str, text: Text) -> dict[str, Any]:
    facts = topic.facts
    reference = legacy_reference(facts.ccm2, topic.action.label, topic.opens, language)
    url = f"{PORTAL}/data/topicDetails/{facts.id}.json"
    who = "\n\n".join(filter(None, (topic.action.conditions, facts.conditions)))
    updates = [
        {"approvalDate": stamp(item.day), "lastChangeDate": stamp(item.day), "content": paragraphs(item.text)}
        for item in sorted(topic.news, key=lambda item: item.day, reverse=True)
    ]
    days = [long_day(day) for day in (topic.opens, *topic.deadlines)]
    item = envelope(reference, url, language, text.title, SORT[topic.status])
    item["metadata"] = {
        **_common(topic, language, text.title, reference, url),
        "latestInfos": ["[]"],
        "links": ["[]"],
        "keywords": [word[:50] for word in (*facts.keywords, text.title, facts.id)],
        "tags": [word[:50] for word in (*facts.tags, facts.id)],
        "topicConditions": [legacy_conditions(who)],
        "descriptionByte": [legacy_description(text)],
        "actions": [compact(actions(topic, days))],
        "budgetOverview": [compact(legacy_budget(topic, days))],
        "additionalDossiers": ["[]"],
        "additionalInfos": [compact({"staticAdditionalInfo": paragraphs(topic.programme.name)})],
        "callUpdates": [compact(updates)],
        "infoPackDossiers": ["[]"],
        "missionDescription": [],
        "missionDetails": [],
        "workProgrammepart": [],
        "esDA_IngestDate": [_LEGACY_INGEST],
        "esDA_QueueDate": [_LEGACY_INGEST],
    }
    return item


def _news(topic: PlacedTopic, item: PlacedNews) -> dict[str, Any]:
    """A type 6 row: the topic's identifier and title, no status, the programme's abbreviation for its code."""
    facts = topic.facts
    reference = f"{facts.ccm2}{number(facts.id + item.text)}"
    url = f"{PORTAL}/portal/screen/opportunities/topic-details/{facts.id}.json"
    when = moment_of(item.day, sum(facts.id.encode()))
    start = f"{when.isoformat(timespec='milliseconds')}+0000"
    row = envelope(reference, url, "en", facts.title, None)
    row["metadata"] = {
        **administration(url, reference, facts.title, start),
        "callIdentifier": [facts.call],
        "callTitle": [topic.call.title],
        "description": [paragraphs(item.text)],
        "esDA_FirstIngestDate": [ingested(item.day, number(facts.id))],
        "esDA_IngestDate": [ingested(item.day, number(facts.id))],
        "esDA_QueueDate": [ingested(item.day, number(facts.id))],
        "frameworkProgramme": [topic.call.programme],
        "identifier": [facts.id],
        "language": ["en"],
        "programmePeriod": ["2021 - 2027"],
        "startDate": [start],
        "title": [facts.title],
        "type": ["6"],
    }
    return row

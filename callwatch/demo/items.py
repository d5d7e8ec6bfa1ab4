"""Small hand-made items in the portal's form, for tests and for growing; all texts are invented.

An item is one element of the portal's `results`: a flat envelope and `metadata` whose values are lists of strings.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import orjson

from callwatch.demo.sample.html import checksum
from callwatch.demo.sample.rows import envelope

Item = dict[str, Any]

FORTHCOMING, OPEN, CLOSED = "31094501", "31094502", "31094503"
STATUS_NAMES = {FORTHCOMING: "Forthcoming", OPEN: "Open", CLOSED: "Closed"}
SORT_STATUS = {OPEN: "1", FORTHCOMING: "2", CLOSED: "3"}
PAGES = "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities"
_DATA = "https://ec.europa.eu/info/funding-tenders/opportunities/data/topicDetails"


def midnight(day: date) -> str:
    """A calendar day as the index writes it."""
    return f"{day:%Y-%m-%d}T00:00:00.000+0000"


def moment(at: datetime) -> str:
    """A wall clock as the index writes it, always labelled +0000."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"


def number_of(text: str) -> str:
    """An eight-digit internal number that is the same on every machine."""
    return str(40_000_000 + zlib.crc32(text.encode()) % 50_000_000)


def wrapped(reference: str, url: str, title: str, metadata: dict[str, Any], language: str = "en") -> Item:
    """The envelope of one item around its metadata."""
    metadata.setdefault("language", [language])
    metadata.setdefault("DATASOURCE", ["SEDIA"])
    metadata.setdefault("REFERENCE", [reference])
    metadata |= {
        "url": [url],
        "esST_URL": [url],
        "esST_checksum": [checksum(title)],
        "esST_FileName": ["file.txt"],
    }
    metadata |= {"es_ContentType": ["text/plain"], "programmePeriod": ["2021 - 2027"]}
    sort = metadata.get("sortStatus", [None])[0]
    return envelope(reference, url, language, title, sort) | {"metadata": metadata}


def _plans(
    identifier: str, start: date, deadlines: Sequence[date], status: str, model: str, budget: int
) -> tuple[str, str]:
    """`actions` and `budgetOverview` of a topic, each a JSON string."""
    kind = "HORIZON-RIA HORIZON  Research and Innovation Actions"
    days, opening = [f"{day:%Y-%m-%d}" for day in deadlines], f"{start:%Y-%m-%d}"
    action = {
        "types": [{"typeOfAction": kind, "typeOfMGA": []}],
        "status": {"id": int(status), "abbreviation": STATUS_NAMES[status], "description": STATUS_NAMES[status]},
        "plannedOpeningDate": opening,
        "submissionProcedure": {"id": 31094504, "abbreviation": model, "description": model},
        "deadlineDates": days,
    }
    line = {
        "action": f"{identifier} - {kind}",
        "expectedGrants": 3,
        "minContribution": budget // 4,
        "maxContribution": budget // 2,
        "budgetYearMap": {str(start.year): str(budget)},
        "plannedOpeningDate": opening,
        "deadlineModel": model,
        "deadlineDates": days,
    }
    lines = {number_of(identifier)[-6:]: [line]}
    overview = {"budgetYearsColumns": [str(start.year)], "budgetTopicActionMap": lines}
    return orjson.dumps([action]).decode(), orjson.dumps(overview).decode()


def topic(
    identifier: str,
    *,
    start: date,
    deadlines: Sequence[date],
    title: str = "",
    status: str = OPEN,
    model: str = "",
    programme: str = "43108390",
    budget: int = 12_000_000,
    description: str = "",
    language: str = "en",
) -> Item:
    """A topic (type 1) of the present generation. `model` follows from the number of deadlines when empty."""
    title = title or f"Trial topic {identifier}"
    model = model or ("single-stage" if len(deadlines) < 2 else "two-stage")
    call, number = identifier.rpartition("-")[0] or identifier, number_of(identifier)
    actions, overview = _plans(identifier, start, deadlines, status, model, budget)
    metadata = {
        "type": ["1"],
        "identifier": [identifier],
        "ccm2Id": [number],
        "callIdentifier": [call],
        "callTitle": [f"Trial call {call}"],
        "callccm2Id": [number_of(call)],
        "title": [title],
        "status": [status],
        "sortStatus": [SORT_STATUS[status]],
        "frameworkProgramme": [programme],
        "startDate": [midnight(start)],
        "es_SortDate": [midnight(start)],
        "deadlineDate": [midnight(day) for day in deadlines],
        "deadlineModel": [model],
        "actions": [actions],
        "budgetOverview": [overview],
        "descriptionByte": [
            description or f'<p class="topicdescriptionkind">Scope:</p><p>Work on {title.lower()}.</p>'
        ],
        "topicConditions": ['<div class="eui-u-mt-l>"><h4>Conditions</h4><p>As in the work programme.</p></div>'],
        "keywords": [identifier, call, "trial", "demonstration"],
        "typesOfAction": ["HORIZON  Research and Innovation Actions"],
        "latestInfos": ["[]"],
        "links": ["[]"],
        "esDA_IngestDate": ["2026-10-01T04:12:41.938+0200"],
    }
    return wrapped(f"{number}TOPICS{language}", f"{PAGES}/topic-details/{identifier}", title, metadata, language)


def translated(item: Item, language: str, title: str) -> Item:
    """The same topic in another language: same numbers and dates, another title and reference."""
    metadata = {**item["metadata"], "language": [language], "title": [title]}
    metadata["REFERENCE"] = [item["reference"].removesuffix(item["language"]) + language]
    return wrapped(metadata["REFERENCE"][0], item["url"], title, metadata, language)


def ghost(item: Item) -> Item:
    """The frozen copy of a topic in the other data source: no texts, no money, another form of url."""
    left_out = ("descriptionByte", "actions", "budgetOverview", "topicConditions")
    metadata = {k: v for k, v in item["metadata"].items() if k not in left_out}
    metadata["DATASOURCE"] = ["SEDIA_PRD_CENTRICITY"]
    identifier, title = metadata["identifier"][0], metadata["title"][0]
    copy = wrapped(item["reference"] + "C", f"{_DATA}/{identifier}.json", title, metadata)
    return {**copy, "databaseLabel": ""}


def news(item: Item, text: str, at: datetime) -> Item:
    """A news row (type 6) of a topic: same identifier, neither status nor deadline."""
    old = item["metadata"]
    identifier, title, own = ("".join(old.get(name, [])[:1]) for name in ("identifier", "title", "ccm2Id"))
    number = own + f"{zlib.crc32(text.encode()) % 10_000_000:07d}"
    kept = ("identifier", "callIdentifier", "callTitle", "frameworkProgramme", "title")
    metadata = {name: old[name] for name in kept if name in old}
    metadata |= {"type": ["6"], "description": [text], "startDate": [moment(at)], "es_SortDate": [moment(at)]}
    return wrapped(number, f"{PAGES}/topic-details/{identifier}.json", title, metadata)


def cascade(
    number: int, *, parent: Item, title: str, start: date, deadlines: Sequence[datetime], budget: int = 600_000
) -> Item:
    """A cascade call (type 8). `identifier`, `title` and ccm2Id are its parent's, as on the portal."""
    old = parent["metadata"]
    metadata = {name: old[name] for name in ("identifier", "title", "ccm2Id", "frameworkProgramme")}
    metadata |= {
        "type": ["8"],
        "callccm2Id": [str(number)],
        "callTitle": [title],
        "caName": [title],
        "status": [OPEN],
        "sortStatus": [SORT_STATUS[OPEN]],
        "startDate": [midnight(start)],
        "es_SortDate": [midnight(start)],
        "deadlineDate": [moment(at) for at in deadlines],
        "closingDate": [moment(at) for at in deadlines[-1:]],
        "deadlineModel": ["multiple cut-off"],
        "budget": [str(budget)],
        "currency": ["EUR"],
        "description": [f"<p>{title}: support for small firms.</p>"],
        "esDA_IngestDate": ["2026-10-01T04:12:41.938+0200"],
    }
    url = f"{PAGES}/competitive-calls-cs/{old['ccm2Id'][0]}"
    return wrapped(f"{number}COMPETITIVE_CALLen", url, title, metadata)


def prospect(number: int, *, title: str, start: date, deadline: datetime, budget: int = 2_000_000) -> Item:
    """An external action (type 2); its seconds mean nothing."""
    metadata = {
        "type": ["2"],
        "identifier": [f"EuropeAid/{number}/DD/ACT/XX"],
        "callIdentifier": [str(number)],
        "title": [title],
        "status": [OPEN],
        "sortStatus": [SORT_STATUS[OPEN]],
        "frameworkProgramme": ["111111"],
        "startDate": [midnight(start)],
        "es_SortDate": [midnight(start)],
        "deadlineDate": [moment(deadline)],
        "budget": [str(budget)],
        "currency": ["EUR"],
        "description": [f"<p>{title}.</p>"],
        "esDA_IngestDate": ["2026-10-01T04:12:41.938+0200"],
    }
    url = f"https://webgate.ec.europa.eu/prospect/external/publishedcalls.htm?callId={number}"
    return wrapped(f"{number}PROSPECTSEN", url, title, metadata)

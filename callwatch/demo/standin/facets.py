"""The facet API: how many documents carry each value of a field, with the portal's half-encoded labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from callwatch.demo.standin.index import Row

FIELDS = (
    "type",
    "status",
    "sortStatus",
    "frameworkProgramme",
    "programmeDivision",
    "programmePeriod",
    "typesOfAction",
    "typeOfMGAs",
    "deadlineModel",
    "crossCuttingPriorities",
    "focusArea",
    "callIdentifier",
    "destination",
    "destinationGroup",
    "mission",
    "missionGroup",
    "keywords",
    "tags",
    "DATASOURCE",
    "language",
    "contractType",
    "geographicalZones",
    "allowPartnerSearch",
)

_TYPES = {"0": "Tenders", "1": "Direct calls", "2": "Calls for proposals", "6": "Topic updates", "8": "Cascade"}
_STATUSES = {"31094501": "Forthcoming", "31094502": "Open for submission", "31094503": "Closed"}
_PROGRAMMES = {
    "43108390": "Horizon Europe (HORIZON)",
    "43152860": "Digital Europe Programme (DIGITAL)",
    "43251567": "Connecting Europe Facility (CEF)",
    "43251589": "Citizens, Equality, Rights and Values Programme (CERV)",
    "43251814": "Creative Europe Programme (CREA)",
    "43251842": "Union Anti-fraud Programme (EUAF)",
    "43252405": "Programme for the Environment and Climate Action (LIFE)",
    "43252449": "Research Fund for Coal & Steel (RFCS)",
    "43252476": "Single Market Programme (SMP)",
    "43298203": "Union Civil Protection Mechanism (UCPM)",
    "43298664": "Promotion of Agricultural Products (AGRIP)",
    "43298916": "Euratom Research and Training Programme (EURATOM)",
    "43332642": "EU4Health Programme (EU4H)",
    "43353764": "Erasmus+ (ERASMUS+)",
    "43392145": "European Maritime, Fisheries and Aquaculture Fund (EMFAF)",
    "43637601": "Pilot Projects & Preparation Actions (PPPA)",
    "44181033": "European Defence Fund (EDF)",
    "44416173": "Interregional Innovation Investments Instrument (I3)",
    "43089234": "Innovation Fund (INNOVFUND)",
    "111111": "EU External Action - Prospect (RELEX-PROSPECT)",
}
_LABELS = {"type": _TYPES, "status": _STATUSES, "frameworkProgramme": _PROGRAMMES}


def label(field: str, value: str) -> str:
    """The label as the portal gives it: half URL-encoded, "+" lost; a code without a label is its own label."""
    known = _LABELS.get(field, {}).get(value)
    if known is None:
        return value
    return quote(known, safe=" ()-,/:;'").replace("%2B", " ")


def facets(rows: Iterable[Row], api_version: str) -> list[dict[str, Any]]:
    """The `facets` list of an answer over `rows`; a field that no row carries is left out."""
    counts: dict[str, Counter[str]] = {field: Counter() for field in FIELDS}
    for row in rows:
        for field, counter in counts.items():
            counter.update(set(row.values(field)))
    return [_facet(field, counter, api_version) for field, counter in counts.items() if counter]


def _facet(field: str, counter: Counter[str], api_version: str) -> dict[str, Any]:
    values = [
        {"apiVersion": api_version, "rawValue": raw, "value": label(field, raw), "count": count}
        for raw, count in sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return {
        "apiVersion": api_version,
        "name": field,
        "rawName": field,
        "database": "SEDIA",
        "count": len(values),
        "values": values,
    }

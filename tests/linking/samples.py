"""Calls of several portals, written by hand, and the places they come from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pipeline.linking import Place
from pipeline.models import Call, Deadline, Kind, Link, Precision
from tests.builders import NOW

FT, ECCP, EURO, VINNOVA, FORMAS, REGION, NEWS, EIT, KIC = (
    *("eu_funding_tenders", "eccp", "euroaccess", "vinnova", "formas", "tillvaxtverket", "eismea"),
    *("eit", "eit_manufacturing"),
)
PLACES = {
    place.name: place
    for place in (
        Place(FT, "EU Funding & Tenders Portal", 2, "https://ec.europa.eu/info/funding-tenders/"),
        Place(ECCP, "ECCP", 4, "https://clustercollaboration.eu/open-calls"),
        Place(EURO, "EuroAccess", 7, "https://www.euro-access.eu/en/calls"),
        Place(VINNOVA, "Vinnova", 2, "https://www.vinnova.se/sok-finansiering/"),
        Place(FORMAS, "Formas", 2, "https://formas.se/utlysningar"),
        Place(REGION, "Tillväxtverket", 1, "https://tillvaxtverket.se/utlysningar"),
        Place(NEWS, "EISMEA news", 9, "https://eismea.ec.europa.eu/news"),
        Place(EIT, "EIT", 4, "https://eit.europa.eu/opportunities"),
        Place(KIC, "EIT Manufacturing", 1, "https://eitmanufacturing.eu/calls"),
    )
}
TOPIC = "HORIZON-CL5-2027-01-D5-01"
PAGES = "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities"


def ends(days: float) -> tuple[Deadline, ...]:
    """One deadline so many days from now."""
    return (Deadline(NOW + timedelta(days=days), "single", Precision.EXACT),)


def of(portal: str, reference: str = "1", **fields: Any) -> Call:
    """A call of this portal; by default open for 60 days, with a title and a page of its own."""
    kind = Kind.ANNOUNCEMENT if portal == NEWS else Kind.TOPIC
    given: dict[str, Any] = {
        "portal": portal,
        "reference": reference,
        "identifier": reference,
        "kind": kind,
        "title": f"{portal} {reference}",
        "language": "en",
        "url": f"{PLACES[portal].url}/{reference}.html",
        "deadlines": ends(60),
        "portal_status": "open",
    }
    return Call(**{**given, **fields})


def topic(identifier: str = TOPIC, **fields: Any) -> Call:
    """A topic of the Funding & Tenders portal."""
    given = {"url": f"{PAGES}/topic-details/{identifier}", "title": "Cold climate testing of electric trucks"}
    return of(FT, identifier, **{**given, **fields})


def cascade(number: int = 15001, **fields: Any) -> Call:
    """A cascade call there."""
    given = {
        "identifier": "SMP-COSME-2024-CLUSTER-01",
        "parent": "SMP-COSME-2024-CLUSTER-01",
        "kind": Kind.CASCADE,
        "project": "GREENBOOST",
        "title": "Vouchers for green steel",
        "url": f"{PAGES}/competitive-calls-cs/{number}",
    }
    return of(FT, f"{number}COMPETITIVE_CALL", **{**given, **fields})


def to(*urls: str) -> tuple[Link, ...]:
    """Links of a call."""
    return tuple(Link(url) for url in urls)

"""European Cluster Collaboration Platform: pages of calls that clusters post, for companies as a rule.

A page shows its node's number, which both of its addresses (/content/ and /open-calls/) share. Dates and money are
prose; one page may hold several calls.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import msgspec

from pipeline import dates
from pipeline.extract import Extraction
from pipeline.harvest import Issue, Role
from pipeline.models import Call, Kind, Status
from pipeline.normalise import Document, Identity, Programmes
from pipeline.normalise.not_calls import is_other
from pipeline.normalise.pages import Page, facts_of, newest, page_of, prose_call
from pipeline.normalise.shared import Notes, quoted
from pipeline.text import clean

PORTAL = "eccp"
_PLACE = re.compile(r"^/(content|open-calls)/([^/]+)/?$")
_NODE = re.compile(r"\d{1,9}", re.ASCII)
_SITE = re.compile(r"\s*\|\s*European Cluster Collaboration Platform\b")
_CALL = re.compile(
    r"\b(?:calls?|vouchers?|grants?|fund(?:s|ing)?|fstp|cascade|support|schemes?|appl(?:y|ications?)|proposals?)\b",
    re.I,
)
_TO_COMPANIES = re.compile(r"\b(?:SMEs?|start-?ups?|scale-?ups?|small and medium(?:-sized)?|companies)\b", re.I)
_PASSED_ON = re.compile(
    r"\b(?:vouchers?|lump sums?|sub-?grants?|grants?|cascade|FSTP|third part(?:y|ies)|financial support"
    r"|Euroclusters?)\b",
    re.I,
)
_CLOSED = re.compile(r"\bCLOSED\b")
_DAY = re.compile(r"\d{1,2} [A-Za-z]{3,9} \d{4}", re.ASCII)


def identify(item: Mapping[str, Any], /) -> Identity | Issue:
    """Place a page by its node's number, else by the last part of its address; what is no call is a ghost."""
    page = _tidy(page_of(item))
    place = _PLACE.match(urlsplit(page.url).path)
    if place is None:
        return Issue("", "url", f"no address of a call: {quoted(page.url)}; it was skipped")
    reference, _ = _names(page)
    is_call = not is_other(page.heading) and (place[1] == "open-calls" or bool(_CALL.search(page.heading)))
    document = f"{place[1]}/{place[2]}" + (f".{page.part}" if page.part else "")
    return Identity(document, reference, Role.CALL if is_call else Role.GHOST, "en")


def assemble(documents: Sequence[Document], codes: Programmes, /) -> tuple[Call | None, list[Issue]]:
    """The call of a page, or of a part of one, and what was odd about it; never raises."""
    page = newest(documents)
    if isinstance(page, Issue):
        return None, [page]
    page = _tidy(page)
    reference, slug = _names(page)
    notes = Notes(reference)
    facts = facts_of(page, "en", _posted(page))
    call = prose_call(page, facts, notes, portal=PORTAL, codes=codes, language="en")
    if call is None:
        return None, notes.issues
    kind = Kind.CASCADE if _is_cascade(page, call) else Kind.TOPIC
    return (
        msgspec.structs.replace(
            call,
            kind=kind,
            language="en",
            project=clean(page.fields.get("cluster", ""), 200),
            portal_status=Status.CLOSED.value if _is_closed(page, facts) else "",
            witnesses=(slug,) if slug != reference else (),
        ),
        notes.issues,
    )


def _tidy(page: Page) -> Page:
    """The title without the name of the site, which may stand in its middle where a page has several calls."""
    return msgspec.structs.replace(page, title=_SITE.sub("", page.title))


def _names(page: Page) -> tuple[str, str]:
    """(reference, the name by the address): the node's number where the page shows it."""
    slug = urlsplit(page.url).path.rstrip("/").rpartition("/")[2]
    node = page.fields.get("node", "")
    part = f".{page.part}" if page.part else ""
    return (node if _NODE.fullmatch(node) else slug) + part, slug + part


def _posted(page: Page) -> date | None:
    """The day after "on" in "Submitted by ... on 05 April 2023"."""
    day = _DAY.search(page.fields.get("published", ""))
    stamp = dates.parse(day[0]) if day else None
    return stamp.clock.date() if stamp else None


def _is_cascade(page: Page, call: Call) -> bool:
    """Whether a project passes its money on to companies."""
    if any("competitive-calls-cs/" in link.url for link in call.links):
        return True
    said = f"{page.heading}\n{page.text}"
    return bool(_TO_COMPANIES.search(said) and _PASSED_ON.search(said))


def _is_closed(page: Page, facts: Extraction) -> bool:
    """CLOSED in the title, or behind the last deadline; behind an earlier one only that stage is over."""
    if _CLOSED.search(page.heading):
        return True
    lines = [line for line in page.text.splitlines() if _CLOSED.search(line)]
    if not facts.deadlines:
        return facts.closed or bool(lines)
    last = max(facts.deadlines, key=lambda moment: moment.at)
    return any(last.raw in line for line in lines) or (facts.closed and len(facts.deadlines) == 1)

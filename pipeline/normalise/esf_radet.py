"""Svenska ESF-rådet (ESF+ in Sweden): the page of each call, and a plan by region of what is to come.

A call that the plan leads to, or that has its own page, is one call: its address names it. What the plan only
announces is known by its region, its words and its half-year; when it gets a page, these are its witness.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from pipeline.extract import extract
from pipeline.harvest import Issue, Role
from pipeline.models import Call, Status
from pipeline.normalise import Document, Identity, Programmes, periods
from pipeline.normalise.call_names import slug
from pipeline.normalise.pages import Page, facts_of, links_of, newest, page_of, prose_call, published_on
from pipeline.normalise.shared import Notes, quoted
from pipeline.normalise.swedish import to_the_end_of_the_day

PORTAL = "esf_radet"
_OWN_PAGE = re.compile(r"/utlysningar/(?!utlysningsplan)([^/?#]+)/?$")
_A_CALL = re.compile(r"utlysning|utlys\w*|öppnar|ansök|programområde|förstudi|miljoner kronor", re.IGNORECASE)
_YEAR = re.compile(r"\b20\d\d\b")


def identify(item: Mapping[str, Any], /) -> Identity | Issue:
    """Place a page by its address, a part of the plan by the page it leads to or by its own words."""
    page = page_of(item)
    if page.source != "plan":
        own = _OWN_PAGE.search(urlsplit(page.url).path)
        if own is None:
            return Issue("", "url", f"no call at the end of {quoted(page.url)}; it was skipped")
        return Identity(f"page {own[1]}", own[1], Role.CALL, "sv")
    found = _planned(page)
    if not found:
        return Issue("", "title", "a part of the plan without heading; it was skipped")
    role = Role.CALL if _A_CALL.search(page.text) else Role.GHOST
    return Identity(f"plan {found}", found, role, "sv")


def assemble(documents: Sequence[Document], codes: Programmes, /) -> tuple[Call | None, list[Issue]]:
    """The call of a page, else that of the plan, and what was odd about it; never raises."""
    found: dict[str, Page] = {}
    for document in sorted(documents, key=lambda document: document.fetched_at):
        page = newest([document])
        if isinstance(page, Issue):
            return None, [page]
        found["plan" if page.source == "plan" else "page"] = page
    own, plan = found.get("page"), found.get("plan")
    reference = _OWN_PAGE.search(urlsplit(own.url).path) if own else None
    notes = Notes(reference[1] if reference else _planned(plan) if plan else "")
    planned = _call(plan, notes, codes, planned=True) if plan else None
    call = _call(own, notes, codes, planned=False) if own else planned
    if call and own and planned:
        call = msgspec.structs.replace(
            call,
            opens_at=call.opens_at or (None if call.deadlines else planned.opens_at),
            deadlines=call.deadlines or (() if call.portal_status else planned.deadlines),
            budget=call.budget or planned.budget,
        )
    former = _words_of(plan) if plan else ""
    if call and former and former != call.reference:
        call = msgspec.structs.replace(call, witnesses=(former,))
    return call, notes.issues


def _call(page: Page, notes: Notes, codes: Programmes, *, planned: bool) -> Call | None:
    """What stands on a page or in the plan; without any date a planned call is forthcoming."""
    facts = facts_of(page, "sv", published_on(page))
    if planned:  # the heading of the region says where, and the label of a plan is not the name of a fund
        facts = extract(f"Utlysning {page.heading}\n{page.text}", spoken="sv")
    call = prose_call(page, facts, notes, portal=PORTAL, codes=codes, language="sv")
    if call is None:
        return None
    region = page.fields.get("under", "")
    soon = not (call.deadlines or call.opens_at or facts.closed) and (planned or periods.ahead(page.text))
    return msgspec.structs.replace(
        call,
        title=f"{region}: {call.title}" if region else call.title,
        text="\n".join(part for part in (region, call.text) if part),
        deadlines=tuple(map(to_the_end_of_the_day, call.deadlines)),
        portal_status=Status.FORTHCOMING.value if soon else call.portal_status,
    )


def _planned(page: Page) -> str:
    """The key of a part of the plan: that of the page to which it leads, else its words."""
    for link in links_of(page):
        own = _OWN_PAGE.search(urlsplit(link.url).path)
        if own and (urlsplit(link.url).hostname or "").endswith("esf.se"):
            return own[1]
    return _words_of(page)


def _words_of(page: Page) -> str:
    """Region, name and half-year of a part of the plan; empty without a name."""
    name, region = slug(_YEAR.sub("", page.heading), 60), slug(page.fields.get("under", ""), 40)
    half = periods.half_year(_dates_of(page))
    return "-".join(part for part in ("plan", region, name, half) if part) if name else ""


def _dates_of(page: Page) -> str:
    """The first line that names a year; the heading before all others."""
    lines = (page.heading, *page.text.splitlines())
    return next((line for line in lines if _YEAR.search(line)), "")

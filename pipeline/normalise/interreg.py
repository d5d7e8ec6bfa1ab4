"""Interreg programmes: a page with a section for each call, a file of planned calls, and news.

A call is known by its number ("Call 7 SSP", "6th Call") in all of them: what was planned and then stands on the
page is one call, of which the page says more. News that name a call by its number belong to it; others become
announcements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import urlsplit

import msgspec

from pipeline.harvest import Issue, Role
from pipeline.models import BRUSSELS, Call, Deadline, Kind, News, Precision, Status
from pipeline.normalise import Document, Identity, Programmes, periods
from pipeline.normalise.call_names import key, label, numbered, slug
from pipeline.normalise.pages import Page, facts_of, newest, page_of, prose_call, published_on
from pipeline.normalise.planned import House, planned_call
from pipeline.normalise.shared import Notes, distinct, quoted

AURORA = House("Interreg Aurora", "en", BRUSSELS, time(16), "EUR")
NPA = House("Interreg NPA", "en", BRUSSELS, time(12), "EUR")
SVERIGE_NORGE = House("Interreg Sverige-Norge", "sv", BRUSSELS, time(16), "EUR")
_A_CALL = re.compile(r"\b(?:calls?|utlysning|utlysing|ansökningsomgång|haku)", re.IGNORECASE)
_NO_CALL = re.compile(
    r"\b(?:calendar|previous|past|approved|results?|how to|terms|support|templates?|kalender|tidigare|beviljade"
    r"|resultat|tidligere|innvilgede|mall(?:ar)?)\b"
    r"|^(?:calls?(?: for (?:applications|projects|proposals))?)$|^utlysningar$",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"\b(?:projects?|applications?|projekt\w*|ansökningar|søknader)\b.{0,40}\b"
    r"(?:approved|selected|received|granted|beviljats?|beviljades|godkän\w+|innvilget|prioriterades)\b"
    r"|\b(?:approved|beviljade|innvilgede) \w{0,12} ?(?:projects?|projekt)",
    re.IGNORECASE,
)
_ROLLING = re.compile(r"never closes|at any ?time|continuous|rolling|löpande|løpende|jatkuva", re.IGNORECASE)

Assemble = Callable[[Sequence[Document], Programmes], tuple[Call | None, list[Issue]]]


def identify(item: Mapping[str, Any], house: House) -> Identity | Issue:
    """Place a section by the name of its call, a planned call by its key, a post by the end of its address."""
    page = page_of(item)
    if page.source == "planned":
        found = page.fields.get("key", "")
        return Identity(f"planned {found}", found, Role.CALL, house.language) if found else _nameless(page)
    if page.source == "news":
        found = slug(urlsplit(page.url).path.rstrip("/").rsplit("/", 1)[-1])
        spoken_of = numbered(page.heading)
        role = Role.NEWS if spoken_of else Role.CALL
        return (
            Identity(f"news {found}", spoken_of or f"news-{found}", role, house.language)
            if found
            else _nameless(page)
        )
    if not _A_CALL.search(page.heading) or _NO_CALL.search(page.heading):
        return Identity(f"page {page.part} {slug(page.heading)}", "none", Role.GHOST, house.language)
    found = key(page.heading)
    return Identity(f"page {found}", found, Role.CALL, house.language) if found else _nameless(page)


def assemble(
    documents: Sequence[Document], codes: Programmes, *, portal: str, house: House
) -> tuple[Call | None, list[Issue]]:
    """The call that page and file speak of with its news, or the announcement of a post; never raises."""
    last = max(documents, key=lambda document: document.fetched_at)
    found: dict[str, Page] = {}
    posts: list[News] = []
    for document in sorted(documents, key=lambda document: document.fetched_at):
        page = newest([document])
        if isinstance(page, Issue):
            return None, [page]
        if document.role is Role.NEWS:
            posts.append(_post(page))
        else:
            found[page.source] = page
    if "news" in found:
        return _announcement(found["news"], codes, portal, house)
    section, plan = found.get("calls"), found.get("planned")
    notes = Notes(key(section.heading) if section else plan.fields.get("key", "") if plan else "")
    planned = planned_call(plan, notes, house, portal=portal, codes=codes, seen=last.fetched_at) if plan else None
    call = _section(section, notes, codes, portal, house) if section else planned
    if call and section and planned:
        call = _completed(call, planned, notes)
    if call is None:
        if not found:
            number = numbered(posts[0].text)
            notes = Notes(number)
            notes.add("calls", "only news speak of this call; it is told when the page or the list shows it")
        return None, notes.issues
    latest = sorted(posts, key=lambda post: (post.at is not None, post.at), reverse=True)
    return msgspec.structs.replace(call, latest=tuple(latest)), notes.issues


def portal_of(portal: str, house: House) -> tuple[Callable[[Mapping[str, Any]], Identity | Issue], Assemble]:
    """`identify` and `assemble` of one programme."""

    def place(item: Mapping[str, Any], /) -> Identity | Issue:
        return identify(item, house)

    def make(documents: Sequence[Document], codes: Programmes, /) -> tuple[Call | None, list[Issue]]:
        return assemble(documents, codes, portal=portal, house=house)

    return place, make


def _section(page: Page, notes: Notes, codes: Programmes, portal: str, house: House) -> Call | None:
    """What the page says; a call without dates that is to come is forthcoming."""
    facts = facts_of(page, house.language, published_on(page))
    call = prose_call(page, facts, notes, portal=portal, codes=codes, language=house.language)
    if call is None:
        return None
    called = label(notes.reference)
    state = call.portal_status
    if not (call.deadlines or call.opens_at or facts.closed):
        state = _state_of(page, notes)
    return msgspec.structs.replace(
        call,
        identifier=f"{house.name} {called}" if called else call.identifier,
        portal_status=state,
        deadlines=tuple(_at_its_hour(deadline, house) for deadline in call.deadlines),
        url=f"{call.url}#{page.part}" if page.part and not page.part.isdigit() else call.url,
    )


def _state_of(page: Page, notes: Notes) -> str:
    """What the words of a section without dates say; open, and told to operators, where they say nothing."""
    if _OVER.search(page.text):
        return Status.CLOSED.value
    if periods.ahead(page.text):
        return Status.FORTHCOMING.value
    if not _ROLLING.search(page.text):
        notes.add("deadlines", "the section names no day")
    return ""


def _at_its_hour(deadline: Deadline, house: House) -> Deadline:
    """A day without an hour closes when all calls of the programme do."""
    if deadline.precision is Precision.EXACT:
        return deadline
    return house.deadline(deadline.at.astimezone(house.zone).date(), None, deadline.stage)


def _completed(call: Call, planned: Call, notes: Notes) -> Call:
    """What the page does not say, from the file; where they differ the page is right, and it is told."""
    days = [{one.at.date() for one in each.deadlines} for each in (call, planned)]
    if all(days) and days[0] != days[1]:
        said = ", ".join(f"{day:%Y-%m-%d}" for day in sorted(days[1]))
        notes.add("deadlines", f"the list of planned calls says {quoted(said)}; the page was taken")
    closed = call.portal_status == Status.CLOSED
    opens_at = call.opens_at or (None if call.deadlines else planned.opens_at)
    deadlines = call.deadlines or (() if closed else planned.deadlines)
    return msgspec.structs.replace(
        call,
        opens_at=opens_at,
        deadlines=deadlines,
        portal_status="" if not closed and (opens_at or deadlines) else call.portal_status,
        budget=call.budget or planned.budget,
        applicants=call.applicants or planned.applicants,
        text="\n".join(part for part in (call.text, planned.text) if part),
    )


def _announcement(page: Page, codes: Programmes, portal: str, house: House) -> tuple[Call | None, list[Issue]]:
    """A post that names no call by its number."""
    placed = identify({"source": "news", "url": page.url}, house)
    notes = Notes(placed.call_reference if isinstance(placed, Identity) else "")
    facts = facts_of(page, house.language, published_on(page))
    call = prose_call(
        page, facts, notes, portal=portal, codes=codes, language=house.language, kind=Kind.ANNOUNCEMENT
    )
    if call is None:
        return None, notes.issues
    deadlines = tuple(_at_its_hour(deadline, house) for deadline in call.deadlines)
    return msgspec.structs.replace(call, deadlines=deadlines), notes.issues


def _post(page: Page) -> News:
    """What a post says of its call, on the day it was published."""
    day = published_on(page)
    at = datetime.combine(day, time.min, BRUSSELS).astimezone(UTC) if day else None
    return News("\n".join(distinct((page.heading, *page.text.splitlines()))), at)


def _nameless(page: Page) -> Issue:
    return Issue("", "title", f"no name that lasts in {quoted(page.heading or page.url)}; it was skipped")

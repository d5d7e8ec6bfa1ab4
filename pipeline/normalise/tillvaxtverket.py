"""Tillväxtverket: a page ends in a number that lasts; bullets on top say when a call opens and closes, and where.

Money and applicants stand in prose. A closed call says "Stängd" with the day; an open one was not seen yet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pipeline import dates
from pipeline.harvest import Issue, Role
from pipeline.models import Call, Deadline, Precision, Status
from pipeline.normalise import Document, Identity, Programmes
from pipeline.normalise.pages import Page, facts_of, newest, page_of, prose_call, published_on
from pipeline.normalise.shared import Notes, quoted
from pipeline.normalise.swedish import day_in_words

PORTAL = "tillvaxtverket"
_NUMBER = re.compile(r"\.(\d{2,9})\.html$", re.ASCII)
_OPENS = re.compile(r"^(?:öppnar|öppnade|öppen från)\s+(?:den\s+)?(.+)$", re.IGNORECASE)
_CLOSES = re.compile(r"^(?:stängd|stängde|stänger|sista ansökningsdag:?)\s+(?:den\s+)?(.+)$", re.IGNORECASE)
_ON_TOP = 12
"""Lines among which the bullets stand."""


def identify(item: Mapping[str, Any], /) -> Identity | Issue:
    """Place a page by the number at the end of its address."""
    page = page_of(item)
    number = _NUMBER.search(page.url)
    if number is None:
        return Issue("", "url", f"no number at the end of {quoted(page.url)}; it was skipped")
    return Identity(number[1], number[1], Role.CALL, "sv")


def assemble(documents: Sequence[Document], codes: Programmes, /) -> tuple[Call | None, list[Issue]]:
    """The call of a page, and what was odd about it; never raises."""
    page = newest(documents)
    if isinstance(page, Issue):
        return None, [page]
    found = _NUMBER.search(page.url)
    notes = Notes(found[1] if found else "")
    facts = facts_of(page, "sv", published_on(page))
    call = prose_call(page, facts, notes, portal=PORTAL, codes=codes, language="sv")
    if call is None:
        return None, notes.issues
    opens_at, deadlines, closed = _bullets(page, notes)
    state = Status.CLOSED.value if closed else ""
    return (
        msgspec.structs.replace(
            call,
            identifier=f"Tillväxtverket {notes.reference}",
            language="sv",
            portal_status=state if deadlines else call.portal_status,
            opens_at=opens_at or call.opens_at,
            deadlines=deadlines or call.deadlines,
        ),
        notes.issues,
    )


def _bullets(page: Page, notes: Notes) -> tuple[Any, tuple[Deadline, ...], bool]:
    """When it opens, when it closes, and whether the page says that it is closed."""
    opens_at, closed = None, False
    deadlines: tuple[Deadline, ...] = ()
    for line in page.text.splitlines()[:_ON_TOP]:
        if (opens := _OPENS.match(line)) and (day := day_in_words(opens[1])):
            opens_at = dates.from_stockholm(day)
        elif closes := _CLOSES.match(line):
            day = day_in_words(closes[1])
            if day is None:
                notes.add("deadlines", f"date not understood: {quoted(line)}")
                continue
            at = dates.end_of_day_stockholm(day.date())
            deadlines = (Deadline(at, "single", Precision.DATE, dates.RULE_DAY_STOCKHOLM),)
            closed = line.casefold().startswith("stängd")
    return opens_at, deadlines, closed

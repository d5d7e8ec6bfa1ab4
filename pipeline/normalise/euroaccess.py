"""EuroAccess: labelled facts of calls of other portals, to check identifiers and deadlines against; no prose.

A call is known by the number in its address, whatever language or style the address asks for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline import dates, money
from pipeline.extract import identifiers
from pipeline.harvest import Issue, Role
from pipeline.models import Budget, Call, Deadline, Kind, Link, Precision, Status
from pipeline.normalise import Document, Identity, Programmes
from pipeline.normalise.pages import Page, newest, page_of
from pipeline.normalise.shared import Notes, quoted
from pipeline.text import clean, safe_url

PORTAL = "euroaccess"
_NUMBER = re.compile(r"^https?://[^/]+/[a-z]{2}(?:-[a-z]{2})?/calls/(\d{1,7})(?:/|\?|$)", re.ASCII)
_MOMENT = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d):(\d\d)", re.ASCII)
_LOOSE = re.compile(r"\d{1,2}\.\d{1,2}\.\d{2,4}", re.ASCII)
_TOPIC = re.compile(r"/topic-details/([A-Za-z0-9-]+)", re.ASCII)
_NUMBER_TEXT = r"\d{1,3}(?:,\d{3})*(?:\.\d\d)?|\d+(?:\.\d\d)?"
_AMOUNT = re.compile(rf"(?:€|EUR)\s?({_NUMBER_TEXT})(?![\d,.]*\d)", re.ASCII)
_BETWEEN = re.compile(r"^between\b", re.I)
_LEAST = re.compile(r"^min(?:imum|\.)?\b", re.I)
_OPENS = re.compile(r"\bopen(?:ing|s)?\b(?!.*\b(?:deadline|clos))", re.I)
_DATED = re.compile(r"deadline|opening", re.I)
_EXPIRED = re.compile(r"\bdeadline expired\b", re.I)
_SMALLEST = 1000
"""Below this an amount was cut off: a project of 50 euro is none."""


def identify(item: Mapping[str, Any], /) -> Identity | Issue:
    """Place a page by its number."""
    page = page_of(item)
    number = _NUMBER.match(page.url)
    if number is None:
        return Issue("", "url", f"no number in {quoted(page.url)}; it was skipped")
    return Identity(number[1], number[1], Role.CALL, "en")


def assemble(documents: Sequence[Document], codes: Programmes, /) -> tuple[Call | None, list[Issue]]:
    """The facts of a call, and what was odd about them; never raises."""
    page = newest(documents)
    if isinstance(page, Issue):
        return None, [page]
    number = _NUMBER.match(page.url)
    notes = Notes(number[1] if number else "")
    title = clean(page.fields.get("title") or page.heading, 500)
    if not title:
        notes.add("title", "missing; there is no call without one")
        return None, notes.issues
    rows = _rows(page)
    links = [link for name in ("Link to the call", "Link to the submission") for link in _links(rows.get(name))]
    abbreviation, name = codes.get(PORTAL, ("", ""))
    opens = _moments(_dates(rows), "opening", notes, opening=True)
    call = Call(
        portal=PORTAL,
        reference=notes.reference,
        identifier=identifier(_text(rows, "Call number"), [link.url for link in links]),
        kind=Kind.TOPIC,
        title=title,
        language="en",
        url=safe_url(page.url),
        programme=abbreviation,
        programme_name=clean(page.fields.get("programme", ""), 200) or name,
        portal_status=Status.CLOSED.value if _EXPIRED.search(_text(rows, "deadline")) else "",
        opens_at=opens[0] if opens else None,
        deadlines=_deadlines(page, rows, notes),
        budget=_budget(rows, notes),
        links=tuple(links),
        sources=(notes.reference,),
    )
    return call, notes.issues


def moment(text: str) -> datetime | None:
    """`27.01.2026 17:00`, a clock reading in Brussels, as UTC; None for anything else."""
    found = _MOMENT.fullmatch(" ".join(text.split()))
    if found is None:
        return None
    day, month, year, hour, minute = map(int, found.groups())
    try:
        return dates.from_brussels(datetime(year, month, day, hour, minute))  # noqa: DTZ001 - a clock reading
    except ValueError:
        return None


def identifier(number: str, urls: Sequence[str]) -> str:
    """The call number as portals write it, else the topic to which a link leads; empty where there is neither."""
    found = identifiers.find(number)
    if found:
        return found[0][0]
    topics = [match[1] for url in urls if (match := _TOPIC.search(url))]
    return (identifiers.find(topics[0]) or [(topics[0].upper(), "")])[0][0] if topics else clean(number, 100)


def contribution(text: str) -> Budget | None:
    """`between € 1,000,000.00 and € 2,000,000.00`, `max. € 60,000.00`: what one project may get. None for what was
    cut off ("EUR 50") or cannot be read in one way."""
    amounts = [_amount(found) for found in _AMOUNT.findall(text)]
    said = [amount for amount in amounts if amount is not None and amount >= _SMALLEST]
    if len(said) != len(re.findall(r"€|EUR", text)) or not said:
        return None
    if _BETWEEN.match(text.strip()):
        return Budget("EUR", project_min=min(said), project_max=max(said)) if len(said) == 2 else None
    if len(said) != 1:
        return None
    if _LEAST.match(text.strip()):
        return Budget("EUR", project_min=said[0])
    return Budget("EUR", project_max=said[0])


def _amount(text: str) -> Decimal | None:
    return money.amount(text.replace(",", ""))


def _rows(page: Page) -> dict[str, LexborNode]:
    """The cells of the page by the words beside them."""
    found: dict[str, LexborNode] = {}
    for row in LexborHTMLParser(page.html).css(".tr") if page.html else ():
        label, cell = row.css_first("p.title"), row.css_first(".td")
        if label is not None and cell is not None:
            found.setdefault(clean(label.text(), 60).rstrip(":"), cell)
    return found


def _text(rows: Mapping[str, LexborNode], part: str) -> str:
    """The text of the rows whose label holds these words."""
    said = (clean(cell.text(separator=" ")) for label, cell in rows.items() if part.casefold() in label.casefold())
    return " ".join(filter(None, said))


def _links(cell: LexborNode | None) -> list[Link]:
    tags = cell.css("a[href]") if cell is not None else ()
    return [
        Link(url, clean(tag.text(), 120)) for tag in tags if (url := safe_url(tag.attributes.get("href") or ""))
    ]


def _moments(text: str, field: str, notes: Notes, *, opening: bool = False) -> list[datetime]:
    """Every deadline in a cell, strictly read, or every opening: the word before a date says which it is. One in
    another form is an Issue."""
    found = list(_MOMENT.finditer(text))
    if not opening and len(_LOOSE.findall(text)) > len(found):
        notes.add(field, f"date not understood: {quoted(text)}")
    kept = set()
    for number, written in enumerate(found):
        before = text[found[number - 1].end() if number else 0 : written.start()]
        if bool(_OPENS.search(before)) is not opening:
            continue
        at = moment(written[0])
        if at is None:
            notes.add(field, f"date not understood: {quoted(written[0])}")
        else:
            kept.add(at)
    return sorted(kept)


def _dates(rows: Mapping[str, LexborNode]) -> str:
    """The rows with dates, each after its own words."""
    return " ".join(
        f"{label} {clean(cell.text(separator=' '))}" for label, cell in rows.items() if _DATED.search(label)
    )


def _deadlines(page: Page, rows: Mapping[str, LexborNode], notes: Notes) -> tuple[Deadline, ...]:
    """Those of the page; that of the list where the page has none."""
    stated = _moments(_dates(rows), "deadlines", notes)
    listed = _moments(page.fields.get("end", ""), "end", notes)
    if stated and listed and not set(listed) & set(stated):
        notes.add("deadlines", f"the list says {quoted(page.fields['end'])}, which is none of those of the page")
    found = stated or listed
    stages = ["single"] if len(found) == 1 else [f"cut-off {n}" for n in range(1, len(found) + 1)]
    return tuple(Deadline(at, stage, Precision.EXACT) for at, stage in zip(found, stages, strict=True))


def _budget(rows: Mapping[str, LexborNode], notes: Notes) -> Budget | None:
    whole, each = _text(rows, "Call budget"), _text(rows, "EU contribution")
    amounts = [_amount(found) for found in _AMOUNT.findall(whole)]
    total = amounts[0] if len(amounts) == 1 else None
    project = contribution(each)
    if whole and total is None:
        notes.add("budget", f"amount not understood: {quoted(whole)}")
    if each and project is None:
        notes.add("budget", f"contribution not understood: {quoted(each)}")
    if project is None:
        return Budget("EUR", total) if total is not None else None
    return Budget("EUR", total, project.project_min, project.project_max)

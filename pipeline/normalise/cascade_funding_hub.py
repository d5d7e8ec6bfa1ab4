"""Cascade Funding Hub: calls as JSON in a script of its page, and as posts of its feed, which serve when the
script has changed. Both are documents of one call, known by the last part of its address; the script counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any
from urllib.parse import urlsplit

import msgspec

from pipeline import dates, money
from pipeline.harvest import Issue, Role
from pipeline.models import Budget, Call, Deadline, Kind, Link, Precision
from pipeline.normalise import Document, Identity, Programmes
from pipeline.normalise.not_calls import is_other
from pipeline.normalise.pages import Page, facts_of, page_of, prose_call, published_on
from pipeline.normalise.shared import Notes, decode, distinct, first_of, mappings, quoted, scalar
from pipeline.text import clean, html_to_text, safe_url

PORTAL = "cascade_funding_hub"
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_RULE = f"{dates.RULE_17}, no hour stated"
_NO_HOUR = (time(0), time(23, 59), time(23, 59, 59))
"""Readings of a clock that a data base fills in where nobody wrote an hour."""


def identify(item: Mapping[str, Any], /) -> Identity | Issue:
    """Place a call or a post by the last part of its address, else by its number."""
    page = page_of(item)
    said = _said(page)
    if isinstance(said, Issue):
        return said
    reference = _reference(page, said)
    if not reference:
        return Issue("", "permalink", "neither an address of its own nor an id; it was skipped")
    title = first_of(said, "title") or page.heading
    role = Role.GHOST if not said and is_other(html_to_text(title)) else Role.CALL
    return Identity(f"{'call' if said else 'post'}:{reference}", reference, role, "en")


def assemble(documents: Sequence[Document], codes: Programmes, /) -> tuple[Call | None, list[Issue]]:
    """The call from its object, else from its post, and what was odd about it; never raises."""
    pages = [page for page in map(_page, sorted(documents, key=lambda d: d.fetched_at, reverse=True)) if page]
    if not pages:
        return None, [Issue("", "item", "no object; it was skipped")]
    found = [(page, said) for page in pages if isinstance(said := _said(page), dict)]
    page, said = next(((page, said) for page, said in found if said), (pages[0], {}))
    notes = Notes(_reference(page, said))
    if not said:
        post = msgspec.structs.replace(page, title=page.heading)
        facts = facts_of(post, "en", published_on(page))
        return prose_call(
            post, facts, notes, portal=PORTAL, codes=codes, language="en", kind=Kind.CASCADE
        ), notes.issues
    return _of_object(page, said, notes, codes), notes.issues


def _page(document: Document) -> Page | None:
    try:
        item = decode(document.body)
    except ValueError:
        return None
    return page_of(item) if isinstance(item, dict) else None


def _said(page: Page) -> Mapping[str, Any] | Issue:
    """The object of the script; empty for a post of the feed."""
    packed = page.fields.get("item")
    if packed is None:
        return {}
    try:
        said = decode(packed)
    except ValueError:
        return Issue("", "item", "not JSON; it was skipped")
    return said if isinstance(said, dict) and said else Issue("", "item", "no object; it was skipped")


def _reference(page: Page, said: Mapping[str, Any]) -> str:
    slug = urlsplit(page.url).path.rstrip("/").rpartition("/")[2].casefold()
    own = slug not in ("", "open-calls", "feed")
    return slug if own else first_of(said, "id") or page.fields.get("id", "")


def _of_object(page: Page, said: Mapping[str, Any], notes: Notes, codes: Programmes) -> Call | None:
    prose = first_of(said, "long_description", "description")
    shown = msgspec.structs.replace(page, title=html_to_text(first_of(said, "title")), html=prose)
    facts = facts_of(shown, "en")
    call = prose_call(shown, facts, notes, portal=PORTAL, codes=codes, language="en", kind=Kind.CASCADE)
    if call is None:
        return None
    most = _per_project(said.get("funding_per_project"), notes)
    limit, currency = (most.project_max, most.currency) if most else (None, "")
    budget = call.budget
    if most and budget and budget.currency == currency:
        budget = msgspec.structs.replace(budget, project_max=limit)
    topics = [*_values(said.get("domains")), *_values(said.get("technologies"))]
    return msgspec.structs.replace(
        call,
        opens_at=None,
        deadlines=_closing(said, notes) or call.deadlines,
        budget=budget if budget and budget.total else most or budget,
        applicants=clean(", ".join(_values(said.get("type_of_beneficiary"))), 300) or call.applicants,
        keywords=tuple(distinct(topics)),
        links=tuple({link.url: link for link in (*call.links, *_links(said.get("links")))}.values()),
    )


def _closing(said: Mapping[str, Any], notes: Notes) -> tuple[Deadline, ...]:
    """The day in `closes` with the hour of `closes_object`; of two days the earlier one, and an Issue."""
    shown, stored = scalar(said.get("closes")), scalar(said.get("closes_object"))
    day, stamp = _day(shown), dates.parse(stored)
    for field, text, read in (("closes", shown, day), ("closes_object", stored, stamp)):
        if text and read is None:
            notes.add(field, f"date not understood: {quoted(text)}")
    if stamp is None or (day and stamp.clock.date() != day.date()):
        if stamp and day:
            notes.add(
                "closes", f"closes says {quoted(shown)}, closes_object {quoted(stored)}; the earlier one counts"
            )
            day = min(day, datetime.combine(stamp.clock.date(), time.min))
        return (Deadline(dates.day_at_17(day.date()), "single", Precision.DATE, _RULE),) if day else ()
    if not stamp.timed or stamp.clock.time() in _NO_HOUR:
        at = dates.day_at_17(stamp.clock.date())
        return (Deadline(at, "single", Precision.DATE, _RULE),)
    return (Deadline(dates.from_brussels(stamp.clock.replace(second=0)), "single", Precision.EXACT),)


def _day(text: str) -> datetime | None:
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    try:
        return datetime(int(match[3]), int(match[2]), int(match[1]))  # noqa: DTZ001 - a day
    except ValueError:
        return None


def _per_project(value: object, notes: Notes) -> Budget | None:
    """`{"raw": 60000, "format": "€60,000"}`: the most a project may get."""
    said = value if isinstance(value, dict) else {"raw": value}
    written, shown = said.get("raw"), scalar(said.get("format"))
    if not written and not shown:
        return None
    amount = money.amount(written if isinstance(written, int | float) else scalar(written))
    code = "EUR" if "€" in shown or not shown else money.currency(re.sub(r"[\d\s.,]+", "", shown)) or ""
    if not amount or not code:
        notes.add("funding_per_project", f"amount not understood: {quoted(shown or scalar(written))}")
        return None
    return Budget(code, project_max=amount)


def _values(value: object) -> list[str]:
    return [word for each in mappings(value) if (word := clean(html_to_text(scalar(each.get("value"))), 100))]


def _links(value: object) -> list[Link]:
    said = value.items() if isinstance(value, dict) else ()
    return [Link(url, clean(str(label), 60)) for label, text in said if (url := safe_url(scalar(text)))]

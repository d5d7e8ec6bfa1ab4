"""Pages as spiders keep them (spiders/base/pages.py), and calls that stand on them as prose: dates, money and
applicants are read by the extractor, which says nothing rather than something wrong. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from selectolax.lexbor import LexborHTMLParser

from pipeline import dates, money
from pipeline.extract import Extraction, Moment, extract
from pipeline.harvest import Issue
from pipeline.models import Budget, Call, Deadline, Kind, Link, Precision, Status
from pipeline.normalise import Document, Programmes
from pipeline.normalise.shared import Notes, newest_item, quoted, scalar
from pipeline.text import clean, html_to_text, safe_url

LONGEST_TITLE = 500
MOST_LINKS = 60


class Page(msgspec.Struct, frozen=True):
    """One item of a portal of pages: `fields` is what the list says of it, `part` which of several on one page."""

    source: str
    url: str
    fields: dict[str, str] = {}
    title: str = ""
    html: str = ""
    part: str = ""

    @property
    def text(self) -> str:
        """What it says, a line for each block; what the list says where the page was not read."""
        return html_to_text(self.html or self.fields.get("content") or self.fields.get("summary", ""))

    @property
    def heading(self) -> str:
        """Its title: the page's own, else that of the list."""
        return clean(self.title or html_to_text(self.fields.get("title", "")), LONGEST_TITLE)


def page_of(item: Mapping[str, Any]) -> Page:
    """An item as spiders hand it over; whatever is not text counts as empty."""
    fields = item.get("fields")
    said = (
        {str(name): text for name, value in fields.items() if (text := scalar(value))}
        if isinstance(fields, dict)
        else {}
    )
    source, url, title, html, part = (
        scalar(item.get(name)) for name in ("source", "url", "title", "html", "part")
    )
    return Page(source, url, said, title, html, part)


def newest(documents: Sequence[Document]) -> Page | Issue:
    """The page in the document that was fetched last."""
    item = newest_item(documents)
    return item if isinstance(item, Issue) else page_of(item)


def facts_of(page: Page, language: str, published: date | None = None) -> Extraction:
    """What the page says as prose. `published`: its date, for years that are not written."""
    return extract(f"{page.heading}\n{page.text}", published=published, spoken=language)


def prose_call(
    page: Page,
    facts: Extraction,
    notes: Notes,
    *,
    portal: str,
    codes: Programmes,
    language: str,
    kind: Kind = Kind.TOPIC,
) -> Call | None:
    """The call of a page; None without a title. Replace in it what the portal states in fields of its own."""
    title = page.heading
    if not title:
        notes.add("title", "missing; there is no call without one")
        return None
    abbreviation, name = codes.get(portal, ("", ""))
    return Call(
        portal=portal,
        reference=notes.reference,
        identifier=facts.identifiers[0] if len(facts.identifiers) == 1 else "",
        kind=kind,
        title=title,
        language=facts.language or language,
        url=safe_url(page.url),
        programme=abbreviation,
        programme_name=name,
        portal_status=Status.CLOSED.value if facts.closed else "",
        opens_at=facts.opens_at.astimezone(UTC) if facts.opens_at else None,
        deadlines=deadlines_of(facts, notes),
        budget=budget_of(facts),
        text=page.text,
        applicants=clean(facts.applicants, 300),
        links=links_of(page),
        sources=(notes.reference,),
    )


def deadlines_of(facts: Extraction, notes: Notes) -> tuple[Deadline, ...]:
    """Each deadline once, in order; a year that is not written is an Issue beside it."""
    found = {moment.at.astimezone(UTC): moment for moment in facts.deadlines}
    for moment in found.values():
        if moment.inferred:
            notes.add(
                "deadlines", f"the year of {quoted(moment.raw)} is not written; {moment.at.year} was inferred"
            )
    stages = _stages(len(found))
    return tuple(_deadline(at, found[at], stage) for at, stage in zip(sorted(found), stages, strict=True))


def next_opening(openings: Iterable[datetime], deadlines: Iterable[Deadline], seen: datetime) -> datetime | None:
    """Of several rounds the opening of the one that was next when the page was seen; None if not stated."""
    opens = sorted(openings)
    before: datetime | None = None
    for deadline in sorted(deadlines, key=lambda one: one.at):
        if not deadline.passed(seen):
            own = [at for at in opens if (before is None or at > before) and at <= deadline.at]
            return own[0] if own else None
        before = deadline.at
    later = [at for at in opens if before is None or at > before]
    return later[0] if later else (opens[-1] if opens else None)


def budget_of(facts: Extraction) -> Budget | None:
    """The money of the call and the most a project may get; of two currencies that of the call."""
    total, most = facts.budget, facts.project_max
    main = total or most
    if main is None:
        return None
    limit = money.amount(most.amount) if most and most.currency == main.currency else None
    return Budget(main.currency, money.amount(total.amount) if total else None, project_max=limit)


def links_of(page: Page) -> tuple[Link, ...]:
    """The addresses that the page leads to, each once, with their words."""
    found: dict[str, Link] = {}
    for tag in LexborHTMLParser(page.html).css("a[href]") if page.html else ():
        url = safe_url(tag.attributes.get("href") or "")
        if url and url != page.url:
            found.setdefault(url, Link(url, clean(tag.text(), 120)))
    return tuple(found.values())[:MOST_LINKS]


def published_on(page: Page, *names: str) -> date | None:
    """The day a page or post says it was published, from the first of these fields that can be read."""
    for name in names or ("published", "updated"):
        day = _day(page.fields.get(name, ""))
        if day:
            return day
    return None


def _day(text: str) -> date | None:
    stamp = dates.parse(text)
    if stamp:
        return stamp.clock.date()
    try:
        return datetime.strptime(text, "%a, %d %b %Y %H:%M:%S %z").date()
    except ValueError:
        return None


def _deadline(at: datetime, moment: Moment, stage: str) -> Deadline:
    if moment.precision == Precision.EXACT:
        return Deadline(at, stage, Precision.EXACT)
    return Deadline(at, stage, Precision.DATE, f"17:00 {moment.time_zone}, no hour stated")


def _stages(number: int) -> list[str]:
    return ["single"] if number == 1 else [f"cut-off {n}" for n in range(1, number + 1)]

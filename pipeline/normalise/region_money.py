"""Regional offices' own project money: pages that say when one can apply, in Swedish or English prose or a table.

A page, or a part of it under a heading, is one call for ever; its windows are cut-offs of it, so that a moved one
is told as moved. Windows of other funds, which stand beside them for their co-financing, are not the region's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec
from selectolax.lexbor import LexborHTMLParser

from pipeline import dates
from pipeline.extract import Extraction, extract
from pipeline.extract import dates as days
from pipeline.harvest import Issue, Role
from pipeline.models import Call, Deadline, Precision, Status
from pipeline.normalise import Document, Identity, Programmes, periods
from pipeline.normalise.call_names import key, slug
from pipeline.normalise.pages import Page, deadlines_of, newest, next_opening, page_of, prose_call
from pipeline.normalise.shared import Notes
from pipeline.normalise.swedish import to_the_end_of_the_day
from pipeline.text import clean

Place = Callable[[Mapping[str, Any]], Identity | Issue]
Make = Callable[[Sequence[Document], Programmes], tuple[Call | None, list[Issue]]]
LONGEST_PAST = timedelta(days=120)
"""A day without a year that lies up to this long before the page was seen is one that has passed."""
SHORTEST = timedelta(days=5)
"""A shorter window is a meeting."""

_ABOUT = re.compile(
    r"utlysning|ansökning|ansökan|projektmedel|projektstöd|medfinansiering|\bcalls?\b|\bapply\b|application|grant",
    re.IGNORECASE,
)
_ROLLING = re.compile(
    r"\blöpande\b|\balltid öppen\b|\böppen hela året\b|året runt|continuous|\brolling\b|all year", re.IGNORECASE
)
_OTHERS = re.compile(
    r"\b(?:ERUF|ESF\+?|Interreg|NPA|Tillväxtverket|Vinnova|Socialfonden|regionalfonden|regionala utvecklingsfonden"
    r"|Horisont|Horizon|LIFE|Leader|Landsbygdsprogrammet|Energimyndigheten|Formas)(?!\w)"
)
_NO_WINDOW = re.compile(
    r"informationsmöte|webbinari|seminari|träff|workshop|drop-?in|beslut|projekttid|projektperiod|webinar|meeting",
    re.IGNORECASE,
)
_COLUMN = re.compile(
    r"ansökningsdatum|sista (?:ansöknings)?dag|ansökan senast|stänger|deadline|closing", re.IGNORECASE
)
_OPENS = re.compile(r"öppnar|öppning|opens", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÅÄÖ])|\n")
_BARE = ("utlysning", "utlysningar", "ansokan", "ansokningsperiod", "call", "calls")
_NEXT = re.compile(r"kommande|nästa|planera|upcoming|coming|next", re.IGNORECASE)
_FILE = re.compile(r"(?:\.4\.[0-9a-f]+)?\.html?$")


class Region(msgspec.Struct, frozen=True):
    """A regional office: what its money is called, and the language of its pages."""

    portal: str
    title: str
    language: str = "sv"


def region(portal: str, title: str, language: str = "sv") -> tuple[Place, Make]:
    """`identify` and `assemble` of one regional office."""
    office = Region(portal, title, language)

    def place(item: Mapping[str, Any], /) -> Identity | Issue:
        return identify(item, office)

    def make(documents: Sequence[Document], codes: Programmes, /) -> tuple[Call | None, list[Issue]]:
        return assemble(documents, codes, office)

    return place, make


def identify(item: Mapping[str, Any], office: Region) -> Identity | Issue:
    """Place a page by the end of its address, and a part of it by its headings.

    Parts without a word on when to apply are no calls.
    """
    page = page_of(item)
    found = _reference(page)
    role = Role.CALL if not page.part or _says_when(page) else Role.GHOST
    if not found:
        return Issue("", "url", "no address of a page; it was skipped")
    return Identity(found, found, role, office.language)


def assemble(documents: Sequence[Document], codes: Programmes, office: Region) -> tuple[Call | None, list[Issue]]:
    """The call of a page or part, and what was odd about it; never raises."""
    page = newest(documents)
    if isinstance(page, Issue):
        return None, [page]
    seen = max(document.fetched_at for document in documents)
    seen = seen if seen.tzinfo else seen.replace(tzinfo=UTC)
    notes = Notes(_reference(page))
    own = own_words(page)
    facts = _facts(page, own, seen.date(), office.language)
    call = prose_call(page, facts, Notes(""), portal=office.portal, codes=codes, language=office.language)
    if call is None:
        notes.add("title", "missing; there is no call without one")
        return None, notes.issues
    opens, deadlines = _windows(page, own, facts, notes)
    rolling = bool(_ROLLING.search(own))
    soon = not opens and not deadlines and not rolling and periods.ahead(f"{page.heading} {own}")
    if not (opens or deadlines or rolling or soon or facts.closed):
        notes.add("deadlines", "the page does not say when one can apply")
    return (
        msgspec.structs.replace(
            call,
            reference=notes.reference,
            identifier="",
            title=_title(page, office),
            opens_at=next_opening(opens, deadlines, seen),
            deadlines=deadlines,
            deadline_model="multiple cut-off" if len(deadlines) > 1 else "",
            portal_status=Status.FORTHCOMING.value if soon else "" if deadlines else call.portal_status,
            sources=(notes.reference,),
        ),
        notes.issues,
    )


def own_words(page: Page) -> str:
    """What the page says, without sentences on the windows of other funds."""
    kept = []
    for sentence in _SENTENCE.split(page.text):
        if not (_OTHERS.search(sentence) and days.find(sentence)):
            kept.append(sentence)
    return "\n".join(kept)


def table_dates(page: Page) -> tuple[list[date], list[date]]:
    """Days in the columns of a table on when applications open and close."""
    opens: list[date] = []
    closes: list[date] = []
    for table in LexborHTMLParser(page.html).css("table") if page.html else ():
        rows = [[clean(cell.text(separator=" ")) for cell in row.css("th, td")] for row in table.css("tr")]
        for column, heading in enumerate(rows[0] if rows else ()):
            found = closes if _COLUMN.search(heading) else opens if _OPENS.search(heading) else None
            if found is not None:
                found += [day for row in rows[1:] if column < len(row) and (day := _whole_day(row[column]))]
    return opens, closes


def _reference(page: Page) -> str:
    """The last words of the address, and of a part its headings without those on its state.

    Headings that say nothing but the state of a call are two places: what can be applied for, and what comes next.
    """
    path = _FILE.sub("", urlsplit(page.url).path.rstrip("/")).rsplit("/", 1)[-1]
    if not page.part:
        return slug(path)
    named = key(page.heading)
    if named in _BARE and _NEXT.search(page.heading):
        named = f"{named}-next"
    parts = (slug(path), slug(page.fields.get("under", ""), 40), named)
    return "--".join(part for part in parts if part)


def _title(page: Page, office: Region) -> str:
    """The name of the money, and those headings that say more than that it is a call."""
    words = (page.fields.get("under", ""), page.heading)
    named = [word for word in words if word and key(word) not in _BARE]
    return " – ".join((office.title, *named))


def _says_when(page: Page) -> bool:
    own = own_words(page)
    about = _ABOUT.search(f"{page.heading} {page.fields.get('under', '')} {own}")
    when = days.find(own) or periods.undecided(own) or _ROLLING.search(own)
    return bool(about and when)


def _facts(page: Page, own: str, seen: date, language: str) -> Extraction:
    """The facts of the region's own words; years that are not written are those around the day it was seen."""
    said = f"{page.heading}\n{own}"
    facts = extract(said, spoken=language)
    return facts if facts.deadlines else extract(said, published=seen - LONGEST_PAST, spoken=language)


def _windows(page: Page, own: str, facts: Extraction, notes: Notes) -> tuple[list[datetime], tuple[Deadline, ...]]:
    """Openings and deadlines: of a table, else of the prose, else of windows that stand there without a word."""
    opens, closes = table_dates(page)
    if not closes and facts.deadlines:
        stated = tuple(to_the_end_of_the_day(one) for one in deadlines_of(facts, notes))
        return [moment.at.astimezone(UTC) for moment in facts.openings], stated
    if not closes:
        opens, closes = _bare(own)
    ends = [dates.end_of_day_stockholm(day) for day in sorted(set(closes))]
    names = ["single"] if len(ends) == 1 else [f"cut-off {number}" for number in range(1, len(ends) + 1)]
    deadlines = tuple(
        Deadline(at, name, Precision.DATE, dates.RULE_DAY_STOCKHOLM) for at, name in zip(ends, names, strict=True)
    )
    openings = [dates.from_stockholm(datetime.combine(day, datetime.min.time())) for day in opens]
    return openings or [moment.at.astimezone(UTC) for moment in facts.openings], deadlines


def _bare(own: str) -> tuple[list[date], list[date]]:
    """Whole windows of some length, in sentences about nothing else."""
    opens: list[date] = []
    closes: list[date] = []
    for sentence in re.split(r"[\n,;.](?!\d)", own):
        for window in days.find(sentence):
            if not isinstance(window, days.Window) or _NO_WINDOW.search(sentence):
                continue
            first, last = (day.on(day.year) if day.year else None for day in (window.first, window.last))
            if first and last and last - first >= SHORTEST:
                opens.append(first)
                closes.append(last)
    return opens, closes


def _whole_day(text: str) -> date | None:
    found = [day for day in days.find(text) if isinstance(day, days.Day)]
    return found[0].on(found[0].year) if len(found) == 1 and found[0].year else None

"""News posts that announce calls, of whatever site: not calls, but what somebody says of them.

Kept are identifiers and addresses, by which a post finds the call that it speaks of, and its facts for the case
that there is none. A post about something else (an event, a result, a job) is a ghost: counted, never stored.
Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec
from selectolax.lexbor import LexborHTMLParser

from pipeline import dates
from pipeline.extract import Extraction, extract, identifiers
from pipeline.extract.dates import Day
from pipeline.extract.dates import find as days_in
from pipeline.extract.role_names import CUES, DEADLINE, EXTENDED, OPENING
from pipeline.harvest import Issue, Role
from pipeline.models import Call, Kind
from pipeline.normalise import Document, Identity, Programmes
from pipeline.normalise.announcement_words import is_about_else, speaks_of_call, titles_call
from pipeline.normalise.pages import Page, newest, page_of, prose_call, published_on
from pipeline.normalise.shared import Notes, quoted

NEWS = timedelta(days=180)
"""So long a post without a deadline is news."""
_ENDING = re.compile(r"(?:_[a-z]{2})?(?:\.(?:aspx|html?|php))?$")
_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)
_SWEDISH = str.maketrans({"å": "aa", "ä": "ae", "ö": "oe"})
_UNFIT = re.compile(r"[^a-z0-9]+")
_LONGEST_SLUG = 160
_TOP, _BOTTOM, _LABEL = 5, 3, 60
"""Lines among which a post's own date stands; characters of a line that may be a label."""
DATED = frozenset({DEADLINE, OPENING, EXTENDED, "stage"})
"""Roles of the words of labels above a date that is not the post's own."""
_BESIDE_DATE = re.compile(
    r"(?:nyhet(?:er)?|news(?: article)?|press release|publicera[dt]|published|posted|uppdaterad|datum|date|on|den"
    r"|\d{1,2} min(?:utes)? read|[a-zåäö]{3,9}dag|[a-z]{3,6}day|[\s:|,.–-])*",
    re.IGNORECASE,
)


def identify(item: Mapping[str, Any], language: str) -> Identity | Issue:
    """Place a post by its site and slug; `language` is that of the site."""
    page = page_of(item)
    reference = reference_of(page)
    if not reference:
        return Issue("", "url", f"no slug at the end of {quoted(page.url)}; it was skipped")
    role = Role.CALL if announces(page) else Role.GHOST
    return Identity(reference, reference, role, language)


def assemble(
    portal: str, language: str, documents: Sequence[Document], codes: Programmes
) -> tuple[Call | None, list[Issue]]:
    """The announcement of a post, and what was odd about it; never raises. `language`: the site's, for a text that
    does not show its own."""
    page = newest(documents)
    if isinstance(page, Issue):
        return None, [page]
    notes = Notes(reference_of(page))
    facts, published = _facts(page)
    call = prose_call(page, facts, notes, portal=portal, codes=codes, language=language, kind=Kind.ANNOUNCEMENT)
    if call is None:
        return None, notes.issues
    since = published or min(document.fetched_at for document in documents).date()
    abbreviation, name = _programme(facts.programme, codes)
    fades_at = dates.start_of_day(since + NEWS) if not call.deadlines else None
    announcement = msgspec.structs.replace(call, programme=abbreviation, programme_name=name, fades_at=fades_at)
    return announcement, notes.issues


def announces(page: Page) -> bool:
    """Whether a post is about a call one can apply to: its title or text says so, or it has the facts of one."""
    title, text = page.heading, page.text
    if titles_call(title):
        return True
    if is_about_else(title):
        return False
    if speaks_of_call(text) or identifiers.find(f"{title}\n{text}"):
        return True
    facts, _ = _facts(page)
    return bool(facts.deadlines or facts.openings or facts.budget)


def reference_of(page: Page) -> str:
    """Site and slug, with the year in front that the address has as a folder; empty where there is no slug.

    Languages' endings are left out, and Swedish letters are written as such sites write them in addresses, so that
    a post keeps its reference when its site changes how it does either.
    """
    parts = [part for part in unquote(urlsplit(page.url).path).casefold().split("/") if part]
    if not parts:
        return ""
    slug = _UNFIT.sub("-", _ENDING.sub("", parts[-1]).translate(_SWEDISH)).strip("-")
    year = parts[-2] if len(parts) > 1 and _YEAR.fullmatch(parts[-2]) else ""
    return "-".join(part for part in (page.source, year, slug[:_LONGEST_SLUG]) if part) if slug else ""


def _of_time(html: str) -> date | None:
    tag = LexborHTMLParser(html).css_first("time[datetime]") if html else None
    stamp = dates.parse(tag.attributes.get("datetime") or "") if tag else None
    return stamp.clock.date() if stamp else None


def _own_dates(lines: Sequence[str], heading: str) -> dict[int, date]:
    """Lines at the top and at the end that hold nothing but a date, by number. Below a label it is the label's."""
    found: dict[int, date] = {}
    for number in {*range(len(lines))[:_TOP], *range(len(lines))[-_BOTTOM:]}:
        day = _day_alone(lines[number])
        above = lines[number - 1] if number else ""
        if day and (above == heading or len(above) > _LABEL or not _names_a_date(above)):
            found[number] = day
    return found


def _day_alone(line: str) -> date | None:
    if stamp := dates.parse(line):
        return stamp.clock.date()
    found = days_in(line) if len(line) <= _LABEL else []
    if len(found) != 1 or not isinstance(found[0], Day) or not found[0].year:
        return None
    beside = line[: found[0].start] + line[found[0].end :]
    return found[0].on(found[0].year) if _BESIDE_DATE.fullmatch(beside) else None


def _names_a_date(line: str) -> bool:
    return any(cue.role in DATED for cue in CUES.find(line))


def _facts(page: Page) -> tuple[Extraction, date | None]:
    """The facts of a post, read without its own date, and that date."""
    heading, lines = page.heading, page.text.splitlines()
    own = _own_dates(lines, heading)
    published = published_on(page) or _of_time(page.html) or next((own[number] for number in sorted(own)), None)
    said = [line for number, line in enumerate(lines) if number not in own and line != heading]
    return extract("\n".join((heading, *said)), published=published), published


def _programme(words: str, codes: Programmes) -> tuple[str, str]:
    """(abbreviation, name) as the Funding & Tenders portal's calls have them; others' as they are written."""
    first = words.partition(" ")[0].upper()
    for abbreviation, name in codes.values():
        if words and (abbreviation.upper() in (words.upper(), first) or name == words):
            return abbreviation, name
    for abbreviation, name in codes.values():
        if words and name.startswith(f"{words} "):
            return abbreviation, name
    return words, words

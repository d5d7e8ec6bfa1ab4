"""EIT community: an entry of the directory and the KIC's own page are two documents of one call.

The KIC's page counts. Where the directory gives another day, readers see both. Calls for the countries of the
Regional Innovation Scheme (RIS) leave Sweden out.
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
from pipeline.models import BRUSSELS, Call, Deadline, Link, Precision
from pipeline.normalise import Document, Identity, Programmes
from pipeline.normalise.not_calls import is_other
from pipeline.normalise.pages import Page, facts_of, newest, page_of, prose_call
from pipeline.normalise.shared import Notes, quoted
from pipeline.text import clean, safe_url

PORTAL = "eit"
HOST = "eit.europa.eu"
_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)
_RULE = f"{dates.RULE_17}, no hour stated"
_RIS = re.compile(
    r"\bRIS[ -](?:only|exclusive|call\b)"
    r"|\b(?:only|exclusively|solely|limited to|restricted to|reserved for"
    r"|must be (?:established|based|located|registered|legally registered) in)\b[^.\n]{0,80}\bRIS\b",
    re.I,
)
_COUNTRIES = re.compile(
    r"\b(?:eligible (?:RIS )?countries|countries (?:that are )?eligible)\b[^:.\n]{0,60}[:\n]\s*([^.]{10,1500})",
    re.I,
)
_NAMES = re.compile(
    r"\b(?:Albania|Armenia|Austria|Belgium|Bosnia|Bulgaria|Croatia|Cyprus|Czech(?:ia| Republic)|Denmark|Estonia"
    r"|Finland|France|Georgia|Germany|Greece|Hungary|Iceland|Ireland|Israel|Italy|Kosovo|Latvia|Lithuania|Luxembourg"
    r"|Malta|Moldova|Montenegro|Netherlands|North Macedonia|Norway|Poland|Portugal|Romania|Serbia|Slovakia"
    r"|Slovenia|Spain|Sweden|Türkiye|Turkey|Ukraine)\b"
)
_ALL = re.compile(r"\b(?:member states?|EU|European Union|Horizon Europe|associated countries)\b", re.I)
"""Beside RIS or a list of countries: then these are not the only ones."""
_A_LIST = 3
_ONLY_RIS = (
    "Only applicants from countries of the EIT Regional Innovation Scheme (RIS); Sweden is not one of them."
)
_NOT_NAMED = "Only applicants from the countries that are named; Sweden is not one of them."


def is_of_directory(url: str) -> bool:
    """Whether a page is the EIT's own, not a KIC's."""
    host = urlsplit(url).hostname or ""
    return host == HOST or host.endswith(f".{HOST}")


def directory_slug(url: str) -> str:
    """The last part of an address, by which the directory knows a call."""
    return urlsplit(url).path.rstrip("/").rpartition("/")[2].casefold()


def identify(item: Mapping[str, Any], /) -> Identity | Issue:
    """Place a page of the directory by its address, and a KIC's page by the entry that led to it."""
    page = page_of(item)
    reference = page.fields.get("directory") or directory_slug(page.url)
    if not reference:
        return Issue("", "url", f"no address of a call: {quoted(page.url)}; it was skipped")
    where = "eit" if is_of_directory(page.url) else "kic"
    title = page.fields.get("title") or page.heading
    other = where == "eit" and is_other(title)
    return Identity(f"{where}:{reference}", reference, Role.GHOST if other else Role.CALL, "en")


def assemble(documents: Sequence[Document], codes: Programmes, /) -> tuple[Call | None, list[Issue]]:
    """One call from the KIC's page and the directory's, and what was odd about them; never raises."""
    pages = [newest([document]) for document in sorted(documents, key=lambda d: d.fetched_at)]
    read = [page for page in pages if isinstance(page, Page)]
    if not read:
        return None, [page for page in pages if isinstance(page, Issue)]
    listed = next((page for page in reversed(read) if "title" in page.fields), None)
    own = next((page for page in reversed(read) if not is_of_directory(page.url)), None)
    main = own or listed or read[-1]
    notes = Notes(main.fields.get("directory") or directory_slug((listed or main).url))
    facts = facts_of(main, "en")
    call = prose_call(main, facts, notes, portal=PORTAL, codes=codes, language="en")
    if call is None:
        return None, notes.issues
    return _with_list(call, facts, listed, main, notes), notes.issues


def _with_list(call: Call, facts: Extraction, listed: Page | None, main: Page, notes: Notes) -> Call:
    """The call with what only the directory says, and with what it says otherwise."""
    said = listed.fields if listed else {}
    start, end = (_day(said.get(name, ""), name, notes) for name in ("start", "end"))
    deadlines, remarks = call.deadlines, call.remarks
    if end and not deadlines:
        deadlines = (Deadline(dates.day_at_17(end), "single", Precision.DATE, _RULE),)
    elif end and main is not listed and end not in {d.at.astimezone(BRUSSELS).date() for d in deadlines}:
        remark = f"The EIT directory says {_words(end)}, the KIC's page {' and '.join(map(_moment, deadlines))}."
        notes.add("deadlines", f"{remark} The KIC's page counts")
        remarks = (remark,)
    links = call.links
    if listed and listed is not main and (url := safe_url(listed.url)):
        links = (*links, Link(url, "EIT directory"))
    return msgspec.structs.replace(
        call,
        language="en",
        type_of_action=clean(said.get("kic", ""), 100),
        opens_at=call.opens_at or (dates.start_of_day(start) if start else None),
        deadlines=deadlines,
        applicants=_excluded(call.text, listed.text if listed else "", call.title) or call.applicants,
        links=links,
        remarks=remarks,
    )


def _excluded(*texts: str) -> str:
    """That applicants from Sweden are left out, where a page says so beyond doubt; empty where it does not."""
    said = "\n".join(texts)
    lists = [match[1] for match in _COUNTRIES.finditer(said) if not _ALL.search(match[1])]
    longest = max(map(_NAMES.findall, lists), key=len, default=[])
    if len(longest) >= _A_LIST:
        return "" if "Sweden" in longest else (_ONLY_RIS if re.search(r"\bRIS\b", said) else _NOT_NAMED)
    return _ONLY_RIS if any(not _ALL.search(match[0]) for match in _RIS.finditer(said)) else ""


def _day(text: str, field: str, notes: Notes) -> date | None:
    """`08/09/2026` is the 8th of September."""
    found = _DAY.search(text)
    try:
        if found:
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        found = None
    if text:
        notes.add(field, f"date not understood: {quoted(text)}")
    return None


def _words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _moment(deadline: Deadline) -> str:
    local = deadline.at.astimezone(BRUSSELS)
    return _words(local.date()) + (f" {local:%H:%M}" if deadline.precision is Precision.EXACT else "")

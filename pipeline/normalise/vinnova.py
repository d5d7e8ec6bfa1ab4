"""Vinnova's open data: an application round (ansökningsomgång) is a call; its dates are Swedish local time.

Rounds that are not public or not on the web (`Publik`, `Webbsida`) are none for readers; one that was public is
withdrawn in time. A round that is announced has no dates but a year and a period. English is missing in several
ways ("x", "xx"). Money stands in prose only (kronor.py). The interface gives no page for people but, once a round
opens, the address of the application.

Cut-offs between opening and closing stand in a list whose shape was never seen filled: each entry may be a date,
or an object of which one field holds a date.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pipeline import dates
from pipeline.harvest import Issue, Role
from pipeline.models import Call, Deadline, Kind, Link, Status
from pipeline.normalise import Document, Identity, Programmes
from pipeline.normalise.kronor import kronor
from pipeline.normalise.shared import Notes, mappings, newest_item, quoted, scalar
from pipeline.normalise.swedish import address, deadline, english, opening, prose, title
from pipeline.text import clean

PORTAL = "vinnova"
PAGE = "https://www.vinnova.se/sok-finansiering/hitta-finansiering/"
APPLY = "https://ansok.vinnova.se/"
ANNOUNCED = ("AnnonseringslägePeriod", "AnnonseringslägeÅr")
CUT_OFFS = "AvlasningstillfalleLista"
DAILY = ("Ansökningar läses av varje dag.", "Applications are read every day.")
_NUMBER = re.compile(r"\d{4}-\d{4,6}", re.ASCII)


def identify(item: Mapping[str, Any], /) -> Identity | Issue:
    """Place a round by its Diarienummer; one that is not public is hidden, and none of it is stored."""
    number = scalar(item.get("Diarienummer"))
    if not _NUMBER.fullmatch(number):
        return Issue("", "Diarienummer", f"missing or of another form ({quoted(number)}); it was skipped")
    shown = [item.get("Publik"), item.get("Webbsida")]
    if any(flag not in (0, 1) for flag in shown):
        return Issue(number, "Publik", f"Publik and Webbsida are {quoted(shown)}, not 0 or 1; it was skipped")
    role = Role.CALL if shown == [1, 1] else Role.HIDDEN
    return Identity(number, number, role, "sv")


def assemble(documents: Sequence[Document], codes: Programmes, /) -> tuple[Call | None, list[Issue]]:
    """The call of a round, and what was odd about it; never raises."""
    item = newest_item(documents)
    if isinstance(item, Issue):
        return None, [item]
    found = identify(item)
    if isinstance(found, Issue):
        return None, [found]
    notes = Notes(found.call_reference)
    return _call(item, codes, notes), notes.issues


def _call(item: Mapping[str, Any], codes: Programmes, notes: Notes) -> Call | None:
    swedish = title(item.get("Titel"))
    if not swedish:
        notes.add("Titel", "missing; there is no call without one")
        return None
    deadlines = _deadlines(item, notes)
    opens_at = opening(item.get("Oppningsdatum"), "Oppningsdatum", notes)
    announced = clean(" ".join(scalar(item.get(key)) for key in ANNOUNCED), 60)
    daily = _daily(item, notes)
    if not (deadlines or announced or (daily and opens_at)):
        notes.add("Stangningsdatum", "no closing date, and not announced for later; no call was made")
        return None
    links = _links(item, notes)
    apply = next((link.url for link in links if link.url.startswith(APPLY)), "")
    abbreviation, name = codes.get(PORTAL, ("", ""))
    to_come = "" if deadlines or opens_at else f"Aviserad till {announced}."
    said = prose(item.get("Beskrivning"), *_web_texts(item, "TextSv"))
    translated = prose(english(item.get("BeskrivningEngelska"), said), *_web_texts(item, "TextEn"))
    return Call(
        portal=PORTAL,
        reference=notes.reference,
        identifier=notes.reference,
        kind=Kind.TOPIC,
        title=swedish,
        language="sv",
        url=apply or PAGE,
        call_identifier=clean(scalar(item.get("DiarienummerUtlysning")), 40),
        programme=abbreviation,
        programme_name=name,
        titles=_in_english(english(title(item.get("TitelEngelska")), swedish)),
        portal_status=Status.FORTHCOMING.value if to_come else "",
        opens_at=opens_at,
        deadlines=deadlines,
        deadline_model=_model(deadlines, daily),
        budget=kronor(said, english(translated, said), "WebTextLista", notes),
        text=prose(said, DAILY[0] if daily else "", to_come),
        texts=_in_english(prose(english(translated, said), DAILY[1] if daily and translated else "")),
        links=tuple(link for link in links if link.url != apply),
        sources=(notes.reference,),
    )


def _daily(item: Mapping[str, Any], notes: Notes) -> bool:
    """Whether applications are read every day until the closing day, if there is one."""
    flag = item.get("DagligAvlasning")
    if flag not in (None, 0, 1):
        notes.add("DagligAvlasning", f"{quoted(flag)} is neither 0 nor 1; the closing day counts alone")
    return flag == 1


def _model(deadlines: tuple[Deadline, ...], daily: bool) -> str:
    return "continuous" if daily else "multiple cut-off" if len(deadlines) > 1 else ""


def _deadlines(item: Mapping[str, Any], notes: Notes) -> tuple[Deadline, ...]:
    """The cut-offs in order, the closing date last. What cannot be read is an Issue; the closing date stays."""
    closes = deadline(item.get("Stangningsdatum"), "single", "Stangningsdatum", notes)
    written = item.get(CUT_OFFS)
    entries = written if isinstance(written, list) else [written] if written else []
    read = (deadline(_date_in(entry), "single", CUT_OFFS, notes) for entry in entries)
    ordered = sorted({point.over_at: point for point in read if point}.values(), key=lambda point: point.over_at)
    if closes:
        ordered = [*(point for point in ordered if _before(point, closes, notes)), closes]
    if len(ordered) == 1:
        return (ordered[0],)
    return tuple(
        msgspec.structs.replace(point, stage=f"cut-off {number}") for number, point in enumerate(ordered, 1)
    )


def _date_in(entry: object) -> object:
    """The one date of an entry; the entry itself, which nobody can read, where there is none or more than one."""
    if not isinstance(entry, dict):
        return entry
    found = {key: value for key, value in entry.items() if isinstance(value, str) and _is_date(value)}
    named = {value for key, value in found.items() if key.casefold().startswith(("avl", "stopp"))}
    told = named if len(named) == 1 else set(found.values())
    return told.pop() if len(told) == 1 else entry


def _is_date(text: str) -> bool:
    return "-" in text and dates.parse(text) is not None


def _before(point: Deadline, closes: Deadline, notes: Notes) -> bool:
    """Whether a cut-off is one besides the closing date; one after it contradicts it and is not believed."""
    day, last = (one.at.astimezone(dates.STOCKHOLM).date() for one in (point, closes))
    if day > last:
        notes.add(CUT_OFFS, f"a cut-off on {day}, after the round has closed on {last}; it was not used")
    return day < last


def _links(item: Mapping[str, Any], notes: Notes) -> list[Link]:
    """Pages first, then documents."""
    found = [
        (entry.get("URL"), entry.get("Beskrivning"), "LankLista") for entry in mappings(item.get("LankLista"))
    ]
    documents = mappings(item.get("DokumentLista"))
    found += [(entry.get("fileURL"), entry.get("Titel"), "DokumentLista") for entry in documents]
    links = [Link(address(url, field, notes), title(label)) for url, label, field in found]
    return [link for link in links if link.url]


def _web_texts(item: Mapping[str, Any], language: str) -> list[str]:
    """In the order of the web page: what, for whom, how much."""
    entries = sorted(mappings(item.get("WebTextLista")), key=lambda entry: scalar(entry.get("TextID")))
    return [scalar(entry.get(language)) for entry in entries]


def _in_english(text: str) -> dict[str, str]:
    return {"en": text} if text else {}

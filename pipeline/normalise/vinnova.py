"""Vinnova's open data: an application round (ansökningsomgång) is a call; its dates are Swedish local time.

Rounds that are not public or not on the web (`Publik`, `Webbsida`) are none for readers. A round that is announced
has no dates but a year and a period. English is missing in several ways ("x", "xx"). Money stands in prose only.
The interface gives no page for people but, once the round opens, the address of the application.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.harvest import Issue, Role
from pipeline.models import Call, Deadline, Kind, Link, Status
from pipeline.normalise import Document, Identity, Programmes
from pipeline.normalise.shared import Notes, decode, mappings, quoted, scalar
from pipeline.normalise.swedish import address, deadline, english, opening, prose, title
from pipeline.text import clean

PORTAL = "vinnova"
PAGE = "https://www.vinnova.se/sok-finansiering/hitta-finansiering/"
APPLY = "https://ansok.vinnova.se/"
ANNOUNCED = ("AnnonseringslägePeriod", "AnnonseringslägeÅr")
_NUMBER = re.compile(r"\d{4}-\d{4,6}", re.ASCII)


def identify(item: Mapping[str, Any], /) -> Identity | Issue:
    """Place a round by its Diarienummer; one that is not public is a ghost, and none of it is stored."""
    number = scalar(item.get("Diarienummer"))
    if not _NUMBER.fullmatch(number):
        return Issue("", "Diarienummer", f"missing or of another form ({quoted(number)}); it was skipped")
    shown = [item.get("Publik"), item.get("Webbsida")]
    if any(flag not in (0, 1) for flag in shown):
        return Issue(number, "Publik", f"Publik and Webbsida are {quoted(shown)}, not 0 or 1; it was skipped")
    role = Role.CALL if shown == [1, 1] else Role.GHOST
    return Identity(number, number, role, "sv")


def assemble(documents: Sequence[Document], codes: Programmes, /) -> tuple[Call | None, list[Issue]]:
    """The call of a round, and what was odd about it; never raises."""
    newest = max(documents, key=lambda document: document.fetched_at)
    try:
        item = decode(newest.body)
    except ValueError:
        return None, [Issue("", "body", "not JSON; the document was skipped")]
    found = identify(item) if isinstance(item, dict) else Issue("", "item", "no object; it was skipped")
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
    if not (deadlines or announced):
        notes.add("Stangningsdatum", "no closing date, and not announced for later; no call was made")
        return None
    links = _links(item, notes)
    apply = next((link.url for link in links if link.url.startswith(APPLY)), "")
    abbreviation, name = codes.get(PORTAL, ("", ""))
    to_come = "" if deadlines or opens_at else f"Aviserad till {announced}."
    words = prose(item.get("Beskrivning"), *_web_texts(item, "TextSv"), to_come)
    translated = prose(english(item.get("BeskrivningEngelska"), words), *_web_texts(item, "TextEn"))
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
        text=words,
        texts=_in_english(english(translated, words)),
        links=tuple(link for link in links if link.url != apply),
        sources=(notes.reference,),
    )


def _deadlines(item: Mapping[str, Any], notes: Notes) -> tuple[Deadline, ...]:
    """The closing date. Cut-offs in between have not been seen yet: a list of them is told, not guessed at."""
    if item.get("AvlasningstillfalleLista"):
        problem = (
            f"{quoted(item['AvlasningstillfalleLista'])}: cut-offs are not read yet; only the last day is known"
        )
        notes.add("AvlasningstillfalleLista", problem)
    closes = deadline(item.get("Stangningsdatum"), "single", "Stangningsdatum", notes)
    return (closes,) if closes else ()


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

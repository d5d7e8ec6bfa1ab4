"""TED's notices: a procedure of a public buyer in its competition phase is a call of kind tender.

A notice has a number of its own; a correction is a new notice, with a new number, of the same procedure. So the
call is the procedure, and what its latest notice says counts. Texts are maps by language ("swe"), most fields are
lists with a value for each lot. A deadline is a day and, in a list beside it, an hour, both with the offset of the
buyer's own clock ("2027-01-15+01:00", "12:00:00+01:00"). Some notices have no deadline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import zip_longest
from typing import Any

import msgspec

from pipeline import dates, money
from pipeline.harvest import Issue, Role
from pipeline.models import Budget, Call, Deadline, Kind, Precision
from pipeline.normalise import Document, Identity, Programmes
from pipeline.normalise.shared import Notes, decode, distinct, quoted, scalar, strings
from pipeline.text import clean, html_to_text, safe_url

PORTAL = "ted"
LANGUAGES = {
    **{"swe": "sv", "eng": "en", "fin": "fi", "nor": "no", "dan": "da"},
    **{"deu": "de", "fra": "fr", "spa": "es", "ita": "it"},
}
"""Those that are kept, the preferred first."""
TENDER, REQUEST = "deadline-receipt-tender", "deadline-receipt-request"
_NUMBER = re.compile(r"\d{1,8}-\d{4}", re.ASCII)
_PROCEDURE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_OFFSET = r"(Z|[+-]\d\d:\d\d)?"
_DAY = re.compile(rf"(\d{{4}}-\d\d-\d\d){_OFFSET}", re.ASCII)
_HOUR = re.compile(rf"(\d\d:\d\d(?::\d\d(?:\.\d+)?)?){_OFFSET}", re.ASCII)


def identify(item: Mapping[str, Any], /) -> Identity | Issue:
    """Place a notice: its number names the document, its procedure the call. What is no competition is a ghost."""
    number = "".join(strings(item.get("publication-number"))[:1])
    if not _NUMBER.fullmatch(number):
        return Issue("", "publication-number", f"missing or of another form ({quoted(number)}); it was skipped")
    procedure = "".join(strings(item.get("procedure-identifier"))[:1]).lower()
    phase = strings(item.get("form-type")) or ["competition"]
    reference = procedure if _PROCEDURE.fullmatch(procedure) else number
    return Identity(number, reference, Role.CALL if "competition" in phase else Role.GHOST, _language(item))


def assemble(documents: Sequence[Document], codes: Programmes, /) -> tuple[Call | None, list[Issue]]:
    """The call of a procedure, and what was odd about its latest notice; never raises."""
    read: list[tuple[str, Mapping[str, Any], Identity]] = []
    issues: list[Issue] = []
    for document in documents:
        try:
            item = decode(document.body)
        except ValueError:
            issues.append(Issue("", "body", "not JSON; the document was skipped"))
            continue
        found = identify(item) if isinstance(item, dict) else Issue("", "item", "no object; it was skipped")
        if isinstance(found, Issue):
            issues.append(found)
        else:
            read.append((f"{scalar(item.get('publication-date'))} {document.fetched_at.isoformat()}", item, found))
    if not read:
        return None, issues
    _, item, found = max(read, key=lambda one: one[0])
    notes = Notes(found.call_reference)
    return _call(item, found, codes, notes), [*issues, *notes.issues]


def _call(item: Mapping[str, Any], found: Identity, codes: Programmes, notes: Notes) -> Call | None:
    titles = _by_language(item.get("notice-title"))
    texts = _described(item)
    language = found.language
    title = titles.pop(language, "") or next(iter(titles.values()), "")
    if not title:
        notes.add("notice-title", "missing; there is no call without one")
        return None
    abbreviation, name = codes.get(PORTAL, ("", ""))
    return Call(
        portal=PORTAL,
        reference=found.call_reference,
        identifier=found.document,
        kind=Kind.TENDER,
        title=clean(title, 500),
        language=language,
        url=_address(item, found.document),
        programme=abbreviation,
        programme_name=name,
        type_of_action="; ".join(distinct(strings(item.get("contract-nature")))),
        titles={spoken: clean(text, 500) for spoken, text in titles.items()},
        deadlines=_deadlines(item, notes),
        budget=_budget(item, notes),
        text=texts.pop(language, ""),
        texts=texts,
        keywords=tuple(f"CPV {code}" for code in distinct(strings(item.get("classification-cpv")))),
        sources=(found.document,),
    )


def _language(item: Mapping[str, Any]) -> str:
    """That of the description, because titles are translated by machine into all; Swedish where there is none."""
    for field in ("description-proc", "description-lot", "notice-title"):
        if found := _by_language(item.get(field)):
            return next(iter(found))
    return "sv"


def _by_language(value: object) -> dict[str, str]:
    """A map by three letters as texts by two, the preferred language first; what lots say alike only once."""
    held = value if isinstance(value, dict) else {}
    named = {str(spoken).casefold(): told for spoken, told in held.items()}
    texts = {two: _lines(strings(named.get(three))) for three, two in LANGUAGES.items()}
    return {spoken: text for spoken, text in texts.items() if text}


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(distinct(text for part in parts if (text := html_to_text(part))))


def _described(item: Mapping[str, Any]) -> dict[str, str]:
    """Buyer, places and descriptions, by language."""
    buyers = _by_language(item.get("buyer-name"))
    who = _lines(list(buyers.values())[:1])
    where = ", ".join(distinct(strings(item.get("place-of-performance"))))
    whole, lots = (_by_language(item.get(field)) for field in ("description-proc", "description-lot"))
    described = [spoken for spoken in LANGUAGES.values() if spoken in whole or spoken in lots]
    head = [part for part in (who, f"NUTS: {where}" if where else "") if part]
    return {
        spoken: _lines([*head, *whole.get(spoken, "").split("\n"), *lots.get(spoken, "").split("\n")])
        for spoken in described or [_language(item)]
    }


def _address(item: Mapping[str, Any], number: str) -> str:
    links = item.get("links")
    pages = links.get("html") if isinstance(links, dict) else None
    written = scalar(pages.get("ENG")) if isinstance(pages, dict) else ""
    return safe_url(written) or f"https://ted.europa.eu/en/notice/-/detail/{number}"


def _deadlines(item: Mapping[str, Any], notes: Notes) -> tuple[Deadline, ...]:
    """Those of all lots: first for requests to take part, where there are such, then for tenders."""
    requests, tenders = (_moments(item, field, notes) for field in (REQUEST, TENDER))
    points = sorted({point.at: point for point in (*requests, *tenders)}.values(), key=lambda point: point.over_at)
    if not points:
        notes.add(TENDER, "no deadline is stated; the notice counts as open")
    if len(points) == 1:
        return tuple(points)
    word = "stage" if len(requests) == len(tenders) == 1 else "cut-off"
    return tuple(
        msgspec.structs.replace(point, stage=f"{word} {number}") for number, point in enumerate(points, 1)
    )


def _moments(item: Mapping[str, Any], field: str, notes: Notes) -> list[Deadline]:
    days, hours = (strings(item.get(f"{field}-{part}-lot")) for part in ("date", "time"))
    if hours and len(hours) != len(days):
        notes.add(f"{field}-time-lot", f"{len(hours)} hours for {len(days)} days; the days alone were taken")
        hours = []
    found = (_moment(day, hour or "", field, notes) for day, hour in zip_longest(days, hours))
    return list({point.at: point for point in found if point}.values())


def _moment(day: str, hour: str, field: str, notes: Notes) -> Deadline | None:
    """A reading of the buyer's own clock; without an hour the end of the day, without an offset in Stockholm."""
    on, at = _DAY.fullmatch(day), _HOUR.fullmatch(hour) if hour else None
    stamp = dates.parse(f"{on[1]}T{at[1]}{at[2] or on[2] or ''}") if on and at else None
    if stamp:
        exact = dates.from_stockholm(stamp.clock) if stamp.offset is None else dates.instant(stamp)
        return Deadline(exact, "single", Precision.EXACT)
    if hour:
        notes.add(f"{field}-time-lot", f"hour not understood: {quoted(hour)}")
    only = dates.parse(on[1]) if on else None
    if only is None:
        notes.add(f"{field}-date-lot", f"date not understood: {quoted(day)}")
        return None
    return _day(only.clock.date())


def _day(day: date) -> Deadline:
    return Deadline(dates.end_of_day_stockholm(day), "single", Precision.DATE, dates.RULE_DAY_STOCKHOLM)


def _budget(item: Mapping[str, Any], notes: Notes) -> Budget | None:
    """What the buyer estimates for the whole procedure."""
    written = distinct(strings(item.get("estimated-value-proc")))
    if not written:
        return None
    currencies = distinct(strings(item.get("estimated-value-cur-proc")))
    total = money.amount(written[0]) if len(written) == 1 else None
    currency = money.currency(currencies[0]) if len(currencies) == 1 else None
    if not total or not currency:
        notes.add(
            "estimated-value-proc", f"no one amount: {quoted(written)} {quoted(currencies)}; it was not used"
        )
        return None
    return Budget(currency, total=total)

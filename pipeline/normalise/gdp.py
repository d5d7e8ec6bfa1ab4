"""The GDP interface that Swedish research councils share: one record a call, the same fields with each council.

What was found by looking at 718 records of three councils: dates are days; the status is a Swedish word; a few
records have neither; the budget is mostly filled in after the decision; one call can have several pages; "för
inbjudna" in the title or the text means that only those who were invited can apply. `lank` is the path of the
interface and no page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pipeline import money
from pipeline.harvest import Issue, Role
from pipeline.models import Budget, Call, Kind, Link, Status
from pipeline.normalise import Document, Identity, Programmes
from pipeline.normalise.shared import Notes, distinct, mappings, newest_item, quoted, scalar
from pipeline.normalise.swedish import address, deadline, english, opening, prose, title

STATUS = {"Pågående": Status.OPEN, "Kommande": Status.FORTHCOMING, "Avslutad": Status.CLOSED}
INVITED = "Endast för inbjudna sökande (invited applicants only)"
_NUMBER = re.compile(r"\d{4}-\d{4,6}", re.ASCII)
_INVITED = re.compile(r"\bför inbjudna\b|\bfor invited applicants\b", re.IGNORECASE)


class Council(msgspec.Struct, frozen=True):
    """One council: its portal, its organisation number, and the page for calls without one of their own."""

    portal: str
    organisation: str
    page: str

    def identify(self, item: Mapping[str, Any]) -> Identity | Issue:
        """Place a record by its diarienummer; one of another council is an Issue."""
        number = scalar(item.get("diarienummer"))
        if not _NUMBER.fullmatch(number):
            return Issue("", "diarienummer", f"missing or of another form ({quoted(number)}); it was skipped")
        organisation = scalar(item.get("finansiarOrganisationsnummer"))
        if organisation != self.organisation:
            problem = f"{quoted(organisation)} is not {self.organisation}, another funder's record; it was skipped"
            return Issue(number, "finansiarOrganisationsnummer", problem)
        return Identity(number, number, Role.CALL, "sv")

    def assemble(self, documents: Sequence[Document], codes: Programmes) -> tuple[Call | None, list[Issue]]:
        """The call of a record, and what was odd about it; never raises."""
        item = newest_item(documents)
        if isinstance(item, Issue):
            return None, [item]
        found = self.identify(item)
        if isinstance(found, Issue):
            return None, [found]
        notes = Notes(found.call_reference)
        return self._call(item, codes, notes), notes.issues

    def _call(self, item: Mapping[str, Any], codes: Programmes, notes: Notes) -> Call | None:
        swedish = title(item.get("titel"))
        if not swedish:
            notes.add("titel", "missing; there is no call without one")
            return None
        closes = deadline(item.get("stangningsdatum"), "single", "stangningsdatum", notes)
        opens_at = opening(item.get("oppningsdatum"), "oppningsdatum", notes)
        status = _status(item, notes)
        if not (status or closes):
            notes.add("status", "no status and no closing date: nothing says that one can apply; no call was made")
            return None
        pages = _pages(item, notes)
        abbreviation, name = codes.get(self.portal, ("", ""))
        return Call(
            portal=self.portal,
            reference=notes.reference,
            identifier=notes.reference,
            kind=Kind.TOPIC,
            title=swedish,
            language="sv",
            url=pages[0] if pages else self.page,
            programme=abbreviation,
            programme_name=name,
            type_of_action=_form(item),
            titles=_in_english(english(title(item.get("titelEng")), swedish)),
            portal_status=status,
            opens_at=opens_at,
            deadlines=(closes,) if closes else (),
            budget=_budget(item, notes),
            text=_text(item, swedish),
            texts=_in_english(_english_text(item)),
            applicants=INVITED if _by_invitation(item) else "",
            links=tuple(Link(page) for page in pages[1:]),
            sources=(notes.reference,),
        )


def _status(item: Mapping[str, Any], notes: Notes) -> str:
    word = scalar(item.get("status"))
    if word in STATUS:
        return STATUS[word].value
    if word:
        notes.add("status", f"unknown word {quoted(word)}")
    return ""


def _budget(item: Mapping[str, Any], notes: Notes) -> Budget | None:
    """The money of the call, where it is stated with its currency."""
    if item.get("budgetBelopp") is None:
        return None
    total, written = money.amount(item["budgetBelopp"]), scalar(item.get("budgetValuta"))
    currency = money.currency(written)
    if not total:
        notes.add("budgetBelopp", f"no amount: {quoted(item['budgetBelopp'])}")
    elif not currency:
        notes.add("budgetValuta", f"unknown currency {quoted(written)}; the amount was not used")
    return Budget(currency=currency, total=total) if total and currency else None


def _pages(item: Mapping[str, Any], notes: Notes) -> list[str]:
    places = mappings(item.get("publiceringsplatser"))
    found = (address(place.get("webbadress"), "publiceringsplatser", notes) for place in places)
    return distinct(url for url in found if url)


def _text(item: Mapping[str, Any], heading: str) -> str:
    """The description and the forms of support; many descriptions repeat the title, which is left out."""
    forms = [form.get(key) for form in mappings(item.get("bidragsformer")) for key in ("namn", "beskrivning")]
    return prose(heading, item.get("beskrivning"), *forms).partition("\n")[2]


def _english_text(item: Mapping[str, Any]) -> str:
    """The description in English; empty where it repeats a title or the Swedish."""
    text = prose(item.get("beskrivningEng"))
    for field in ("titel", "titelEng", "beskrivning"):
        text = english(text, scalar(item.get(field)))
    return text


def _form(item: Mapping[str, Any]) -> str:
    forms = (mappings(form.get("stodform")) for form in mappings(item.get("bidragsformer")))
    return "; ".join(distinct(name for form in forms for f in form if (name := title(f.get("namn")))))


def _by_invitation(item: Mapping[str, Any]) -> bool:
    return any(
        _INVITED.search(scalar(item.get(field)))
        for field in ("titel", "titelEng", "beskrivning", "beskrivningEng")
    )


def _in_english(text: str) -> dict[str, str]:
    return {"en": text} if text else {}

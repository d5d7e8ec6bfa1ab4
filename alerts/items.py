"""A stored call becomes an item of a message: the facts a reader needs, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

import msgspec

from alerts.contact import Contact
from alerts.message import Change, Conflict, Item, Notice, Page, Reason, RegionRelevance, Section, ShownDeadline
from alerts.words import KnownWords, Source
from pipeline.models import Call, Classification
from pipeline.outbox import StoredCall
from pipeline.text import clean, safe_url

LONGEST = 500
"""Characters of one foreign text in a message; titles of real calls have at most about 300."""


def item(
    stored: StoredCall,
    changes: tuple[Change, ...],
    reasons: tuple[Reason, ...],
    contact: Contact,
    known: KnownWords,
    now: datetime,
    *,
    section: Section = Section.CHANGED,
    notices: tuple[Notice, ...] = (),
    followed: bool = False,
    sources: tuple[Page, ...] = (),
    conflicts: tuple[Conflict, ...] = (),
) -> Item:
    """Everything that will be shown of one call, as it is at `now`."""
    call, language = stored.call, contact.language
    title, title_language = _title(call, language)
    source = known.sources.get(call.portal, Source())
    return Item(
        call_id=call.id,
        identifier=clean(call.identifier, LONGEST),
        title=clean(title, LONGEST),
        language=title_language,
        kind=call.kind,
        status=call.status_at(now).value,
        url=_url(call.url),
        changes=changes,
        programme=call.programme,
        programme_name=clean(call.programme_name or known.programmes.get(call.programme, ""), LONGEST),
        type_of_action=clean(call.type_of_action, LONGEST),
        budget=call.budget,
        deadlines=tuple(ShownDeadline(d, d.passed(now)) for d in call.deadlines),
        opens_at=call.opens_at,
        applicants=clean(call.applicants, LONGEST),
        remarks=tuple(clean(remark, LONGEST) for remark in call.remarks),
        ecosystems={e.id: _ecosystem(e.id, language, known) for e in stored.classification.ecosystems},
        s3=_relevance(stored.classification, contact, known),
        version=stored.version,
        section=section,
        notices=notices,
        followed=followed,
        sources=sources,
        conflicts=conflicts,
        portal_name=clean(source.title, LONGEST),
        unproven=source.unproven,
        reasons=labelled(reasons, language, known),
    )


# The same calls are shown to thousands of readers.
_url = lru_cache(maxsize=4096)(safe_url)


def _title(call: Call, language: str) -> tuple[str, str]:
    """The portal's own title in `language` if it has one, else the original, with the language it is in."""
    if call.language != language and call.titles.get(language):
        return call.titles[language], language
    return call.title, call.language


def _relevance(labels: Classification, contact: Contact, known: KnownWords) -> RegionRelevance | None:
    """For the one of the contact's regions that the call suits best; other regions are none of their business."""
    home = {member for region in contact.regions for member in known.members(region)}
    best = max((label for label in labels.s3 if label.region in home), key=lambda s: s.score, default=None)
    if best is None or best.score < 1:
        return None
    name = known.regions.get(best.region, best.region)
    priority, hint = _priority(best.priority, contact.language, known), known.hint(best.region, best.priority)
    return RegionRelevance(best.region, name, best.score, priority, hint)


def labelled(reasons: Iterable[Reason], language: str, known: KnownWords) -> tuple[Reason, ...]:
    """The reasons in the reader's words."""
    return tuple([_labelled(reason, language, known) for reason in reasons])


def _labelled(reason: Reason, language: str, known: KnownWords) -> Reason:
    replace = msgspec.structs.replace
    if reason.about == "ecosystem":
        return replace(reason, label=_ecosystem(reason.value, language, known))
    if reason.about == "region":
        name = known.regions.get(reason.value, reason.value)
        return replace(reason, label=name, note=_priority(reason.note, language, known))
    if reason.about == "programme":
        return replace(reason, label=known.programmes.get(reason.value, reason.value))
    return reason


def _ecosystem(key: str, language: str, known: KnownWords) -> str:
    names = known.ecosystems.get(key, {})
    return names.get(language) or names.get("en") or key


def _priority(name: str, language: str, known: KnownWords) -> str:
    return known.priorities.get(name, {}).get(language) or name

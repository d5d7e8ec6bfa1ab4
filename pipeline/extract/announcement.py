"""Puts the readers together: one announcement in, all its facts out. Pure; nothing here raises on any text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import msgspec

from pipeline.extract import (
    applicants,
    budget,
    clock,
    dates,
    identifiers,
    moments,
    programme,
    reading,
    roles,
    sentences,
    strands,
)
from pipeline.extract.closing import is_closed
from pipeline.extract.facts import SEPARATOR, Extraction
from pipeline.languages import likeliest_language

Label = Callable[[str, str], tuple[str, ...]]
"""(title, text) -> ids of ecosystems."""

Lookup = Callable[[Extraction], str | None]
"""Facts that name no identifier -> that of the call they belong to, if it is known (`pipeline.extract.known`)."""


def extract(
    source: str,
    *,
    published: date | None = None,
    spoken: str = "",
    names: Mapping[str, tuple[str, ...]] | None = None,
    label: Label | None = None,
    lookup: Lookup | None = None,
) -> Extraction:
    """The facts of `source`, which is HTML or plain text.

    `published`: the page's date, for years not written. `spoken`: its language, when known. `names`: ecosystems by
    id with their names, to recognise a list of them; `label` names ecosystems where there is no list. `lookup` is
    asked where the text names no identifier.
    """
    page = reading.read(source)
    spoken = spoken or likeliest_language(page.text)
    pieces = sentences.split(page.text)
    found_ids = identifiers.find(page.text)
    run_by, run_by_quote = programme.find(page.text, found_ids)
    home = (
        clock.HOME_ZONES["en"]
        if programme.is_brussels(run_by)
        else clock.HOME_ZONES.get(spoken, clock.HOME_ZONES["en"])
    )
    days = roles.decide(pieces, month_first=dates.strokes_month_first(page.text))
    when = moments.read(page.text, days, published, home)
    money = budget.read(pieces, spoken, announces=bool(when.deadlines or when.openings))
    listed, list_quote = strands.find(page.text, names) if names else ((), "")
    quotes = {
        **{
            "title": page.title if page.title in page.text else "",
            "budget": money.quotes[0],
            "project_max": money.quotes[1],
        },
        **{"deadlines": when.quotes[0], "opens_at": when.quotes[1], "programme": run_by_quote},
        **{"identifiers": SEPARATOR.join(raw for _, raw in found_ids), "ecosystems": list_quote},
    }
    closed, quotes["closed"] = is_closed(pieces, days, when.deadlines, published)
    quotes["applicants"] = who = applicants.find(pieces)
    facts = Extraction(
        title=page.title,
        language=spoken,
        budget=money.budget,
        project_max=money.project_max,
        deadlines=when.deadlines,
        openings=when.openings,
        closed=closed,
        programme=run_by,
        identifiers=tuple(identifier for identifier, _ in found_ids),
        applicants=who,
        ecosystems=listed or (label(page.title, page.text) if label else ()),
        evidence={name: quote for name, quote in quotes.items() if quote},
    )
    return _placed(facts, lookup) if lookup and not found_ids else facts


def _placed(facts: Extraction, lookup: Lookup) -> Extraction:
    """`facts` with the identifier of the call that has the same deadline and budget; these are its evidence."""
    identifier = lookup(facts)
    if not identifier:
        return facts
    quotes = [facts.evidence[name] for name in ("deadlines", "budget") if name in facts.evidence]
    evidence = {**facts.evidence, "identifiers": SEPARATOR.join(dict.fromkeys(quotes))}
    return msgspec.structs.replace(facts, identifiers=(identifier,), evidence=evidence)

"""Run report + bounds -> verdict. Pure.

Complete means proven: every part of the harvest saw as many distinct documents as the portal announced. Less is
partial: kept, but nothing is concluded from absence. A broken assumption (a filter ignored, a field gone from most
records) is failed: not data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from pipeline.harvest import CrawlReport, Issue, Verdict
from pipeline.models import Call

FIELDS: Mapping[str, Callable[[Call], bool]] = {
    "title": lambda call: bool(call.title),
    "deadlines": lambda call: bool(call.deadlines),
    "opens_at": lambda call: call.opens_at is not None,
    "budget": lambda call: call.budget is not None,
    "programme": lambda call: bool(call.programme),
    "text": lambda call: bool(call.text),
    "portal_status": lambda call: bool(call.portal_status),
}
"""Fields whose fill rate a portal's YAML may bound."""

ENOUGH = 20
"""Below this many calls a fill rate says nothing."""


def verdict_of_crawl(report: CrawlReport, min_items: int, *, bounded: bool) -> tuple[Verdict, list[Issue]]:
    """Verdict on what was fetched, before anything is normalised; `bounded` is False with a limit."""
    if report.refused:
        return Verdict.FAILED, [Issue("", "answer", report.refused)]
    seen = sum(part.seen for part in report.parts)
    if bounded and seen < min_items:
        problem = f"only {seen} documents, at least {min_items} expected (bounds.min_items of the portal's YAML)"
        return Verdict.PARTIAL, [Issue("", "items", problem)]
    proven = bool(report.parts) and all(part.proven for part in report.parts)
    return (Verdict.COMPLETE if proven else Verdict.PARTIAL), []


def fill_problems(calls: Iterable[Call], bounds: Mapping[str, float]) -> list[Issue]:
    """Fields filled more rarely than their bound; one Issue each, with both rates."""
    sample = list(calls)
    if len(sample) < ENOUGH:
        return []
    problems = []
    for field, least in bounds.items():
        rate = sum(map(FIELDS[field], sample)) / len(sample)
        if rate < least:
            problem = f"filled in {rate:.0%} of {len(sample)} calls looked at, at least {least:.0%} expected"
            problems.append(Issue("", field, f"{problem}: has the portal renamed or dropped it?"))
    return problems

"""Run report + bounds -> verdict. Pure.

Complete means proven: every part of the harvest saw as many distinct documents as the portal announced. Less is
partial: kept, but nothing is concluded from absence. A broken assumption (a filter ignored, a field gone from most
records) is failed: not data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from pipeline.harvest import CrawlReport, Issue, Verdict
from pipeline.models import Call
from pipeline.source import Bounds

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


def verdict_of_crawl(
    report: CrawlReport, seen: int, bounds: Bounds | None, usual: int = 0
) -> tuple[Verdict, list[Issue]]:
    """Verdict on what was fetched, before anything is normalised.

    `seen` counts documents that are calls, `usual` those of the last complete harvest (0 = none yet); `bounds` is
    None when only a part of the portal was asked for.
    """
    if report.refused:
        return Verdict.FAILED, [Issue("", "answer", report.refused)]
    if not report.pages and not any(part.proven for part in report.parts):
        return Verdict.FAILED, [Issue("", "answer", "not one page was answered")]
    problems = []
    if bounds and seen < bounds.min_items:
        problems.append(f"only {seen} calls, at least {bounds.min_items} expected (bounds: min_items)")
    if bounds and seen < usual * (1 - bounds.drop):
        problems.append(
            f"only {seen} calls after {usual} in the last complete one (bounds: drop, at most {bounds.drop:.0%}). "
            "If the portal really lists fewer, raise bounds.drop in its YAML for one harvest."
        )
    proven = bool(report.parts) and all(part.proven for part in report.parts)
    verdict = Verdict.COMPLETE if proven and not problems else Verdict.PARTIAL
    return verdict, [Issue("", "items", problem) for problem in problems]


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

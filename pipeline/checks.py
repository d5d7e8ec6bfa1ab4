"""Run report + bounds -> verdict. Pure.

Complete means proven: every part of the harvest saw as many distinct documents as the portal announced. Less is
partial: kept, but nothing is concluded from absence; so is a harvest that lost calls or a field against what is
usual. A broken assumption (a filter ignored, a field below its bound in most records) is failed: not data.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from statistics import median

import msgspec

from pipeline.harvest import CrawlReport, Issue, RunReport, Verdict
from pipeline.models import Call
from pipeline.source_limits import Bounds

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
"""Below this many calls a fill rate says nothing against a bound."""
FEW = 10
"""Below this many calls the lack of a field says nothing."""
RUNS = 30
"""So many of the last complete harvests make what is usual."""
KNOWN_RUNS = 3
"""Fewer of them do not tell how often a field is filled."""
COMMON, LOST = 0.5, 0.2
"""A field that is usually filled in half of all calls is gone when it is in less than a fifth of as many."""


class Usual(msgspec.Struct, frozen=True):
    """The medians of the last complete harvests: calls seen (0 = none yet), and the share that has a field."""

    items: float = 0
    fill: dict[str, float] = {}


def verdict_of_crawl(
    report: CrawlReport, seen: int, bounds: Bounds | None, usual: float = 0
) -> tuple[Verdict, list[Issue]]:
    """Verdict on what was fetched, before anything is normalised.

    `seen` counts documents that are calls, `usual` the usual ones (0 = not known); `bounds` is None when only a
    part of the portal was asked for.
    """
    if report.refused:
        return Verdict.FAILED, [Issue("", "answer", report.refused)]
    if not report.pages and not any(part.proven for part in report.parts):
        return Verdict.FAILED, [Issue("", "answer", "not one page was answered")]
    problems = []
    if bounds and seen < bounds.min_items:
        problem = f"only {seen} calls, at least {bounds.min_items} expected (bounds: min_items)"
        problems.append(Issue("", "items", problem))
    if bounds:
        problems += loss(seen, usual, bounds.drop)
    proven = bool(report.parts) and all(part.proven for part in report.parts)
    verdict = Verdict.COMPLETE if proven and not problems else Verdict.PARTIAL
    return verdict, problems


def usual_of(reports: Iterable[RunReport]) -> Usual:
    """What is usual after these complete harvests of a whole portal, of which the first `RUNS` count."""
    counted = [report for report, _ in zip(reports, range(RUNS), strict=False)]
    looked = [report for report in counted if report.sample >= FEW]
    if len(looked) < KNOWN_RUNS:
        looked = []
    return Usual(
        median(report.seen for report in counted) if counted else 0,
        {field: median(report.fill.get(field, 0) for report in looked) for field in FIELDS if looked},
    )


def loss(seen: int, usual: float, drop: float) -> Iterator[Issue]:
    """Whether more calls are missing than may be."""
    if seen < usual * (1 - drop):
        fewer = f"{1 - seen / usual:.0%} fewer (bounds: drop, at most {drop:.0%})"
        yield Issue("", "items", f"only {seen} calls, usually {usual:.0f}: {fewer}. {_REALLY}")


def gone(report: RunReport, usual: Usual) -> Iterator[Issue]:
    """The fields that are usually filled, and now are not."""
    if report.sample < FEW:
        return
    for field, rate in usual.fill.items():
        now = report.fill.get(field, 0)
        if rate >= COMMON and now < rate * LOST:
            problem = f"filled in {now:.0%} of {report.sample} calls looked at, usually in {rate:.0%}"
            yield Issue("", field, f"{problem}: has the portal renamed or dropped it? {_REALLY}")


_REALLY = "If the portal has really changed, write the day as bounds.usual_since in its YAML."


def filled(call: Call) -> frozenset[str]:
    """The fields that this call has."""
    return frozenset(field for field, has in FIELDS.items() if has(call))


def shares(sample: Collection[Collection[str]]) -> dict[str, float]:
    """By field the share of calls that have it; empty without calls."""
    return {field: round(sum(field in fields for fields in sample) / len(sample), 4) for field in FIELDS if sample}


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

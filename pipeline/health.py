"""How a portal does: its last harvests against what is usual there. Pure.

Ill is a portal whose last harvest lost calls or a field, that was not read completely twice in a row, or not for
longer than its `stale_hours`. One that was never harvested is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import msgspec

from pipeline import checks
from pipeline.checks import Usual
from pipeline.harvest import RunReport, Verdict
from pipeline.source import Portal

IN_A_ROW = 2
"""So many harvests in a row that were not complete are trouble; one is a bad day."""


class Ill(StrEnum):
    """What is wrong with a portal: it gives less than usual, is not read completely, or was not for too long."""

    DRIFTING = "drifting"
    FAILING = "failing"
    STALE = "stale"


class Past(NamedTuple):
    """A harvest of the whole portal that has ended; without a report, it was broken off."""

    started_at: datetime
    finished_at: datetime
    report: RunReport | None


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What is on record of a portal's harvests, those of only a part of it aside.

    `last` is the latest, whose worst issue is `problem`; `complete` are the latest complete ones, newest first;
    `failures` counts the harvests since; `first_at` is when the first one began.
    """

    portal: str
    last: Past | None = None
    problem: str = ""
    complete: tuple[Past, ...] = ()
    failures: int = 0
    first_at: datetime | None = None

    @property
    def success_at(self) -> datetime | None:
        """When the portal was last read completely."""
        return self.complete[0].finished_at if self.complete else None

    @property
    def verdict(self) -> Verdict:
        """That of the latest harvest; one that was broken off has failed."""
        return self.last.report.verdict if self.last and self.last.report else Verdict.FAILED


class Trouble(NamedTuple):
    """What is wrong with a portal, and the facts in words."""

    ill: Ill
    detail: str


class Weakest(NamedTuple):
    """The field that is filled most rarely against its usual rate."""

    field: str
    now: float
    usual: float


def usual(complete: Iterable[Past], portal: Portal) -> Usual:
    """What is usual after these complete harvests, latest first; those before `bounds.usual_since` aside."""
    since = portal.bounds.usual_since
    counted = (past for past in complete if since is None or past.started_at.date() >= since)
    return checks.usual_of(past.report for past in counted if past.report)


def usual_before(record: Record, portal: Portal) -> Usual:
    """What was usual when the latest harvest began."""
    return usual((past for past in record.complete if past != record.last), portal)


def trouble(record: Record, portal: Portal, now: datetime) -> Trouble | None:
    """What is wrong, the most telling first; None where nothing is, or nothing was ever harvested."""
    if record.last is None:
        return None
    losses = list(_losses(record, portal))
    if losses:
        return Trouble(Ill.DRIFTING, f"{'; '.join(losses)}. {_read(record)}")
    said = f" It said: {record.problem}" if record.problem else ""
    if record.failures >= IN_A_ROW:
        detail = f"{record.failures} harvests in a row were not complete, the last one {record.verdict.value}."
        return Trouble(Ill.FAILING, f"{detail} {_read(record)}{said}")
    since = record.success_at or record.first_at
    if since is not None and now - since > timedelta(hours=portal.stale_hours):
        detail = f"no complete harvest for more than {portal.stale_hours} hours."
        return Trouble(Ill.STALE, f"{detail} {_read(record)}{said}")
    return None


def weakest(record: Record, portal: Portal) -> Weakest | None:
    """The field of the latest harvest that has lost most; of equal ones the first by name."""
    report = record.last.report if record.last else None
    rates = usual_before(record, portal).fill
    found = [
        Weakest(field, share, rates[field])
        for field, share in sorted((report.fill if report else {}).items())
        if rates.get(field)
    ]
    return min(found, key=lambda weak: weak.now / weak.usual, default=None)


def _losses(record: Record, portal: Portal) -> Iterator[str]:
    """What the latest harvest has lost, if it was believed at all."""
    report = record.last.report if record.last else None
    if report is None or report.verdict is not Verdict.PARTIAL:
        return
    normal = usual_before(record, portal)
    items = 0 if portal.partial_view else normal.items
    found = [*checks.loss(report.seen, items, portal.bounds.drop), *checks.gone(report, normal)]
    yield from (f"{issue.field}: {issue.problem}" for issue in found)


def _read(record: Record) -> str:
    if record.success_at is None:
        return "It was never read completely."
    return f"Last read completely on {record.success_at:%Y-%m-%d %H:%M} UTC."

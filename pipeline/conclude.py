"""The end of a harvest, after its calls are settled: who was seen again, who was missed, what has opened since."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from pipeline import absence, changes, checks
from pipeline.harvest import Issue
from pipeline.settle import disagreement
from pipeline.store import Connection, calls, events

SAMPLE = 200
"""Calls whose fill rates are looked at: at least so many, if there are."""


def conclude(
    conn: Connection,
    portal: str,
    run: str,
    now: datetime,
    present: AbstractSet[str],
    *,
    conclusive: bool,
    partial_view: bool = False,
    hidden: AbstractSet[str] = frozenset(),
) -> list[Issue]:
    """Note which calls besides the `present` ones were missed, with the events of both, and tell what has opened.

    Returns where the portal and its dates disagree.

    Without `conclusive` (a partial harvest, or one that asked for closed calls) nobody counts as missed. With
    `partial_view` the portal tells only what changed: what it does not list is as it was, opens in time, and is
    missed only if the portal says, or has said until it listed it again, that it is `hidden`.
    """
    missed = calls.missed_references(conn, portal)
    back = calls.find(conn, portal, sorted(missed & present))
    lost = sorted(calls.live_references(conn, portal, now) - present) if conclusive else []
    if partial_view:
        lost = [reference for reference in lost if reference in hidden or reference in missed]
    steps = [absence.seen(stored, now) for stored in back.values()]
    steps += [absence.missed(stored, now) for stored in calls.find(conn, portal, lost).values()]
    calls.set_absence(conn, [stored for stored, _ in steps])
    events.add(conn, [event for _, happened in steps for event in happened], run)
    absent = missed - present | hidden
    return _open(conn, portal, run, now, present=None if partial_view else present, absent=absent)


def _open(
    conn: Connection,
    portal: str,
    run: str,
    now: datetime,
    *,
    present: AbstractSet[str] | None,
    absent: AbstractSet[str],
) -> list[Issue]:
    """Tell of calls whose opening date has come, if the portal lists them (`present`; None: all but those that are
    `absent`) and does not say otherwise."""
    issues, told, opened = [], [], {}
    for stored in calls.due_to_open(conn, portal, now):
        call = stored.call
        if call.reference in absent or (present is not None and call.reference not in present):
            continue
        happened = changes.opened(call, stored.status, now)
        told.extend(happened)
        if happened or not call.is_live(now):
            opened[call.id] = call.status_at(now)
        else:
            issues.extend(disagreement(call, now))
    calls.set_status(conn, opened)
    events.add(conn, told, run)
    return issues


def fill_of(
    conn: Connection, portal: str, present: Collection[str], filled: Mapping[str, frozenset[str]]
) -> tuple[dict[str, float], int]:
    """Share of an even sample of these calls that has each field, and how many it holds: those that were `filled`
    by this harvest as it brought them, the others as they are stored."""
    sample = even(sorted(present))
    brought = [filled[reference] for reference in sample if reference in filled]
    others = calls.find(conn, portal, (reference for reference in sample if reference not in filled))
    looked = [*brought, *(checks.filled(stored.call) for stored in others.values())]
    return checks.shares(looked), len(looked)


def even(references: Sequence[str]) -> Sequence[str]:
    """A sample from all over these."""
    return references[:: max(1, len(references) // SAMPLE)]

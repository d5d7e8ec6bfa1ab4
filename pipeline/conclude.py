"""The end of a harvest, after its calls are settled: who was seen again, who was missed, what has opened since."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime

import msgspec

from pipeline import absence, changes
from pipeline.harvest import Issue
from pipeline.settle import disagreement
from pipeline.store import Connection, calls, events


class Conclusion(msgspec.Struct):
    """How many stored calls this harvest saw, and where the portal and its dates disagree."""

    present: int
    issues: list[Issue] = []


def conclude(
    conn: Connection,
    portal: str,
    run: str,
    now: datetime,
    *,
    conclusive: bool,
    partial_view: bool = False,
    hidden: AbstractSet[str] = frozenset(),
) -> Conclusion:
    """Note whom this harvest saw and whom it missed, with the events of both, and tell what has opened.

    Without `conclusive` (a partial harvest, or one that asked for closed calls) nobody counts as missed. With
    `partial_view` the portal tells only what changed: what it does not list is as it was, opens in time, and is
    missed only if the portal says, or has said until it listed it again, that it is `hidden`.
    """
    present = calls.touch_seen(conn, portal, run, now)
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
    return Conclusion(
        len(present), _open(conn, portal, run, now, present=None if partial_view else present, absent=absent)
    )


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

"""Several events of one call become what a reader has to know: first `before` to last `after`. Pure.

A deadline that was moved twice has moved once for somebody who hears of it now; one that was moved and moved back
has not moved at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from alerts.message import Change
from pipeline.models import Event, EventKind
from pipeline.outbox import StoredCall

DEADLINES = frozenset(
    {
        EventKind.DEADLINE_BROUGHT_FORWARD,
        EventKind.DEADLINE_EXTENDED,
        EventKind.DEADLINE_ADDED,
        EventKind.DEADLINE_REMOVED,
    }
)


def fold(events: Iterable[Event], stored: StoredCall) -> tuple[Change, ...]:
    """The changes of one call, worst first. Empty when everything that happened was undone again."""
    ordered = sorted(events, key=lambda e: (e.at, e.kind.harm))
    changes = [*_deadlines([e for e in ordered if e.kind in DEADLINES])]
    changes += _listing([e for e in ordered if _is_listing(e)], stored)
    rest = [e for e in ordered if e.kind not in DEADLINES and not _is_listing(e)]
    for kind in dict.fromkeys(e.kind for e in rest):
        changes += _one_kind([e for e in rest if e.kind is kind])
    return tuple(sorted(changes, key=lambda c: (c.kind.harm, c.at)))


def stage(value: Any) -> str:
    """The stage in the `before` or `after` of a deadline's event; plain instants have none."""
    return str(value.get("stage", "")) if isinstance(value, dict) else ""


def instant(value: Any) -> datetime | None:
    """The instant in the `before` or `after` of an event: an object with `at`, or ISO 8601 text; else None."""
    text = value.get("at") if isinstance(value, dict) else value
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _deadlines(events: Sequence[Event]) -> Iterable[Change]:
    """Moves are joined to chains: each begins where an earlier move of the same stage ended."""
    chains: list[list[Event]] = []
    for event in events:
        chain = next((c for c in chains if _continues(c[-1], event)), None)
        if chain is None:
            chains.append([event])
        else:
            chain.append(event)
    for chain in chains:
        change = _moved(chain)
        if change is not None:
            yield change


def _continues(last: Event, event: Event) -> bool:
    """Two moves seen in one harvest are two stages, even where one arrives at the day that the other leaves."""
    same_stage = _stage_of(last) == _stage_of(event)
    return event.at > last.at and same_stage and instant(event.before) == instant(last.after)


def _stage_of(event: Event) -> str:
    return stage(event.after) or stage(event.before)


def _moved(chain: Sequence[Event]) -> Change | None:
    """What a chain amounts to; the kind is found anew, since an extension and a cut may end earlier."""
    if len(chain) == 1:
        return _change(chain[0])
    before, after = chain[0].before, chain[-1].after
    old, new = instant(before), instant(after)
    if old == new:
        return None
    if old is None:
        kind = EventKind.DEADLINE_ADDED
    elif new is None:
        kind = EventKind.DEADLINE_REMOVED
    else:
        kind = EventKind.DEADLINE_BROUGHT_FORWARD if new < old else EventKind.DEADLINE_EXTENDED
    return Change(kind, chain[-1].at, before, after)


def _is_listing(event: Event) -> bool:
    """Withdrawn, or listed again (an `opened` that says since when the call was gone)."""
    back = event.kind is EventKind.OPENED and isinstance(event.before, dict) and "gone" in event.before
    return back or event.kind is EventKind.WITHDRAWN


def _listing(events: Sequence[Event], stored: StoredCall) -> list[Change]:
    """A call that went and came back before the reader heard of it has not been away."""
    if not events or (len(events) > 1 and events[0].kind is not events[-1].kind):
        return []
    gone = stored.gone_since is not None
    return [_change(events[-1])] if gone == (events[-1].kind is EventKind.WITHDRAWN) else []


def _one_kind(events: Sequence[Event]) -> list[Change]:
    first, last = events[0], events[-1]
    if last.kind is EventKind.TEXT_CHANGED:
        return _prose(events)
    change = msgspec.structs.replace(_change(last), before=first.before)
    undone = len(events) > 1 and change.before == change.after and last.kind is EventKind.BUDGET_CHANGED
    return [] if undone else [change]


def _prose(events: Sequence[Event]) -> list[Change]:
    """The fields that changed at all, each first to last wording; those put back are dropped."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    fields: dict[str, None] = {}
    for event in events:
        old = event.before if isinstance(event.before, dict) else {}
        new = event.after if isinstance(event.after, dict) else {}
        for name in new.get("fields", ()):
            fields[name] = None
            before.setdefault(name, old.get(name))
            after[name] = new.get(name)
    kept = [n for n in fields if before[n] is None or before[n] != after[n]]
    if fields and not kept:
        return []
    quoted = [n for n in kept if before[n] is not None]
    old, new = {n: before[n] for n in quoted}, {n: after[n] for n in quoted}
    last = _change(events[-1])
    return [msgspec.structs.replace(last, before={"fields": kept, **old}, after={"fields": kept, **new})]


def _change(event: Event) -> Change:
    return Change(event.kind, event.at, event.before, event.after)

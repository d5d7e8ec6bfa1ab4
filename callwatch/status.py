"""How callwatch is doing, as one JSON value."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from callwatch.reconcile import balance
from callwatch.wiring import Wiring
from pipeline.outbox import MessageState
from pipeline.store import Outbox, Store, calls, conditions, runs


def overview(wiring: Wiring, store: Store, now: datetime) -> dict[str, Any]:
    """Portals with their last harvest, counts of calls and messages, alerts against deliveries, failures with
    their reasons."""
    outbox = Outbox(store)
    with store.read() as conn:
        portals = [_portal(name, runs.latest(conn, name, limit=1)) for name in wiring.portals]
        known = list(calls.query(conn))
        standing = conditions.standing(conn)
    even = balance(wiring, store, now)
    gone = sum(stored.gone_since is not None for stored in known)
    live = sum(stored.gone_since is None and stored.call.is_live(now) for stored in known)
    trouble = [*outbox.messages(state=MessageState.FAILED), *outbox.messages(state=MessageState.PENDING)]
    failures = [
        {
            "contact": entry.message.contact,
            "channel": entry.message.channel,
            "state": entry.state.value,
            "attempts": entry.attempts,
            "reason": entry.last_error,
        }
        for entry in trouble
        if entry.last_error
    ]
    return {
        "portals": portals,
        "calls": {"all": len(known), "live": live, "gone": gone},
        "messages": outbox.counts(),
        "alerts": {
            "planned": even.planned,
            "sent": even.sent,
            "unplanned": sum(even.unplanned.values()),
            **{name: len(getattr(even, name)) for name in ("waiting", "stuck", "failed", "held")},
        },
        "conditions": [
            {"key": c.key, "since": c.since.isoformat(timespec="minutes"), "detail": c.detail} for c in standing
        ],
        "failures": failures,
    }


def _portal(name: str, latest: list[runs.Run]) -> dict[str, Any]:
    if not latest:
        return {"portal": name, "at": "never", "verdict": "", "seen": 0, "issues": 0}
    run = latest[0]
    return {
        "portal": name,
        "at": run.started_at.isoformat(timespec="minutes"),
        "verdict": run.verdict.value if run.verdict else run.state,
        "seen": run.report.seen if run.report else 0,
        "issues": run.issue_count,
    }

"""How callwatch is doing, as one JSON value."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from callwatch import keys
from callwatch.reconcile import balance
from callwatch.upcoming import upcoming
from callwatch.wiring import Wiring
from pipeline import health
from pipeline.health import Record
from pipeline.outbox import MessageState
from pipeline.source import Portal
from pipeline.store import Outbox, Store, calls, conditions, runs

RUNS = 5
"""The latest harvests that are named."""


def overview(wiring: Wiring, store: Store, now: datetime) -> dict[str, Any]:
    """Portals with their last harvest, counts of calls and messages, alerts against deliveries, failures with
    their reasons."""
    outbox = Outbox(store)
    with store.read() as conn:
        portals = [
            _portal(portal, runs.latest(conn, name, limit=1), runs.record(conn, name), now)
            for name, portal in wiring.portals.items()
        ]
        latest = runs.latest(conn, limit=RUNS)
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
    late, oldest, _ = outbox.overdue(now)
    return {
        "portals": portals,
        "runs": [_run(run) for run in latest],
        "queue": {"waiting": late, "oldest": oldest.isoformat(timespec="minutes") if oldest else None},
        "next": [
            {"job": job, "at": at.isoformat(timespec="minutes")}
            for job, at in upcoming(wiring, store, now).items()
        ],
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
        "cluster": _cluster(wiring, store) if wiring.settings.broker_url else None,
    }


def _cluster(wiring: Wiring, store: Store) -> dict[str, Any]:
    """The broker's place without its password, and which machines had workers that did something, as the store
    knows it; nobody is asked."""
    from callwatch.cluster.examining import where
    from callwatch.cluster.hearing import heard

    workers = [{"host": host, "at": at.isoformat(timespec="minutes")} for host, at in sorted(heard(store).items())]
    return {"broker": where(wiring), "workers": workers}


def _run(run: runs.Run) -> dict[str, Any]:
    verdict = run.verdict.value if run.verdict else run.state
    started = run.started_at.isoformat(timespec="minutes")
    return {"run": run.id, "portal": run.portal, "at": started, "verdict": verdict, "issues": run.issue_count}


def _portal(portal: Portal, latest: list[runs.Run], record: Record, now: datetime) -> dict[str, Any]:
    """The last harvest, of whatever part; and how the harvests of the whole portal do against what is usual."""
    run = latest[0] if latest else None
    report = record.last.report if record.last else None
    weak, trouble = health.weakest(record, portal), health.trouble(record, portal, now)
    return {
        "portal": portal.name,
        "at": run.started_at.isoformat(timespec="minutes") if run else "never",
        "verdict": (run.verdict.value if run.verdict else run.state) if run else "",
        "seen": run.report.seen if run and run.report else 0,
        "issues": run.issue_count if run else 0,
        "last_success": record.success_at.isoformat(timespec="minutes") if record.success_at else None,
        "failures": record.failures,
        "usual": health.usual_before(record, portal).items,
        "fill": report.fill if report else {},
        "weakest": {"field": weak.field, "now": weak.now, "usual": weak.usual} if weak else None,
        "misses": report.misses if report else {},
        "trouble": trouble.ill.value if trouble else "",
        "note": keys.note(portal),
    }

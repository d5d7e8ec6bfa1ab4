"""How calls, events and messages look as JSON and as rows of a table. The JSON keys are a contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from pipeline.links import KeptLink
from pipeline.models import Budget, Call, Classification, Event
from pipeline.outbox import OutboxMessage, StoredCall

if TYPE_CHECKING:
    from pipeline.store.outbox_rows import Delivery

CALL_COLUMNS = ("reference", "programme", "status", "next deadline", "budget", "ecosystems", "title")


def number(amount: Decimal | None) -> int | float | None:
    """An amount as a JSON number."""
    if amount is None:
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def instant(at: datetime | None) -> str | None:
    """ISO 8601 with offset, UTC."""
    return at.isoformat() if at else None


def budget_json(budget: Budget | None) -> dict[str, Any] | None:
    """Money of a call in units of its currency; null = not stated."""
    if budget is None:
        return None
    return {
        "total": number(budget.total),
        "currency": budget.currency,
        "project_min": number(budget.project_min),
        "project_max": number(budget.project_max),
        "grants": budget.grants,
        "by_year": {year: number(amount) for year, amount in budget.by_year.items()},
    }


def labels_json(classification: Classification) -> dict[str, Any]:
    """`{"ecosystems": [...], "s3": [...]}`, labels with reasons; `review` stands at uncertain ones only."""
    ecosystems = msgspec.to_builtins(classification.ecosystems)
    for label in ecosystems:
        if not label["review"]:
            del label["review"]
    return {
        "ecosystems": ecosystems,
        **({"uncovered": classification.uncovered} if classification.uncovered else {}),
        "s3": msgspec.to_builtins(classification.s3),
    }


def call_json(stored: StoredCall, now: datetime, others: Sequence[str] = ()) -> dict[str, Any]:
    """One call as `calls --format json` lists it; `others` are sources that were linked, "PORTAL ADDRESS"."""
    call = stored.call
    following = call.next_deadline(now)
    return {
        "id": call.id,
        "portal": call.portal,
        "reference": call.reference,
        "identifier": call.identifier,
        "call_identifier": call.call_identifier,
        "kind": call.kind.value,
        "programme": call.programme,
        "title": call.title,
        "titles": call.titles,
        "status": call.status_at(now).value,
        "opens_at": instant(call.opens_at),
        "deadlines": [
            {"at": instant(d.at), "stage": d.stage, "precision": d.precision.value, "passed": d.passed(now)}
            for d in call.deadlines
        ],
        "next_deadline": instant(following.at) if following else None,
        "budget": budget_json(call.budget),
        **labels_json(stored.classification),
        "url": call.url,
        "sources": [*call.sources, *others],
        "first_seen": instant(stored.first_seen),
        "last_seen": instant(stored.last_seen),
        "gone_since": instant(stored.gone_since),
    }


def plain_call_json(call: Call) -> dict[str, Any]:
    """Every normalised field of a call, as `show` prints it and as it is exported."""
    shared = call.budget.shared_with if call.budget else 0
    return {**msgspec.to_builtins(call), "budget": budget_json(call.budget), "budget_shared_with": shared}


def call_row(stored: StoredCall, now: datetime) -> tuple[str, ...]:
    """One line of the table; columns as in CALL_COLUMNS."""
    call = stored.call
    following = call.next_deadline(now)
    return (
        call.reference,
        call.programme,
        "gone" if stored.gone_since else call.status_at(now).value,
        f"{following.at:%Y-%m-%d}" if following else "",
        f"{call.budget.total:,.0f} {call.budget.currency}".replace(",", " ")
        if call.budget and call.budget.total
        else "",
        ", ".join(label.id for label in stored.classification.ecosystems),
        call.title,
    )


def event_json(event: Event) -> dict[str, Any]:
    """One event as `events --format json` lists it."""
    return {
        "call_id": event.call_id,
        "kind": event.kind.value,
        "at": instant(event.at),
        "before": event.before,
        "after": event.after,
    }


def link_json(link: KeptLink, calls: Mapping[str, StoredCall]) -> dict[str, Any]:
    """One link as `links list --format json` has it, with its two calls."""
    ends = (calls[call_id].call for call_id in (link.call_id, link.other_id))
    return {
        **{name: getattr(link, name) for name in ("id", "kind", "state", "rule", "evidence")},
        "at": instant(link.at),
        "by": link.by,
        "calls": [{"id": end.id, "portal": end.portal, "title": end.title, "url": end.url} for end in ends],
    }


def message_json(entry: OutboxMessage) -> dict[str, Any]:
    """One message of the outbox as `plan --format json` lists it."""
    message = entry.message
    return {
        "id": message.id,
        "contact": message.contact,
        "subscription": message.subscription,
        "channel": message.channel,
        "kind": message.kind,
        "call_ids": list(message.call_ids),
        "state": entry.state.value,
        "attempts": entry.attempts,
        "reason": entry.last_error,
    }


def whole_message_json(entry: OutboxMessage, attempts: Sequence[Delivery]) -> dict[str, Any]:
    """One message with its content, its posts and all attempts to say it."""
    from alerts.message import decode

    content = msgspec.to_builtins(decode(entry.message.payload)) if entry.message.payload else None
    posts = {str(number): remote for number, remote in sorted(entry.posts.items())}
    deliveries = [msgspec.to_builtins(attempt) for attempt in attempts]
    return {**message_json(entry), "posts": posts, "deliveries": deliveries, "message": content}


def csv_row(stored: StoredCall, now: datetime) -> list[str]:
    """One line of `calls --format csv`; columns as in CSV_COLUMNS."""
    flat: dict[str, Any] = call_json(stored, now)
    budget = flat["budget"] or {}
    flat |= {"budget_total": budget.get("total"), "currency": budget.get("currency")}
    flat["deadlines"] = " ".join(d["at"] for d in flat["deadlines"])
    flat["ecosystems"] = " ".join(label["id"] for label in flat["ecosystems"])
    flat["s3"] = " ".join(f"{label['region']}={label['score']}" for label in flat["s3"])
    return ["" if flat[key] is None else str(flat[key]) for key in CSV_COLUMNS]


CSV_COLUMNS: Sequence[str] = (
    "id", "identifier", "kind", "programme", "title", "status", "opens_at", "deadlines", "next_deadline",
    "budget_total", "currency", "ecosystems", "s3", "url", "first_seen", "last_seen", "gone_since",
)  # fmt: skip

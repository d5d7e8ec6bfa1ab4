"""What changed between two states of a call, and matters to a reader. Pure.

Noise never makes an event: seconds, white space, mark-up and the order of lists are compared away, a deadline that
has passed may vanish from the portal's list, and a shift of less than `JITTER` is the portal's random seconds
crossing a minute (72 % of the raw deadline changes of 164 days of the Funding & Tenders portal were just that).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from pipeline.models import Budget, Call, Deadline, Event, EventKind, Kind, Status

JITTER = timedelta(minutes=2)
MORNING_AFTER = timedelta(days=7)
"""An extension may first show after the old deadline: up to this long a passed deadline can still be moved."""

PROSE = ("title", "type_of_action", "text", "conditions")
LONG = ("text", "conditions")
"""Prose whose wording is not repeated in the event: it is named only."""

_NOT_A_WORD = re.compile(r"[\W_]+")
_ASCII = bytes(range(128))
_PLAIN = bytes(b if b >= 0x80 else ord(chr(b).lower()) if chr(b).isalnum() else 0x20 for b in range(256))
"""Small letters and digits stay, capitals become small, everything else in ASCII a space; other bytes stay."""

_FEW = 200
"""Of different characters beyond ASCII; more is no European text."""


def fingerprint(call: Call) -> str:
    """SHA-256 over the fields that matter; two states with one fingerprint are one version."""
    matters = (
        _words(call.title),
        _name(call),
        call.programme,
        _words(call.type_of_action),
        call.opens_at,
        [(d.at, d.stage, d.precision) for d in call.deadlines],
        call.budget,
        _words(call.text),
        _words(call.conditions),
        call.portal_status,
    )
    return hashlib.sha256(msgspec.json.encode(matters, order="deterministic")).hexdigest()


def steady(old: Call, new: Call) -> Call:
    """`new` with what is only noise or absence taken from `old`.

    Jittering seconds keep the instant that readers were told. A translation that is missing today is kept, and so
    are the deadlines of a call that suddenly has none: no portal takes them all back, but a field can get lost.
    """
    deadlines = tuple(_told(d, old.deadlines) for d in new.deadlines) or old.deadlines
    opens_at = new.opens_at
    if opens_at and old.opens_at and abs(opens_at - old.opens_at) < JITTER:
        opens_at = old.opens_at
    titles = {**old.titles, **new.titles}
    texts = {**old.texts, **new.texts}
    return msgspec.structs.replace(new, deadlines=deadlines, opens_at=opens_at, titles=titles, texts=texts)


def first_event(call: Call, now: datetime) -> list[Event]:
    """The event of a call never seen before; none when it is closed already (a backfill tells nobody), and none of
    an announcement, which may turn out to speak of a call (`linking.unmatched`).

    For once the portal's word counts as much as the dates: it may have closed a call before its last stage.
    """
    if not call.is_live(now) or call.portal_status == Status.CLOSED or call.kind is Kind.ANNOUNCEMENT:
        return []
    return [Event(call.id, EventKind.NEW, now, after={"status": call.status_at(now).value})]


def compare(old: Call, new: Call, now: datetime) -> list[Event]:
    """Events between two states of one call, the most harmful first. `new` should have been made `steady`."""
    events = [*_deadline_events(old, new, now), *_budget_events(old, new, now), *_text_events(old, new, now)]
    return sorted(events, key=lambda event: event.kind.harm)


def opened(call: Call, was: Status, now: datetime) -> list[Event]:
    """The step from forthcoming to open, once per opening date, unless the portal still says otherwise."""
    if was is not Status.FORTHCOMING or call.status_at(now) is not Status.OPEN:
        return []
    if call.portal_status == Status.FORTHCOMING:
        return []
    return [Event(call.id, EventKind.OPENED, now, key=_iso(call.opens_at), after=_iso(call.opens_at) or None)]


def withdrawn(call: Call, missed_since: datetime, now: datetime) -> Event:
    """The portal no longer lists a call that one could still have applied to."""
    return Event(call.id, EventKind.WITHDRAWN, now, key=_iso(missed_since), before=_iso(missed_since))


def returned(call: Call, gone_since: datetime, now: datetime) -> Event:
    """A call that was reported as withdrawn is listed again: open again, and not new."""
    return Event(call.id, EventKind.OPENED, now, key=f"back {_iso(gone_since)}", before={"gone": _iso(gone_since)})


def closing(call: Call, now: datetime, within: timedelta) -> list[Event]:
    """`closing_soon` for the next deadline when it is at most `within` away; its key is that deadline."""
    deadline = call.next_deadline(now)
    if deadline is None or call.status_at(now) is not Status.OPEN or deadline.at - now > within:
        return []
    return [Event(call.id, EventKind.CLOSING_SOON, now, key=_iso(deadline.at), after=_point(deadline))]


def _deadline_events(old: Call, new: Call, now: datetime) -> Iterable[Event]:
    gone, come = _unmatched(old.deadlines, new.deadlines)
    moved, removed, added = _pair(old, gone, come, now)
    for before, after in moved:
        if before.passed(now) and after.passed(now):
            continue
        forward = after.at < before.at
        kind = EventKind.DEADLINE_BROUGHT_FORWARD if forward else EventKind.DEADLINE_EXTENDED
        yield Event(new.id, kind, now, _key(now, before.stage), _point(before), _point(after))
    for deadline in removed:
        key = _key(now, deadline.stage)
        yield Event(new.id, EventKind.DEADLINE_REMOVED, now, key, before=_point(deadline))
    for deadline in added:
        key = _key(now, deadline.stage)
        yield Event(new.id, EventKind.DEADLINE_ADDED, now, key, after=_point(deadline))


def _unmatched(old: Sequence[Deadline], new: Sequence[Deadline]) -> tuple[list[Deadline], list[Deadline]]:
    """Deadlines of each side that the other side does not have, jitter aside."""
    gone = [d for d in old if not any(abs(d.at - n.at) < JITTER for n in new)]
    come = [d for d in new if not any(abs(d.at - o.at) < JITTER for o in old)]
    return gone, come


def _pair(
    old: Call, gone: list[Deadline], come: list[Deadline], now: datetime
) -> tuple[list[tuple[Deadline, Deadline]], list[Deadline], list[Deadline]]:
    """(moved, removed, added). Stages are paired one by one; of cut-offs only those still ahead matter."""
    if len(gone) == len(come) and old.deadline_model != "multiple cut-off":
        pairs = list(zip(gone, come, strict=True))
        moved = [(o, n) for o, n in pairs if _movable(o, now)]
        return moved, [], [n for o, n in pairs if not _movable(o, now) and not n.passed(now)]
    ahead = [d for d in gone if not d.passed(now)]
    fresh = [d for d in come if not d.passed(now)]
    moved = list(zip(ahead, fresh, strict=False))
    return moved, ahead[len(moved) :], fresh[len(moved) :]


def _movable(deadline: Deadline, now: datetime) -> bool:
    return now - deadline.over_at < MORNING_AFTER


def _budget_events(old: Call, new: Call, now: datetime) -> Iterable[Event]:
    before, after = _amounts(old.budget), _amounts(new.budget)
    if before != after and (before or after):
        yield Event(new.id, EventKind.BUDGET_CHANGED, now, _key(now), before, after)


def _text_events(old: Call, new: Call, now: datetime) -> Iterable[Event]:
    changed = [name for name in PROSE if _words(getattr(old, name)) != _words(getattr(new, name))]
    changed = [name for name in changed if getattr(old, name)]
    before = {name: getattr(old, name) for name in changed if name not in LONG}
    after = {name: getattr(new, name) for name in changed if name not in LONG}
    if _name(old) != _name(new):
        changed.append("identifier")
        before["identifier"], after["identifier"] = old.identifier, new.identifier
    if old.opens_at and new.opens_at != old.opens_at and _opening_matters(old.opens_at, new.opens_at, now):
        changed.append("opens_at")
        before["opens_at"], after["opens_at"] = _iso(old.opens_at), _iso(new.opens_at)
    if changed:
        fields = {"fields": changed}
        yield Event(new.id, EventKind.TEXT_CHANGED, now, _key(now), fields | before, fields | after)


def _name(call: Call) -> str:
    """What people call a topic; other kinds bear the parent's identifier, or one that loses its ending."""
    return call.identifier.casefold() if call.kind is Kind.TOPIC else ""


def _opening_matters(old: datetime, new: datetime | None, now: datetime) -> bool:
    """Not when both lie in the past, nor when the call opens early: that is an event of its own."""
    return new is None or new > now


def _told(deadline: Deadline, told: Sequence[Deadline]) -> Deadline:
    """The instant readers know, where the new one differs from it by jitter only."""
    known = next((d for d in told if abs(d.at - deadline.at) < JITTER), None)
    return msgspec.structs.replace(deadline, at=known.at) if known else deadline


def _amounts(budget: Budget | None) -> dict[str, Any]:
    if budget is None:
        return {}
    named = {
        "total": budget.total,
        "project_min": budget.project_min,
        "project_max": budget.project_max,
        "grants": budget.grants,
    }
    amounts: dict[str, Any] = {
        k: f"{v.normalize():f}" if isinstance(v, Decimal) else v for k, v in named.items() if v
    }
    return {**amounts, "currency": budget.currency} if amounts else {}


def _point(deadline: Deadline) -> dict[str, str]:
    return {"at": _iso(deadline.at), "stage": deadline.stage, "precision": deadline.precision.value}


def _key(now: datetime, what: str = "") -> str:
    """Two equal moves at different times are two events: A to B, back to A, and to B again are three."""
    return f"{now.isoformat()} {what}".strip()


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _words(text: str) -> str:
    """Only letters and digits, folded: what is left when white space, mark-up and punctuation are noise."""
    raw = text.encode("utf-8", "replace")
    odd = set() if raw.isascii() else set(raw.translate(None, _ASCII).decode())
    if len(odd) > _FEW:
        return _fold(raw.decode()).strip()
    # Sign by sign of those there are: folding a long text that is not plain ASCII takes three times as long.
    for sign in odd:
        raw = raw.replace(sign.encode(), _fold(sign).encode())
    raw = raw.translate(_PLAIN)
    while b"  " in raw:
        raw = raw.replace(b"  ", b" ")
    return raw.decode().strip()


def _fold(text: str) -> str:
    return _NOT_A_WORD.sub(" ", text.casefold())

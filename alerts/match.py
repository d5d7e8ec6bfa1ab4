"""Whether a call is for a subscription, and why. Pure.

Several filters hold together (AND), the values within one are alternatives (OR). The answer is a `Match` with the
reasons a reader sees, or None.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

import msgspec

from alerts.message import Reason
from alerts.subscription import Filters, Subscription
from alerts.words import KnownWords, Source
from pipeline.models import Call, Classification, EventKind, Kind, S3Label
from pipeline.outbox import Candidate, StoredCall

ALARMS = frozenset({EventKind.DEADLINE_BROUGHT_FORWARD, EventKind.WITHDRAWN, EventKind.DEADLINE_REMOVED})
"""Told at any hour, and even when the call is closed now: exactly then somebody may be working on an
application."""

BY_DATE = frozenset({EventKind.CLOSING_SOON})
"""Told by the contact's own lead times (alerts.reminders), not when it is noted."""
NOT_AT_ONCE = frozenset({EventKind.TEXT_CHANGED})
"""Left to digests, and to those who ask for it by name: new wording is seldom worth an interruption."""


class Match(msgspec.Struct, frozen=True):
    """A subscription and a call that belong together, and every filter that held."""

    subscription: str
    call_id: str
    reasons: tuple[Reason, ...]


def match(subscription: Subscription, candidate: Candidate, now: datetime, known: KnownWords) -> Match | None:
    """Whether this event of this call is to be told to this subscription at `now`."""
    if not wanted(subscription, candidate, now):
        return None
    return match_call(subscription, candidate.stored, known)


def wanted(subscription: Subscription, candidate: Candidate, now: datetime) -> bool:
    """Whether the kind of event is asked for and still of use at `now`."""
    kind = candidate.event.kind
    if kind in BY_DATE or not asked_for(subscription, kind):
        return False
    return kind in ALARMS or available(candidate.stored, now)


def asked_for(subscription: Subscription, kind: EventKind) -> bool:
    """Whether the subscription wants to hear of this kind: those it names, else all that its cadence is for."""
    kinds = subscription.filters.events
    if kinds:
        return kind in kinds
    return subscription.cadence != "at_once" or kind not in NOT_AT_ONCE


def available(stored: StoredCall, now: datetime) -> bool:
    """Whether one can still apply, now or later: the last deadline is ahead and the portal lists the call."""
    return stored.gone_since is None and stored.call.is_live(now)


def match_call(subscription: Subscription, stored: StoredCall, known: KnownWords) -> Match | None:
    """Whether the call itself is for the subscription, whatever happened to it."""
    if known.sources.get(stored.call.portal, Source()).quiet:
        return None
    reasons: list[Reason] = []
    for found in _filters(subscription.filters, stored.call, stored.classification, known):
        if not found:
            return None
        reasons.extend(found)
    return Match(subscription.key, stored.call.id, tuple(reasons) or (Reason("all"),))


def _filters(filters: Filters, call: Call, labels: Classification, known: KnownWords) -> Iterable[list[Reason]]:
    """The reasons of each filter that is set; an empty list where one does not hold. The dear ones come last."""
    if filters.kinds or call.kind is Kind.TENDER:  # what is bought is told only to those who ask for it
        yield [Reason("kind", call.kind.value)] if call.kind in filters.kinds else []
    if filters.programmes:
        yield [Reason("programme", call.programme)] if call.programme in filters.programmes else []
    if filters.ecosystems:
        yield _ecosystems(filters, labels)
    if filters.regions:
        yield _regions(filters, labels, known)
    if filters.budget_at_least is not None:
        yield _budget(Decimal(filters.budget_at_least), call)
    if filters.exclude and find_words(filters.exclude, call):
        yield []
    if filters.words:
        found = find_words(filters.words, call)
        yield [Reason("words", words=found)] if found else []


def _ecosystems(filters: Filters, labels: Classification) -> list[Reason]:
    return [
        Reason(
            "ecosystem",
            label.id,
            words=_distinct(w for b in label.because for w in b.words),
            hint="uncertain" if label.review else "",
        )
        for label in labels.ecosystems
        if label.id in filters.ecosystems
    ]


def _regions(filters: Filters, labels: Classification, known: KnownWords) -> list[Reason]:
    """Of each region or group asked for, the member that the call suits best."""
    best: dict[str, S3Label] = {}
    for wish in filters.regions:
        members = known.members(wish.region)
        good = [label for label in labels.s3 if label.region in members and label.score >= wish.least]
        if good:
            label = max(good, key=lambda s: s.score)
            best[label.region] = label
    return [
        Reason("region", s.region, score=s.score, note=s.priority, hint=known.hint(s.region, s.priority))
        for s in best.values()
    ]


def _budget(least: Decimal, call: Call) -> list[Reason]:
    """Silence would lose a call, so an amount that is not stated, or not in EUR, matches; the reason says so."""
    asked, budget = format(least, "f"), call.budget
    if budget is None:
        return [Reason("budget", asked, note="not stated")]
    if budget.currency != "EUR":
        stated = (budget.total, budget.project_min, budget.project_max) != (None, None, None)
        return [Reason("budget", asked, note=budget.currency if stated else "not stated")]
    amounts = [a for a in (budget.total, budget.project_max) if a is not None]
    if amounts and max(amounts) >= least:
        return [Reason("budget", asked)]
    return [] if budget.total is not None else [Reason("budget", asked, note="not stated")]


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    """Each word once, letter case aside, as it stood first."""
    return tuple({word.casefold(): word for word in reversed(list(words))}.values())[::-1]


def find_words(words: tuple[str, ...], call: Call) -> tuple[str, ...]:
    """Those of `words` that stand in the call's titles, texts or keywords, as whole words, case aside."""
    places = (call.title, *call.titles.values(), *call.keywords, call.text, *call.texts.values())
    text = "\n".join(places)
    return tuple(word for word in words if _pattern(word).search(text))


@lru_cache(maxsize=4096)
def _pattern(word: str) -> re.Pattern[str]:
    """A literal, never an expression of the user; a final * stands for any ending ("batteri*")."""
    stem = word.removesuffix("*")
    literal = r"\s+".join(re.escape(part) for part in stem.split())
    return re.compile(rf"(?<!\w){literal}" + ("" if word.endswith("*") else r"(?!\w)"), re.IGNORECASE)

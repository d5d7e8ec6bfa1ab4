"""Whether a call is for a subscription, and the reasons that are given."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from alerts.match import available, find_words, match, match_call
from alerts.message import Reason
from pipeline.models import Budget, Classification, EventKind, Kind
from tests.alerts.samples import KNOWN, NOW, call, candidate, deadline, labels, region, stored, subscription

WORDS = ("trucks", "battery")


@pytest.mark.parametrize(
    ("filters", "reasons"),
    [
        ({}, (Reason("all"),)),
        ({"ecosystems": ("mobility", "health")}, (Reason("ecosystem", "mobility", words=WORDS),)),
        ({"ecosystems": ("health",)}, None),
        ({"regions": (region("SE332"),)}, (Reason("region", "SE332", score=2, note="Energy technology"),)),
        (
            {"regions": (region("north-sweden", 1),)},
            (Reason("region", "SE332", score=2, note="Energy technology"),),
        ),
        ({"regions": (region("SE332", 3),)}, None),
        ({"regions": (region("SE331"),)}, None),
        ({"programmes": ("SMP", "HORIZON")}, (Reason("programme", "HORIZON"),)),
        ({"programmes": ("SMP",)}, None),
        ({"kinds": (Kind.TOPIC,)}, (Reason("kind", "topic"),)),
        ({"kinds": (Kind.CASCADE,)}, None),
        ({"budget_at_least": 42000000}, (Reason("budget", "42000000"),)),
        ({"budget_at_least": 42000001}, None),
        ({"words": ("Electric  TRUCKS", "ferry")}, (Reason("words", words=("Electric  TRUCKS",)),)),
        ({"words": ("truck",)}, None),
        ({"words": ("truck*",)}, (Reason("words", words=("truck*",)),)),
        ({"words": ("winter",)}, (Reason("words", words=("winter",)),)),
        ({"exclude": ("battery",)}, None),
        ({"exclude": ("ferry",)}, (Reason("all"),)),
        ({"kinds": (Kind.TOPIC,), "programmes": ("SMP",)}, None),
        (
            {"kinds": (Kind.TOPIC,), "words": ("cold",)},
            (Reason("kind", "topic"), Reason("words", words=("cold",))),
        ),
    ],
)
def test_filters(filters: dict[str, Any], reasons: tuple[Reason, ...] | None) -> None:
    found = match_call(subscription(filters=filters), stored(), KNOWN)
    assert (found.reasons if found else None) == reasons


@pytest.mark.parametrize(("kinds", "told"), [((), False), ((Kind.TOPIC,), False), ((Kind.TENDER,), True)])
def test_tenders_are_told_only_to_those_who_ask_for_them(kinds: tuple[Kind, ...], told: bool) -> None:
    tender = msgspec.structs.replace(stored(), call=call(kind=Kind.TENDER))
    assert (match_call(subscription(filters={"kinds": kinds}), tender, KNOWN) is not None) is told


@pytest.mark.parametrize(
    ("budget", "note"),
    [
        (None, "not stated"),
        (Budget("EUR"), "not stated"),
        (Budget("USD"), "not stated"),
        (Budget("SEK", Decimal(1)), "SEK"),
        (Budget("SEK", None, Decimal(6_000_000)), "SEK"),
        (Budget("EUR", None, None, Decimal(500)), "not stated"),
        (Budget("EUR", None, None, Decimal(2000)), ""),
        (Budget("EUR", Decimal(999)), None),
    ],
)
def test_an_unknown_budget_is_told_and_named(budget: Budget | None, note: str | None) -> None:
    found = match_call(subscription(filters={"budget_at_least": 1000}), stored(call(budget=budget)), KNOWN)
    assert (found.reasons[0].note if found else None) == note


def test_words_are_found_in_translations_and_never_compiled() -> None:
    swedish = call(titles={"sv": "Fjällbruk (batterier)"}, texts={"sv": "Om tåg."})
    assert find_words(("fjällbruk", "TÅG", "batteri", "(a+)+$", "batteri*"), swedish) == (
        "fjällbruk",
        "TÅG",
        "batteri*",
    )


def test_what_is_still_of_use() -> None:
    over = stored(call(deadlines=(deadline("2026-11-20"),)))
    gone = stored(gone_since=NOW - timedelta(days=1))
    everything = subscription()
    assert available(stored(), NOW)
    assert not available(over, NOW)
    assert not available(gone, NOW)
    assert match(everything, candidate(), NOW, KNOWN)
    for late in (over, gone):
        assert match(everything, candidate(of=late), NOW, KNOWN) is None
        assert match(everything, candidate(kind=EventKind.DEADLINE_BROUGHT_FORWARD, of=late), NOW, KNOWN)
        assert match(everything, candidate(kind=EventKind.WITHDRAWN, of=late), NOW, KNOWN)


def test_kinds_of_event() -> None:
    only_withdrawn = subscription(filters={"events": (EventKind.WITHDRAWN,)})
    assert match(only_withdrawn, candidate(), NOW, KNOWN) is None
    assert match(only_withdrawn, candidate(kind=EventKind.WITHDRAWN), NOW, KNOWN) is not None


def test_without_labels_nothing_is_claimed() -> None:
    bare = stored(classification=Classification())
    assert match_call(subscription(filters={"ecosystems": ("mobility",)}), bare, KNOWN) is None
    assert match_call(subscription(filters={"regions": (region("SE332", 1),)}), bare, KNOWN) is None
    best = stored(classification=labels(region="SE331", score=3))
    found = match_call(subscription(filters={"regions": (region("north-sweden"), region("SE332"))}), best, KNOWN)
    assert found
    assert [r.value for r in found.reasons] == ["SE331"]

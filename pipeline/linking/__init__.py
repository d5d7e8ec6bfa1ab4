"""Which calls of different portals are one, or belong together, and by what reason. Pure.

names      a call          -> the names it is known by and those it mentions
index      names           -> pairs that have to be compared
judge      two calls       -> the link between them, linked or proposed
clusters   links and calls -> which call speaks for which
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pipeline.linking.clusters import Clusters, clusters, rank
from pipeline.linking.index import Index, needed, rows
from pipeline.linking.judge import Card, card, judge
from pipeline.links import CallLink, KeptLink, LinkKind, LinkState, Place, Places, Row, place, places_of
from pipeline.models import Call

__all__ = [
    "CallLink",
    "Card",
    "Clusters",
    "Index",
    "KeptLink",
    "LinkKind",
    "LinkState",
    "Place",
    "Places",
    "Row",
    "card",
    "clusters",
    "find",
    "judge",
    "needed",
    "place",
    "places_of",
    "rank",
    "rows",
]


def find(calls: Iterable[Call], places: Places, now: datetime) -> list[CallLink]:
    """All links among `calls`, in a steady order; what `pipeline.relate` does with a store, without one."""
    cards = {call.id: card(call, places) for call in calls}
    all_rows = [row for each in cards.values() for row in rows(each)]
    pairs = Index(all_rows).partners(all_rows)
    found = (judge(cards[one], cards[other], now) for one, other in sorted(pairs))
    return [link for link in found if link is not None]

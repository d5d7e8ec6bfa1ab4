"""Which of many calls are for many subscriptions: equal filters are matched once, and only against calls that can
fit.

Calls are indexed by programme, kind, ecosystem and region; of the filters that a subscription sets, the one with
the fewest calls decides which are looked at. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from alerts.match import match_call
from alerts.message import Reason
from alerts.subscription import Filters, Subscription
from alerts.words import KnownWords
from pipeline.outbox import StoredCall


class Matcher:
    """The calls of one planning. `matching` remembers what it found for equal filters."""

    def __init__(self, calls: Iterable[StoredCall], known: KnownWords) -> None:
        self.calls: Mapping[str, StoredCall] = {stored.call.id: stored for stored in calls}
        self._known = known
        self._index: dict[tuple[str, str], list[str]] = {}
        self._found: dict[Filters, dict[str, tuple[Reason, ...]]] = {}
        for call_id, stored in self.calls.items():
            for key in _facets(stored):
                self._index.setdefault(key, []).append(call_id)

    def matching(self, subscription: Subscription) -> dict[str, tuple[Reason, ...]]:
        """By call id, why each call is for the subscription, whatever happened to it."""
        filters = subscription.filters
        found = self._found.get(filters)
        if found is None:
            found = self._found[filters] = {}
            for call_id in self._possible(filters):
                match = match_call(subscription, self.calls[call_id], self._known)
                if match is not None:
                    found[call_id] = match.reasons
        return found

    def _possible(self, filters: Filters) -> Iterable[str]:
        """Calls that fit the one filter that lets the fewest through, in a steady order."""
        wishes = [
            [("programme", name) for name in filters.programmes],
            [("kind", kind.value) for kind in filters.kinds],
            [("ecosystem", name) for name in filters.ecosystems],
            [("region", code) for wish in filters.regions for code in self._known.members(wish.region)],
        ]
        chosen = [self._union(keys) for keys in wishes if keys]
        return min(chosen, key=len, default=list(self.calls))

    def _union(self, keys: Iterable[tuple[str, str]]) -> list[str]:
        return list(dict.fromkeys(call_id for key in keys for call_id in self._index.get(key, ())))


def _facets(stored: StoredCall) -> Iterable[tuple[str, str]]:
    call, labels = stored.call, stored.classification
    yield "programme", call.programme
    yield "kind", call.kind.value
    for ecosystem in labels.ecosystems:
        yield "ecosystem", ecosystem.id
    for region in labels.s3:
        yield "region", region.region

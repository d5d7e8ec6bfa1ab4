"""Which of many calls are for many subscriptions: equal filters are matched once, and only against calls that can
fit.

Calls are indexed by programme, kind, ecosystem and region; only those that fit each of these filters that a
subscription sets are looked at. Pure.
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
        self._unions: dict[tuple[tuple[str, str], ...], dict[str, None]] = {}
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
        """Calls that fit each of these filters, in a steady order."""
        wishes = [
            tuple(("programme", name) for name in filters.programmes),
            tuple(("kind", kind.value) for kind in filters.kinds),
            tuple(("ecosystem", name) for name in filters.ecosystems),
            tuple(("region", code) for wish in filters.regions for code in self._known.members(wish.region)),
        ]
        fitting = sorted((self._union(keys) for keys in wishes if keys), key=len)
        if not fitting:
            return self.calls
        fewest, *others = fitting
        return [call_id for call_id in fewest if all(call_id in other for other in others)]

    def _union(self, keys: tuple[tuple[str, str], ...]) -> dict[str, None]:
        """Calls that fit any of the keys, in a steady order."""
        if keys not in self._unions:
            self._unions[keys] = dict.fromkeys(c for key in keys for c in self._index.get(key, ()))
        return self._unions[keys]


def _facets(stored: StoredCall) -> Iterable[tuple[str, str]]:
    call, labels = stored.call, stored.classification
    yield "programme", call.programme
    yield "kind", call.kind.value
    for ecosystem in labels.ecosystems:
        yield "ecosystem", ecosystem.id
    for region in labels.s3:
        yield "region", region.region

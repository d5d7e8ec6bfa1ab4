"""Which stored calls a person asked to see."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from pipeline.models import Kind, Status
from pipeline.outbox import StoredCall
from pipeline.store import Store, calls

LAST = datetime.max.replace(tzinfo=UTC)


class Selection(msgspec.Struct, frozen=True):
    """Filters joined by AND; None or empty = anything."""

    portal: str | None = None
    programme: str | None = None
    kind: Kind | None = None
    status: Status | None = None
    live: bool = False
    ecosystem: str | None = None
    region: str | None = None
    least: int = 1
    word: str | None = None

    def of(self, store: Store, now: datetime, limit: int | None = None) -> list[StoredCall]:
        """The chosen calls, nearest deadline first, those without one last."""
        with store.read() as conn:
            found = calls.query(conn, portal=self.portal, programme=self.programme, kind=self.kind)
            chosen = [stored for stored in found if self._fits(stored, now)]
        return sorted(chosen, key=lambda stored: _order(stored, now))[:limit]

    def _fits(self, stored: StoredCall, now: datetime) -> bool:
        call, labels = stored.call, stored.classification
        if self.status and call.status_at(now) is not self.status:
            return False
        if self.live and (stored.gone_since or not call.is_live(now)):
            return False
        if self.ecosystem and self.ecosystem not in {label.id for label in labels.ecosystems}:
            return False
        if self.region and not any(s.region == self.region and s.score >= self.least for s in labels.s3):
            return False
        haystack = f"{call.identifier} {call.title} {' '.join(call.titles.values())} {call.text}".casefold()
        return not self.word or self.word.casefold() in haystack


def _order(stored: StoredCall, now: datetime) -> tuple[bool, datetime, str]:
    following = stored.call.next_deadline(now)
    return (not stored.call.is_live(now), following.at if following else LAST, stored.call.reference)

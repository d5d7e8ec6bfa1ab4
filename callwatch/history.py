"""What subscriptions would have sent, from the events the store holds."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from callwatch.contacts import effective
from callwatch.kinship import read_kin
from callwatch.wiring import Wiring
from pipeline.linking.happenings import of_links
from pipeline.store import Outbox, Store, calls

if TYPE_CHECKING:
    from alerts.preview import Week


def history(
    wiring: Wiring, store: Store, since: datetime, now: datetime, key: str | None = None
) -> dict[str, list[Week]]:
    """By subscription (one, or all), the weeks from `since` to `now`."""
    from alerts.preview import preview

    subscriptions = effective(wiring, store)
    changed = Outbox(store).candidates(since)
    with store.read() as conn:
        kin = read_kin(wiring.places, conn)
        current = [stored for stored in calls.current(conn, since) if not kin.is_silent(stored, now)]
    changed = [c for c in changed if not kin.is_silent(c.stored, now) and not of_links(c.event)]
    return {
        subscription.key: preview(
            subscription,
            subscriptions.contacts[subscription.contact],
            changed,
            current,
            subscriptions.known,
            since,
            now,
        )
        for subscription in subscriptions.subscriptions
        if key in (None, subscription.key)
    }

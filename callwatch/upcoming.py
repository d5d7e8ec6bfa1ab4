"""What comes next: the slot of each portal, and the next digest."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from callwatch.due import WATCH, followed_portals, portals_due
from callwatch.sources import watched
from callwatch.wiring import Wiring
from pipeline.schedule import parse
from pipeline.store import Store

if TYPE_CHECKING:
    from alerts.subscription import Subscription, Subscriptions


def upcoming(wiring: Wiring, store: Store, now: datetime) -> dict[str, datetime]:
    """By job the time at which it is due next, `now` for one that is due; the next digest as `digest KEY`."""
    from callwatch.contacts import effective
    from callwatch.telling import active

    portals = watched(wiring.portals.values())
    due = portals_due(wiring, store, [portal.name for portal in portals], now)
    with store.read() as conn:
        followed = followed_portals(conn, now)
    found = {}
    for portal in portals:
        schedules = [portal.schedule, *([WATCH] if portal.name in followed else [])]
        following = min(parse(each).following(now).at for each in schedules)
        found[f"harvest {portal.name}"] = now if portal.name in due else following
    book = effective(wiring, store)
    digests = {f"digest {key}": at for key, at in _digests(book, active(store, book), now)}
    if digests:
        first = min(digests, key=lambda key: (digests[key], key))
        found[first] = digests[first]
    return dict(sorted(found.items(), key=lambda job: (job[1], job[0])))


def _digests(book: Subscriptions, chosen: Iterable[Subscription], now: datetime) -> Iterable[tuple[str, datetime]]:
    from alerts.digest import latest_slot

    for subscription in chosen:
        if subscription.cadence != "at_once":
            step = timedelta(days=7 if subscription.cadence == "weekly" else 1)
            zone = ZoneInfo(book.contacts[subscription.contact].time_zone)
            yield subscription.key, latest_slot(subscription, zone, now + step).at

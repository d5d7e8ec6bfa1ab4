"""10,000 contacts and 1,000 new calls: matched, planned, and written into the outbox."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from alerts.contact import Contact
from alerts.subscription import Filters, RegionFilter, Subscription, Subscriptions
from alerts.words import KnownWords
from callwatch.settings import Settings
from callwatch.telling import plan_messages
from callwatch.wiring import Wiring
from pipeline.outbox import SubscriptionState
from pipeline.store import Outbox, Store
from tests.bench.harvest_once import cpu

CONTACTS = 10_000


def crowd(known: KnownWords, contacts: int) -> Subscriptions:
    """So many contacts with a subscription each, of some 600 different wishes in two languages."""
    wishes = list(_wishes(known))
    people = {
        f"c{n:05}": Contact(
            name=f"Contact {n}",
            email=f"c{n}@contacts.example",
            language="sv" if n % 3 == 0 else "en",
            time_zone="Europe/Stockholm",
            regions=("north-sweden",) if n % 2 else (),
            vouched=True,
        )
        for n in range(contacts)
    }
    subscriptions = tuple(
        Subscription(key=key, contact=key, channel="email", cadence="at_once", filters=wishes[n % len(wishes)])
        for n, key in enumerate(people)
    )
    return Subscriptions(people, subscriptions, known)


def _wishes(known: KnownWords) -> list[Filters]:
    programmes = ["HORIZON", "DIGITAL", "LIFE2027", "SMP"]
    named = [name for name in programmes if name in known.programmes] or list(known.programmes)[:3]
    regions = [*known.groups, *known.regions]
    return [
        Filters(ecosystems=(ecosystem,), regions=(RegionFilter(region=region, least=1),), programmes=(programme,))
        for ecosystem, region, programme in itertools.product(known.ecosystems, regions, named)
    ][:600]


def planned(database: Path, contacts: int = CONTACTS) -> tuple[float, int, int]:
    """CPU seconds of one planning over the database of a harvest, the messages, and the calls in them."""
    now = datetime.now(UTC) + timedelta(minutes=5)
    wiring = Wiring(Settings(database_url=SecretStr(f"sqlite:///{database}")), lambda: now)
    wiring.__dict__["subscriptions"] = everybody = crowd(wiring.subscriptions.known, contacts)
    before = now - timedelta(days=1)
    with Store.open(f"sqlite:///{database}") as store:
        begun = SubscriptionState(before, before)
        Outbox(store).commit_plans([(subscription.key, (), begun) for subscription in everybody.subscriptions])
        started = cpu()
        written = plan_messages(wiring, store, now)
        return cpu() - started, len(written), sum(len(message.call_ids) for message in written)

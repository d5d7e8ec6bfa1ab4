"""10,000 contacts and 1,000 new calls: matched, planned, and written into the outbox."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts.contact import Contact
from alerts.subscription import Filters, RegionFilter, Subscription, Subscriptions
from alerts.words import KnownWords
from callwatch.telling import plan_parts
from callwatch.wiring import Wiring
from pipeline.outbox import SubscriptionState
from pipeline.store import Outbox, Store
from tests.bench import data, saved
from tests.bench.databases import Databases, OnSqlite, both
from tests.bench.figure import Figure
from tests.bench.measure import Step, expect, figure, growth, in_turns

CONTACTS, CALLS = 10_000, 1_000
TABLES = ("messages", "matches")


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


class Office:
    """A crowd whose subscriptions began yesterday, a store in which all calls are new, and nothing planned."""

    def __init__(self, databases: Databases, contacts: int, calls: int) -> None:
        self.now = datetime.now(UTC) + timedelta(minutes=5)
        self.databases, self.contacts = databases, contacts
        self.harvested = databases.new()
        expect(saved.harvest(Wiring(), data.pages(data.calls(calls)), self.harvested), new=calls)
        self._wiring = Wiring(clock=lambda: self.now)
        everybody = crowd(self._wiring.subscriptions.known, contacts)
        self._wiring.__dict__["subscriptions"] = everybody
        before = self.now - timedelta(days=1)
        begun = SubscriptionState(before, before)
        with Store.open(self.harvested) as store:
            Outbox(store).commit_plans([(each.key, (), begun) for each in everybody.subscriptions])

    def plan(self, url: str) -> Counter[str]:
        """All that is to be told, written into a copy of the store; the numbers of messages and of calls in them.
        Raises RuntimeError if that is little."""
        told: Counter[str] = Counter()
        with Store.open(url, upgrade=False) as store:
            for part in plan_parts(self._wiring, store, self.now):
                told.update(messages=len(part), calls=sum(len(message.call_ids) for message in part))
        if told["messages"] < self.contacts / 2:
            raise RuntimeError(f"{told['messages']} messages: this would measure something else")
        return told

    def work(self, _: int) -> Step:
        """To be timed."""
        url = self.databases.new(self.harvested)
        return lambda: self.plan(url)


def on_sqlite(number: int) -> list[Figure]:
    """All contacts matched and told of all calls that suit them, written into the outbox."""
    with tempfile.TemporaryDirectory(prefix="cw-bench-") as folder:
        return [planned_on(OnSqlite(Path(folder)), number)]


def on_postgresql(number: int) -> list[Figure]:
    """The same, which takes a minute: no check."""
    with tempfile.TemporaryDirectory(prefix="cw-bench-") as folder, both(Path(folder)) as databases:
        return [planned_on(databases[1], number)]


def planned_on(databases: Databases, number: int) -> Figure:
    """On one kind of database."""
    office = Office(databases, CONTACTS, CALLS)
    written = databases.new(office.harvested)
    told: Counter[str] = Counter()
    memory = growth(lambda: told.update(office.plan(written)))
    known = databases.rows(written, TABLES)

    def least(_: int) -> Step:
        url = databases.new(office.harvested)
        return lambda: databases.write(url, known)

    turns = in_turns(office.work, least, number, databases.clock, memory)
    how = {"sqlite": "sqlite3", "postgresql": "COPY"}[databases.key]
    return figure(
        f"plan {databases.key}",
        f"plan {CONTACTS:,} contacts x {CALLS:,} new calls, {databases.name}",
        turns,
        f"the same messages and matches, ready made, by {how}",
        count=CONTACTS,
        note=f"{told['messages']:,} messages with {told['calls']:,} calls",
        at_most=5.0 if databases.key == "sqlite" else None,
    )

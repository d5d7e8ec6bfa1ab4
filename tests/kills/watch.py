"""A portal that changes with every slot, those who are told of it, and a twin that nobody disturbs.

The time is played: it flows, and leaps to the next slot, or by as long as leases and pauses last. What is
compared in the end leaves out moments, for who is killed comes later: calls and their versions, events by what
they say, and what each subscription was told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from callwatch.demo import items
from callwatch.demo.edits import Item
from callwatch.demo.standin.server import StandIn
from pipeline.harvest import Verdict
from pipeline.models import Event
from pipeline.store import Outbox, Store, calls, events, runs, slots
from tests.conftest import ROOT
from tests.delivery import world
from tests.delivery.oracle import figures
from tests.delivery.processes import servers
from tests.harvest.commands import PORTAL
from tests.kills.forks import Commands, Forks
from tests.kills.outcome import Outcome

STEP = timedelta(hours=6)
"""Longer than a wave lasts, with all its leaps: none of it may reach into the next slot."""
FIRST, MORE, EACH = 30, 3, 10
"""Topics in the first slot, how many more there are in each, and one of so many that is extended in each."""


def readers(mails: int, posts: int, *, digests: bool) -> dict[str, Any]:
    """So many contacts with a subscription by mail, so many by Slack; every sixth one may want a digest a day."""
    book = world.subscribers(mails, posts)
    for wish in book["subscriptions"]:
        if wish["cadence"] == "daily" and digests:
            wish["key"] = f"digest-{wish['key']}"
        elif wish["cadence"] == "daily":
            wish["cadence"] = "at_once"
    return book


class Watch:
    """`commands` work on the database that is disturbed. Begins forty days ago: Slack, too, notes moments."""

    def __init__(self, folder: Path, url: str, portal: StandIn, commands: Commands, twin: Commands) -> None:
        self.folder, self.url, self.portal, self.commands = folder, url, portal, commands
        self._twin, self._twin_url = twin, twin.env["CALLWATCH_DATABASE_URL"]
        whole = int((datetime.now(UTC) - timedelta(days=40)).timestamp() / STEP.total_seconds())
        self.start = datetime.fromtimestamp(whole * STEP.total_seconds(), UTC)
        self.number = -1

    def next(self) -> None:
        """The next slot, with what has happened on the portal; the twin has done what is due."""
        self.number += 1
        self.portal.replace(records(self.number, self.start))
        self._leap(self.start + self.number * STEP + timedelta(seconds=30))
        assert self._twin.start("tick").wait() == 0

    def begin(self) -> None:
        """The first slot, in which nobody is killed."""
        self.next()
        assert self.commands.start("tick").wait() == 0
        assert self.settled()

    def later(self, minutes: float = 16) -> None:
        """As long as leases and pauses last."""
        self._write(float(self._clock.read_text()) + minutes * 60)

    def _leap(self, to: datetime) -> None:
        self._write((to - datetime.now(UTC)).total_seconds())

    @property
    def _clock(self) -> Path:
        return self.folder / "clock"

    def _write(self, seconds: float) -> None:
        fresh = self.folder / "clock.new"
        fresh.write_text(repr(seconds))
        fresh.replace(self._clock)

    @contextmanager
    def both(self) -> Iterator[tuple[Store, Store]]:
        """The database that is disturbed, and the twin's."""
        with Store.open(self.url) as store, Store.open(self._twin_url) as twin:
            yield store, twin

    def attempts(self) -> int:
        """How often the present slot was begun; 0 when it is done."""
        with Store.open(self.url) as store, store.read() as conn:
            taken = slots.newest(conn, slots.harvest_job(PORTAL))[slots.harvest_job(PORTAL)]
        return 0 if taken.state == slots.DONE else taken.attempts

    def settled(self) -> bool:
        """Whether the slot is done, all that is said at once is said, and nothing waits."""
        with self.both() as (store, twin):
            counts = Outbox(store).counts()
            if counts["pending"] + counts["leased"] or _newest(store) != _newest(twin):
                return False
            return not at_once(told(twin)) - at_once(told(store))

    def count(self, outcome: Outcome) -> None:
        """Compare what the two databases hold, and the servers with the outbox."""
        with self.both() as (store, twin):
            outcome.compare(told(twin).elements(), told(store).elements())
            outcome.compare(_happened(twin), _happened(store))
            outcome.compare(_known(twin), _known(store))
            outcome.compare(_done(twin), _done(store))
            if _newest(store) != _newest(twin):
                outcome.wrong.append(f"the last slot is {_newest(store)}, not {_newest(twin)}")
            outcome.count(figures(store, self.folder))


@contextmanager
def watch(
    folder: Path, url: str, forks: Forks, readers: Mapping[str, Any], tamper: Mapping[str, Any], **env: str
) -> Iterator[Watch]:
    """Everything on loopback: the portal, a mail server and a Slack, and others for the twin."""
    config, other = world.configure(folder / "config", dict(readers)), folder / "twin"
    (config / "portals").mkdir()
    other.mkdir()
    source = yaml.safe_load((ROOT / "config" / "portals" / f"{PORTAL}.yml").read_text(encoding="utf-8"))
    source["schedule"] = "every 6 hours"
    (config / "portals" / f"{PORTAL}.yml").write_text(yaml.safe_dump(source), encoding="utf-8")
    clock = {"clocked": str(folder / "clock"), "shipped": 0, "channels": {"slack_pause": 0.0, "timeout": 20.0}}
    with StandIn([]) as portal, servers(folder) as mine, servers(other) as its:
        common = {
            "CALLWATCH_CONFIG": str(config),
            "CALLWATCH_EU_FUNDING_TENDERS_BASE_URL": portal.base_url,
        }
        here = {**common, **mine, **env, "CALLWATCH_DATABASE_URL": url}
        there = {**common, **its, "CALLWATCH_DATABASE_URL": f"sqlite:///{other / 'callwatch.db'}"}
        yield Watch(
            folder,
            url,
            portal,
            Commands(forks, folder, here, {**clock, "forked_children": 0, **tamper}),
            Commands(forks, other, there, clock),
        )


def records(number: int, start: datetime) -> list[Item]:
    """What the portal lists in a slot: some are new since the one before, some of the others extended."""
    day = start.date()
    found = []
    for n in range(FIRST + MORE * number):
        extended = sum(slot % EACH == n % EACH for slot in range(1, number + 1))
        title = f"Better roads through {world.GROUPS[n % len(world.GROUPS)]} woods, part {n}"
        closes = day + timedelta(days=150 + n % 30 + extended)
        opened = day - timedelta(days=99)
        found.append(items.topic(f"TEST-2026-{n:04}", start=opened, deadlines=[closes], title=title))
    return found


def told(store: Store) -> Counter[tuple[str, ...]]:
    """What the outbox says or has said: each event by subscription, and of which day there were several digests.

    Which days have one is left out: news of a harvest that was killed stand in the digest of the next day.
    """
    with store.read() as conn:
        known = dict(events.since(conn))
    said, digests = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for entry in Outbox(store).messages():
        message = entry.message
        said.update((message.subscription, *_said(known[number])) for number in message.event_ids)
        if message.kind == "digest":
            digests[message.subscription, str(message.period)] += 1
    said.update({one: number for one, number in digests.items() if number > 1})
    return said


def at_once(said: Counter[tuple[str, ...]]) -> Counter[tuple[str, ...]]:
    """That of it which no digest gathers."""
    return Counter({one: number for one, number in said.items() if not one[0].startswith("digest")})


def _said(event: Event) -> tuple[str, str, str]:
    after = repr(event.after) if "deadline" in event.kind.value else ""
    return event.call_id, event.kind.value, after


def _happened(store: Store) -> list[tuple[str, str, str]]:
    with store.read() as conn:
        return [_said(event) for _, event in events.since(conn)]


def _known(store: Store) -> list[tuple[Any, ...]]:
    with store.read() as conn:
        found = [(each.call.id, repr(each.call), each.gone_since is None) for each in calls.query(conn)]
        return found + [
            (one[0], v.number, v.fingerprint) for one in list(found) for v in calls.versions_of(conn, str(one[0]))
        ]


def _newest(store: Store) -> tuple[str, str]:
    with store.read() as conn:
        taken = slots.newest(conn, slots.harvest_job(PORTAL)).get(slots.harvest_job(PORTAL))
    return (taken.key, taken.state) if taken else ("", "")


def _done(store: Store) -> list[str]:
    """A word for each slot that was begun and for each complete harvest: as many as in the twin. One that was
    asked to stop is not complete, and its slot handed back."""
    with store.read() as conn:
        done = sum(run.verdict is Verdict.COMPLETE for run in runs.latest(conn, PORTAL, 100_000))
        return ["slot"] * slots.count(conn, slots.harvest_job(PORTAL)) + ["harvest"] * done

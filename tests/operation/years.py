"""Years of harvests, plans and deliveries in minutes: written through the store's own functions, day by day.

Sizes are those of recorded answers of the Funding & Tenders portal: records of 2.5 to 79 KB (13.8 KB on average,
3.8 KB compressed). Harder than life: every change is a real one, which makes a version and an event.
"""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
from pydantic import SecretStr

from callwatch import housekeeping
from callwatch.settings import Settings
from callwatch.wiring import Wiring
from pipeline.harvest import Issue, RawBatch, RawRecord, Role, RunReport, Verdict
from pipeline.models import Call, Classification, Deadline, Event, EventKind, Kind, Precision, Status
from pipeline.outbox import NewMessage, StoredCall, SubscriptionState
from pipeline.store import Connection, Outbox, Store, calls, events, forgetting, links, raw, runs
from pipeline.store.calls import CallRow
from pipeline.store.links import Name

PORTAL = "eu_funding_tenders"
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
CHANGES, NEW = 1000, 25
"""A day, of which so many are new calls: four times what the portal brought in the spring of 2026."""
SIZES = (2500, 2600, 2700, 3000, 6000, 12000, 15000, 20000, 30000, 44000)
"""Bytes of a record; each as often as the others."""
LIVES = (30, 270)
"""Days from a call's first sight to its deadline."""
SUBSCRIPTIONS, MATCHES = 20, 2
"""Subscriptions, and how many of them an event concerns."""
RUNS, ISSUES = 32, 20
"""Harvests a day, and issues of each."""
FREE_PAGES = forgetting.FREE_PAGES
BECAUSE = [{"rule": "words in the title", "words": ["hydrogen", "storage"], "where": "title"}] * 6


class Size(NamedTuple):
    """What the database takes after so many days."""

    day: int
    bytes: int
    rows: dict[str, int]


class One:
    """A call as its portal shows it."""

    def __init__(self, number: int, day: int, dice: random.Random, words: list[str]) -> None:
        self.reference = f"HORIZON-CL{number % 6}-{2026 + day // 365}-01-{number:06}"
        self.ends = day + dice.randint(*LIVES)
        self.size = dice.choice(SIZES)
        self.text = " ".join(dice.choices(words, _weights(words), k=self.size // 10))
        self.version, self.moves, self.digest = 0, 0, ""

    def change(self, dice: random.Random, words: list[str]) -> None:
        """A deadline moves; one time in ten a paragraph is written anew."""
        self.version += 1
        self.moves = dice.randint(0, 20)
        if dice.random() < 0.1:
            at = dice.randrange(max(1, len(self.text) - 500))
            fresh = " ".join(dice.choices(words, _weights(words), k=40))
            self.text = self.text[:at] + fresh + self.text[at + len(fresh) :]

    def deadline(self) -> datetime:
        return START + timedelta(days=self.ends, hours=self.moves, minutes=self.version)

    def record(self, now: datetime) -> RawRecord:
        """What the portal answers."""
        metadata = {
            **{f"field{n}": [f"{self.reference}-{n}"] for n in range(20)},
            **{"identifier": [self.reference], "deadlineDate": [self.deadline().isoformat()]},
            **{"descriptionByte": [f"<p>{self.text}</p>"], "esDA_IngestDate": [now.isoformat()]},
        }
        body = json.dumps({"reference": self.reference, "metadata": metadata}).encode()
        self.digest = hashlib.sha256(body).hexdigest()
        named = {"document": self.reference, "call_reference": self.reference, "role": Role.CALL, "language": "en"}
        url = f"https://ec.europa.eu/info/funding-tenders/opportunities/topic-details/{self.reference.lower()}"
        return RawRecord(**named, url=url, fetched_at=now, digest=self.digest, body=body)

    def stored(self, now: datetime) -> StoredCall:
        """What callwatch makes of it."""
        call = Call(
            portal=PORTAL,
            reference=self.reference,
            identifier=self.reference,
            kind=Kind.TOPIC,
            title=self.text[:80],
            language="en",
            url=f"https://portal.example/{self.reference}",
            programme="HORIZON",
            portal_status="open",
            text=self.text[: self.size * 2 // 3],
            opens_at=START,
            deadlines=(Deadline(self.deadline(), "single", Precision.EXACT),),
        )
        label = {"id": "mobility", "rank": "primary", "score": 0.9, "because": BECAUSE}
        classification = msgspec.convert({"ecosystems": [label], "s3": []}, Classification)
        seen = {"first_seen": now, "last_seen": now, "status": Status.OPEN, "version": self.version}
        return StoredCall(call=call, classification=classification, **seen)


_rare: dict[int, list[float]] = {}


def _weights(words: list[str]) -> list[float]:
    if len(words) not in _rare:
        _rare[len(words)] = [1 / (n + 1) for n in range(len(words))]
    return _rare[len(words)]


class World:
    """A database in `folder`, on which every day `1 / scale` of everything happens."""

    def __init__(self, folder: Path, scale: int, *, step: int = 1, keeps_house: bool = True, **kept: int) -> None:
        """`step`: so many days are lived in one go; `kept`: settings."""
        self.path, self.scale, self.step, self.keeps_house = folder / "callwatch.db", scale, step, keeps_house
        self.wiring = Wiring(Settings(database_url=SecretStr(f"sqlite:///{self.path}"), **kept))
        self.store = Store.open(f"sqlite:///{self.path}")
        forgetting.FREE_PAGES = FREE_PAGES // scale
        self.outbox, self.dice = Outbox(self.store), random.Random(5)
        letters = "etaoinshrdlucmfwypvbgkjqxz"
        self.words = ["".join(self.dice.choices(letters[:14], k=self.dice.randint(3, 11))) for _ in range(1500)]
        self.open: list[One] = []
        self.number, self.owed = 0, {"new": 0.0, "changed": 0.0, "runs": 0.0}

    def live(self, days: int, every: int) -> list[Size]:
        """Live so many days; the size after each `every` days."""
        found = []
        for day in range(0, days, self.step):
            self._day(day)
            if (day + self.step) % every < self.step:
                found.append(self.size(day + self.step))
        return found

    def size(self, day: int) -> Size:
        """What the files take, and the rows."""
        from pipeline.store.all_tables import metadata
        from pipeline.store.contents import rows_of

        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # its log is 4 MB, whatever the scale
        taken = self.path.stat().st_size
        with self.store.read() as conn:
            return Size(day, taken, {name: rows_of(conn, [name]).get(name, 0) for name in metadata.tables})

    def _due(self, what: str, a_day: float) -> int:
        self.owed[what] += a_day * self.step / self.scale
        whole = int(self.owed[what])
        self.owed[what] -= whole
        return whole

    def _day(self, day: int) -> None:
        now = START + timedelta(days=day)
        self.open = [one for one in self.open if one.ends > day]
        fresh = []
        for _ in range(self._due("new", NEW)):
            self.number += 1
            fresh.append(One(self.number, day, self.dice, self.words))
        number = min(self._due("changed", CHANGES - NEW), len(self.open))
        changed = [*fresh, *self.dice.sample(self.open, number)]
        self.open += fresh
        for one in changed:
            one.change(self.dice, self.words)
        with self.store.begin() as conn:
            self._harvest(conn, changed, fresh, now)
        self._tell(now)
        if self.keeps_house:
            housekeeping.keep(self.wiring, self.store, now + timedelta(hours=18))

    def _harvest(self, conn: Connection, changed: list[One], fresh: list[One], now: datetime) -> None:
        for at in range(self._due("runs", RUNS) - 1):
            self._run(conn, now + timedelta(minutes=at))
        run = self._run(conn, now + timedelta(hours=1))
        raw.stage(conn, run, RawBatch(portal=PORTAL, records=tuple(one.record(now) for one in changed)), now)
        raw.mark_processed(conn, PORTAL, {one.reference: one.digest for one in changed})
        found = [one.stored(now) for one in changed]
        calls.save(
            conn,
            [CallRow(s, hashlib.sha256(s.call.reference.encode()).hexdigest(), True) for s in found],
            run,
            now,
        )
        moved = {"at": now.isoformat(), "stage": "single"}
        happened = [
            Event(s.call.id, EventKind.NEW, now, "")
            if s.version == 1
            else Event(s.call.id, EventKind.DEADLINE_EXTENDED, now, f"single {s.version}", moved, moved)
            for s in found
        ]
        events.add(conn, happened, run)
        ids = {s.call.id: s.version for s in found}
        said = [
            Name(f"{PORTAL}:{one.reference}", "mentions", f"{one.reference}-{n}", "as it is written there")
            for one in fresh
            for n in range(5)
        ]
        links.read(conn, {call_id: version for call_id, version in ids.items() if version == 1}, said)

    def _run(self, conn: Connection, at: datetime) -> str:
        run = runs.start(conn, PORTAL, at)
        issues = [Issue(f"R-{n}", "status", "the portal says open, its dates say closed") for n in range(ISSUES)]
        fill = dict.fromkeys(("title", "deadlines", "opens_at", "budget", "programme", "text"), 0.97)
        report = RunReport(
            portal=PORTAL, verdict=Verdict.COMPLETE, seen=2000, issues=issues, fill=fill, sample=300
        )
        runs.finish(conn, run, report, at)
        return run

    def _tell(self, now: datetime) -> None:
        with self.store.read() as conn:
            happened = events.since(conn, now)
        subscriptions = max(MATCHES, SUBSCRIPTIONS // self.scale)
        plans = []
        for n in range(subscriptions):
            told = happened[n % subscriptions :: max(1, subscriptions // MATCHES)]
            key = f"subscription-{n:02}"
            items = [
                {"call_id": event.call_id, "title": event.call_id * 2, "reasons": BECAUSE} for _, event in told
            ]
            message = NewMessage(
                id=f"{key}-{now:%Y%m%d}",
                contact=f"contact-{n:02}",
                subscription=key,
                channel="file",
                target=f"contact-{n:02}",
                kind="digest",
                payload=msgspec.json.encode({"items": items}),
                event_ids=tuple(number for number, _ in told),
                call_ids=tuple(dict.fromkeys(event.call_id for _, event in told)),
                period=f"{now:%Y-%m-%d}",
                created_at=now,
                not_before=now,
            )
            plans.append((key, [message], SubscriptionState(START, now)))
        if happened:
            self.outbox.commit_plans(plans)
            for claimed in self.outbox.claim(now, 1000, timedelta(minutes=5)):
                post = (1, f"<{claimed.message.id}@callwatch>", claimed.message.call_ids)
                self.outbox.sent(claimed, post[1], now, post)

"""Any number of readers, whose wishes are spread as those of people are: some wishes many have, and many few have;
and calls, to each of which something happens once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import text

from alerts.book import Row, book_of
from callwatch.contacts import import_book
from callwatch.settings import Settings
from callwatch.wiring import Wiring
from pipeline.models import Call, Classification, Deadline, Event, EventKind, Kind, Precision, Status
from pipeline.outbox import StoredCall
from pipeline.store import Store, calls, events
from pipeline.store.calls import CallRow

SEED = 20261126
SUBJECTS = 50
"""Words of which each title has two."""
PROGRAMMES = ("HORIZON", "DIGITAL", "SMP", "CERV")
OF_THEIR_OWN = 20
"""One in so many asks for something that nobody else asks for."""
LANGUAGES = ("en", "sv", "en")


def subject(number: int) -> str:
    """A word in titles and wishes."""
    return f"subject{chr(97 + number % 26)}{chr(97 + number // 26)}"


def rows(contacts: int) -> Iterator[Row]:
    """A contact with one subscription by mail in each, all at once: the dearest case, for all are due."""
    chance = random.Random(SEED)
    wishes = [(subject(n), p) for n in range(SUBJECTS) for p in ("", *PROGRAMMES)]
    chance.shuffle(wishes)
    weights = [1 / (rank + 1) for rank in range(len(wishes))]
    chosen = chance.choices(wishes, weights, k=contacts)
    for n, (word, programme) in enumerate(chosen):
        key = f"reader-{n:07}"
        cells = {"key": key, "name": f"Reader {n}", "email": f"{key}@reader.example", "vouched": "yes"}
        cells |= {"language": LANGUAGES[n % len(LANGUAGES)], "time_zone": "Europe/Stockholm"}
        cells |= {"subscription": key, "channel": "email", "cadence": "at_once", "words": word}
        if programme:
            cells["programmes"] = programme
        if n % OF_THEIR_OWN == 0:
            cells["exclude"] = f"nothing{n}"
        yield Row(n + 1, cells)


def enlist(store: Store, contacts: int) -> None:
    """Import them, as `callwatch contacts import` does."""
    wiring = Wiring(Settings())
    book = book_of(rows(contacts), wiring.subscriptions.known, lambda row, column: f"row {row}, {column}: ")
    import_book(wiring, store, book, "crowd", wiring.clock(), replace=False, dry_run=False)


def call(number: int, now: datetime) -> Call:
    """Call `number`, which one can apply to for three months."""
    reference = f"CROWD-2026-{number:05}"
    return Call(
        portal="eu_funding_tenders",
        reference=reference,
        identifier=reference,
        kind=Kind.TOPIC,
        title=f"On {subject(number % SUBJECTS)} and {subject(number * 7 % SUBJECTS)}, part {number}",
        language="en",
        url=f"https://portal.example/topic/{reference}",
        programme=PROGRAMMES[number // SUBJECTS % len(PROGRAMMES)],
        portal_status="open",
        opens_at=now - timedelta(days=5),
        deadlines=(Deadline(now + timedelta(days=90, minutes=number), "single", Precision.EXACT),),
    )


def happen(store: Store, number: int, now: datetime) -> None:
    """So many calls are new."""
    found = [call(n, now) for n in range(number)]
    kept = [
        StoredCall(call=each, classification=Classification(), status=Status.OPEN, first_seen=now, last_seen=now)
        for each in found
    ]
    with store.begin() as conn:
        calls.save(conn, [CallRow(one, one.call.reference, True) for one in kept], "run", now)
        events.add(conn, [Event(each.id, EventKind.NEW, now) for each in found], "run")


def greeted(store: Store, at: datetime) -> None:
    """All of them were planned before, at `at`, when there was nothing to tell."""
    with store.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO subscriptions (key, first_planned_at, planned_to, last_period)"
                " SELECT key, :at, :at, '' FROM contacts"
            ),
            {"at": at},
        )

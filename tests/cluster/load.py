"""A hundred thousand readers and 1, 2 and 4 workers: `python -m tests.cluster.load --contacts 100000` prints how
long planning and delivery took, and whether all of it came once. Everything is real and on this machine:
PostgreSQL, RabbitMQ, workers, and a mail server that takes everything."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import text

from alerts.book import Row, book_of
from callwatch.contacts import import_book
from callwatch.settings import Settings
from callwatch.wiring import Wiring
from pipeline.store import Outbox, Store
from tests.cluster.machines import Cluster
from tests.cluster.rabbit import Rabbit, missing, rabbitmq
from tests.delivery import world
from tests.delivery.oracle import figures
from tests.delivery.postgres import postgresql
from tests.delivery.processes import servers
from tests.store.conftest import _administrator, _database

LONGEST = 3600.0
"""Seconds after which a run is given up."""
BUILT = "built"


class Taken(msgspec.Struct, kw_only=True):
    """What one run took, in seconds from the first worker on, and what came of it."""

    workers: int
    planned: float
    sent: float
    messages: int
    lost: int
    doubled: int


def build(server: str, config: Path, contacts: int) -> None:
    """A database with so many contacts, each with a subscription by mail, and calls nobody was told of."""
    with _administrator(server) as connection:
        connection.execute(text(f"CREATE DATABASE {BUILT}"))
    wiring, now = Wiring(Settings(config=config)), datetime.now(UTC)
    rows = [Row(n, _cells(n)) for n in range(1, contacts + 1)]
    book = book_of(rows, wiring.subscriptions.known, lambda row, column: f"row {row}, {column}: ")
    with Store.open(_database(server, BUILT)) as store:
        import_book(wiring, store, book, "load", now, replace=False, dry_run=False)
        world.begin(store, now - timedelta(days=3))


def _cells(number: int) -> dict[str, str]:
    key = f"reader-{number:06}"
    cells = {"key": key, "name": f"Reader {number}", "email": f"{key}@reader.example", "vouched": "yes"}
    cells |= {"subscription": key, "subscription_name": "All woods", "channel": "email", "cadence": "at_once"}
    return cells | {"words": world.GROUPS[number % len(world.GROUPS)]}


def run(server: str, broker: Rabbit, folder: Path, config: Path, workers: int, contacts: int) -> Taken:
    """Tell all of them, in a fresh copy of the database."""
    folder.mkdir()
    with _administrator(server) as connection:
        connection.execute(text(f"CREATE DATABASE load{workers} TEMPLATE {BUILT}"))
    address = _database(server, f"load{workers}")
    with servers(folder) as env, Store.open(address) as store:
        cluster = Cluster(folder, address, broker.url, {**env, "CALLWATCH_CONFIG": str(config)})
        try:
            begun = time.monotonic()
            cluster.start("run", "--every", "5", module="callwatch")
            for _ in range(workers):
                cluster.start("worker", "--queues", "plan,deliver", "--at-once", "1", module="callwatch")
            planned = _until(store, begun, contacts, sent=False)
            sent = _until(store, begun, contacts, sent=True)
        finally:
            cluster.end()
        found = figures(store, folder)
    doubled = found.mail_repeats + found.outside
    return Taken(
        workers=workers, planned=planned, sent=sent, messages=found.planned, lost=found.lost, doubled=doubled
    )


def _until(store: Store, begun: float, contacts: int, *, sent: bool) -> float:
    while time.monotonic() - begun < LONGEST:
        counts = Outbox(store).counts()
        if (counts["sent"] if sent else sum(counts.values())) >= contacts:
            return time.monotonic() - begun
        time.sleep(0.5)
    raise SystemExit(f"not done after {LONGEST:.0f} s: {Outbox(store).counts()}")


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if everything came once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    given = parser.parse_args(arguments)
    if reason := missing():
        raise SystemExit(reason)
    good = True
    with tempfile.TemporaryDirectory(prefix="cw-load-") as name, postgresql() as server, rabbitmq() as broker:
        folder = Path(name)
        config = world.configure(folder / "config", {"contacts": {}, "subscriptions": []})
        begun = time.monotonic()
        build(server, config, given.contacts)
        _say(f"{given.contacts} contacts, built in {time.monotonic() - begun:.0f} s")
        _say("workers  planned after  sent after  mails/s  lost  doubled")
        for workers in given.workers:
            taken = run(server, broker, folder / str(workers), config, workers, given.contacts)
            rate = taken.messages / taken.sent
            _say(
                f"{workers:7}  {taken.planned:11.0f} s  {taken.sent:8.0f} s  {rate:7.0f}"
                f"  {taken.lost:4}  {taken.doubled:7}"
            )
            good = good and not (taken.lost or taken.doubled) and taken.messages == given.contacts
    return 0 if good else 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

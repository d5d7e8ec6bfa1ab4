"""A hundred thousand readers and 1, 2 and 4 workers: `python -m tests.cluster.load --contacts 100000` prints how
many mails a second are delivered (of 10,000; `--deliver`), and whether all of them came once; with `--plan` the
workers plan as well, and all of it is delivered. Everything is real and on this machine: PostgreSQL, RabbitMQ,
workers, and a mail server that takes everything. What planning costs: tests/cluster/growth.py."""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import text

from callwatch.settings import Settings
from callwatch.telling import plan_parts, planned_at
from callwatch.wiring import Wiring
from pipeline.store import Outbox, Store
from pipeline.store.outbox_plan import SLICES
from tests.cluster import crowd
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
EVENTS = 1000


class Taken(msgspec.Struct, kw_only=True):
    """What one run took, in seconds from the first worker on, and what came of it. `cpu`: of all workers, their
    start included."""

    workers: int
    planned: float
    first: float
    sent: float
    cpu: float
    messages: int
    lost: int
    doubled: int


class Given(msgspec.Struct):
    """What is asked for: `deliver` mails with each number of workers, or with `plan` all of them planned by the
    workers as well."""

    contacts: int
    workers: list[int]
    deliver: int
    plan: bool


def build(server: str, config: Path, contacts: int) -> None:
    """A database with so many contacts, each with a subscription by mail, and calls nobody was told of."""
    with _administrator(server) as connection:
        connection.execute(text(f"CREATE DATABASE {BUILT}"))
    with Store.open(_database(server, BUILT)) as store:
        now = datetime.now(UTC)
        crowd.enlist(store, contacts)
        crowd.greeted(store, now - timedelta(days=1))
        crowd.happen(store, EVENTS, now)


def plan(server: str, config: Path) -> None:
    """All of it, in this process: what is delivered then is the same for any number of workers."""
    wiring = Wiring(Settings(config=config, storm_limit=100_000))
    with Store.open(_database(server, BUILT)) as store:
        sum(map(len, plan_parts(wiring, store, datetime.now(UTC))))


def keep(store: Store, number: int) -> int:
    """Leave only so many messages; how many there are."""
    rest = "(SELECT id FROM messages ORDER BY seq OFFSET :n)"
    with store.begin() as conn:
        for table, column in (("matches", "message_id"), ("reminders", "message_id"), ("messages", "id")):
            conn.execute(text(f"DELETE FROM {table} WHERE {column} IN {rest}"), {"n": number})
    return sum(Outbox(store).counts().values())


def run(server: str, broker: Rabbit, folder: Path, config: Path, workers: int, given: Given) -> Taken:
    """Tell them, in a fresh copy of the database."""
    folder.mkdir()
    with _administrator(server) as connection:
        connection.execute(text(f"CREATE DATABASE load{workers} TEMPLATE {BUILT}"))
    address = _database(server, f"load{workers}")
    with servers(folder) as env, Store.open(address) as store:
        wanted = 0 if given.plan else keep(store, given.deliver)
        cluster = Cluster(folder, address, broker.url, {**env, "CALLWATCH_CONFIG": str(config)})
        try:
            begun = time.monotonic()
            clock = cluster.start("run", "--every", "5" if given.plan else "20", module="callwatch")
            queues = "plan,deliver" if given.plan else "deliver"
            for _ in range(workers):
                cluster.start("worker", "--queues", queues, "--at-once", "1", module="callwatch")
            planned = _until(store, begun, lambda counts: _planned(store)) if given.plan else 0.0
            wanted = wanted or sum(Outbox(store).counts().values())
            first = _until(store, begun, lambda counts: counts["sent"] > 0)
            sent = _until(store, begun, lambda counts: counts["sent"] >= wanted)
            clock.terminate()
            clock.wait()
            before = _spent()
        finally:
            cluster.end()
        cpu, found = _spent() - before, figures(store, folder)
    doubled = found.mail_repeats + found.outside
    messages, lost, many = found.planned, found.lost, {"workers": workers, "doubled": doubled}
    return Taken(planned=planned, first=first, sent=sent, cpu=cpu, messages=messages, lost=lost, **many)


def _spent() -> float:
    """CPU seconds of the processes that have ended: those of callwatch, for the servers end later."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _planned(store: Store) -> bool:
    return len(planned_at(store)) == SLICES


def _until(store: Store, begun: float, happened: Callable[[dict[str, int]], bool]) -> float:
    while time.monotonic() - begun < LONGEST:
        if happened(Outbox(store).counts()):
            return time.monotonic() - begun
        time.sleep(0.5)
    raise SystemExit(f"not done after {LONGEST:.0f} s: {Outbox(store).counts()}")


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if everything came once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--deliver", type=int, default=10_000)
    parser.add_argument("--plan", action="store_true")
    given = msgspec.convert(vars(parser.parse_args(arguments)), Given)
    if reason := missing():
        raise SystemExit(reason)
    good = True
    with tempfile.TemporaryDirectory(prefix="cw-load-") as name, postgresql() as server, rabbitmq() as broker:
        folder = Path(name)
        config = world.configure(folder / "config", {"contacts": {}, "subscriptions": []})
        begun = time.monotonic()
        build(server, config, given.contacts)
        if not given.plan:
            plan(server, config)
        _say(f"{given.contacts} contacts, built in {time.monotonic() - begun:.0f} s")
        _say("workers  planned after  mails  sent after  mails/s  CPU s  lost  doubled")
        for workers in given.workers:
            taken = run(server, broker, folder / str(workers), config, workers, given)
            rate = taken.messages / (taken.sent - taken.first)
            _say(
                f"{workers:7}  {taken.planned:11.0f} s  {taken.messages:5}  {taken.sent:8.0f} s  {rate:7.0f}"
                f"  {taken.cpu:5.0f}  {taken.lost:4}  {taken.doubled:7}"
            )
            good = good and not (taken.lost or taken.doubled) and taken.messages > 0
    return 0 if good else 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

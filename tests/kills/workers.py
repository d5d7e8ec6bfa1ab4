"""Killed: workers of a cluster (`callwatch worker`), whole or one of their processes, the `callwatch run` that
wakes them, and the harvests they have started; over PostgreSQL, with a RabbitMQ.

Four workers do everything: harvest, plan and deliver. Leases are short here, and waited for.
"""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

from tests.cluster.rabbit import rabbitmq
from tests.kills.forks import EXPECTED, Forks, eventually, slay, slay_one
from tests.kills.outcome import Outcome, Wish
from tests.kills.stores import new
from tests.kills.watch import Watch, readers, watch
from tests.operation.machine import children

WORKERS = 4
SWEEPER = ("run", "--every", "1")
WORKER = ("worker", "--queues", "harvest,plan,deliver", "--at-once", "2")
TRIES = 2
"""A slot whose harvest died so often is left alone: after four times its job waits for the next slot, by rule."""


class Cluster:
    """A watch under a sweeper and workers; whoever is killed is followed by another at once."""

    def __init__(self, watch: Watch, forks: Forks, outcome: Outcome, wish: Wish) -> None:
        self.watch, self.forks, self.outcome = watch, forks, outcome
        self.wish, self.random = wish, random.Random(wish.seed)
        self.last = 0.0
        watch.begin()
        self.sweeper = watch.commands.start(*SWEEPER)
        self.workers = [watch.commands.start(*WORKER) for _ in range(WORKERS)]
        self.ready()

    def run(self) -> None:
        """One slot after the other, until there were enough kills; then all is asked to end."""
        while self.wish.more(self.outcome.kills) and not self.outcome.wrong:
            self.watch.next()
            for _ in range(self.random.randint(6, 12)):
                time.sleep(self.random.uniform(0.0, 0.8))
                if self.watch.attempts() <= TRIES:
                    self.kill()
            self.settle()
        self.ready()  # who is still starting hears no signal yet
        for command in (self.sweeper, *self.workers):
            command.terminate()
        ends = [command.wait() for command in (self.sweeper, *self.workers)]
        if any(ends):
            self.outcome.wrong.append(f"asked to end, they ended with {ends}")
        self.watch.count(self.outcome)

    def ready(self) -> None:
        """Wait until every worker has its processes, and all hear signals."""
        assert eventually(lambda: all(children(worker.pid) for worker in self.workers))
        assert eventually(lambda: all(hears(each.pid) for each in (self.sweeper, *self.workers)))

    def kill(self) -> None:
        """A worker with all it has or without the harvests it started, one of its processes, or the sweeper."""
        way, number = self.random.random(), self.random.randrange(WORKERS)
        worker = self.workers[number]
        if way < 0.15:
            self._slay(self.sweeper.pid)
            self.sweeper = self.watch.commands.start(*SWEEPER)
        elif way < 0.3 and (processes := children(worker.pid)):
            slay_one(self.random.choice(processes))
            self._counted()
        elif way < 0.5 and (harvests := self._harvests()):
            self._slay(self.random.choice(harvests))
        else:
            (worker.kill_all if way < 0.8 else worker.kill)()
            self._slay(worker.pid)
            self.workers[number] = self.watch.commands.start(*WORKER)

    def _harvests(self) -> list[int]:
        mine = {self.sweeper.pid, *(worker.pid for worker in self.workers)}
        return [pid for pid in self.forks.living() if pid not in mine]

    def _slay(self, pid: int) -> None:
        slay(pid)
        assert eventually(lambda: self.forks.ask(poll=pid) is not None, pause=0.01)
        code = self.forks.ask(poll=pid)
        assert code in EXPECTED, f"ended with {code}"
        if code == -9:
            self._counted()

    def _counted(self) -> None:
        self.outcome.kills += 1
        self.last = time.monotonic()

    def settle(self) -> None:
        """Wait until nothing of the slot is missing."""
        if not eventually(self.watch.settled, pause=0.25):
            said = "\n".join(command.said()[-1500:] for command in (self.sweeper, *self.workers))
            self.outcome.wrong.append(f"slot {self.watch.number} does not come to rest\n{said}")
        elif self.last:
            self.outcome.recovery.append(time.monotonic() - self.last)
        self.last = 0.0


def hears(pid: int) -> bool:
    """Whether SIGTERM asks this process to end; one that is starting just dies of it."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    caught = next(line for line in lines if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def campaign(folder: Path, url: str, store: str, broker: str, wish: Wish) -> Outcome:
    """So many kills over the new database at `url`."""
    outcome, forks = Outcome(victim="workers", store=store), Forks(folder, cluster=True)
    try:
        told = readers(48, 12, digests=False)
        with watch(folder, url, forks, told, {"hasty": 0}, CALLWATCH_BROKER_URL=broker) as made:
            Cluster(made, forks, outcome, wish).run()
    finally:
        forks.stop()
    return outcome


def run(store: str, folder: Path, wish: Wish) -> list[Outcome]:
    """The campaign over a new database and a new broker."""
    with new(store, folder) as url, rabbitmq() as broker:
        return [campaign(folder, url, store, broker.url, wish)]

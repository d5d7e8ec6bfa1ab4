"""Killed: `callwatch plan` and `callwatch deliver`, several deliverers at once, over calls that change in waves.

The clock is played: leases run out between two deliveries, they are not waited for.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from callwatch.settings import Settings
from callwatch.telling import plan_messages
from callwatch.wiring import Wiring
from pipeline.store import Outbox, Store
from tests.delivery import world
from tests.delivery.oracle import figures
from tests.delivery.processes import Forks, Played, kill_after, servers, was_killed
from tests.harvest.commands import Callwatch, Running
from tests.kills.outcome import Outcome, Wish
from tests.kills.stores import POSTGRESQL, SQLITE, new

ROUNDS = 40
"""More deliveries than any backlog here needs; one that never ends is a fault."""


class Campaign:
    """One database, its readers and servers, and one who kills."""

    def __init__(
        self,
        forks: Forks,
        folder: Path,
        url: str,
        env: dict[str, str],
        deliverers: int,
        *,
        mails: int = 36,
        posts: int = 18,
    ) -> None:
        config = world.configure(folder / "config", world.subscribers(mails, posts))
        env = {**env, "CALLWATCH_CONFIG": str(config)}
        self.play = Played(Callwatch(forks, folder, url, env))
        self.folder, self.deliverers = folder, deliverers
        self.waves = 0
        self.kills = {"plan": 0, "deliver": 0}
        self.recovery: dict[str, list[float]] = {"plan": [], "deliver": []}
        self.last: dict[str, float] = {}
        self.began = self.play.now
        self.seconds = {"plan": 0.5, "deliver": 1.0}
        self.reference = f"sqlite:///{folder / 'undisturbed.db'}"
        self._wiring = Wiring(Settings(config=config, storm_limit=100_000), clock=lambda: self.play.now)

    @property
    def random(self) -> random.Random:
        return self.play.seed

    @contextmanager
    def both(self) -> Iterator[tuple[Store, Store]]:
        """The database that is disturbed, and the one that is not."""
        with self.play.callwatch.store() as store, Store.open(self.reference) as undisturbed:
            yield store, undisturbed

    def happens(self) -> None:
        """The next wave of changes, in both databases."""
        now = self.play.now
        with self.both() as stores:
            for store in stores:
                if self.waves:
                    world.wave(store, self.waves, self.began, now)
                else:
                    world.begin(store, self.began)
        self.waves += 1

    def run(self, wish: Wish) -> None:
        """Kill until there were enough kills of each, then let everything come to its end."""
        while wish.more(min(self.kills.values())):
            self.happens()
            for _ in range(self.random.randint(3, 7) if wish.more(self.kills["plan"]) else 0):
                self.kill("plan", 1)
            self.plan()
            for _ in range(self.random.randint(2, 5) if wish.more(self.kills["deliver"]) else 0):
                self.kill("deliver", self.deliverers)
                self.play.later()
            if self.waves % 4 == 0:
                self.come_to_rest()
        self.come_to_rest()

    def plan(self) -> None:
        """Plan undisturbed, in both databases at the same time of the play."""
        begun = time.monotonic()
        self.play("plan")
        self.seconds["plan"] = time.monotonic() - begun
        self._recovered("plan")
        with self.both() as (_, undisturbed):
            plan_messages(self._wiring, undisturbed, self.play.now)

    def _recovered(self, what: str) -> None:
        if last := self.last.pop(what, 0.0):
            self.recovery[what].append(time.monotonic() - last)

    def kill(self, what: str, workers: int) -> None:
        """Start so many and kill one or some of them; those that died of it are counted."""
        victims = self.random.randint(1, min(2, workers))
        tampers = [self._failpoint(what) if n < victims else {} for n in range(workers)]
        begun = time.monotonic()
        running = [self.play.start(what, tamper) for tamper in tampers]
        timed = [each for each, tamper in zip(running, tampers[:victims], strict=False) if not tamper]
        moments = sorted(self.random.uniform(0, self.seconds[what]) for _ in timed)
        for each, moment in zip(timed, moments, strict=True):
            kill_after(each, max(0.0, moment - (time.monotonic() - begun)))
        died = sum(was_killed(each.wait()) for each in running)
        self.kills[what] += died
        if died:
            self.last[what] = time.monotonic()

    def _failpoint(self, what: str) -> dict[str, int]:
        """Half of the victims die at a moment of the clock, the others at a commit or a post."""
        if self.random.random() < 0.5:
            return {}
        if what == "plan":
            return {self.random.choice(["kill_before", "kill_after"]): self.random.randint(1, 11)}
        name = self.random.choice(["kill_before", "kill_after", "die_before_send", "die_after_send"])
        return {name: self.random.randint(1, 60)}

    def come_to_rest(self) -> None:
        """Deliver undisturbed until nothing waits: three days of the play would be too long."""
        self.play.later(60)
        for _ in range(ROUNDS):
            begun = time.monotonic()
            done = self._deliver_all()
            self.seconds["deliver"] = max(0.3, time.monotonic() - begun) if done else self.seconds["deliver"]
            if not self._waiting():
                self._recovered("deliver")
                return
            self.play.later()
        raise AssertionError("the outbox does not come to rest")

    def _deliver_all(self) -> int:
        running: list[Running] = [self.play.start("deliver") for _ in range(self.deliverers)]
        ends = [each.wait() for each in running]
        assert not any(was_killed(end) for end in ends)
        return len(ends)

    def _waiting(self) -> int:
        with self.play.callwatch.store() as store:
            counts = Outbox(store).counts()
        return counts["pending"] + counts["leased"]

    def outcomes(self) -> list[Outcome]:
        """Planned against what the undisturbed twin planned, received against what was planned."""
        with self.both() as (store, undisturbed):
            name = {"sqlite": SQLITE}.get(store.engine.dialect.name, POSTGRESQL)
            plan, deliver = (
                Outcome(victim=what, store=name, kills=self.kills[what], recovery=self.recovery[what])
                for what in ("plan", "deliver")
            )
            plan.compare(world.told(undisturbed), world.told(store))
            plan.compare(world.reminded(undisturbed), world.reminded(store))
            deliver.count(figures(store, self.folder))
        return [plan, deliver]


def campaign(forks: Forks, folder: Path, url: str, wish: Wish, deliverers: int) -> list[Outcome]:
    """So many kills of each over the new database at `url`; the outcome of plan, and of deliver."""
    folder.mkdir(exist_ok=True)
    with servers(folder) as env:
        work = Campaign(forks, folder, url, env, deliverers)
        work.play.seed = random.Random(wish.seed)
        work.run(wish)
        return work.outcomes()


def run(store: str, folder: Path, wish: Wish) -> list[Outcome]:
    """The campaign over a new database."""
    forks = Forks()
    try:
        with new(store, folder) as url:
            deliverers = 2 if store == SQLITE else 4
            return campaign(forks, folder, url, wish, deliverers)
    finally:
        forks.stop()

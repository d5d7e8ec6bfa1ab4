"""SIGKILL at random moments of planning and delivery: `python -m tests.delivery.kills` prints the figures of 200
kills over SQLite and 200 over PostgreSQL."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from callwatch.settings import Settings
from callwatch.telling import plan_messages
from callwatch.wiring import Wiring
from pipeline.store import Store
from tests.delivery import world
from tests.delivery.oracle import Figures, figures
from tests.delivery.processes import Forks, Played, kill_after, servers, was_killed
from tests.harvest.commands import Callwatch, Running

SEED = 20261126
ROUNDS = 40
"""More deliveries than any backlog here needs; one that never ends is a fault."""


class Result(msgspec.Struct, kw_only=True):
    """What a campaign did. `same_as_undisturbed`: exactly the events, reminders and digests that a planning which
    nobody disturbs tells of."""

    store: str
    deliverers: int
    plan_kills: int
    deliver_kills: int
    seconds: float
    figures: Figures
    same_as_undisturbed: bool

    @property
    def is_good(self) -> bool:
        return self.figures.is_exact and self.same_as_undisturbed


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
        self.plan_kills = self.deliver_kills = self.waves = 0
        self.began = self.play.now
        self.seconds = {"plan": 0.5, "deliver": 1.0}
        self.reference = f"sqlite:///{folder / 'undisturbed.db'}"
        self._wiring = Wiring(Settings(config=config, storm_limit=100_000), clock=lambda: self.play.now)

    @property
    def random(self) -> random.Random:
        return self.play.seed

    @property
    def kills(self) -> int:
        return self.plan_kills + self.deliver_kills

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

    def run(self, kills: int) -> Result:
        """Kill until there were so many kills, then let everything come to its end."""
        begun = time.monotonic()
        while self.kills < kills:
            self.happens()
            for _ in range(self.random.randint(0, 2)):
                self.plan_kills += self.kill("plan", 1)
            self.plan()
            for _ in range(self.random.randint(2, 5)):
                self.deliver_kills += self.kill("deliver", self.deliverers)
                self.play.later()
            if self.waves % 4 == 0:
                self.come_to_rest()
        self.come_to_rest()
        return self.result(time.monotonic() - begun)

    def plan(self) -> None:
        """Plan undisturbed, in both databases at the same time of the play."""
        begun = time.monotonic()
        self.play("plan")
        self.seconds["plan"] = time.monotonic() - begun
        with self.both() as (_, undisturbed):
            plan_messages(self._wiring, undisturbed, self.play.now)

    def kill(self, what: str, workers: int) -> int:
        """Start so many and kill one or some of them; the number that died of it."""
        victims = self.random.randint(1, min(2, workers))
        tampers = [self._failpoint(what) if n < victims else {} for n in range(workers)]
        begun = time.monotonic()
        running = [self.play.start(what, tamper) for tamper in tampers]
        timed = [each for each, tamper in zip(running, tampers[:victims], strict=False) if not tamper]
        moments = sorted(self.random.uniform(0, self.seconds[what]) for _ in timed)
        for each, moment in zip(timed, moments, strict=True):
            kill_after(each, max(0.0, moment - (time.monotonic() - begun)))
        return sum(was_killed(each.wait()) for each in running)

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
                return
            self.play.later()
        raise AssertionError("the outbox does not come to rest")

    def _deliver_all(self) -> int:
        running: list[Running] = [self.play.start("deliver") for _ in range(self.deliverers)]
        ends = [each.wait() for each in running]
        assert not any(was_killed(end) for end in ends)
        return len(ends)

    def _waiting(self) -> int:
        from pipeline.store import Outbox

        with self.play.callwatch.store() as store:
            counts = Outbox(store).counts()
        return counts["pending"] + counts["leased"]

    def result(self, seconds: float) -> Result:
        with self.both() as (store, undisturbed):
            same = world.told(store) == world.told(undisturbed)
            same = same and world.reminded(store) == world.reminded(undisturbed)
            return Result(
                store=store.engine.dialect.name,
                deliverers=self.deliverers,
                plan_kills=self.plan_kills,
                deliver_kills=self.deliver_kills,
                seconds=seconds,
                figures=figures(store, self.folder),
                same_as_undisturbed=same,
            )


def campaign(forks: Forks, folder: Path, url: str, *, kills: int, deliverers: int, seed: int = SEED) -> Result:
    """So many kills over the new database at `url`."""
    folder.mkdir(exist_ok=True)
    with servers(folder) as env:
        work = Campaign(forks, folder, url, env, deliverers)
        work.play.seed = random.Random(seed)
        return work.run(kills)


def show(results: list[Result]) -> None:
    """The figures as a table."""
    names = [*Figures.__struct_fields__[:-1]]
    heads = ["store", "deliverers", "kills of plan", "of deliver", *names, "same as undisturbed", "seconds"]
    rows = [
        [r.store, r.deliverers, r.plan_kills, r.deliver_kills]
        + [getattr(r.figures, name) for name in names]
        + ["yes" if r.same_as_undisturbed else "NO", f"{r.seconds:.0f}"]
        for r in results
    ]
    for cells in zip(heads, *rows, strict=True):
        print("".join(str(cell).replace("_", " ").ljust(22) for cell in cells).rstrip())  # noqa: T201


def main() -> int:
    """0 if nothing was lost, and nothing said twice that need not be."""
    from tests.delivery.postgres import database, postgresql

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="over each of the two stores")
    parser.add_argument("--seed", type=int, default=SEED, help="other moments")
    parser.add_argument("--store", choices=["sqlite", "postgresql"], action="append")
    given = parser.parse_args()
    results, forks = [], Forks()
    with tempfile.TemporaryDirectory(prefix="cw-kills-") as name:
        folder, often = Path(name), {"kills": given.kills, "seed": given.seed}
        if "sqlite" in (given.store or ["sqlite"]):
            url = f"sqlite:///{folder / 'sqlite' / 'callwatch.db'}"
            results.append(campaign(forks, folder / "sqlite", url, deliverers=2, **often))
        if "postgresql" in (given.store or ["postgresql"]):
            with postgresql() as server, database(server, "kills") as url:
                results.append(campaign(forks, folder / "postgresql", url, deliverers=4, **often))
    forks.stop()
    show(results)
    return 0 if all(result.is_good for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())

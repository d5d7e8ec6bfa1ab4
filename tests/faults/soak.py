"""A random soak: `python -m tests.faults.soak --seed 1 --minutes 10 [--postgresql]`.

Two daemons, ticks, harvests and deliveries by hand work at once on a portal that changes every few seconds, for
readers by mail and by Slack, while any of their processes is killed every one to five seconds. Before the end
nobody is killed for a while, which gives the steady latency; then everything comes to rest, and what readers could
read is compared with what the portal has shown.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import yaml

from callwatch.demo.standin.server import StandIn
from pipeline.store import Outbox, Store
from tests.conftest import ROOT
from tests.delivery import world
from tests.delivery.oracle import figures
from tests.delivery.processes import TOKEN, server
from tests.faults.came import Came, came, difference
from tests.faults.changing import Changing
from tests.faults.crowd import Crowd
from tests.faults.measured import Result, interrupted, latencies, show
from tests.harvest.commands import PORTAL, Callwatch
from tests.operation.week import forks

DAEMONS, EVERY = 2, 5.0
MAILS, POSTS, DIGESTS = 20, 10, 3
KNOWN = 250
"""Calls to begin with."""
EARLIER = timedelta(hours=23)
"""So long ago everybody subscribed and was welcomed: behind yesterday's digest and before today's."""
BY_HAND = (("tick",), ("deliver",), ("harvest", PORTAL), ("plan",))


class Soak:
    """One seed over one database."""

    def __init__(self, folder: Path, url: str, seed: int, minutes: float) -> None:
        self.folder, self.url, self.seconds = folder, url, minutes * 60
        self.seed, self.chance = seed, Random(seed)
        self.steady = min(120.0, self.seconds / 4)
        self.began = datetime.now(UTC)
        self.book = book(self.began + timedelta(minutes=minutes / 2))
        self.steady_from = 0.0

    @contextmanager
    def _env(self) -> Iterator[tuple[dict[str, str], StandIn]]:
        config = world.configure(self.folder / "config", self.book)
        source = yaml.safe_load((ROOT / "config" / "portals" / f"{PORTAL}.yml").read_text(encoding="utf-8"))
        (config / "portals").mkdir()
        (config / "portals" / f"{PORTAL}.yml").write_text(yaml.safe_dump({**source, "schedule": "every minute"}))
        with (
            server("tests.delivery.smtp_server", self.folder / "mails.jsonl", "--texts", "--slow", "0.2") as smtp,
            server("tests.alerts.slack_server", self.folder / "posts.jsonl", "--rate", "0.9") as slack,
            StandIn([]) as portal,
        ):
            yield (
                {
                    "CALLWATCH_DATABASE_URL": self.url,
                    "CALLWATCH_CONFIG": str(config),
                    "CALLWATCH_SMTP_URL": smtp,
                    "CALLWATCH_SLACK_BASE_URL": slack,
                    "CALLWATCH_SLACK_TOKEN": TOKEN,
                    "CALLWATCH_MAIL_FROM": "callwatch <alerts@callwatch.example>",
                    "CALLWATCH_STORM_LIMIT": "100000",
                    "CALLWATCH_EU_FUNDING_TENDERS_BASE_URL": portal.base_url,
                },
                portal,
            )

    def run(self) -> Result:
        """From the first welcome to the comparison."""
        with self._env() as (env, portal), forks() as forked:
            played = Callwatch(forked, self.folder, self.url, env)
            changing = Changing(portal, self.chance, KNOWN)
            self._tell(played, self.began - EARLIER, "harvest")
            crowd = Crowd(self.folder, env, DAEMONS, EVERY)
            try:
                self._disturb(crowd, changing)
                crowd.stop()
                rest = self._come_to_rest(crowd)
                self._tell(played, datetime.now(UTC) + timedelta(hours=24))
            finally:
                crowd.close()
            return self._result(crowd, changing, rest)

    def _tell(self, played: Callwatch, at: datetime, *first: str) -> None:
        """Plan and deliver at a time that is played, the latter until nothing waits."""
        for command in (*first, "plan"):
            arguments = (command, PORTAL) if command == "harvest" else (command,)
            done = played(*arguments, at=at)
            assert done.code == 0, f"{command}: {done.err[-2000:]}"
        for _ in range(20):
            assert played("deliver", at=at).code in (0, 3)
            if not self._waiting():
                return
            at += timedelta(minutes=5)
        raise AssertionError("the outbox does not come to rest")

    def _waiting(self) -> int:
        with Store.open(self.url) as store:
            counts = Outbox(store).counts()
        return counts["pending"] + counts["leased"]

    def _disturb(self, crowd: Crowd, changing: Changing) -> None:
        """Changes, commands by hand and kills at random moments, each by its own clock; no kills in the end."""
        begun = time.monotonic()
        pauses = {"change": (2.0, 6.0), "hand": (6.0, 20.0), "kill": (1.0, 5.0)}
        due = {name: begun + self.chance.uniform(*pause) for name, pause in pauses.items()}
        quiet, end = begun + self.seconds - self.steady, begun + self.seconds
        while (now := time.monotonic()) < end:
            crowd.keep()
            if now >= quiet and not self.steady_from:
                self.steady_from = time.time()
            for name in [name for name, at in due.items() if now >= at]:
                due[name] = now + self.chance.uniform(*pauses[name])
                if name == "change" and now < end - 15:
                    changing.step()
                elif name == "hand":
                    crowd.start(*self.chance.choice(BY_HAND))
                elif name == "kill" and now < quiet:
                    crowd.kill(self.chance)
            time.sleep(0.05)

    def _come_to_rest(self, crowd: Crowd) -> float:
        """Until the portal is read whole and nothing waits; the seconds it took."""
        begun = time.monotonic()
        while (code := crowd.wait("harvest", PORTAL)) != 0:
            assert code in (3, 4), f"harvest ended with {code}"
            assert time.monotonic() - begun < 300
        while time.monotonic() - begun < 900:
            planned = crowd.wait("plan")
            crowd.wait("deliver")
            if planned == 0 and not self._waiting():
                return time.monotonic() - begun
            time.sleep(2)
        raise AssertionError("the outbox does not come to rest")

    def _result(self, crowd: Crowd, changing: Changing, rest: float) -> Result:
        found: list[Came] = came(self.folder)
        with Store.open(self.url) as store:
            return Result(
                seed=self.seed,
                store=store.engine.dialect.name,
                minutes=self.seconds / 60,
                kills=Counter(kill.what.partition(" --every")[0] for kill in crowd.kills),
                changes=len(changing.happened),
                difference=difference(changing.expected(self.book), found),
                figures=figures(store, self.folder),
                recoveries=interrupted(store, crowd.kills),
                latencies=latencies(store, self._at_once(found), self.steady_from),
                rest=rest,
            )

    def _at_once(self, found: list[Came]) -> list[Came]:
        """What digests do not say: they wait for their hour."""
        contacts, wishes = self.book["contacts"], self.book["subscriptions"]
        patient = {contacts[wish["contact"]]["email"] for wish in wishes if wish["cadence"] == "daily"}
        return [one for one in found if one.told.target not in patient]


def book(digest_at: datetime) -> dict[str, Any]:
    """Who wants what: at once, but for a few who want a digest at this time of day."""
    made = world.subscribers(MAILS, POSTS)
    for contact in made["contacts"].values():
        contact["time_zone"] = "UTC"
    for number, wish in enumerate(made["subscriptions"]):
        wish["cadence"] = "at_once"
        if number < DIGESTS:
            wish |= {"cadence": "daily", "time": f"{digest_at:%H:%M}"}
    return made


def soak(folder: Path, url: str, seed: int, minutes: float) -> Result:
    """One soak over the new database at `url`."""
    return Soak(folder, url, seed, minutes).run()


@contextmanager
def place(postgresql: bool) -> Iterator[tuple[Path, str]]:
    """A folder, and the address of a new database."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cw-soak-")))
        url = f"sqlite:///{folder / 'callwatch.db'}"
        if postgresql:
            from tests.delivery import postgres

            url = stack.enter_context(postgres.database(stack.enter_context(postgres.postgresql()), "soak"))
        yield folder, url


def main() -> int:
    """0 if nothing was lost, and nothing came twice that need not have."""
    parser = argparse.ArgumentParser(description="A random soak with an exact oracle.")
    parser.add_argument("--seed", type=int, nargs="+", default=[1], help="one soak each")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--postgresql", action="store_true", help="in place of SQLite")
    parser.add_argument("--alternate", action="store_true", help="SQLite for odd seeds, PostgreSQL for even ones")
    parser.add_argument("--json", type=Path, help="a file to which a line is appended for each seed")
    given = parser.parse_args()
    results = []
    for seed in given.seed:
        with place(seed % 2 == 0 if given.alternate else given.postgresql) as (folder, url):
            results.append(soak(folder, url, seed, given.minutes))
        show(results[-1:], sys.stderr)
        if given.json:
            with given.json.open("ab") as file:
                file.write(msgspec.json.encode(results[-1]) + b"\n")
    show(results, sys.stdout)
    return 0 if all(result.is_good for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())

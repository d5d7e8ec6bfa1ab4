"""`python -m tests.kills` kills everything two hundred times over each store, and prints what came of it.

The seed fixes who is killed and in which way; the moments of the clock depend on how fast the machine is.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from tests.cluster import rabbit
from tests.kills.outcome import Outcome, one, table
from tests.kills.stores import POSTGRESQL, SQLITE, STORES

SEED = 20261126
VICTIMS = ("scheduler", "workers", "telling", "harvest")
"""Names of modules; those that take longest come first."""
ORDER = ("harvest", "plan", "deliver", "scheduler", "workers")


def chosen(victims: list[str], stores: list[str]) -> list[tuple[str, str]]:
    """The campaigns that are wanted; workers need PostgreSQL."""
    wanted = [(victim, store) for victim in VICTIMS if victim in victims for store in STORES[::-1]]
    return [
        (victim, store) for victim, store in wanted if store in stores and (victim, store) != ("workers", SQLITE)
    ]


def told(done: Future[list[Outcome]], victim: str, store: str) -> list[Outcome]:
    """What a campaign came to, said at once; one that broke off came to nothing good."""
    error = done.exception()
    broken = Outcome(victim=victim.replace("telling", "plan"), store=store, wrong=[f"broke off: {error}"])
    found = [broken] if error else done.result()
    for outcome in found:
        say(" ".join(outcome.cells()))
        for line in outcome.wrong + outcome.examples:
            say(f"  wrong: {line}")
    return found


def main() -> int:
    """0 if nothing was lost, and nothing doubled that need not be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="of each victim over each store")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--victim", choices=VICTIMS, action="append")
    parser.add_argument("--store", choices=STORES, action="append")
    parser.add_argument("--minutes", type=float, default=60.0, help="after which a campaign kills no more")
    parser.add_argument("--at-once", type=int, default=2, help="campaigns at the same time")
    given = parser.parse_args()
    begun, outcomes = time.monotonic(), list[Outcome]()
    pairs = chosen(given.victim or list(VICTIMS), given.store or list(STORES))
    if left_out := rabbit.missing() if ("workers", POSTGRESQL) in pairs else "":
        say(f"workers are left out: {left_out}")
        pairs.remove(("workers", POSTGRESQL))
    with ProcessPoolExecutor(given.at_once, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        asked = {pool.submit(one, *pair, given.kills, given.seed, given.minutes): pair for pair in pairs}
        for done in as_completed(asked):
            outcomes += told(done, *asked[done])
    outcomes.sort(key=lambda outcome: (ORDER.index(outcome.victim), STORES.index(outcome.store)))
    say(f"\nseed {given.seed}, {time.monotonic() - begun:.0f} seconds\n\n{table(outcomes)}")
    if os.environ.get("TESTS_REQUIRE_ALL") == "1" and left_out:
        return 1
    return 0 if all(outcome.is_good for outcome in outcomes) else 1


def say(line: str) -> None:
    """To standard output, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

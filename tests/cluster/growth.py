"""What planning costs as readers get more. `python -m tests.cluster.growth --contacts 1000 10000 100000` prints
CPU, time and the most memory of a process that imports them, and of a worker that plans 1,000 events for them,
slice after slice."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from callwatch.wiring import Wiring
from pipeline.store import Outbox, Store
from pipeline.store.outbox_plan import SLICES
from tests.bench.harvest_once import cpu, peak
from tests.cluster import crowd
from tests.conftest import ROOT
from tests.delivery.postgres import database, postgresql

EVENTS = 1000
LONGEST = 3600
HEAD = "contacts  what      CPU s  wall s  peak MB  messages"


def measured(address: str, what: str, number: int) -> dict[str, Any]:
    """CPU and wall seconds, peak MB and what came of it, of one step in a process of its own."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("CALLWATCH_")}
    mine = {"CALLWATCH_DATABASE_URL": address, "CALLWATCH_STORM_LIMIT": "100000", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.cluster.growth", "--step", what, "--contacts", str(number)],
        env={**clean, **mine},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=LONGEST,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _import(store: Store, contacts: int) -> None:
    crowd.enlist(store, contacts)


def _plan(store: Store, contacts: int) -> None:
    from callwatch.telling import plan_parts

    wiring = Wiring()
    for number in range(SLICES):
        sum(map(len, plan_parts(wiring, store, wiring.clock(), number)))


STEPS: dict[str, Callable[[Store, int], None]] = {"import": _import, "plan": _plan, "plan again": _plan}


def step(what: str, contacts: int) -> None:
    """One step in this process, which prints what it cost beyond its start."""
    from callwatch import telling  # noqa: F401 - not to be measured

    wiring = Wiring()
    with wiring.store() as store:
        _ = wiring.subscriptions
        began, at = time.monotonic(), cpu()
        STEPS[what](store, contacts)
        print(json.dumps({"cpu": cpu() - at, "wall": time.monotonic() - began, "peak": peak()}))  # noqa: T201


def grow(server: str, contacts: int) -> None:
    """Import so many, let 1,000 calls be new, and plan."""
    with database(server, f"growth{contacts}") as address:
        _say(contacts, "import", measured(address, "import", contacts), 0)
        with Store.open(address) as store:
            now = Wiring().clock()
            crowd.greeted(store, now - timedelta(days=1))
            crowd.happen(store, EVENTS, now)
            for what in ("plan", "plan again"):
                cost = measured(address, what, contacts)
                _say(contacts, what, cost, sum(Outbox(store).counts().values()))


def _say(contacts: int, what: str, cost: dict[str, Any], messages: int) -> None:
    line = f"{contacts:8}  {what:10}{cost['cpu']:5.1f}  {cost['wall']:6.1f}  {cost['peak']:7.0f}  {messages:8}"
    print(line, flush=True)  # noqa: T201


def main(arguments: Sequence[str] | None = None) -> None:
    """All of them, or with `--step` one step over the database of the environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--step", choices=sorted(STEPS))
    given = parser.parse_args(arguments)
    if given.step:
        step(given.step, given.contacts[0])
        return
    print(HEAD, flush=True)  # noqa: T201
    with postgresql() as server:
        for contacts in given.contacts:
            grow(server, contacts)


if __name__ == "__main__":
    main()

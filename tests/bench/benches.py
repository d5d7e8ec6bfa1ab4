"""All that is measured, and each of it in a process of its own, so that none pays for another's memory.

`python -m tests.bench.benches NAME RUNS` measures one and prints its figures as JSON.
"""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

import msgspec
import structlog

from tests.bench.figure import Figure
from tests.conftest import ROOT

LONGEST = 3600
"""Seconds; on a machine that is not shared a twentieth is enough."""


class Bench(NamedTuple):
    """What is measured by `function` of `module`, which is given a number of runs. `quick`: also where time is
    short."""

    module: str
    function: str
    runs: int
    quick: bool = True


BENCHES = {
    "read": Bench("stages", "reading", 5),
    "normalise": Bench("stages", "normalising", 5),
    "classify": Bench("stages", "classifying", 5),
    "store": Bench("stages", "storing", 5),
    "plan": Bench("planning", "on_sqlite", 3),
    "plan, PostgreSQL": Bench("planning", "on_postgresql", 3, quick=False),
    "render": Bench("rendering", "rendering", 3),
    "deliver": Bench("delivering", "delivering", 3),
    "all stages": Bench("stages", "together", 5),
    "harvest": Bench("whole", "harvesting", 3),
    "start": Bench("starting", "starting", 3),
    "copies": Bench("whole", "copying", 3, quick=False),
    "many": Bench("whole", "growing", 1, quick=False),
    "bases": Bench("bases", "reading", 3, quick=False),
}


def measured(name: str, *, quick: bool = False) -> list[Figure]:
    """The figures of one bench. Raises RuntimeError when its process fails."""
    runs = max(1, BENCHES[name].runs // 2) if quick else BENCHES[name].runs
    command = [sys.executable, "-m", "tests.bench.benches", name, str(runs)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=LONGEST, check=False)
    if done.returncode:
        raise RuntimeError(f"{name} failed:\n{done.stderr.decode()[-3000:]}")
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=list[Figure])


def main(name: str, runs: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    bench = BENCHES[name]
    measure: Callable[[int], list[Figure]] = getattr(import_module(f"tests.bench.{bench.module}"), bench.function)
    sys.stdout.write(msgspec.json.encode(measure(runs)).decode() + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

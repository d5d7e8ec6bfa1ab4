"""What was measured, kept as a suite of pyperf, whose tools read it (`python -m pyperf stats`, `compare_to`): the
stored reference in the repository, and the latest run beside it.

Each figure is a benchmark of its key, and its limit another one; what pyperf has no place for is metadata.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyperf

from tests.bench.figure import Figure
from tests.conftest import ROOT

REFERENCE = Path(__file__).parent / "results" / "reference.json"
LATEST = ROOT / "build" / "bench" / "latest.json"
LEAST = ": the least"
"""Behind the key of a figure the name of its limit."""
MEMORY = ("mem_added", "mem_max_rss")
"""Bytes that a stage adds, and of a whole process, where it is pyperf's own name."""
MB = 2**20


class Machine(msgspec.Struct, frozen=True):
    """What the figures depend on."""

    cpu_count: int
    memory_gb: int
    python_version: str
    tuned: bool

    def __str__(self) -> str:
        built = "" if self.tuned else ", built without profile-guided optimisation (slower)"
        return f"{self.cpu_count} cores, {self.memory_gb} GB of memory; Python {self.python_version}{built}"


class Results(msgspec.Struct, frozen=True):
    """The figures of one run."""

    machine: Machine
    figures: list[Figure]


def this_machine() -> Machine:
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    tuned = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
    return Machine(os.cpu_count() or 1, round(pages * size / 2**30), sys.version.split()[0], tuned)


def keep(figures: Sequence[Figure], path: Path = LATEST) -> None:
    """Write them, three digits of each, in the place of older ones of the same keys."""
    known = read(path).figures if path.exists() else []
    merged = {figure.key: figure for figure in (*known, *figures)}
    made = [each for figure in merged.values() for each in benchmarks(figure, this_machine())]
    path.parent.mkdir(parents=True, exist_ok=True)
    pyperf.BenchmarkSuite(made).dump(str(path), compact=False, replace=True)


def read(path: Path) -> Results:
    """What was kept. Raises FileNotFoundError."""
    suite = pyperf.BenchmarkSuite.load(str(path))
    found = {each.get_name(): each for each in suite.get_benchmarks()}
    figures = [
        _figure(name, each, found.get(name + LEAST)) for name, each in found.items() if not name.endswith(LEAST)
    ]
    return Results(msgspec.convert(suite.get_metadata(), Machine, strict=False), figures)


def benchmarks(figure: Figure, machine: Machine) -> Iterator[pyperf.Benchmark]:
    """A figure as pyperf keeps it, and its limit."""
    told = msgspec.to_builtins(figure)
    for name in ("key", "values", "limits", "memory", "whole"):
        told.pop(name, None)
    if figure.memory is not None:
        told[MEMORY[figure.whole]] = round(figure.memory * MB)
    yield _benchmark(figure.key, figure.values, {**_plain(msgspec.to_builtins(machine)), **_plain(told)})
    if figure.limits:
        yield _benchmark(figure.key + LEAST, figure.limits, _plain(msgspec.to_builtins(machine)))


def _benchmark(name: str, values: Sequence[float], metadata: dict[str, Any]) -> pyperf.Benchmark:
    """Digits beyond the third are noise, and would only make differences."""
    short = [float(f"{value:.3g}") for value in values]
    named = {"name": name, "unit": "second", **metadata}
    return pyperf.Benchmark([pyperf.Run(short, metadata=named, collect_metadata=False)])


def _plain(metadata: dict[str, Any]) -> dict[str, Any]:
    """Without what pyperf refuses: truth values become numbers, and what is empty is left out."""
    numbers = {name: int(value) if isinstance(value, bool) else value for name, value in metadata.items()}
    return {name: value for name, value in numbers.items() if value is not None and value != ""}


def _figure(name: str, ours: pyperf.Benchmark, least: pyperf.Benchmark | None) -> Figure:
    told = ours.get_metadata()
    memory = next(((told[key] / MB, key == MEMORY[True]) for key in MEMORY if key in told), (None, False))
    limits = least.get_values() if least else ()
    given = {**told, "key": name, "values": ours.get_values(), "limits": limits}
    return msgspec.convert(given | {"memory": memory[0], "whole": memory[1]}, Figure, strict=False)

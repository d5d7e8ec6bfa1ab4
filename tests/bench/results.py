"""What was measured, kept as JSON: the stored reference in the repository, and the latest run beside it."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.bench.figure import Figure
from tests.conftest import ROOT

REFERENCE = Path(__file__).parent / "results" / "reference.json"
LATEST = ROOT / "build" / "bench" / "latest.json"


class Machine(msgspec.Struct, frozen=True):
    """What the figures depend on."""

    cores: int
    memory_gb: int
    python: str
    tuned: bool

    def __str__(self) -> str:
        built = "" if self.tuned else ", built without profile-guided optimisation (slower)"
        return f"{self.cores} cores, {self.memory_gb} GB of memory; Python {self.python}{built}"


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
    fresh = {figure.key: _rounded(figure) for figure in figures}
    known = read(path).figures if path.exists() else []
    merged = {figure.key: figure for figure in known} | fresh
    results = Results(this_machine(), list(merged.values()))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")


def read(path: Path) -> Results:
    """What was kept. Raises FileNotFoundError."""
    return msgspec.json.decode(path.read_bytes(), type=Results)


def _rounded(figure: Figure) -> Figure:
    """Digits beyond the third are noise, and would only make differences."""
    values = {name: getattr(figure, name) for name in ("ours", "limit", "ratio", "clock", "memory")}
    short = {name: None if value is None else float(f"{value:.3g}") for name, value in values.items()}
    return msgspec.structs.replace(figure, **short)

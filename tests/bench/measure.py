"""CPU seconds and peaks of memory, ours and the limit in turns: a machine that others use changes all the time."""

from __future__ import annotations

import gc
import resource
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tests.bench.figure import Figure

LEAST = 0.06
"""CPU seconds that have to be on the clock; what takes less is done several times."""
Clock = Callable[[], float]
Step = Callable[[], object]
Work = Callable[[int], Step]
"""Given a number that was never given before, makes everything ready, and answers what is to be timed."""


class Turns(NamedTuple):
    """CPU seconds for one time, run by run; `clock` is the least on the clock, `memory` in MB."""

    values: tuple[float, ...]
    limits: tuple[float, ...]
    clock: float
    memory: float


def cpu() -> float:
    """CPU seconds of this process until now, those of the system for it included."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def timed(work: Step, clock: Clock = cpu) -> float:
    """CPU seconds that it takes."""
    before = clock()
    work()
    return clock() - before


def always(step: Step) -> Work:
    """Work for which nothing has to be made ready."""
    return lambda number: step


def each(work: Callable[[Any], object], values: Iterable[Any]) -> Step:
    """Do it for every value and keep nothing."""

    def all_of_them() -> None:
        for value in values:
            work(value)

    return all_of_them


def in_turns(ours: Work, limit: Work, runs: int, clock: Clock = cpu, memory: float | None = None) -> Turns:
    """Both, `runs` times in turns, after one of ours that is not timed: its peak of memory is taken, unless it is
    known."""
    numbers = count()
    if memory is None:
        memory = growth(ours(next(numbers)))
    found = [(*_once(limit, numbers, clock), *_once(ours, numbers, clock)) for _ in range(runs)]
    limits, on_clock, values, on_ours = zip(*found, strict=True)
    return Turns(values, limits, min(*on_clock, *on_ours), memory)


def _once(work: Work, numbers: Iterator[int], clock: Clock) -> tuple[float, float]:
    """CPU seconds for one time, and all that were on the clock."""
    spent, times = 0.0, 0
    while spent < LEAST:
        step = work(next(numbers))
        gc.collect()
        spent += timed(step, clock)
        times += 1
    return spent / times, spent


def figure(
    key: str,
    what: str,
    turns: Turns,
    least: str,
    *,
    count: int = 0,
    note: str = "",
    at_most: float | None = None,
    share: float | None = None,
) -> Figure:
    """A figure with its limit; its goal is `at_most` CPU seconds, or that `share` of the limit."""
    made = Figure(
        key=key,
        what=what,
        values=turns.values,
        limits=turns.limits,
        least=least,
        clock=turns.clock,
        memory=turns.memory,
        count=count,
        note=note,
        goal=f"{at_most} s" if at_most else f"{share:.2f} of the limit" if share else "",
    )
    if at_most is None and share is None:
        return made
    reached = (made.ours or 0) <= at_most if at_most else (made.ratio or 0) >= (share or 0)
    return msgspec.structs.replace(made, reached=reached)


def growth(step: Step) -> float:
    """MB by which the peak of memory exceeds what was there before; 0 where the system cannot tell."""
    gc.collect()
    reset = Path("/proc/self/clear_refs")
    if not reset.exists():
        step()
        return 0.0
    reset.write_text("5")
    before = _status("VmRSS")
    step()
    return max(0.0, _status("VmHWM") - before)


def peak() -> float:
    """Most memory this process has had, in MB. ru_maxrss would count that of the process it was forked from."""
    return _status("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _status(name: str) -> float:
    status = Path("/proc/self/status")
    for line in status.read_text().splitlines() if status.exists() else ():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def expect(report: object, **counts: int) -> None:
    """A run that was quick because it did nothing is no measurement."""
    for name, wanted in counts.items():
        found = report[name] if isinstance(report, dict) else getattr(report, name)
        if found != wanted:
            raise RuntimeError(f"{found} {name} instead of {wanted}: this would measure something else")


def say(line: str) -> None:
    """To a person, at once."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()

"""The values of a scan: what is asked, what is answered, what was seen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import msgspec

from pipeline.harvest import Role


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One query of a harvest. `sort` orders its documents without ties. An `optional` part cannot fail the run."""

    name: str
    role: Role
    sort: str
    optional: bool = False


class Slice(msgspec.Struct, frozen=True):
    """A narrower query: `within` (field, value), and without any of the values of a field."""

    within: tuple[tuple[str, str], ...] = ()
    without: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def only(self, field: str, value: str) -> Slice:
        return Slice((*self.within, (field, value)), self.without)

    def less(self, field: str, values: Sequence[str]) -> Slice:
        return Slice(self.within, (*self.without, (field, tuple(values))))


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One question: page `number` (from 1) sorted by `sort`, the total (`sort` empty) or the values of `facet`."""

    part: Part
    where: Slice
    size: int = 1
    number: int = 1
    sort: str = ""
    descending: bool = False
    facet: str = ""


class Answer(msgspec.Struct, frozen=True):
    """Total and document keys of a page, or the values of a facet; with a `problem` there was no answer."""

    total: int = 0
    keys: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    problem: str = ""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """`rows` > 0: be content with so many, unproven."""

    page_size: int
    window: int
    scans: int
    other_sort: str
    split_by: tuple[str, ...] = ()
    rows: int = 0


class Outcome(msgspec.Struct, frozen=True):
    """What a scan saw. `twice` documents stand in the index twice; `problem` says why it is not proven."""

    expected: int
    keys: frozenset[str]
    proven: bool
    twice: int = 0
    problem: str = ""


class Sweep(msgspec.Struct, frozen=True):
    """One pass over all pages: document keys in order, the total they announced, and what went wrong."""

    rows: tuple[str, ...]
    total: int
    problems: tuple[str, ...]

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self.rows)

    def twice(self) -> int:
        """Documents listed twice side by side: the index holds them so. -1 if any repeats elsewhere (a flap)."""
        runs = [key for key, _ in groupby(self.rows)]
        return len(self.rows) - len(runs) if len(runs) == len(set(runs)) else -1

"""What to ask of a search index so that nothing is missed, and what proves that nothing was. Pure.

Each step is a generator: it yields a wave of questions, which may be answered in any order, and receives their
answers in the order of the questions. No clock, no network, no random choice: `Plan` (plan.py) drives it.

    count without sort -> all pages, sorted without ties -> count again
    proven: every page full, and as many distinct documents as both counts say
    not proven: failed and short pages once more, then the whole scan again, at most `scans` times
    a sort drops the rows that lack its field: those are fetched by another sort
    more rows than the portal serves of one query: split by facets, then read from both ends
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TypeVar

import msgspec

from spiders.base.asks import Answer, Ask, Limits, Outcome, Part, Slice, Sweep

T = TypeVar("T")
MOST_VALUES = 1000
"""A facet with more values than this does not split a query sensibly."""


def _proof(
    sweep: Sweep, earlier: Sweep | None, seen: frozenset[str], counts: Sequence[int | None]
) -> Outcome | None:
    """The Outcome if the scans so far prove it; `counts` are the totals before the first and after each scan."""
    before, after = counts[-2:]
    if after is None or before != after:
        return None
    if not sweep.problems and len(sweep.keys) == after:
        return Outcome(after, sweep.keys, True)
    if len(seen) == after and len(set(counts)) == 1:
        return Outcome(after, seen, True)
    if not sweep.problems and sweep == earlier and 0 < sweep.twice() == after - len(sweep.keys):
        return Outcome(after, sweep.keys, True, sweep.twice())
    return None


def _union(found: Sequence[Outcome], before: int, after: int | None) -> Outcome:
    """All pieces as one: proven if each is, and together they are the whole."""
    keys = frozenset().union(*(piece.keys for piece in found))
    twice = sum(piece.twice for piece in found)
    whole = before == after == len(keys) + twice
    problem = next((piece.problem for piece in found if piece.problem), "")
    if not whole and not problem:
        problem = "the pieces do not add up"
    return Outcome(after or before, keys, whole and all(piece.proven for piece in found), twice, problem)


Steps = Generator[list[Ask], list[Answer], T]


class Scan:
    """The steps for one part; `run` ends with its Outcome."""

    def __init__(self, part: Part, limits: Limits) -> None:
        self.part, self.limits = part, limits

    def run(self) -> Steps[Outcome]:
        """All there is, or `limits.rows` of it."""
        if self.limits.rows:
            return (yield from self._glance())
        before = yield from self._count(Slice())
        return (yield from self._cover(Slice(), before, self.limits.split_by))

    def _glance(self) -> Steps[Outcome]:
        numbers = range(1, self._pages_of(self.limits.rows) + 1)
        got = yield from self._ask(Slice(), self.part.sort, False, numbers)
        keys = frozenset(key for answer in got for key in answer.keys)
        return Outcome(max(a.total for a in got), keys, False, problem="stopped early on purpose")

    def _cover(self, where: Slice, before: int | None, fields: Sequence[str]) -> Steps[Outcome]:
        """`where` by one scan if it fits the window, else by the first facet that splits it."""
        if before is not None and before > self.limits.window:
            for at, field in enumerate(fields, start=1):
                found = yield from self._split(where, before, field, fields[at:])
                if found:
                    return found
        return (yield from self._leaf(where, before))

    def _split(self, where: Slice, before: int, field: str, fields: Sequence[str]) -> Steps[Outcome | None]:
        """One scan for each value of `field` and one for the rows without any; None if it does not split."""
        (facet,) = yield [Ask(part=self.part, where=where, facet=field)]
        if not 0 < len(facet.values) <= MOST_VALUES:
            return None
        found: list[Outcome] = []
        for piece in [*(where.only(field, v) for v in facet.values), where.less(field, facet.values)]:
            total = yield from self._count(piece)
            if total is not None and total >= before:
                return None
            found.append((yield from self._cover(piece, total, fields)))
        after = yield from self._count(where)
        return _union(found, before, after)

    def _leaf(self, where: Slice, before: int | None) -> Steps[Outcome]:
        """Scan until proven, or `scans` times. A document seen in any of the scans is seen."""
        if before == 0:
            # One empty answer may be a bad moment of the portal.
            before = yield from self._count(where)
        if before == 0:
            return Outcome(0, frozenset(), True)
        seen: frozenset[str] = frozenset()
        counts = [before]
        earlier: Sweep | None = None
        problem = ""
        for _ in range(self.limits.scans):
            sweep = yield from self._sweep_all(where, counts[-1])
            seen |= sweep.keys
            problem = "; ".join(sweep.problems[:3])
            after = (yield from self._count(where)) if sweep.rows else None
            if after is None:
                return Outcome(before or sweep.total, seen, False, problem=problem or "the total is not known")
            counts.append(after)
            proof = _proof(sweep, earlier, seen, counts)
            if proof:
                return proof
            if earlier and sweep.problems and sweep.problems == earlier.problems:
                break
            earlier = sweep
        return Outcome(counts[-1] or 0, seen, False, problem=problem or "answers differ from scan to scan")

    def _sweep_all(self, where: Slice, total: int | None) -> Steps[Sweep]:
        """One pass, and a second one by another sort for the rows that lack the first one's field."""
        sweep = yield from self._sweep(where, self.part.sort, total)
        lost = total is not None and not sweep.problems and sweep.total < total
        if not lost or self.part.sort == self.limits.other_sort:
            return sweep
        other = yield from self._sweep(where, self.limits.other_sort, total)
        return Sweep(sweep.rows + other.rows, max(sweep.total, other.total), sweep.problems + other.problems)

    def _sweep(self, where: Slice, sort: str, total: int | None) -> Steps[Sweep]:
        """All pages from the front as far as the window goes, the rest from the back."""
        served = self.limits.window // self.limits.page_size
        wanted = max(1, self._pages_of(total or 0))
        got = yield from self._ask(where, sort, False, range(1, min(wanted, served) + 1))
        # The total was not known, or has grown since it was counted.
        grown = self._pages_of(max(answer.total for answer in got))
        if min(grown, served) > len(got):
            got += yield from self._ask(where, sort, False, range(len(got) + 1, min(grown, served) + 1))
        last = min(max(wanted, grown) - served, served)
        if last > 0:
            got += yield from self._ask(where, sort, True, range(1, last + 1))
        rows = tuple(key for answer in got for key in answer.keys)
        return Sweep(rows, max(a.total for a in got), tuple(a.problem for a in got if a.problem))

    def _ask(self, where: Slice, sort: str, descending: bool, numbers: Sequence[int]) -> Steps[list[Answer]]:
        """Pages; those that failed or came short are asked for once more."""
        asks = [self._page(where, sort, descending, number) for number in numbers]
        got = yield asks
        again = [i for i, ask in enumerate(asks) if self._problem(ask, got[i])]
        if again:
            repeated = yield [asks[i] for i in again]
            for i, answer in zip(again, repeated, strict=True):
                got[i] = msgspec.structs.replace(answer, problem=self._problem(asks[i], answer))
        return got

    def _page(self, where: Slice, sort: str, descending: bool, number: int) -> Ask:
        size = self.limits.page_size
        return Ask(part=self.part, where=where, size=size, number=number, sort=sort, descending=descending)

    def _problem(self, ask: Ask, answer: Answer) -> str:
        """Why a page is not what was asked for, or empty."""
        due = max(0, min(ask.size, answer.total - (ask.number - 1) * ask.size))
        if answer.problem or len(answer.keys) == due:
            return answer.problem
        return f"page {ask.number} has {len(answer.keys)} rows instead of {due}"

    def _count(self, where: Slice) -> Steps[int | None]:
        """Rows of a query without any sort; asked twice before it counts as not known."""
        for _ in range(2):
            (answer,) = yield [Ask(part=self.part, where=where)]
            if not answer.problem:
                return answer.total
        return None

    def _pages_of(self, rows: int) -> int:
        return -(-rows // self.limits.page_size)

"""A simulated index for the tests of the planner, and a planner that runs against it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from pipeline.harvest import PartReport, Role
from spiders.base.asks import Answer, Ask, Limits, Part
from spiders.base.plan import Plan

TOPICS = Part(name="topics", role=Role.CALL, sort="identifier")
NEWS = Part(name="news", role=Role.NEWS, sort="date", optional=True)


def limits(**changes: Any) -> Limits:
    return Limits(**{"page_size": 10, "window": 100, "scans": 3, "other_sort": "date", **changes})


@dataclass
class FakeIndex:
    """Rows are dicts with a key, facet values and sort fields. `spoil` may change any answer."""

    rows: list[dict[str, Any]]
    window: int = 100
    spoil: Any = None
    asked: list[Ask] = field(default_factory=list)

    def answer(self, ask: Ask) -> Answer:
        self.asked.append(ask)
        rows = [row for row in self.rows if self._inside(row, ask)]
        if ask.facet:
            found = Answer(values=tuple(dict.fromkeys(v for row in rows for v in row.get(ask.facet, ()))))
        elif not ask.sort:
            found = Answer(total=len(rows), keys=tuple(r["key"] for r in rows[:1]))
        else:
            found = self._page(rows, ask)
        return self.spoil(ask, found, len(self.asked)) if self.spoil else found

    def _page(self, rows: list[dict[str, Any]], ask: Ask) -> Answer:
        if ask.number * ask.size > self.window:
            return Answer(problem="beyond the window")
        rows = sorted((r for r in rows if ask.sort in r), key=lambda r: r[ask.sort], reverse=ask.descending)
        start = (ask.number - 1) * ask.size
        return Answer(total=len(rows), keys=tuple(r["key"] for r in rows[start : start + ask.size]))

    @staticmethod
    def _inside(row: dict[str, Any], ask: Ask) -> bool:
        within = all(value in row.get(f, ()) for f, value in ask.where.within)
        return within and not any(set(values) & set(row.get(f, ())) for f, values in ask.where.without)


def rows(n: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"key": f"d{i:05d}", "identifier": f"i{i:05d}", "date": i % 7, **fields} for i in range(n)]


def run(index: FakeIndex, given_limits: Limits, *, seed: int = 0, parts: tuple[Part, ...] = (TOPICS,)) -> Plan:
    """Answer every question, in an order that `seed` decides."""
    chance = random.Random(seed)
    plan = Plan(parts, given_limits, abreast=2)
    pending = plan.begin()
    while pending:
        ask = pending.pop(chance.randrange(len(pending)))
        pending += plan.answer(ask, index.answer(ask))
        assert len(index.asked) < 20_000, "it does not end"
    assert plan.done
    return plan


def only(plan: Plan) -> PartReport:
    (report,) = plan.reports()
    return report

"""Which stored call an announcement belongs to, where it names no identifier. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.extract.facts import Extraction
from pipeline.models import BRUSSELS, Call


def identify(facts: Extraction, calls: Iterable[Call]) -> str | None:
    """The identifier of the only call with the same budget and a deadline on the same day, else None."""
    if facts.budget is None or not facts.deadlines:
        return None
    days = {moment.at.astimezone(BRUSSELS).date() for moment in facts.deadlines}
    fitting = {
        call.identifier
        for call in calls
        if call.budget is not None
        and (call.budget.total, call.budget.currency) == (facts.budget.amount, facts.budget.currency)
        and days & {deadline.at.astimezone(BRUSSELS).date() for deadline in call.deadlines}
    }
    return fitting.pop() if len(fitting) == 1 else None

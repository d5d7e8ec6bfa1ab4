"""Money of a call.

A topic's budget stands in a table of the whole work programme call, among the lines of all its siblings; a line
belongs to the topic named before " - " in its `action`. Where several topics show one and the same total it is the
pot of the whole call, printed on each line. 0 means "not stated".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pipeline import money
from pipeline.models import Budget, Kind
from pipeline.normalise.eu_funding_tenders.row import Row
from pipeline.normalise.shared import Notes, mappings, quoted

Line = Mapping[str, Any]

_YEAR = re.compile(r"(?:19|20|21)\d\d", re.ASCII)


def lines_by_topic(row: Row, notes: Notes) -> dict[str, list[Line]]:
    """The lines of the row's table by topic (folded), each line once."""
    found: dict[str, list[Line]] = {}
    for table in row.tree("budgetOverview", notes):
        groups = table.get("budgetTopicActionMap") if isinstance(table, dict) else None
        if not isinstance(groups, dict):
            notes.add("budgetOverview", "has no budgetTopicActionMap; the budget was left out")
            continue
        for line in (line for group in groups.values() for line in mappings(group)):
            lines = found.setdefault(_topic(line), [])
            if line not in lines:
                lines.append(line)
    return found


def own_lines(row: Row, table: Mapping[str, list[Line]], notes: Notes) -> list[Line]:
    """The lines of the row's own topic, one for each type of action."""
    own = table.get(" ".join(row.one("identifier").split()).casefold(), [])
    if table and not own:
        notes.add("budgetOverview", "no line of this topic among its siblings; the budget was left out")
    return own


def topic_budget(own: Sequence[Line], table: Mapping[str, list[Line]], notes: Notes) -> Budget | None:
    """Total over own lines and years, smallest and largest grant, number of grants; None if nothing is stated."""
    years: dict[str, Decimal] = {}
    readable = True
    for line in own:
        for year, amount in _years(line).items():
            if amount is None or not _YEAR.fullmatch(year):
                notes.add("budgetOverview", f"amount of {quoted(year)} not understood; the total was left out")
                readable = False
            elif amount:
                years[year] = years.get(year, Decimal(0)) + amount
    smallest = _amounts(own, "minContribution", notes)
    largest = _amounts(own, "maxContribution", notes)
    grants = sum(_amounts(own, "expectedGrants", notes))
    total = sum(years.values(), Decimal(0)) if readable else Decimal(0)
    if not (years or smallest or largest or grants):
        return None
    return Budget(
        currency="EUR",
        total=total or None,
        project_min=min(smallest, default=None),
        project_max=max(largest, default=None),
        grants=int(grants) or None,
        by_year=dict(sorted(years.items())),
        shared_with=_shared_with(table, total) if total else 0,
    )


def plain_budget(row: Row, kind: Kind, notes: Notes) -> Budget | None:
    """The total of a cascade call or an external action, whose rows hold a plain amount and a currency."""
    stated = row.one("budget")
    if not stated:
        return None
    total = money.amount(stated)
    if total is None:
        notes.add("budget", f"amount not understood: {quoted(stated)}")
        return None
    unit = row.one("currency") or ("EUR" if kind is Kind.CASCADE else "")
    currency = money.currency(unit)
    if currency is None:
        notes.add("currency", f"unknown currency {quoted(unit)}; the budget was left out")
        return None
    return Budget(currency=currency, total=total) if total else None


def _topic(line: Line) -> str:
    action = line.get("action")
    words = " ".join(action.split()) if isinstance(action, str) else ""
    return f"{words} ".partition(" - ")[0].strip().casefold()


def _years(line: Line) -> dict[str, Decimal | None]:
    years = line.get("budgetYearMap")
    return {str(year): money.amount(amount) for year, amount in years.items()} if isinstance(years, dict) else {}


def _amounts(own: Sequence[Line], key: str, notes: Notes) -> list[Decimal]:
    """What the own lines state for `key`, without zeros."""
    amounts = []
    for value in (line.get(key) for line in own):
        amount = money.amount(value)
        if amount:
            amounts.append(amount)
        elif amount is None and value not in (None, ""):
            notes.add("budgetOverview", f"{key} not understood: {quoted(value)}")
    return amounts


def _shared_with(table: Mapping[str, list[Line]], total: Decimal) -> int:
    """Number of siblings, if there are at least two and every topic of the table shows this total; else 0."""
    alike = len(table) > 2 and all(
        sum(amount or 0 for line in lines for amount in _years(line).values()) == total for lines in table.values()
    )
    return len(table) - 1 if alike else 0

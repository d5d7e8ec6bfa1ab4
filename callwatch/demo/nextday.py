"""The next day of a portal: a pure function that plays on any list of items what portals do overnight.

Every language copy of a topic changes with it, and deadlineDate, actions and budgetOverview (also in the sibling
topics of the same call, whose tables list it) say the same afterwards.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from callwatch.demo import edits, items
from callwatch.demo.edits import Item, call_of, days_of, fields, first
from callwatch.demo.sample.html import checksum

# A deadline nearer than this stays alone: brought forward it could already have passed.
_ROOM = timedelta(days=21)


class Happening(StrEnum):
    """What can happen overnight. After reingested and seconds_jitter nothing is different for a reader."""

    BROUGHT_FORWARD = "deadline_brought_forward"
    EXTENDED = "deadline_extended"
    OPENED = "opened"
    WITHDRAWN = "withdrawn"
    NEW = "new"
    BUDGET = "budget_changed"
    NEWS = "news"
    REINGESTED = "reingested"
    JITTER = "seconds_jitter"


class Move(NamedTuple):
    """One thing that was played. `identifier` is the reference of the call; `detail` names old and new value."""

    kind: Happening
    identifier: str
    detail: dict[str, str]


class NextDay(NamedTuple):
    """The items of the next day, and what happened."""

    records: list[Item]
    moves: list[Move]


def next_day(records: Sequence[Item], today: date) -> NextDay:
    """Play the day `today` on the items of the day before; `records` is not changed.

    One topic each is brought forward, extended (with a news row), opened, withdrawn, given twice the budget,
    re-ingested and invented; one cascade call is extended; all external actions jitter. What the items leave no
    room for does not happen and is not in `moves`. Deterministic: equal items and day give an equal next day.
    """
    night = _Night(copy.deepcopy(list(records)), today)
    for play in (_open, _bring_forward, _extend, _extend_cascade, _budget, _withdraw, _reingest, _invent, _jitter):
        play(night)
    return NextDay(night.items, night.moves)


class _Night:
    """The items while they change. Each call is touched by one move at most."""

    def __init__(self, all_items: list[Item], today: date) -> None:
        self.items, self.today = all_items, today
        self.moves: list[Move] = []
        self._touched: set[str] = set()
        self._parents = {first(item, "identifier").upper() for item in all_items if edits.is_row(item, "8")}

    def pick(self, wanted: Callable[[Item], bool], *, kind: str = "1") -> Item | None:
        """An untouched English item of a type, the first by reference among the wanted."""
        found = [
            item
            for item in self.items
            if edits.is_row(item, kind)
            and item.get("language") == "en"
            and call_of(item) not in self._touched
            and wanted(item)
        ]
        chosen = min(found, key=call_of, default=None)
        if chosen is not None:
            self._touched.add(call_of(chosen))
        return chosen

    def far(self, item: Item) -> bool:
        """Whether the last deadline can move either way without touching today or another deadline."""
        days = days_of(item)
        return bool(days) and days[-1] >= max([self.today, *days[:-1]]) + _ROOM

    def copies(self, item: Item) -> list[Item]:
        """The item and its other language copies."""
        kind = first(item, "type")
        return [each for each in self.items if edits.is_row(each, kind) and call_of(each) == call_of(item)]

    def quiet(self, item: Item) -> bool:
        """Whether an item can vanish without leaving cascade calls behind."""
        return self.far(item) and first(item, "identifier").upper() not in self._parents

    def played(self, kind: Happening, item: Item, **detail: str) -> None:
        self.moves.append(Move(kind, call_of(item), detail))


def _open(night: _Night) -> None:
    item = night.pick(lambda i: night.far(i) and first(i, "status") == items.FORTHCOMING)
    if item is None:
        return
    opening = night.today.isoformat()
    status = {"id": int(items.OPEN), "abbreviation": "Open", "description": "Open for submission"}
    for each in night.copies(item):
        fields(each).update(status=[items.OPEN], sortStatus=[items.SORT_STATUS[items.OPEN]])
        fields(each).update(startDate=[items.midnight(night.today)], es_SortDate=[items.midnight(night.today)])
        each["groupById"] = items.SORT_STATUS[items.OPEN]
        edits.edit_actions(each, lambda action: action.update(status=status, plannedOpeningDate=opening))
    edits.edit_lines(night.items, first(item, "identifier"), lambda line: line.update(plannedOpeningDate=opening))
    night.played(Happening.OPENED, item, after=opening)


def _bring_forward(night: _Night) -> None:
    _shift(night, Happening.BROUGHT_FORWARD, "1", -7)


def _extend(night: _Night) -> None:
    item = _shift(night, Happening.EXTENDED, "1", 14)
    if item is None:
        return
    at = datetime.combine(night.today, time(9, 30))
    text = f"<p>The deadline is extended to {days_of(item)[-1]:%d %B %Y}.</p>"
    for each in night.copies(item):
        edits.add_latest(each, text, at)
    night.items.append(items.news(item, text, at))
    night.played(Happening.NEWS, item, text=text)


def _extend_cascade(night: _Night) -> None:
    _shift(night, Happening.EXTENDED, "8", 10)


def _shift(night: _Night, kind: Happening, of: str, by: int) -> Item | None:
    """Move the last deadline of one call by so many days, wherever it is written."""
    item = night.pick(night.far, kind=of)
    if item is None:
        return None
    before = days_of(item)[-1]
    after = before + timedelta(days=by)

    def move(entry: dict[str, Any]) -> None:
        entry["deadlineDates"] = edits.moved_all(entry.get("deadlineDates"), before, after)

    for each in night.copies(item):
        for field in ("deadlineDate", "closingDate"):
            if field in fields(each):
                fields(each)[field] = edits.moved_all(fields(each)[field], before, after)
        edits.edit_actions(each, move)
    edits.edit_lines(night.items, first(item, "identifier") if of == "1" else call_of(item), move)
    night.played(kind, item, before=before.isoformat(), after=after.isoformat())
    return item


def _budget(night: _Night) -> None:
    item = night.pick(lambda i: night.far(i) and sum(_amounts(i)) > 0)
    if item is None:
        return
    before = _amounts(item)

    def double(line: dict[str, Any]) -> None:
        years = edits.amounts_of(line)
        line["budgetYearMap"] = {year: type(amount)(2 * int(amount)) for year, amount in years.items()}

    edits.edit_lines(night.items, first(item, "identifier"), double)
    night.played(Happening.BUDGET, item, before=str(sum(before)), after=str(sum(_amounts(item))))


def _amounts(item: Item) -> list[int]:
    """The amounts of a topic's own lines; none when one of them is no whole number."""
    found: list[str] = []
    edits.edit_lines(
        [copy.deepcopy(item)],
        first(item, "identifier"),
        lambda line: found.extend(str(amount) for amount in edits.amounts_of(line).values()),
    )
    return [int(amount) for amount in found] if all(amount.isdecimal() for amount in found) else []


def _withdraw(night: _Night) -> None:
    item = night.pick(night.quiet)
    if item is not None:
        gone = first(item, "identifier").upper()
        night.items = [each for each in night.items if first(each, "identifier").upper() != gone]
        night.played(Happening.WITHDRAWN, item)


def _reingest(night: _Night) -> None:
    """The same topic under another reference, its lists in another order: noise."""
    item = night.pick(night.far)
    if item is None:
        return
    stamp = f"{night.today:%Y-%m-%d}T03:21:07.512+0200"
    before = str(item.get("reference", ""))
    for each in night.copies(item):
        each["reference"] = f"{first(each, 'ccm2Id')}{night.today:%Y%m%d}TOPICS{each.get('language')}"
        fields(each).update(REFERENCE=[each["reference"]], esDA_IngestDate=[stamp], esDA_QueueDate=[stamp])
        for field in ("keywords", "tags"):
            fields(each)[field] = edits.listed(each, field)[::-1]
    night.played(Happening.REINGESTED, item, before=before, after=item["reference"])


def _invent(night: _Night) -> None:
    """A new topic, made after a topic that is there."""
    model = night.pick(night.far)
    if model is None:
        return
    old, number = first(model, "identifier"), items.number_of(f"{first(model, 'identifier')} {night.today}")
    new = f"{old.rpartition('-')[0] or old}-{night.today:%m%d}"
    born = edits.replace_everywhere(model, old, new)
    title = f"{first(model, 'title')}: second round"
    born.update(reference=f"{number}TOPICSen", summary=title, content=title, checksum=checksum(title))
    fields(born).update(
        REFERENCE=[born["reference"]], ccm2Id=[number], title=[title], esST_checksum=[checksum(title)]
    )
    night.items.append(born)
    night.played(Happening.NEW, born, after=title)


def _jitter(night: _Night) -> None:
    """The seconds of external actions' dates change at every re-index."""
    for place, item in enumerate(night.items):
        if not edits.is_row(item, "2"):
            continue
        for field in ("deadlineDate", "startDate"):
            old = [str(value) for value in edits.listed(item, field)]
            fields(item)[field] = [
                f"{v[:17]}{(int(v[17:19]) + 7 + place) % 60:02d}.{place % 1000:03d}{v[23:]}" for v in old
            ]
        night.played(Happening.JITTER, item)

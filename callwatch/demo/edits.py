"""Small edits on a raw item of the portal that keep its several copies of one fact in step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

import orjson

Item = dict[str, Any]


def fields(item: Any) -> dict[str, Any]:
    """The metadata of an item; empty for what is no item."""
    metadata = item.get("metadata") if isinstance(item, dict) else None
    return metadata if isinstance(metadata, dict) else {}


def first(item: Any, field: str) -> str:
    """The first value of a field, or ""."""
    return str(next(iter(listed(item, field)), ""))


def listed(item: Any, field: str) -> list[Any]:
    """All values of a field; none when it is no list."""
    values = fields(item).get(field)
    return values if isinstance(values, list) else []


def is_row(item: Any, kind: str) -> bool:
    """Whether an item is of this type and of the living data source."""
    return first(item, "type") == kind and first(item, "DATASOURCE") == "SEDIA"


def call_of(item: Any) -> str:
    """The reference of the call an item belongs to: topics by identifier, the others by their own number."""
    kind = first(item, "type")
    if kind == "8":
        return f"{first(item, 'callccm2Id')}COMPETITIVE_CALL"
    if kind == "2":
        return f"{first(item, 'callIdentifier')}PROSPECTS"
    return first(item, "identifier").upper()


def days_of(item: Any) -> list[date]:
    """The calendar days of all deadlines, sorted; what cannot be read is left out."""
    days = (_day(str(value)) for value in listed(item, "deadlineDate"))
    return sorted(day for day in days if day)


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def moved(text: str, before: date, after: date) -> str:
    """A date text with the day `before` replaced, in any of the portal's forms; any other text as it is."""
    if text.startswith(before.isoformat()):
        return after.isoformat() + text[10:]
    return f"{after:%d %B %Y}" if text == f"{before:%d %B %Y}" else text


def moved_all(values: Any, before: date, after: date) -> Any:
    """`moved` for every text of a list."""
    texts = values if isinstance(values, list) else []
    return [moved(v, before, after) if isinstance(v, str) else v for v in texts]


def edit_actions(item: Item, change: Callable[[dict[str, Any]], None]) -> None:
    """Change every entry of the JSON text in `actions`."""

    def change_all(actions: Any) -> None:
        for action in _objects(actions):
            change(action)

    _edit_json(item, "actions", change_all)


def edit_lines(items: Iterable[Item], identifier: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the lines of one topic in the budget table of every item that lists it: its own and its siblings'."""
    # Up to the dash: "…-D1-01" must not find "…-D1-01-two-stage".
    start = f"{identifier} - "

    def change_table(table: Any) -> None:
        groups = table.get("budgetTopicActionMap") if isinstance(table, dict) else None
        for lines in groups.values() if isinstance(groups, dict) else ():
            for line in _objects(lines):
                if str(line.get("action", "")).startswith(start):
                    change(line)

    for item in items:
        if start in first(item, "budgetOverview"):
            _edit_json(item, "budgetOverview", change_table)


def amounts_of(line: dict[str, Any]) -> dict[str, Any]:
    """The amounts by year of a line in a budget table."""
    years = line.get("budgetYearMap")
    return years if isinstance(years, dict) else {}


def _objects(values: Any) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _edit_json(item: Item, field: str, change: Callable[[Any], None]) -> None:
    try:
        value = orjson.loads(first(item, field))
    except orjson.JSONDecodeError:
        return
    change(value)
    fields(item)[field] = [orjson.dumps(value).decode()]


def add_latest(item: Item, text: str, at: datetime) -> None:
    """Put a piece of news on top of a topic's latest information."""
    news = {"approvalDate": "", "lastChangeDate": f"{at:%Y-%m-%dT%H:%M:%S}.000", "content": text}
    if not first(item, "latestInfos"):
        fields(item)["latestInfos"] = ["[]"]

    def put(infos: Any) -> None:
        if isinstance(infos, list):
            infos.insert(0, news)

    _edit_json(item, "latestInfos", put)


def replace_everywhere(value: Any, old: str, new: str) -> Any:
    """A copy of a JSON value in which every text has `old` replaced."""
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, list):
        return [replace_everywhere(entry, old, new) for entry in value]
    if isinstance(value, dict):
        return {key: replace_everywhere(entry, old, new) for key, entry in value.items()}
    return value

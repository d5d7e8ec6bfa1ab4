"""Sorting as the portal sorts: a row without the field is dropped, and most ties fall differently each time."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from callwatch.demo.standin.asked import BadRequest
from callwatch.demo.standin.index import Row

# Three scans sorted by these gave the same rows in the same order; every other order has ties that reshuffle
# between two requests, so that pages overlap and rows are lost.
STABLE = frozenset({"identifier", "callIdentifier", "callccm2Id", "es_SortDate"})

SortKeys = tuple[tuple[str, bool], ...]


def sort_keys(sort: Any) -> SortKeys:
    """(field, descending) of a decoded `sort` part: one object or a list of them. Raises BadRequest."""
    keys = []
    for entry in sort if isinstance(sort, list) else [sort]:
        if not isinstance(entry, dict) or not isinstance(entry.get("field"), str) or not entry["field"]:
            raise BadRequest("Invalid sort format")
        order = str(entry.get("order", "ASC")).upper()
        if order not in ("ASC", "DESC"):
            raise BadRequest("Invalid sort format")
        keys.append((entry["field"], order == "DESC"))
    return tuple(keys)


def is_stable(keys: SortKeys) -> bool:
    """Whether two requests sorted by `keys` see one order."""
    return any(field in STABLE for field, _ in keys)


def has_all(row: Row, keys: SortKeys) -> bool:
    """Whether a row stays in a result sorted by `keys`."""
    return all(field == "relevance" or row.values(field) for field, _ in keys)


def arranged(rows: Iterable[Row], keys: SortKeys, chance: Random) -> list[Row]:
    """The rows in order; ties keep their place for a stable key and fall by `chance` otherwise."""
    ordered = list(rows)
    if not is_stable(keys):
        chance.shuffle(ordered)
    for field, descending in reversed(keys):
        if field != "relevance":
            # Of several values the smallest counts when ascending and the largest when descending.
            pick = max if descending else min
            ordered.sort(key=lambda row, f=field, p=pick: p(row.values(f)), reverse=descending)  # type: ignore[misc]
    return ordered

"""How tests of the sample look at its rows."""

from __future__ import annotations

from datetime import date
from typing import Any

TODAY = date(2026, 11, 23)


def fields(item: dict[str, Any]) -> dict[str, Any]:
    return item.get("metadata") or item


def of_type(items: list[dict[str, Any]], number: str) -> list[dict[str, Any]]:
    return [item for item in items if fields(item)["type"] == [number]]


def source(item: dict[str, Any]) -> str:
    return next(iter(fields(item).get("DATASOURCE", [])), "")


def topic_row(items: list[dict[str, Any]], identifier: str, language: str = "en") -> dict[str, Any]:
    found = [
        item["metadata"]
        for item in of_type(items, "1")
        if item["metadata"]["identifier"] == [identifier]
        and item["language"] == language
        and source(item) == "SEDIA"
        and "status" in item["metadata"]
    ]
    assert len(found) == 1, identifier
    return found[0]

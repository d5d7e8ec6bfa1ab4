"""What is harvested: the shipped sample grown to any size, the same in every process of a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from callwatch.demo import edits, items, sample
from callwatch.demo.grow import grow, growing

PAGE = 100
Item = dict[str, Any]


def calls(n: int, *, copies: bool = False) -> list[Item]:
    """`n` live calls as result items of about 16 KB; with `copies` each topic has a Swedish copy, too."""
    grown = grow(_models(), n)
    if not copies:
        return grown
    topics = [item for item in grown if edits.is_row(item, "1")]
    return [*grown, *(_swedish(topic) for topic in topics)]


def _models() -> list[Item]:
    return [item for item in sample.records(datetime.now(UTC).date()) if _is_live(item)]


def _is_live(item: Item) -> bool:
    return edits.first(item, "status") in (items.OPEN, items.FORTHCOMING)


def _swedish(topic: Item) -> Item:
    """As the portal's own copies: the numbers, dates and texts of the topic under a title of its own."""
    return items.translated(topic, "sv", f"Utlysning: {edits.first(topic, 'title')}")


def kind_of(item: Item) -> tuple[str, str]:
    """Type of a row and its language; a page of the portal holds rows of one kind."""
    return edits.first(item, "type"), item["language"]


def pages(rows: list[Item]) -> list[tuple[tuple[str, str], bytes]]:
    """The rows as the portal answers them, page for page: (kind, JSON of the envelope)."""
    answers = []
    for kind in dict.fromkeys(map(kind_of, rows)):
        chosen = [row for row in rows if kind_of(row) == kind]
        for start in range(0, len(chosen), PAGE):
            answers.append((kind, _answer(chosen[start : start + PAGE], start // PAGE + 1, len(chosen))))
    return answers


def streamed(n: int) -> Iterator[tuple[tuple[str, str], bytes]]:
    """Pages of `n` live calls, made as they are asked for: of more calls than fit into memory. Each says
    of itself only how many there are, since the portal's bounds end at 50,000."""
    waiting: dict[tuple[str, str], list[Item]] = {}
    numbers: Counter[tuple[str, str]] = Counter()
    for row in growing(_models(), n):
        kind = kind_of(row)
        rows = waiting.setdefault(kind, [])
        rows.append(row)
        if len(rows) == PAGE:
            numbers[kind] += 1
            yield kind, _answer(waiting.pop(kind), numbers[kind], PAGE)
    for kind, rows in waiting.items():
        yield kind, _answer(rows, numbers[kind] + 1, PAGE)


def _answer(rows: list[Item], number: int, total: int) -> bytes:
    return orjson.dumps({"totalResults": total, "pageNumber": number, "pageSize": PAGE, "results": rows})

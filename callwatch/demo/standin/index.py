"""The rows of the stand-in: every item encoded once, every selection remembered until the next day."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import orjson

# What a text in the URL is looked for in: the fields a person reads.
_READABLE = (
    "identifier",
    "callIdentifier",
    "REFERENCE",
    "title",
    "callTitle",
    "caName",
    "keywords",
    "tags",
    "description",
    "descriptionByte",
)

_WORD = re.compile(r"\w+")
# A page is 1.5 MB and a harvest asks a handful of questions a hundred times each.
_REMEMBERED = 64


def words(text: str) -> str:
    """The words of a text in lower case, each with a space on both sides: " digital europe "."""
    return f" {' '.join(_WORD.findall(text.lower()))} "


class Row:
    """One item of the index. `item` is answered as it is, whatever it is: also what no portal should hold."""

    def __init__(self, item: Any) -> None:
        self.item = item
        self.body = orjson.dumps(item)
        top = item if isinstance(item, dict) else {}
        metadata = top.get("metadata")
        # Five of 1,339 cascade rows were seen without a metadata object, their fields at the top level.
        self.fields: dict[str, Any] = metadata if isinstance(metadata, dict) else top
        self.language = str(top.get("language") or "")

    def values(self, field: str) -> tuple[str, ...]:
        """The values of a field as strings; none when the row lacks it."""
        found = self.fields.get(field)
        if isinstance(found, list):
            return tuple(v if isinstance(v, str) else str(v) for v in found)
        return () if found is None else (str(found),)

    def text(self, fields: Iterable[str] | None = None) -> str:
        """The words of `fields`, or of everything a person reads."""
        if not fields:
            return self._readable
        return words(" ".join(value for field in fields for value in self.values(field)))

    @cached_property
    def _readable(self) -> str:
        return self.text(_READABLE)


class Index:
    """All rows of one day; immutable but for the memory of selections."""

    def __init__(self, records: Iterable[Any]) -> None:
        self.rows = tuple(Row(record) for record in records)
        self._selections: dict[bytes, tuple[Row, ...]] = {}
        self._lock = threading.Lock()

    def remember(self, key: bytes, build: Callable[[], Iterable[Row]]) -> tuple[Row, ...]:
        """The rows that `build` gives; equal questions have an equal `key`, so that no page filters again."""
        with self._lock:
            found = self._selections.get(key)
        if found is None:
            found = tuple(build())
            with self._lock:
                if len(self._selections) >= _REMEMBERED:
                    self._selections.clear()
                self._selections[key] = found
        return found

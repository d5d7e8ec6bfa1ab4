"""One row of the index, read leniently: everything there is a list of strings, unless it is not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pipeline import dates
from pipeline.harvest import Role
from pipeline.normalise import Identity
from pipeline.normalise.shared import Notes, decode, first_of, quoted, strings

_NEW_GENERATION = re.compile(r"\d+TOPICS[A-Za-z]{2,3}")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Row:
    """A row with its identity. A row without `metadata` has the same fields at its top level (some stubs do)."""

    __slots__ = ("identity", "item", "meta")

    def __init__(self, item: Mapping[str, Any], identity: Identity) -> None:
        self.item, self.identity, self.meta = item, identity, fields_of(item)

    def all(self, key: str) -> list[str]:
        """Every value of a field as text."""
        return strings(self.meta.get(key))

    def one(self, key: str) -> str:
        """The first value of a field, or nothing."""
        value = self.meta.get(key)
        if type(value) is list and value and type(value[0]) is str and (text := value[0].strip()):
            return text  # nearly every field, and asked for often
        values = strings(value)
        return values[0] if values else ""

    def tree(self, key: str, notes: Notes) -> list[Any]:
        """What the JSON texts in a field hold, lists joined; broken JSON is an Issue and left out."""
        found: list[Any] = []
        value = self.meta.get(key)
        for part in value if isinstance(value, list) else [value]:
            try:
                held = decode(part) if isinstance(part, str) and part.strip() else part
            except ValueError as error:
                notes.add(key, f"not valid JSON ({quoted(str(error))}); it was left out")
                continue
            found.extend(held if isinstance(held, list) else [held] if held else [])
        return found

    @property
    def is_stub(self) -> bool:
        """Neither status nor description: a shadow of a fuller row."""
        return not (self.one("status") or self.one("descriptionByte") or self.one("description"))

    @property
    def rank(self) -> tuple[bool, bool, bool, bool, datetime]:
        """The row to believe is the highest: full, English (else Swedish), new generation, latest ingested."""
        language = self.identity.language
        is_new = _NEW_GENERATION.fullmatch(first_of(self.item, "reference")) is not None
        ingested = dates.parse(self.one("esDA_IngestDate"))
        at = dates.instant(ingested) if ingested else _NEVER
        return not self.is_stub, language == "en", language == "sv", is_new, at

    @property
    def is_news(self) -> bool:
        """A type 6 row: "latest information" of a topic."""
        return self.identity.role is Role.NEWS


def fields_of(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row's metadata, or the row itself where it has none."""
    meta = item.get("metadata")
    return meta if isinstance(meta, dict) and meta else item

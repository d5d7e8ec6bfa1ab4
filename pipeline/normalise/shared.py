"""Steps that several portals need: lenient decoding, values out of untidy JSON, and the notes of what was odd."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from pipeline.harvest import Issue
from pipeline.normalise import Document
from pipeline.text import clean

_WORDS_ONLY = re.compile(r"[\W_]+")


class Notes:
    """Collects the Issues of one call; each problem of a field once."""

    def __init__(self, reference: str) -> None:
        self.reference = reference
        self.issues: list[Issue] = []

    def add(self, field: str, problem: str) -> None:
        """Note a problem; what the portal wrote goes through `quoted` first."""
        issue = Issue(self.reference, field, problem)
        if issue not in self.issues:
            self.issues.append(issue)


def quoted(value: object) -> str:
    """What a portal wrote, safe and short enough for a report."""
    text = value if isinstance(value, str) else repr(value)[:200]
    return f'"{clean(text[:200], 60)}"'


def decode(data: bytes | str) -> Any:
    """JSON, also where strings hold raw control characters. Raises ValueError for everything else."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            return json.loads(data, strict=False)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def newest_item(documents: Sequence[Document]) -> Mapping[str, Any] | Issue:
    """The object in the document that was fetched last."""
    last = max(documents, key=lambda document: document.fetched_at)
    try:
        item = decode(last.body)
    except ValueError:
        return Issue("", "body", "not JSON; the document was skipped")
    return item if isinstance(item, dict) else Issue("", "item", "no object; it was skipped")


def strings(value: object) -> list[str]:
    """Scalars as text, from one value or a list of them; empty ones and everything else left out."""
    if isinstance(value, str):
        value = value.strip()
        return [value] if value else []
    items = value if isinstance(value, list) else (value,)
    return [text for item in items if (text := scalar(item))]


def scalar(value: object) -> str:
    """Text of a string, number or truth value, stripped; empty for anything else."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, float) or (isinstance(value, int) and value.bit_length() < 256) else ""


def mappings(value: object) -> list[Mapping[str, Any]]:
    """The objects in a list; an object alone counts as a list of one."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]


def first_of(item: Mapping[str, Any], *keys: str) -> str:
    """The first of these fields that holds text."""
    return next((text for key in keys if (text := scalar(item.get(key)))), "")


def distinct(words: Iterable[str]) -> list[str]:
    """Each once, whatever its case, in the order given."""
    seen: dict[str, str] = {}
    for word in words:
        seen.setdefault(word.casefold(), word)
    return list(seen.values())


def gist(text: str) -> str:
    """Letters and digits only, folded: two texts with one gist say the same."""
    return _WORDS_ONLY.sub("", text).casefold()

"""What this machine can do at best with the same pages: the least work that any harvest must do, and nothing else.

New calls: a page is decoded, each item hashed, its description becomes text, 300 terms are looked for in one pass,
and one row a call, the item itself in it, goes to SQLite with synchronous=FULL, a page a transaction. Known ones:
each item is cut out, hashed and looked up. No checks, no other fields, no history, no events, no reasons.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import orjson
from ahocorasick_rs import BytesAhoCorasick
from selectolax.lexbor import LexborHTMLParser

from callwatch.paths import config_file
from pipeline.profile import load_profiles

TERMS = 300
_TABLE = "CREATE TABLE calls (key TEXT PRIMARY KEY, digest TEXT, title TEXT, text TEXT, terms TEXT, item BLOB)"
_UPSERT = """
INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET
digest = excluded.digest, title = excluded.title, text = excluded.text, terms = excluded.terms,
item = excluded.item
"""


class _Answer(msgspec.Struct):
    results: list[msgspec.Raw]


_items = msgspec.json.Decoder(_Answer).decode


class Limits:
    """The least work; `terms` are the first 300 of callwatch's own profiles."""

    def __init__(self) -> None:
        profiles = load_profiles(config_file(None, "profiles").parent)
        regions = profiles.regions.values()
        words = [term for region in regions for priority in region.priorities for term in priority.terms]
        self._terms = [word.removesuffix("*").casefold().encode() for word in dict.fromkeys(words)][:TERMS]
        self._search = BytesAhoCorasick(self._terms)

    def changed(self, pages: Sequence[bytes], database: Path) -> dict[str, str]:
        """All that is needed for new calls; the key of each by its digest."""
        known: dict[str, str] = {}
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute(_TABLE)
            for body in pages:
                rows = [self._row(item) for item in orjson.loads(body)["results"]]
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(_UPSERT, rows)
                connection.execute("COMMIT")
                known.update((row[1], row[0]) for row in rows)
        return known

    def unchanged(self, pages: Sequence[bytes], known: dict[str, str]) -> int:
        """How many items are known; all that is needed to see that nothing has changed."""
        digests = (hashlib.sha256(item).hexdigest() for body in pages for item in _items(body).results)
        return sum(digest in known for digest in digests)

    def terms_in(self, text: str) -> set[int]:
        """The numbers of the terms in a text, found in one pass."""
        return {term for term, _, _ in self._search.find_matches_as_indexes(text.lower().encode())}

    def _row(self, item: dict[str, Any]) -> tuple[str, str, str, str, str, bytes]:
        raw = orjson.dumps(item)
        digest = hashlib.sha256(raw).hexdigest()
        text = text_of(item)
        return item["reference"], digest, item["summary"], text, str(self.terms_in(text)), raw


def text_of(item: dict[str, Any]) -> str:
    """The description of a record as text, by the quickest library there is."""
    fields = item["metadata"]
    html = (fields.get("descriptionByte") or fields.get("description") or [""])[0]
    return LexborHTMLParser(html).text() if html else ""

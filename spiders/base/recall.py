"""What is remembered of an address: asked with its validators, the portal answers 304 when nothing has changed."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING

from pipeline.harvest import PageMemory

if TYPE_CHECKING:
    from scrapy.http import Response

    from spiders.base.entries import Entry

LONGEST_VALIDATOR = 500


def place(url: str, source: str) -> str:
    """Under what an address is remembered: two sources may read one page in two ways."""
    return f"{url}#{source}"


def mark(entry: Entry | None) -> str:
    """What changes with what a list says of an item: its lastmod, else a digest of its fields."""
    if entry is None or entry.lastmod or not entry.fields:
        return entry.lastmod if entry else ""
    return sha256(repr(sorted(entry.fields.items())).encode()).hexdigest()[:16]


def validators(memory: PageMemory | None, entry: Entry | None = None) -> dict[str, bytes]:
    """Headers that ask for what has changed since, as the portal wrote them.

    None where the list says something else of the item than it did, though its page may stand still: what is
    stored holds both.
    """
    if memory is None:
        return {}
    if entry and entry.fields and not entry.lastmod and mark(entry) != memory.lastmod:
        return {}
    given = {"If-None-Match": memory.etag, "If-Modified-Since": memory.last_modified}
    return {name: text.encode("latin-1", "replace") for name, text in given.items() if text}


def remembered(
    response: Response, where: str, found: Iterable[str], entry: Entry | None = None
) -> tuple[PageMemory, ...]:
    """What to remember of an answer; nothing where there is nothing to ask with the next time."""
    etag, modified = (_header(response, name) for name in ("ETag", "Last-Modified"))
    if not (etag or modified or (entry and entry.lastmod)):
        return ()
    return (PageMemory(where, etag, modified, mark(entry), tuple(found)),)


def _header(response: Response, name: str) -> str:
    text = (response.headers.get(name) or b"").decode("latin-1")
    return text if text.isprintable() and len(text) <= LONGEST_VALIDATOR else ""

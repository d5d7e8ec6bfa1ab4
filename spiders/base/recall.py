"""What is remembered of an address: asked with its validators, the portal answers 304 when nothing has changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipeline.harvest import PageMemory

if TYPE_CHECKING:
    from scrapy.http import Response

LONGEST_VALIDATOR = 500


def place(url: str, source: str) -> str:
    """Under what an address is remembered: two sources may read one page in two ways."""
    return f"{url}#{source}"


def validators(memory: PageMemory | None) -> dict[str, bytes]:
    """Headers that ask for what has changed since, as the portal wrote them."""
    if memory is None:
        return {}
    given = {"If-None-Match": memory.etag, "If-Modified-Since": memory.last_modified}
    return {name: text.encode("latin-1", "replace") for name, text in given.items() if text}


def remembered(response: Response, where: str, found: Iterable[str], lastmod: str = "") -> tuple[PageMemory, ...]:
    """What to remember of an answer; nothing where there is nothing to ask with the next time."""
    etag, modified = (_header(response, name) for name in ("ETag", "Last-Modified"))
    if not (etag or modified or lastmod):
        return ()
    return (PageMemory(where, etag, modified, lastmod, tuple(found)),)


def _header(response: Response, name: str) -> str:
    text = (response.headers.get(name) or b"").decode("latin-1")
    return text if text.isprintable() and len(text) <= LONGEST_VALIDATOR else ""

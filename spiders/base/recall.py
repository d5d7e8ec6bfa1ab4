"""What is remembered of an address: asked with its validators, the portal answers 304 when nothing has changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipeline.harvest import PageMemory
from spiders.base.entries import Entry, mark, says_otherwise

if TYPE_CHECKING:
    from scrapy.http import Response

    from pipeline.source_pages import Source
    from spiders.base.frontier import Ask
    from spiders.handover import Intake

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


def remembered(
    response: Response, where: str, found: Iterable[str], lastmod: str = "", marked: str = ""
) -> tuple[PageMemory, ...]:
    """What to remember of an answer, with its mark; nothing where there is nothing to ask with the next time."""
    etag, modified = (_header(response, name) for name in ("ETag", "Last-Modified"))
    if not (etag or modified or lastmod):
        return ()
    return (PageMemory(where, etag, modified, marked or lastmod, tuple(found)),)


class Recall:
    """What earlier harvests have read of a portal's pages. `forget`: nothing is kept of a harvest with a limit,
    which does not keep all that it reads."""

    def __init__(self, intake: Intake | None, *, forget: bool) -> None:
        self._intake, self._forget = intake, forget

    def of(self, url: str, source: Source) -> PageMemory | None:
        """What is remembered of a page as this source reads it."""
        return self._intake.remembered(place(url, source.name)) if self._intake else None

    def headers(self, ask: Ask) -> dict[str, bytes]:
        """What to ask with; nothing where the list says something else of the item by now."""
        memory = self.of(ask.url, ask.source)
        if memory and ask.entry and says_otherwise(ask.entry, memory.lastmod):
            return {}
        return validators(memory)

    def unmoved(self, entry: Entry, source: Source) -> PageMemory | None:
        """What is remembered of a page of which the list says that it has not changed since."""
        memory = self.of(entry.url, source)
        return memory if memory and entry.lastmod and memory.lastmod == entry.lastmod else None

    def to_keep(self, response: Response, ask: Ask, found: Iterable[str]) -> tuple[PageMemory, ...]:
        """What to remember of an answer."""
        if self._forget:
            return ()
        entry = ask.entry or Entry("")
        return remembered(response, ask.place, found, entry.lastmod, mark(entry))


def _header(response: Response, name: str) -> str:
    text = (response.headers.get(name) or b"").decode("latin-1")
    return text if text.isprintable() and len(text) <= LONGEST_VALIDATOR else ""

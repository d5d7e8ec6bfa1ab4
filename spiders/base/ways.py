"""The ways in which a list of items is published, and what reads each."""

from __future__ import annotations

from collections.abc import Callable

from scrapy.http import Response

from pipeline.source_pages import Source
from spiders.base import bulk_file, embedded, feed, listing, sitemap
from spiders.base.entries import Listed
from spiders.base.page import text_of

OF_BYTES: dict[str, Callable[[bytes, str, Source], Listed]] = {
    "feed": feed.read,
    "sitemap": sitemap.read,
    "bulk_file": bulk_file.read,
}
OF_TEXT: dict[str, Callable[[str, str, Source], Listed]] = {"listing": listing.read, "embedded": embedded.read}


def read_list(response: Response, source: Source) -> Listed:
    """What an answer lists. Raises NotAnAnswer, NothingFound."""
    if source.by in OF_BYTES:
        return OF_BYTES[source.by](response.body, source.url, source)
    return OF_TEXT[source.by](text_of(response), source.url, source)

"""sitemap.xml, also packed with gzip: pages with the time of their last change."""

from __future__ import annotations

import re

from scrapy.utils.gz import gunzip
from scrapy.utils.sitemap import Sitemap

from pipeline.harvest import Issue
from pipeline.source_pages import Source
from pipeline.text import clean
from spiders.base.entries import Entry, Listed, absolute
from spiders.base.envelope import NotAnAnswer

LARGEST = 64 << 20
_END = re.compile(rb"</(\w+:)?(urlset|sitemapindex)\s*>|<(\w+:)?(urlset|sitemapindex)[^>]*/>")
_END_WITHIN = 4096


def read(body: bytes, url: str, source: Source) -> Listed:
    """The pages, or the addresses of the parts. Raises NotAnAnswer when it is no sitemap."""
    try:
        body = gunzip(body, max_size=LARGEST) if body.startswith(b"\x1f\x8b") else body
        tree = Sitemap(body[max(body.find(b"<?xml"), 0) :])
        places = [
            (absolute(url, loc, source.host), clean(str(place.get("lastmod") or ""), 100))
            for place in tree
            if (loc := str(place.get("loc") or "").strip())
        ]
    except Exception as error:  # whatever a portal may send must not end the crawl
        raise NotAnAnswer(f"no sitemap ({type(error).__name__})") from error
    if tree.type not in ("sitemapindex", "urlset"):
        raise NotAnAnswer(f"no sitemap, but <{clean(str(tree.type), 40)}>")
    whole = _END.search(body[-_END_WITHIN:]) is not None
    issues = () if whole else (Issue("", source.name, "the sitemap ends in the middle: pages may be missing"),)
    if tree.type == "sitemapindex":
        return Listed(more=tuple(address for address, _ in places if address), issues=issues, whole=whole)
    entries = tuple(Entry(address, {}, lastmod) for address, lastmod in places if address)
    return Listed(entries, issues=issues, whole=whole)

"""sitemap.xml: pages with the time of their last change."""

from __future__ import annotations

from scrapy.utils.sitemap import Sitemap

from pipeline.source_pages import Source
from spiders.base.entries import Entry, Listed, absolute
from spiders.base.envelope import NotAnAnswer


def read(body: bytes, url: str, source: Source) -> Listed:
    """The pages, or the addresses of the parts. Raises NotAnAnswer when it is no sitemap."""
    start = body.find(b"<?xml")
    try:
        tree = Sitemap(body[max(start, 0) :])
    except Exception as error:
        raise NotAnAnswer(f"no sitemap ({type(error).__name__})") from error
    if tree.type not in ("sitemapindex", "urlset"):
        raise NotAnAnswer(f"no sitemap, but <{str(tree.type)[:40]}>")
    places = [(absolute(url, str(place.get("loc", "")), source.host), place) for place in tree]
    if tree.type == "sitemapindex":
        return Listed(more=tuple(address for address, _ in places if address))
    return Listed(
        tuple(Entry(address, {}, str(place.get("lastmod") or "")) for address, place in places if address)
    )

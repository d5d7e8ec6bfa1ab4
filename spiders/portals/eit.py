"""EIT community: a list, the page of each entry, and the page of the KIC to which it leads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup

from pipeline.normalise.eit import directory_slug, is_of_directory
from spiders.base.entries import Entry, absolute
from spiders.base.frontier import Ask
from spiders.base.pages import PagesSpider

WORDS = ("call", "opportunit", "fund", "apply", "application", "proposal")


class Eit(PagesSpider):
    __doc__ = PagesSpider.__doc__
    name = "eit"

    def follow(self, item: dict[str, Any], ask: Ask) -> Iterable[Entry]:
        """The KIC's own page of the call: the first link to a KIC, one that speaks of calls before others."""
        if not is_of_directory(item["url"]):
            return ()
        links = [
            absolute(item["url"], str(a["href"])) for a in BeautifulSoup(item["html"], "lxml").select("a[href]")
        ]
        own = [url for url in links if not is_of_directory(url) and self._is_page_of_kic(url)]
        best = sorted(own, key=lambda url: not any(word in url.casefold() for word in WORDS))
        return [Entry(url, {"directory": directory_slug(item["url"])}) for url in best[:1]]

    def _is_page_of_kic(self, url: str) -> bool:
        split = urlsplit(url)
        is_file = split.path.casefold().endswith((".pdf", ".docx", ".xlsx", ".zip"))
        return split.hostname in self.portal.requests.hosts and len(split.path) > 1 and not is_file

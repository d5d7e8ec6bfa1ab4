"""TED, Tenders Electronic Daily: calls for tenders to be performed in North Sweden (Search API, version 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spiders.base.json_pages import Asked, JsonPagesSpider


class Ted(JsonPagesSpider):
    __doc__ = JsonPagesSpider.__doc__
    name = "ted"
    items = "notices"
    total = "totalNoticeCount"
    cut_short = "timedOut"

    def body(self, query: str, number: int, size: int) -> dict[str, Any]:
        return {"query": query, "page": number, "limit": size, "paginationMode": "PAGE_NUMBER"}

    def foreign(self, item: Mapping[str, Any], asked: Asked) -> str:
        published = str(item.get("publication-date", ""))[:10]
        if published[:4].isdecimal() and published < asked.since.isoformat():
            return f"a notice of {published} although those since {asked.since} were asked for"
        return ""

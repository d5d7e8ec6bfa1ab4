"""Base of spiders for portals that publish a list of planned calls as a file (Article 49 of (EU) 2021/1060)."""

from __future__ import annotations

import json
from typing import Any

from scrapy.http import Response

from pipeline.harvest import NOTHING_FOUND, Issue
from pipeline.normalise import article49
from pipeline.normalise.shared import quoted
from pipeline.source_pages import Source
from spiders.base.entries import Entry, Listed
from spiders.base.frontier import Ask
from spiders.base.pages import PagesSpider
from spiders.select import NothingFound


class PlannedSpider(PagesSpider):
    __doc__ = PagesSpider.__doc__

    def listed(self, response: Response, ask: Ask) -> Listed:
        """Rows of a file by the call they belong to. Raises NothingFound for a file without dates."""
        listed = super().listed(response, ask)
        return by_call(listed, ask.source) if ask.source.by == "bulk_file" else listed


def by_call(listed: Listed, source: Source) -> Listed:
    """One entry for each planned call, its rows as JSON; what was not understood is told once a file."""
    found = article49.table(entry.fields for entry in listed.entries)
    if not found.dated:
        raise NothingFound(f"{NOTHING_FOUND}: a column of dates, of {len(listed.entries)} rows")
    problems = [
        f"column {quoted(heading)} was not understood; its cells are kept as text" for heading in found.unknown
    ]
    problems += [f"a row names no call: {quoted(words)}; it was skipped" for words in found.odd]
    return Listed(
        tuple(Entry(source.url, _fields(key, rows)) for key, rows in found.calls.items()),
        issues=(*listed.issues, *(Issue("", source.name, problem) for problem in problems)),
    )


def _fields(key: str, rows: list[dict[str, str]]) -> dict[str, Any]:
    return {"key": key, "title": article49.title(rows), "rows": json.dumps(rows, ensure_ascii=False)}

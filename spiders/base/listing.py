"""A web page that lists items row by row."""

from __future__ import annotations

from bs4 import BeautifulSoup

from pipeline.harvest import NOTHING_FOUND, Issue
from pipeline.source_pages import Source
from spiders.base.entries import Entry, Listed, absolute
from spiders.select import many, value


def read(body: str, url: str, source: Source) -> Listed:
    """The rows of a page; a selector that fits none of them is an Issue. Raises NothingFound without any row."""
    tree = BeautifulSoup(body, "lxml")
    rows = many(tree, source.rows or "", at_least=source.at_least)
    entries, misses = [], dict.fromkeys(source.fields, 0)
    for row in rows:
        fields = {name: value(row, selector) for name, selector in source.fields.items()}
        for name, text in fields.items():
            misses[name] += not text
        address = absolute(url, value(row, source.link), source.host)
        entries.append(Entry(address or url, {name: text for name, text in fields.items() if text}))
    lost = [name for name, number in misses.items() if rows and number == len(rows)]
    more = absolute(url, value(tree, f"{source.next}@href"), source.host) if source.next else ""
    return Listed(
        tuple(entries),
        (more,) if more and more != url else (),
        tuple(Issue("", name, f"{NOTHING_FOUND}: {source.fields[name]} in {len(rows)} rows") for name in lost),
    )

"""A web page that lists items row by row."""

from __future__ import annotations

from pipeline.harvest import NOTHING_FOUND, Issue
from pipeline.source_pages import Source
from spiders.base.entries import Entry, Listed, absolute
from spiders.select import many, tree_of, value


def read(body: str, url: str, source: Source) -> Listed:
    """The rows of a page; a selector that fits none of them is an Issue. Raises NothingFound without any row.

    A row without a link has the address of the list.
    """
    tree = tree_of(body)
    rows = many(tree, source.rows or "", at_least=min(1, source.at_least))
    base = absolute(url, value(tree, "base[href]@href")) or url
    entries, misses = [], dict.fromkeys(source.fields, 0)
    for row in rows:
        fields = {name: value(row, selector) for name, selector in source.fields.items()}
        for name, text in fields.items():
            misses[name] += not text
        href = value(row, source.link)
        address = absolute(base, href, source.host) if href else ""
        entries.append(Entry(address or source.url, {name: text for name, text in fields.items() if text}))
    lost = [name for name, number in misses.items() if rows and number == len(rows)]
    on = value(tree, f"{source.next.partition('@')[0]}@href") if source.next else ""
    more = absolute(base, on, source.host) if on else ""
    return Listed(
        tuple(entries),
        (more,) if more and more != url else (),
        tuple(Issue("", name, f"{NOTHING_FOUND}: {source.fields[name]} in {len(rows)} rows") for name in lost),
    )

"""A file whose address changes: a page leads to it."""

from __future__ import annotations

from collections.abc import Container
from urllib.parse import urlsplit

from pipeline.harvest import NOTHING_FOUND
from pipeline.source_pages import Source
from spiders.base.entries import absolute
from spiders.base.envelope import NotAnAnswer
from spiders.select import NothingFound, tree_of, value

NO_LINK = "the page leads to no file"


def file_on(body: str, source: Source, hosts: Container[str]) -> str:
    """The address that `source.file` finds first; empty where a page need not lead to one (`at_least: 0`).

    Raises NothingFound, and NotAnAnswer for a file on a host that is not among ours.
    """
    selector = source.file or ""
    selector = selector if "@" in selector else f"{selector}@href"
    link = absolute(source.url, value(tree_of(body), selector), source.host)
    if not link or link == source.url:
        if not source.at_least:
            return ""
        raise NothingFound(f"{NOTHING_FOUND}: {selector} (the link to the file)")
    host = urlsplit(link).hostname or ""
    if host not in hosts:
        raise NotAnAnswer(f"the file lies on {host}, which is not among hosts")
    return link

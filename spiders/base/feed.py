"""RSS and Atom, also where something else stands before the XML declaration."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from pipeline.harvest import Issue
from pipeline.source_pages import Source
from pipeline.text import clean
from spiders.base.entries import Entry, Listed, absolute
from spiders.base.envelope import NotAnAnswer

_BEGIN = re.compile(rb"<\?xml|<rss\b|<feed\b|<rdf:RDF\b", re.IGNORECASE)
_END = re.compile(rb"</(rss|feed|rdf)(:\w+)?\s*>", re.IGNORECASE)
_END_WITHIN = 4096
FIELDS = ("title", "id", "published", "updated", "summary")


def read(body: bytes, url: str, source: Source) -> Listed:
    """The posts; one without a link has the address of the feed. Raises NotAnAnswer when it is no feed."""
    import feedparser  # costs more to import than most feeds to read

    start = _BEGIN.search(body)
    if start is None:
        raise NotAnAnswer("neither RSS nor Atom")
    try:
        found = feedparser.parse(BytesIO(body[start.start() :]))
        entries = tuple(_entry(post, url, source) for post in found.entries)
    except Exception as error:  # whatever a portal may send must not end the crawl
        raise NotAnAnswer(f"no readable feed ({type(error).__name__})") from error
    if not found.version:
        raise NotAnAnswer("neither RSS nor Atom")
    issues = []
    # A wrong name of the encoding is none of our readers' trouble.
    if found.bozo and not isinstance(found.bozo_exception, feedparser.CharacterEncodingOverride):
        issues.append(Issue("", source.name, f"no whole XML ({clean(str(found.bozo_exception), 200)})"))
    whole = _END.search(body[-_END_WITHIN:]) is not None
    if not whole:
        issues.append(Issue("", source.name, "the feed ends in the middle: posts may be missing"))
    return Listed(entries, issues=tuple(issues), whole=whole)


def _entry(post: Any, url: str, source: Source) -> Entry:
    fields = {name: str(dict.get(post, name) or "").strip() for name in FIELDS}  # no field in the place of another
    fields["content"] = "\n".join(str(part.get("value", "")) for part in post.get("content", ()))
    fields["categories"] = ", ".join(str(tag.get("term") or "") for tag in post.get("tags", ()))
    link = str(post.get("link") or post.get("id") or "")
    address = absolute(url, link, source.host) if link else ""
    return Entry(address or source.url, {name: text for name, text in fields.items() if text})

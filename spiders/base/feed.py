"""RSS and Atom, also where something else stands before the XML declaration."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import feedparser

from pipeline.harvest import Issue
from pipeline.source_pages import Source
from spiders.base.entries import Entry, Listed, absolute
from spiders.base.envelope import NotAnAnswer

_BEGIN = re.compile(rb"<\?xml|<rss\b|<feed\b|<rdf:RDF\b", re.IGNORECASE)
FIELDS = ("title", "id", "published", "updated", "summary")


def read(body: bytes, url: str, source: Source) -> Listed:
    """The posts. Raises NotAnAnswer when it is no feed."""
    start = _BEGIN.search(body)
    if start is None:
        raise NotAnAnswer("neither RSS nor Atom")
    found = feedparser.parse(BytesIO(body[start.start() :]))
    if not found.version:
        raise NotAnAnswer("neither RSS nor Atom")
    issues = (Issue("", source.name, f"no whole XML ({found.bozo_exception})"),) if _broken(found) else ()
    return Listed(tuple(_entry(post, url, source) for post in found.entries), issues=issues)


def _entry(post: Any, url: str, source: Source) -> Entry:
    fields = {name: str(dict.get(post, name) or "").strip() for name in FIELDS}  # no field in the place of another
    fields["content"] = "\n".join(str(part.get("value", "")) for part in post.get("content", ()))
    fields["categories"] = ", ".join(str(tag.get("term") or "") for tag in post.get("tags", ()))
    address = absolute(url, str(post.get("link") or post.get("id") or ""), source.host)
    return Entry(address or url, {name: text for name, text in fields.items() if text})


def _broken(found: Any) -> bool:
    """A wrong name of the encoding is none of our readers' trouble."""
    return bool(found.bozo) and not isinstance(found.bozo_exception, feedparser.CharacterEncodingOverride)

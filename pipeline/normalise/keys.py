"""Keys that last, where a portal gives none of its own: the end of a page's address. Pure."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from pipeline.normalise.pages import Page
from pipeline.text import clean

LONGEST = 300
_TRACKING = re.compile(r"^(utm_|mc_|fbclid|gclid|_ga)", re.IGNORECASE)
_ENDING = re.compile(r"\.(html?|php|aspx?|jsp)$", re.IGNORECASE)


def key_of(page: Page, segments: int = 1) -> str:
    """The last `segments` of the address without ending, its query without tracking, and the part of the page.

    Empty for the front page of a site.
    """
    try:
        split = urlsplit(page.url)
    except ValueError:
        return ""
    path = [_readable(segment) for segment in split.path.split("/") if segment]
    said = [pair for pair in parse_qsl(split.query) if not _TRACKING.match(pair[0])]
    if not (path or said):
        return ""
    key = _ENDING.sub("", "/".join(path[-segments:]))
    key += f"?{urlencode(sorted(said))}" if said else ""
    return clean(f"{key}#{page.part}" if page.part else key, LONGEST)


def _readable(segment: str) -> str:
    """A part of a path without its percent signs, unless something unreadable would come of it."""
    plain = unquote(segment)
    return plain if plain.isprintable() else quote(plain, errors="replace")

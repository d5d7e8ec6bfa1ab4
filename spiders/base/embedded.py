"""A JSON array that a page holds in one of its scripts."""

from __future__ import annotations

import json
import re
from typing import Any

from pipeline.harvest import NOTHING_FOUND
from pipeline.source_pages import Source
from pipeline.text import clean
from spiders.base.entries import Entry, Listed, absolute
from spiders.base.envelope import NotAnAnswer
from spiders.select import NothingFound

_decoder = json.JSONDecoder(strict=False, parse_constant=lambda _: None)
ADDRESSES = ("permalink", "url", "link", "href")


def read(body: str, url: str, source: Source) -> Listed:
    """The objects of the array, each as JSON in the field `item`. Raises NothingFound or NotAnAnswer."""
    start = re.search(rf"\b{re.escape(source.variable or '')}\s*=\s*(?=\[)", body)
    if start is None:
        raise NothingFound(f"{NOTHING_FOUND}: script variable {source.variable}")
    try:
        found, _ = _decoder.raw_decode(body, start.end())
        items = [
            (_address(item, url, source), json.dumps(item, ensure_ascii=False))
            for item in found
            if isinstance(item, dict)
        ]
    except (ValueError, RecursionError) as error:
        raise NotAnAnswer(f"{source.variable}: no whole JSON ({clean(str(error), 200)})") from error
    return Listed(tuple(Entry(address, {"item": item}) for address, item in items))


def _address(item: dict[str, Any], url: str, source: Source) -> str:
    links = (absolute(url, str(item.get(name) or ""), source.host) for name in ADDRESSES if item.get(name))
    return next(filter(None, links), source.url)

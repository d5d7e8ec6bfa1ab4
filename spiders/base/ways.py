"""The ways in which a list of items is published, and what reads each; imported when it is needed."""

from __future__ import annotations

from importlib import import_module

from scrapy.http import Response

from pipeline.source_pages import Source
from spiders.base.entries import Listed
from spiders.base.page import text_of

OF_TEXT = ("listing", "embedded")
"""Ways of reading that want text; the others want bytes."""


def read_list(response: Response, url: str, source: Source) -> Listed:
    """What the answer of `url` lists. Raises NotAnAnswer, NothingFound."""
    body = text_of(response) if source.by in OF_TEXT else response.body
    listed: Listed = import_module(f"spiders.base.{source.by}").read(body, url, source)
    return listed

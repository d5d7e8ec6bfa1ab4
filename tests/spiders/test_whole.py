"""Packed answers that are refused leave nothing behind."""

from __future__ import annotations

import gzip

import pytest
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from spiders.whole import WholeCompression

URL = "https://portal.example/calls"


def answered(size: int, most: int) -> Response | Request:
    """An answer of so many bytes, unpacked where `most` are allowed."""
    middleware = WholeCompression.from_crawler(get_crawler())
    request = Request(URL, meta={"download_maxsize": most, "download_warnsize": most})
    packed = Response(URL, headers={"Content-Encoding": "gzip"}, body=gzip.compress(bytes(size)), request=request)
    return middleware.process_response(request, packed)


def test_what_is_small_enough_is_unpacked() -> None:
    found = answered(1000, 1000)
    assert isinstance(found, Response)
    assert found.body == bytes(1000)


def test_a_refusal_holds_on_to_nothing_that_was_unpacked() -> None:
    with pytest.raises(IgnoreRequest, match="exceeded") as refused:
        answered(1_000_000, 1000)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None

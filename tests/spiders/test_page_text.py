"""The text of a page: the encoding that it says, unless its bytes are plainly another one."""

from __future__ import annotations

import pytest
from scrapy.http import HtmlResponse, Response

from spiders.base.envelope import NotAnAnswer
from spiders.base.page import text_of

HEAD = '<meta charset="utf-8"><p>'


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("småföretag".encode(), "småföretag"),
        ("småföretag i Övre Norrland – €".encode("cp1252"), "småföretag i Övre Norrland – €"),
        ("små".encode() + b"f\xf6retag", "småf\ufffdretag"),
        (b"plain", "plain"),
        ("ready \ufffd made".encode(), "ready \ufffd made"),
    ],
)
def test_encodings(body: bytes, text: str) -> None:
    response = HtmlResponse("https://a.example/", body=HEAD.encode() + body, headers={"Content-Type": "text/html"})
    assert text_of(response) == HEAD + text


def test_what_is_no_text() -> None:
    with pytest.raises(NotAnAnswer, match="no text"):
        text_of(Response("https://a.example/x.pdf", body=b"%PDF", headers={"Content-Type": "application/pdf"}))

"""Sends a portal's key. The key joins the address here, at the last step, and nowhere else.

A request is named in many places: log lines, errors, reports, raw records. None of them ever sees the address with
the key; what the downloader itself writes about it is cleaned before it gets out.
"""

from __future__ import annotations

import logging
from urllib.parse import quote, urlsplit, urlunsplit

from scrapy import Request
from scrapy.core.downloader.handlers import http11
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from spiders import pace

MARK = "[secret]"


class Secret:
    """A key and the query parameter it is sent as; its text never shows in `repr`."""

    def __init__(self, parameter: str, value: str) -> None:
        self._parameter, self._value = parameter, value

    def __repr__(self) -> str:
        return f"Secret({self._parameter})"

    def added_to(self, url: str) -> str:
        """`url` with the key."""
        split = urlsplit(url)
        mine = f"{self._parameter}={quote(self._value, safe='')}"
        return urlunsplit(split._replace(query=f"{split.query}&{mine}" if split.query else mine))

    def hidden(self, text: str) -> str:
        """`text` without the key, as it is and as it stands in an address."""
        return text.replace(quote(self._value, safe=""), MARK).replace(self._value, MARK)


class _Hiding(logging.Filter):
    """Cleans what the downloader logs."""

    def __init__(self, secret: Secret) -> None:
        super().__init__()
        self._secret = secret

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._secret.hidden(record.getMessage()), ()
        return True


class KeyedHandler(HTTP11DownloadHandler):
    """Scrapy's downloader at one pace for all crawls; requests with `meta["keyed"]` get the spider's `secret`."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._mine = crawler
        self._hiding: _Hiding | None = None

    async def download_request(self, request: Request) -> Response:
        """The answer, as if the address had been asked that stands in `request`."""
        split = urlsplit(request.url)
        settings = self._mine.settings
        at_once, pause = settings.getint("CONCURRENT_REQUESTS"), settings.getfloat("DOWNLOAD_DELAY")
        async with pace.gate(split.scheme, split.netloc).passing(self._mine, at_once, pause):
            return await self._ask(request)

    async def _ask(self, request: Request) -> Response:
        secret: Secret | None = getattr(self._mine.spider, "secret", None)
        if secret is None or not request.meta.get("keyed"):
            return await super().download_request(request)
        if self._hiding is None:
            self._hiding = _Hiding(secret)
            http11.logger.addFilter(self._hiding)
        try:
            response = await super().download_request(request.replace(url=secret.added_to(request.url)))
        except Exception as error:
            error.args = tuple(secret.hidden(str(part)) for part in error.args)
            raise error from None
        return response.replace(url=request.url)

    async def close(self) -> None:
        """Also end the cleaning of the log."""
        if self._hiding is not None:
            http11.logger.removeFilter(self._hiding)
        pace.leave(self._mine)
        await super().close()

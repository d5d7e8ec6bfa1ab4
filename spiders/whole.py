"""Packed answers whole or not at all, where Scrapy gives what could be unpacked of a broken one."""

from __future__ import annotations

import zlib
from contextlib import suppress

from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response


class Broken(OSError):
    """An answer that could not be unpacked to its end."""


class WholeCompression(HttpCompressionMiddleware):
    """A list cut off in the middle must not pass for a shorter list."""

    def process_response(self, request: Request, response: Response, *given: object) -> Request | Response:
        """What was too much to unpack is let go at once: the traceback of the refusal would hold on to all that
        had been unpacked, of every answer, until memory is tidied up some day."""
        try:
            return super().process_response(request, response, *given)  # type: ignore[arg-type]
        except IgnoreRequest as error:
            refused = IgnoreRequest(str(error))
        raise refused

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        found = HttpCompressionMiddleware._decode(body, encoding, max_size)
        if encoding not in (b"gzip", b"x-gzip") or body[-4:] == (len(found) & 0xFFFFFFFF).to_bytes(4, "little"):
            return found
        packed = zlib.decompressobj(wbits=31)
        with suppress(zlib.error):
            packed.decompress(body, len(found) + 1)
        if not packed.eof:  # else several parts, or something behind the end
            raise Broken(f"broken gzip: only {len(found)} bytes could be unpacked")
        return found

"""What bad days make of a whole answer, whatever it says."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache

from callwatch.demo.standin.knobs import Knobs
from callwatch.demo.standin.portal import Reply, error

_MAINTENANCE = (
    b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>The service is temporarily unavailable"
    b"</h1><p>We are carrying out planned maintenance. Please try again later.</p></body></html>"
)
_MEGABYTE = 1 << 20


def replacement(knobs: Sequence[Knobs]) -> Reply | None:
    """The reply that takes the place of any answer; None when the answer itself is wanted."""
    for knob in knobs:
        if knob.status:
            return _refusal(knob)
        if knob.redirect:
            return Reply(302, headers={"Location": knob.redirect})
        if knob.html:
            return Reply(body=_MAINTENANCE, headers={"Content-Type": "text/html;charset=UTF-8"})
        if knob.gzip_bomb_mb:
            return _bomb(knob.gzip_bomb_mb)
    return None


def spoilt(reply: Reply, knobs: Sequence[Knobs]) -> Reply:
    """The answer made huge or broken off."""
    for knob in knobs:
        if knob.huge_mb:
            reply.body = b" " * (knob.huge_mb * _MEGABYTE) + reply.body
        if knob.broken_json:
            reply.body = reply.body[: len(reply.body) // 2]
    return reply


def _refusal(knob: Knobs) -> Reply:
    reply = error(knob.status, "throwable", "An internal error occurred")
    if knob.retry_after:
        reply.headers["Retry-After"] = knob.retry_after
    return reply


def _bomb(megabytes: int) -> Reply:
    return Reply(body=_zeros(megabytes), headers={"Content-Type": "application/json", "Content-Encoding": "gzip"})


@lru_cache(maxsize=4)
def _zeros(megabytes: int) -> bytes:
    """A gzip stream of so many megabytes of zeros; about a thousandth of that on the wire."""
    packer = zlib.compressobj(wbits=31)
    block = bytes(_MEGABYTE)
    return b"".join([*(packer.compress(block) for _ in range(megabytes)), packer.flush()])

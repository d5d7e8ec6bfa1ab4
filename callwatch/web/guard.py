"""What stands around every answer: security headers, a bound on bodies, a limit on requests. Plain ASGI."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callwatch.web.limits import RateLimit

BODY = 64 * 1024
"""Bytes of a request's body at most; Slack's largest are about 30,000."""


class TooLarge(Exception):
    """The body of a request is longer than `BODY`; the application answers it with `too_large`."""


class Guard:
    """Wraps the whole application, so that its headers stand on errors as well. `policy` is the page's CSP."""

    def __init__(self, app: ASGIApp, policy: str, limit: RateLimit) -> None:
        self._app, self._limit = app, limit
        self._headers = {
            "Content-Security-Policy": policy,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex, nofollow",
            "Cross-Origin-Resource-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answered = _Answer(scope, send, self._headers)
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, answered)
            return
        await self._app(scope, _bounded(receive), answered)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        wait = self._limit.wait((scope.get("client") or ("", 0))[0])
        if wait:
            return PlainTextResponse("Too many requests.\n", 429, {"Retry-After": str(wait)})
        length = dict(scope["headers"]).get(b"content-length", b"0")
        return None if length.isdigit() and int(length) <= BODY else too_large()


class _Answer:
    """Sends, with our headers; those that a page sets itself stay."""

    def __init__(self, scope: Scope, send: Send, headers: Mapping[str, str]) -> None:
        self._send, self._headers, self._https = send, headers, scope["scheme"] == "https"

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
            if self._https:
                headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        await self._send(message)


def _bounded(receive: Receive) -> Receive:
    """Raises TooLarge when more than `BODY` bytes come, whatever was announced."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > BODY:
            raise TooLarge
        return message

    return bounded


def too_large() -> PlainTextResponse:
    """The answer to a body that is too large; the rest of it is not read."""
    return PlainTextResponse("The request is too large.\n", 413, {"Connection": "close"})

"""Slack's signed POST for every button that is pressed."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs

import msgspec
from pydantic import SecretStr
from slack_sdk.signature import SignatureVerifier
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from callwatch.web.limits import Once
from callwatch.web.pressing import Pressing, ephemeral, response_url

WINDOW = 300.0
"""Seconds for which a signature is good; Slack's own rule."""
ANSWER = 2.0
"""Seconds after which Slack is told that we heard it, whether it is done or not; it waits for three."""


class Interactions:
    """The address /slack/interactions."""

    def __init__(self, pressing: Pressing, secret: SecretStr | None) -> None:
        self._pressing = pressing
        self._verifier = SignatureVerifier(secret.get_secret_value()) if secret else None
        self._signatures = Once(2 * WINDOW)

    async def pressed(self, request: Request) -> Response:
        """POST: done and answered. 401 without Slack's signature; a repeated one has no effect."""
        body = await request.body()
        if not self._signed(request, body):
            return PlainTextResponse("not signed by Slack\n", 401)
        if not self._signatures.first(request.headers["x-slack-signature"]):
            return Response()
        payload = _payload(body)
        if payload is None:
            return PlainTextResponse("no payload\n", 400)
        doing = asyncio.ensure_future(run_in_threadpool(self._pressing.answer, payload))
        address = response_url(payload)
        if address:
            await asyncio.wait({doing}, timeout=ANSWER)
            return Response(background=BackgroundTask(self._tell, doing, address))
        text = await doing
        return JSONResponse(ephemeral(text)) if text else Response()

    async def _tell(self, doing: asyncio.Future[str], address: str) -> None:
        text = await doing
        if text:
            await run_in_threadpool(self._pressing.tell, address, text)

    def _signed(self, request: Request, body: bytes) -> bool:
        stamp = request.headers.get("x-slack-request-timestamp", "")
        signature = request.headers.get("x-slack-signature", "")
        if self._verifier is None or not (stamp.isascii() and stamp.isdigit() and signature.isascii()):
            return False
        try:
            return self._verifier.is_valid(body, stamp, signature)
        except (ValueError, UnicodeDecodeError):  # a body that is not text, a number too long
            return False


def _payload(body: bytes) -> Any | None:
    """The JSON in the form field `payload`; None if there is none."""
    try:
        fields = parse_qs(body.decode(), max_num_fields=10)
        return msgspec.json.decode(fields["payload"][0])
    except (KeyError, ValueError):
        return None

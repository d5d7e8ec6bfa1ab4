"""Posts a message as JSON to an address of the contact's own; signed when a secret is set.

The body is `{"id", "subject", "text", "message"}`, where `message` is alerts.message.Message. With a secret, the
header X-Callwatch-Signature is `sha256=` and the HMAC of "<X-Callwatch-Timestamp>.<body>" in hexadecimal.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import urllib.error
import urllib.request
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from alerts import render
from alerts.channels import ChannelSettings, Envelope, Post
from alerts.message import Message
from pipeline.errors import Permanent, SendError, Temporary
from pipeline.text import clean

AGAIN = frozenset({408, 425, 429})


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could lead anywhere, with the signed body."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Webhook:
    """Plain POSTs, one connection each."""

    name = "webhook"

    def __init__(self, settings: ChannelSettings) -> None:
        self._settings = settings
        self._opener = urllib.request.build_opener(_NoRedirect)

    def lane(self, target: str) -> str:
        """One for each address."""
        return target

    def posts(self, message: Message, envelope: Envelope) -> list[Post]:
        """All of the message at once."""
        return [Post(1, tuple(item.call_id for item in message.items), None)]

    def find(self, post: Post, message: Message, envelope: Envelope) -> str:
        """Nobody can be asked."""
        return ""

    def send(self, post: Post, message: Message, envelope: Envelope) -> str:
        """POST the message; any 2xx answer will do. The message's id serves the other side to drop repeats."""
        message_id, target = envelope.message_id, envelope.target
        now = envelope.now
        if urlsplit(target).scheme not in ("http", "https"):
            raise Permanent("the contact's webhook is not an http(s) address.")
        request = urllib.request.Request(target, self._body(message, message_id, now), method="POST")  # noqa: S310 - checked
        for name, value in self._headers(request.data, message_id, now).items():  # type: ignore[arg-type]
            request.add_header(name, value)
        try:
            with self._opener.open(request, timeout=self._settings.timeout) as answer:
                answer.read(1024)
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error, now) from None
        except (OSError, http.client.HTTPException) as error:
            raise Temporary(f"the webhook cannot be reached ({type(error).__name__}).") from None
        return message_id

    def close(self) -> None:
        """Nothing is kept."""

    def _body(self, message: Message, message_id: str, now: datetime) -> bytes:
        return msgspec.json.encode(
            {
                "id": message_id,
                "subject": render.subject(message, now),
                "text": render.text(message, now),
                "message": message,
            }
        )

    def _headers(self, body: bytes, message_id: str, now: datetime) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "callwatch",
            "Idempotency-Key": message_id,
        }
        secret = self._settings.webhook_secret
        if secret:
            stamp = str(int(now.timestamp()))
            signed = hmac.new(secret.get_secret_value().encode(), stamp.encode() + b"." + body, hashlib.sha256)
            headers["X-Callwatch-Timestamp"] = stamp
            headers["X-Callwatch-Signature"] = f"sha256={signed.hexdigest()}"
        return headers


def _refusal(error: urllib.error.HTTPError, now: datetime) -> SendError:
    text = f"the webhook answered {error.code} {clean(str(error.reason), 80)}"
    if error.code in AGAIN or error.code >= 500:
        return Temporary(text, retry_after=_wait(error.headers.get("Retry-After", ""), now))
    if 300 <= error.code < 400:
        return Permanent(f"{text}; redirects are not followed.")
    return Permanent(text)


def _wait(value: str, now: datetime) -> float | None:
    """Retry-After, in seconds or as a date."""
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (ValueError, TypeError):
        return None

"""Posts a message as JSON to an address of the contact's own; signed when a secret is set. See docs/webhook.md."""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from alerts import render
from alerts.channels import ChannelSettings, Envelope, Post, Unsure
from alerts.channels.transport import FAULTS, never_left
from alerts.message import Message
from alerts.words import endpoint
from pipeline.errors import Permanent, SendError, Temporary
from pipeline.text import clean

SCHEMA = "callwatch.message/1"
AGAIN = frozenset({408, 425, 429, 503})
"""The other side took nothing and says so."""


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What is posted. `id` is the same on every attempt; `subject` and `text` say the message in the contact's
    language, `message` says it to a program."""

    schema: str = SCHEMA
    id: str
    subject: str
    text: str
    message: Message


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
        """Nobody can be asked; the other side drops repeats by their id."""
        return ""

    def send(self, post: Post, message: Message, envelope: Envelope) -> str:
        """POST the message; any 2xx answer will do. Returns the message's id."""
        request = self._request(message, envelope)
        try:
            self._opener.open(request, timeout=self._settings.timeout).close()
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error, envelope.now) from None
        except FAULTS as error:
            raise _lost(error) from None
        return envelope.message_id

    def close(self) -> None:
        """Nothing is kept."""

    def _request(self, message: Message, envelope: Envelope) -> urllib.request.Request:
        try:
            address = endpoint(envelope.target)
        except ValueError:
            raise Permanent("the contact's webhook is not an https:// address.") from None
        body = _body(message, envelope)
        headers = self._headers(body, envelope.message_id, envelope.now)
        return urllib.request.Request(address, body, headers, method="POST")  # noqa: S310 - checked

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


def schema() -> str:
    """The JSON Schema of the body; docs/webhook.schema.json is a copy of it."""
    described = msgspec.json.schema(Body)
    described["$defs"]["Body"]["properties"]["schema"]["const"] = SCHEMA
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"


def _body(message: Message, envelope: Envelope) -> bytes:
    now = envelope.now
    subject, text = render.subject(message, now), render.text(message, now)
    return msgspec.json.encode(Body(id=envelope.message_id, subject=subject, text=text, message=message))


def _refusal(error: urllib.error.HTTPError, now: datetime) -> SendError:
    text = f"the webhook answered {error.code} {clean(str(error.reason), 80)}"
    if error.code in AGAIN:
        return Temporary(text, retry_after=_wait(error.headers.get("Retry-After", ""), now))
    if error.code >= 500:
        return Unsure(text)
    if 300 <= error.code < 400:
        return Permanent(f"{text}; redirects are not followed.")
    return Permanent(text)


def _lost(error: Exception) -> SendError:
    name = type(getattr(error, "reason", error)).__name__
    if never_left(error):
        return Temporary(f"the webhook cannot be reached ({name}).")
    return Unsure(f"the webhook gave no answer ({name}).")


def _wait(value: str, now: datetime) -> float | None:
    """Retry-After, in seconds or as a date."""
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (ValueError, TypeError):
        return None

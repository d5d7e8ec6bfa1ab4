"""Signed POSTs to a real server, and what its answers mean."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from pydantic import SecretStr

from alerts.channels import ChannelSettings, open_channel
from alerts.channels.webhook import _wait
from pipeline.errors import Permanent, Temporary
from tests.alerts.samples import NOW, message, week

ID = "6f1c7c0e-0000-5000-8000-000000000001"


class _Hook(BaseHTTPRequestHandler):
    status = 204
    headers_out: ClassVar[dict[str, str]] = {}
    seen: ClassVar[list[tuple[dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).seen.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.status)
        for name, value in self.headers_out.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def hook() -> Iterator[tuple[type[_Hook], str]]:
    handler = type("Hook", (_Hook,), {"seen": [], "headers_out": {}})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    yield handler, f"http://127.0.0.1:{http.server_address[1]}/calls"
    http.shutdown()
    http.server_close()


def test_webhooks_are_signed(settings: ChannelSettings, hook: tuple[type[_Hook], str]) -> None:
    handler, url = hook
    channel = open_channel("webhook", replace(settings, webhook_secret=SecretStr("geheim")))
    assert channel.send(week(), message_id=ID, target=url) == ID
    headers, body = handler.seen[0]
    signed = headers["x-callwatch-timestamp"].encode() + b"." + body
    assert headers["x-callwatch-signature"] == "sha256=" + hmac.new(b"geheim", signed, hashlib.sha256).hexdigest()
    assert headers["idempotency-key"] == ID
    sent = json.loads(body)
    assert sent["id"] == ID
    assert sent["subject"].startswith("Deadline brought forward")
    assert len(sent["message"]["items"]) == 6


@pytest.mark.parametrize(
    ("status", "headers", "kind", "wait"),
    [
        (302, {"Location": "http://127.0.0.1:1/elsewhere"}, Permanent, None),
        (410, {}, Permanent, None),
        (503, {}, Temporary, None),
        (429, {"Retry-After": "90"}, Temporary, 90.0),
        (429, {"Retry-After": "Mon, 23 Nov 2026 07:02:00 GMT"}, Temporary, 120.0),
    ],
)
def test_what_webhooks_answer(
    settings: ChannelSettings,
    hook: tuple[type[_Hook], str],
    status: int,
    headers: dict[str, str],
    kind: type[Exception],
    wait: float | None,
) -> None:
    handler, url = hook
    handler.status, handler.headers_out = status, headers
    with pytest.raises(kind) as caught:
        open_channel("webhook", settings).send(message(), message_id=ID, target=url)
    assert getattr(caught.value, "retry_after", None) == wait
    assert len(handler.seen) == 1


def test_webhooks_that_cannot_be(settings: ChannelSettings) -> None:
    channel = open_channel("webhook", settings)
    with pytest.raises(Permanent, match="not an http"):
        channel.send(message(), message_id=ID, target="file:///etc/passwd")
    with pytest.raises(Temporary, match="cannot be reached"):
        channel.send(message(), message_id=ID, target="http://127.0.0.1:1/")
    assert _wait("soon", NOW) is None

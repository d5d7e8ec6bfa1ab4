"""Signed POSTs to a real server, what its answers mean, and the form that docs/webhook.md promises."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import SecretStr

from alerts import render
from alerts.channels import ChannelSettings, Unsure, open_channel
from alerts.channels.webhook import _wait, schema
from pipeline.errors import Permanent, Temporary
from tests.alerts.samples import NOW, item, message, week
from tests.alerts.sending import ID, send

DOCS = Path(__file__).resolve().parents[2] / "docs"
SECRET = "geheim"


class _Hook(BaseHTTPRequestHandler):
    status: ClassVar[int | str] = 204
    headers_out: ClassVar[dict[str, str]] = {}
    seen: ClassVar[list[tuple[dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).seen.append(({k.lower(): v for k, v in self.headers.items()}, body))
        if isinstance(self.status, str):
            self._fail(self.status)
            return
        self.send_response(self.status)
        for name, value in self.headers_out.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _fail(self, how: str) -> None:
        """After the body was taken: the connection ends, is reset, or nothing comes."""
        self.close_connection = True
        if how == "rst":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif how == "slow":
            time.sleep(1)

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
    channel = open_channel("webhook", replace(settings, webhook_secret=SecretStr(SECRET)))
    assert send(channel, week(), url) == {1: ID}
    headers, body = handler.seen[0]
    signed = headers["x-callwatch-timestamp"].encode() + b"." + body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["x-callwatch-signature"] == f"sha256={expected}"
    assert headers["idempotency-key"] == ID
    sent = json.loads(body)
    assert (sent["schema"], sent["id"]) == ("callwatch.message/1", ID)
    assert (sent["subject"], sent["text"]) == (render.subject(week()), render.text(week()))
    assert len(sent["message"]["items"]) == 6
    assert channel.lane(url) == url


def test_an_unproven_source_is_said_for_programs_and_for_people(
    settings: ChannelSettings, hook: tuple[type[_Hook], str]
) -> None:
    handler, url = hook
    send(open_channel("webhook", settings), message(item(portal_name="Vinnova", unproven=True)), url)
    sent = json.loads(handler.seen[0][1])
    (told,) = sent["message"]["items"]
    assert (told["portal_name"], told["unproven"]) == ("Vinnova", True)
    assert "Source: Vinnova. First readings of this source" in sent["text"]


def test_the_example_of_the_documentation_verifies_and_refuses(
    settings: ChannelSettings, hook: tuple[type[_Hook], str]
) -> None:
    handler, url = hook
    send(open_channel("webhook", replace(settings, webhook_secret=SecretStr(SECRET))), week(), url)
    headers, body = handler.seen[0]
    (example,) = re.findall(r"```python\n(.*?)```", (DOCS / "webhook.md").read_text(encoding="utf-8"), re.DOTALL)
    code: dict[str, Any] = {}
    exec(example, code)
    is_genuine = code["is_genuine"]
    now = NOW.timestamp()
    assert is_genuine(headers, body, SECRET, now)
    assert not is_genuine(headers, body, "another", now)
    assert not is_genuine(headers, body + b" ", SECRET, now)
    assert not is_genuine(headers, body, SECRET, now + 301)
    assert not is_genuine({}, body, SECRET, now)


def test_the_schema_in_the_documentation_is_that_of_the_code() -> None:
    """When this fails the form has changed. If a reader could stumble over it, it needs a new number (SCHEMA).

    Write it with: python -c 'from alerts.channels.webhook import schema; print(schema(), end="")'
    """
    assert (DOCS / "webhook.schema.json").read_text(encoding="utf-8") == schema()


def test_every_field_of_the_body_is_documented() -> None:
    page = (DOCS / "webhook.md").read_text(encoding="utf-8")
    described = json.loads(schema())["$defs"]
    for name in ("Body", "Message", "Item"):
        for field in described[name]["properties"]:
            assert f"`{field}`" in page, f"{name}.{field}"


@pytest.mark.parametrize(
    ("status", "headers", "kind", "wait"),
    [
        (302, {"Location": "http://127.0.0.1:1/elsewhere"}, Permanent, None),
        (410, {}, Permanent, None),
        (401, {}, Permanent, None),
        (503, {"Retry-After": "60"}, Temporary, 60.0),
        (429, {"Retry-After": "90"}, Temporary, 90.0),
        (429, {"Retry-After": "Mon, 23 Nov 2026 07:02:00 GMT"}, Temporary, 120.0),
        (500, {}, Unsure, None),
        (504, {}, Unsure, None),
        ("end", {}, Unsure, None),
        ("rst", {}, Unsure, None),
        ("slow", {}, Unsure, None),
    ],
)
def test_what_webhooks_answer(
    settings: ChannelSettings,
    hook: tuple[type[_Hook], str],
    status: int | str,
    headers: dict[str, str],
    kind: type[Exception],
    wait: float | None,
) -> None:
    handler, url = hook
    handler.status, handler.headers_out = status, headers
    channel = open_channel("webhook", replace(settings, timeout=0.3))
    with pytest.raises((Permanent, Temporary)) as caught:
        send(channel, message(), url)
    assert caught.type is kind
    assert getattr(caught.value, "retry_after", None) == wait
    assert len(handler.seen) == 1
    assert url not in str(caught.value)
    handler.status = 204
    send(channel, message(), url, unsure=True)
    assert handler.seen[0][0]["idempotency-key"] == handler.seen[1][0]["idempotency-key"]


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "http://intranet.example/", "http://169.254.169.254/", "https:///x", ""]
)
def test_addresses_that_the_configuration_would_refuse(settings: ChannelSettings, target: str) -> None:
    with pytest.raises(Permanent, match="not an https"):
        send(open_channel("webhook", settings), message(), target)


def test_a_server_that_is_not_there(settings: ChannelSettings) -> None:
    with pytest.raises(Temporary, match="cannot be reached") as caught:
        send(open_channel("webhook", settings), message(), "http://127.0.0.1:1/")
    assert caught.type is Temporary
    assert _wait("soon", NOW) is None

"""A Slack on loopback that takes the documented (and one undocumented) limits more seriously than Slack does."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BROKEN = re.compile(r"<(?!https?://[^\s<>|]+\|[^<>]*>)|&(?!amp;|lt;|gt;)")
"""Control sequences of Slack: all but our own links, and an ampersand that is not escaped."""


class SlackServer:
    """`faults` are answered first, one per request: an error's name, an HTTP status, or "drop"."""

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.requests = 0
        self.faults: list[str | int] = []
        self.complaints: list[str] = []
        self.retry_after = "7"
        handler = type("Handler", (_Handler,), {"slack": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def judge(self, body: dict[str, Any]) -> str:
        """The name of the error that Slack would answer, or empty."""
        blocks = body.get("blocks", [])
        if len(blocks) > 50:
            return "invalid_blocks"
        if len(json.dumps(blocks)) > 13_000:
            return "msg_blocks_too_long"
        ids = [block["block_id"] for block in blocks if "block_id" in block]
        if len(ids) != len(set(ids)) or any(len(i) > 255 for i in ids):
            return "invalid_blocks"
        if not body.get("text"):
            return "no_text"
        self._inspect(body["text"])
        return next((error for block in blocks if (error := self._block(block))), "")

    def _block(self, block: dict[str, Any]) -> str:
        kind = block["type"]
        texts = block["elements"] if kind == "context" else [block["text"]]
        if kind not in ("header", "section", "context") or len(texts) > 10:
            return "invalid_blocks"
        longest = 150 if kind == "header" else 3000
        for text in texts:
            if not 0 < len(text["text"].encode("utf-16-le")) // 2 <= longest:
                return "invalid_blocks"
            if (kind == "header") != (text["type"] == "plain_text"):
                return "invalid_blocks"
            self._inspect(text["text"])
        return ""

    def _inspect(self, text: str) -> None:
        if BROKEN.search(text):
            self.complaints.append(text)


class _Handler(BaseHTTPRequestHandler):
    slack: SlackServer

    def do_POST(self) -> None:
        slack = self.slack
        slack.requests += 1
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        fault = slack.faults.pop(0) if slack.faults else ""
        if fault == "drop":
            self.close_connection = True
            self.connection.close()
        elif isinstance(fault, int):
            self._answer(fault, {"ok": False, "error": "ratelimited"} if fault == 429 else b"down for a moment")
        elif fault == "garbage":
            self._answer(200, b"<html>not Slack</html>")
        else:
            self._take(json.loads(raw), fault)

    def _take(self, body: dict[str, Any], fault: str) -> None:
        slack = self.slack
        hook = self.path.startswith("/services/")
        error = fault or slack.judge(body)
        if not error and not hook and self.headers["Authorization"] != "Bearer xoxb-secret":
            error = "invalid_auth"
        if error:
            self._answer(400 if hook else 200, error.encode() if hook else {"ok": False, "error": error})
            return
        slack.posts.append(body)
        self._answer(200, b"ok" if hook else {"ok": True, "ts": f"1700000000.{len(slack.posts):06}"})

    def _answer(self, status: int, body: bytes | dict[str, Any]) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if isinstance(body, bytes) else "application/json")
        self.send_header("Content-Length", str(len(data)))
        if status == 429:
            self.send_header("Retry-After", self.slack.retry_after)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Silent."""


@contextmanager
def slack_server() -> Iterator[SlackServer]:
    server = SlackServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()

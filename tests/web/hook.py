"""The host to which Slack asks answers to be sent, on loopback."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Hook:
    """Where Slack takes answers: each address once or twice, JSON only."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.status = 200
        handler = type("Handler", (_Hook,), {"hook": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.base = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def wait(self, count: int = 1) -> list[dict[str, Any]]:
        """The answers, once there are so many."""
        until = time.monotonic() + 5
        while len(self.taken) < count and time.monotonic() < until:
            time.sleep(0.01)
        return self.taken


class _Hook(BaseHTTPRequestHandler):
    hook: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Content-Type"].startswith("application/json")
        self.hook.taken.append(json.loads(body))
        self.send_response(self.hook.status)
        self.send_header("Location", f"{self.hook.base}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Silent."""

"""A Slack on loopback that takes the documented (and one undocumented) limits more seriously than Slack does.

As a process of its own: `python -m tests.alerts.slack_server --port 8080 --log posts.jsonl` writes a line of JSON
for each post it has taken.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from tests.alerts.slack_judge import BROKEN
from tests.alerts.slack_workspace import Refused, Workspace

__all__ = ["BROKEN", "SlackServer", "slack_server"]

Fault = str | int | float


class SlackServer(Workspace):
    """`faults` are what the next requests to post are answered, one each, `read_faults` the next other ones:

    an HTTP status, the name of an error, "" for none; "drop": the connection ends, nothing was taken; "garbage"
    and "list": an answer that is not Slack's. What was taken and then went wrong: "lost" (the connection ends),
    "rst" (it is reset), "taken 503" (an HTTP status), "taken garbage", and 1.5 (the answer comes so many seconds
    late).
    """

    def __init__(self, port: int = 0) -> None:
        super().__init__()
        self.requests = 0
        self.calls: list[str] = []
        self.faults: list[Fault] = []
        self.read_faults: list[Fault] = []
        self.retry_after = "7"
        self.lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"slack": self})
        server = type("Server", (ThreadingHTTPServer,), {"request_queue_size": 128, "daemon_threads": True})
        self._http: ThreadingHTTPServer = server(("127.0.0.1", port), handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    slack: SlackServer

    def do_POST(self) -> None:
        slack, method = self.slack, self.path.rpartition("/")[2]
        raw = self.rfile.read(int(self.headers["Content-Length"] or 0))
        posting = self._is_hook or method == "chat.postMessage"
        with slack.lock:
            slack.requests += 1
            slack.calls.append("hook" if self._is_hook else method)
            faults = slack.faults if posting else slack.read_faults
            fault = faults.pop(0) if faults else ""
        if not self._instead(fault):
            self._go_on(fault, *self._handle(method, raw, fault))

    def _instead(self, fault: Fault) -> bool:
        """Faults before anything is taken."""
        if fault == "drop":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif fault == "garbage":
            self._answer(200, b"<html>not Slack</html>")
        elif fault == "list":
            self._answer(200, b"[1, 2]")
        elif isinstance(fault, int):
            self._answer(fault, {"ok": False, "error": "ratelimited"} if fault == 429 else b"down for a moment")
        else:
            return False
        return True

    def _go_on(self, fault: Fault, status: int, answer: bytes | dict[str, Any]) -> None:
        """Faults after it was taken, or the answer."""
        if isinstance(fault, float):
            time.sleep(fault)
        if fault in ("lost", "rst"):
            self.close_connection = True
            if fault == "rst":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            else:
                self.connection.shutdown(socket.SHUT_RDWR)
        elif str(fault).startswith("taken "):
            word = str(fault).removeprefix("taken ")
            self._answer(int(word) if word.isdigit() else 200, b"<html>upstream is gone</html>")
        else:
            self._answer(status, answer)

    def _handle(self, method: str, raw: bytes, fault: Fault) -> tuple[int, bytes | dict[str, Any]]:
        slack = self.slack
        name = fault if isinstance(fault, str) and re.fullmatch(r"\w*_\w*|ratelimited", fault) else ""
        try:
            with slack.lock:
                if name:
                    raise Refused(name)
                return 200, self._hook(raw) if self._is_hook else self._call(method, raw)
        except Refused as refused:
            error = str(refused)
            if self._is_hook:
                return 400, error.encode()
            limited = error == "ratelimited" and not name
            return 429 if limited else 200, {"ok": False, "error": error}

    def _hook(self, raw: bytes) -> bytes:
        self.slack.hook(json.loads(raw))
        return b"ok"

    def _call(self, method: str, raw: bytes) -> dict[str, Any]:
        slack, token = self.slack, self.headers["Authorization"]
        if method == "chat.postMessage":
            slack.authorise(token, "chat:write")
            return slack.post(json.loads(raw))
        given = dict(parse_qsl(raw.decode()))
        if method == "auth.test":
            slack.authorise(token)
            return {"ok": True, "team": "Cluster", "user": "callwatch", "team_id": "T0000000001"}
        if method in ("conversations.history", "conversations.replies"):
            slack.authorise(token, "channels:history")
            return slack.history(given) if method.endswith("history") else slack.replies(given)
        raise Refused("unknown_method")

    @property
    def _is_hook(self) -> bool:
        return self.path.startswith("/services/")

    def _answer(self, status: int, body: bytes | dict[str, Any]) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if isinstance(body, bytes) else "application/json")
        self.send_header("Content-Length", str(len(data)))
        if status == 429:
            self.send_header("Retry-After", self.slack.retry_after)
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # who asked has gone
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Silent."""


@contextlib.contextmanager
def slack_server() -> Iterator[SlackServer]:
    server = SlackServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description="A strict Slack on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0: any free one; the address is printed")
    parser.add_argument("--log", type=Path, help="a line of JSON is appended for each post taken")
    parser.add_argument("--dedupe", action="store_true", help="heed client_msg_id, which Slack may or may not do")
    parser.add_argument("--rate", type=float, default=0.0, help="seconds between the posts a channel takes")
    given = parser.parse_args()
    server = SlackServer(given.port)
    server.log, server.dedupe, server.rate = given.log, given.dedupe, given.rate
    server.start()
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()

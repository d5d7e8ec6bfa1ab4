"""Slack's Socket Mode on loopback, as strict as Slack: tickets work once, envelopes must be acknowledged."""

from __future__ import annotations

import itertools
import json
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

TOKEN = "xapp-1-A0-1-secret"


class SocketServer:
    """`send` puts a payload into an envelope; `acknowledged` are the envelopes the app said it has."""

    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        self.complaints: list[str] = []
        self.answers: list[dict[str, Any]] = []
        self.connected = 0
        self.refuse = ""
        self._tickets: set[str] = set()
        self._numbers = itertools.count(1)
        self._outgoing: queue.Queue[str] = queue.Queue()
        self._sockets = serve(self._talk, "127.0.0.1", 0)
        handler = type("Handler", (_Api,), {"slack": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.base = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._sockets.serve_forever, daemon=True).start()
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._sockets.shutdown()
        self._http.shutdown()
        self._http.server_close()

    def ticket(self) -> str:
        """The address of one connection."""
        ticket = f"t{next(self._numbers)}"
        self._tickets.add(ticket)
        return f"ws://127.0.0.1:{self._sockets.socket.getsockname()[1]}/link/?ticket={ticket}"

    def send(self, payload: Any, kind: str = "interactive", envelope: str = "") -> str:
        """Hand an envelope over; returns its id."""
        envelope = envelope or f"e{next(self._numbers)}"
        whole = {"envelope_id": envelope, "type": kind, "payload": payload, "accepts_response_payload": True}
        self._outgoing.put(json.dumps(whole))
        return envelope

    def hang_up(self) -> None:
        """What Slack does every few hours."""
        self._outgoing.put(json.dumps({"type": "disconnect", "reason": "refresh_requested", "debug_info": {}}))

    def wait(self, condition: Any, seconds: float = 15) -> None:
        """Until `condition()` holds."""
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, "nothing came"
            time.sleep(0.01)

    def _talk(self, socket: ServerConnection) -> None:
        request = socket.request
        ticket = parse_qs(urlsplit(request.path if request else "").query).get("ticket", [""])[0]
        if ticket not in self._tickets:
            self.complaints.append(f"ticket {ticket!r} used twice")
            return
        self._tickets.remove(ticket)
        self.connected += 1
        socket.send(json.dumps({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0"}}))
        try:
            self._exchange(socket)
        except ConnectionClosed:
            return

    def _exchange(self, socket: ServerConnection) -> None:
        while True:
            try:
                text = self._outgoing.get(timeout=0.05)
            except queue.Empty:
                socket.ping()
                continue
            socket.send(text)
            message = json.loads(text)
            if message["type"] == "disconnect":
                return
            self._acknowledgement(socket, message["envelope_id"])

    def _acknowledgement(self, socket: ServerConnection, envelope: str) -> None:
        try:
            answer = json.loads(socket.recv(timeout=3))
        except TimeoutError:
            self.complaints.append(f"{envelope} was not acknowledged in 3 seconds")
            return
        if answer != {"envelope_id": envelope}:
            self.complaints.append(f"{envelope} was answered by {answer}")
        self.acknowledged.append(envelope)


class _Api(BaseHTTPRequestHandler):
    """apps.connections.open, and where answers go."""

    slack: SocketServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if self.path.startswith("/actions/"):
            self.slack.answers.append(json.loads(body))
            self._say({})
        elif self.path != "/api/apps.connections.open":
            self._say({"ok": False, "error": "unknown_method"})
        elif self.slack.refuse or self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._say({"ok": False, "error": self.slack.refuse or "invalid_auth"})
        else:
            self._say({"ok": True, "url": self.slack.ticket()})

    def _say(self, answer: dict[str, Any]) -> None:
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Silent."""


@contextmanager
def socket_server() -> Iterator[SocketServer]:
    server = SocketServer()
    try:
        yield server
    finally:
        server.close()

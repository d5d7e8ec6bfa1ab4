"""The stand-in as a real HTTP server on loopback."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from types import TracebackType
from typing import Any

from callwatch.demo.standin.asked import Asked, read
from callwatch.demo.standin.index import Index
from callwatch.demo.standin.knobs import Knobs, active
from callwatch.demo.standin.portal import Reply, answer, error
from callwatch.demo.standin.spoil import replacement, spoilt

# A search is a few hundred bytes; nobody needs more to try the stand-in.
_LARGEST_REQUEST = 1 << 20


class StandIn:
    """A portal on loopback that serves `records` (items as in the portal's `results`).

        with StandIn(records, knobs=Knobs(status=503, times=2)) as portal:
            harvest(portal.base_url)
            portal.replace(next_day(records, today).records)
            portal.knobs = Knobs()

    `knobs` is one `Knobs` or several; it may be replaced or changed at any time. `requests` lists what was asked,
    in order of arrival. `robots` is the text of /robots.txt, or None for 404. `seed` decides how unstable orders
    fall. Not started before `start()` or `with`.
    """

    def __init__(
        self,
        records: Iterable[Any],
        *,
        knobs: Knobs | Iterable[Knobs] | None = None,
        port: int = 0,
        host: str = "127.0.0.1",
        seed: int = 0,
        robots: str | None = None,
    ) -> None:
        self.knobs: Knobs | Iterable[Knobs] = Knobs() if knobs is None else knobs
        self.robots = robots
        self.requests: list[Asked] = []
        self._index = Index(records)
        self._address = (host, port)
        self._seed = seed
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT`, without a slash at the end."""
        if self._server is None:
            raise RuntimeError("The stand-in is not running; use it as `with StandIn(records) as portal:`.")
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def replace(self, records: Iterable[Any]) -> None:
        """Serve these records from now on: a next day."""
        self._index = Index(records)

    def start(self) -> StandIn:
        """Listen. Raises OSError when the port is taken."""
        if self._server is None:
            self._server = _Server(self._address, self)
            self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
            self._thread.start()
        return self

    def stop(self) -> None:
        """Close every connection, also one that is being answered, and wait for the threads to end."""
        server, thread = self._server, self._thread
        self._server = self._thread = None
        if server is not None and thread is not None:
            server.shutdown()
            server.hang_up()
            server.server_close()
            thread.join()

    def __enter__(self) -> StandIn:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def reply(self, asked: Asked) -> tuple[Reply, list[Knobs]]:
        """What is answered to a request, and the knobs that still spoil how it is sent."""
        self.requests.append(asked)
        knobs = active(self.knobs, asked)
        if (instead := replacement(knobs)) is not None:
            return instead, knobs
        if asked.path == "/robots.txt":
            return self._robots(), knobs
        chance = Random(self._seed * 1_000_003 + len(self.requests))  # noqa: S311 - only shuffles ties
        return spoilt(answer(self._index, asked, knobs, chance), knobs), knobs

    def _robots(self) -> Reply:
        if self.robots is None:
            return error(404, "businessError", "Not found")
        return Reply(body=self.robots.encode(), headers={"Content-Type": "text/plain"})


class _Server(ThreadingHTTPServer):
    """Remembers its connections, so that stopping does not wait for a client that keeps one open."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], portal: StandIn) -> None:
        super().__init__(address, _Handler)
        self.portal = portal
        self.closing = threading.Event()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        with self._lock:
            self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news; anything else is a fault of ours and shown."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """End every connection; the threads that serve them then end by themselves."""
        self.closing.set()
        with self._lock:
            open_now = list(self._connections)
        for connection in open_now:
            _shut(connection)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client was quicker


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Answers leave in two writes; waiting to join them costs 40 ms per page.
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def version_string(self) -> str:
        return "stand-in"

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: `StandIn.requests` is the log."""

    def _serve(self) -> None:
        started = time.monotonic()
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _LARGEST_REQUEST:
            self.close_connection = True
            self._head(error(413, "businessError", "Request too large"))
            return
        body = self.rfile.read(int(length))
        asked = read(self.command, self.path, dict(self.headers.items()), body)
        asked.started = started
        reply, knobs = self.server.portal.reply(asked)
        asked.status = reply.status
        try:
            asked.sent = self._send(reply, knobs)
        except OSError:
            self.close_connection = True  # the client gave up: its right
        asked.finished = time.monotonic()

    def _send(self, reply: Reply, knobs: list[Knobs]) -> int:
        self._wait(max((k.delay for k in knobs), default=0.0))
        body = reply.body
        self._head(reply, len(body))
        if any(k.cut for k in knobs):
            body = body[: len(body) // 2]
            self.close_connection = True
        slow = next((k for k in knobs if k.trickle), None)
        if slow is None:
            self.wfile.write(body)
            return len(body)
        return self._trickle(body, slow)

    def _trickle(self, body: bytes, slow: Knobs) -> int:
        for start in range(0, len(body), slow.trickle_bytes):
            self.wfile.write(body[start : start + slow.trickle_bytes])
            if not self._wait(slow.trickle):
                return start
        return len(body)

    def _wait(self, seconds: float) -> bool:
        """False when the stand-in stops meanwhile."""
        return not (seconds and self.server.closing.wait(seconds))

    def _head(self, reply: Reply, length: int = 0) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

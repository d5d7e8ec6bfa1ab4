"""A portal on loopback that publishes one list: strict about what it is asked, and on bad days strange."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.portals.site_server import Crowd

LOGIN = "<html><head><title>Logga in</title></head><body><form></form></body></html>"
PLAIN = "application/json; charset=utf-8"


class ListServer(ThreadingHTTPServer):
    """GET only; `path` with a day behind it where `dated`; `key` as query parameter `authorization` where needed.

    One that is not `dated` gives an ETag, and 304 for it.

    `mood`: "" for the list, or login, broken, object, redirect, down, short (less than announced), reset.
    """

    daemon_threads = True

    def __init__(self, path: str, rows: list[Any], *, key: str = "", dated: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.path, self.rows, self.key, self.dated = path, rows, key, dated
        self.mood, self.robots, self.delay = "", "User-agent: *\nAllow: /\n", 0.0
        self.asked: list[str] = []
        self.answered: list[int] = []
        self.faults: list[str] = []
        self.most_at_once = 0
        self.crowd = Crowd()

    @property
    def base_url(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.server_port}"

    def fault(self, request: BaseHTTPRequestHandler) -> str:
        """What is wrong with a request, or nothing."""
        split = urlsplit(request.path)
        query = parse_qs(split.query, keep_blank_values=True)
        place = split.path.removeprefix(self.path)
        if (self.dated and (len(place) != 11 or place[0] != "/")) or (not self.dated and place):
            return f"404 no such place: {split.path}"
        wanted = {"authorization": [self.key]} if self.key else {}
        if query != wanted or request.headers.get("Authorization"):
            return "401 the key goes into the query, and nothing else does"
        if "json" not in request.headers.get("Accept", "") or "callwatch" not in request.headers["User-Agent"]:
            return "406 say who you are, and ask for JSON"
        return ""


class _Handler(BaseHTTPRequestHandler):
    server: ListServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/robots.txt":
            self._answer(200, self.server.robots, "text/plain")
            return
        self.server.asked.append(self.path)
        fault = self.server.fault(self)
        if fault:
            self.server.faults.append(fault)
            self._answer(int(fault[:3]), json.dumps({"message": fault}))
            return
        with self.server.crowd.busy(self.server) as at_once:  # over before the answer can reach anybody
            self.server.most_at_once = max(self.server.most_at_once, at_once)
            time.sleep(self.server.delay)
        self._in_a_mood()

    def _in_a_mood(self) -> None:
        whole, mood = json.dumps(self.server.rows, ensure_ascii=False), self.server.mood
        if mood == "redirect":
            self._answer(302, "", Location=f"https://login.example.org{self.path}")
        elif mood == "reset":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        elif mood == "short":
            self._answer(200, whole, more=1000)
            self.close_connection = True
        elif mood == "down":
            self._answer(503, "")
        elif mood == "login":
            self._answer(200, LOGIN, "text/html")
        elif mood == "object":
            self._answer(200, '{"value": []}')
        elif mood == "broken":
            self._answer(200, whole[: len(whole) // 2])
        else:
            self._list(whole)

    def _list(self, whole: str) -> None:
        tag = f'W/"{hash(whole)}-gzip"'
        if self.server.dated:
            self._answer(200, whole)
        elif self.headers.get("If-None-Match") == tag:
            self._answer(304, "", ETag=tag)
        else:
            self._answer(200, whole, ETag=tag)

    def _answer(self, status: int, text: str, kind: str = PLAIN, more: int = 0, **headers: str) -> None:
        body = text.encode()
        self.server.answered.append(status)
        self.send_response(status)
        sized = {} if status == 304 else {"Content-Length": str(len(body) + more)}
        for name, value in {"Content-Type": kind, **sized, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            self.server.faults.append(f"405 {name[3:]}")
        raise AttributeError(name)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: the tests look at `asked`."""


@contextmanager
def list_server(path: str, rows: list[Any], **given: Any) -> Iterator[ListServer]:
    """One that runs."""
    with ListServer(path, rows, **given) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()

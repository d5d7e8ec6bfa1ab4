"""A portal of pages on loopback, from the files of its test folder: conditional requests, several hosts, bad days.

`site.yml` in tests/portals/<name>/ names the file of each address, or "302 https://..." where it leads to another
one; files lie beside it in site/.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

HERE = Path(__file__).parent
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".xml": "application/xml",
    ".json": "application/json",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass
class Answer:
    """What an address answers. `validators`: whether it gives an ETag, and 304 for it."""

    body: bytes
    kind: str = TYPES[".html"]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    validators: bool = True

    @property
    def etag(self) -> str:
        """Changes with the body."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:12]}"'


class Crowd:
    """How many of several servers were busy at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy: Counter[int] = Counter()
        self.most = 0

    @contextmanager
    def busy(self, server: object) -> Iterator[int]:
        """While that server answers; gives how many it answers at once."""
        with self._lock:
            self._busy[id(server)] += 1
            self.most = max(self.most, len(+self._busy))
            at_once = self._busy[id(server)]
        try:
            yield at_once
        finally:
            with self._lock:
                self._busy[id(server)] -= 1


class SiteServer(ThreadingHTTPServer):
    """GET only. Paths are those of the portal; of several hosts each has a folder of its own."""

    daemon_threads = True

    def __init__(self, answers: Mapping[str, Answer], *, hosts: int = 1, robots: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = {self.place(url, hosts): self._led(answer, hosts) for url, answer in answers.items()}
        self.hosts, self.robots, self.delay = hosts, robots, 0.0
        self.robots_status = 200
        self.asked: list[str] = []
        self.answered: list[tuple[str, int]] = []
        self.faults: list[str] = []
        self.most_at_once = 0
        self.crowd = Crowd()

    def _led(self, answer: Answer, hosts: int) -> Answer:
        """Redirects of the portal lead to where the address lies here."""
        headers = {name: self.place(url, hosts) for name, url in answer.headers.items() if name == "Location"}
        return replace(answer, headers={**answer.headers, **headers})

    @staticmethod
    def place(url: str, hosts: int) -> str:
        """Where an address of the portal lies here."""
        split = urlsplit(url)
        query = f"?{split.query}" if split.query else ""
        return (f"/{split.hostname}" if hosts > 1 else "") + (split.path or "/") + query

    def change(self, url: str, **values: Any) -> None:
        """Another answer at an address of the portal."""
        place = self.place(url, self.hosts)
        known = self.answers.get(place, Answer(b""))
        self.answers[place] = Answer(**{**vars(known), **values})

    @property
    def base_url(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: SiteServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.endswith("/robots.txt"):
            self._send(self.server.robots_status, self.server.robots.encode(), "text/plain")
            return
        self.server.asked.append(self.path)
        if "callwatch" not in self.headers.get("User-Agent", ""):
            self.server.faults.append("no name in User-Agent")
        with self.server.crowd.busy(self.server) as at_once:  # over before the answer can reach anybody
            self.server.most_at_once = max(self.server.most_at_once, at_once)
            time.sleep(self.server.delay)
        answer = self.server.answers.get(self.path)
        if answer is None:
            self.server.faults.append(f"404 {self.path}")
            self._send(404, b"<title>Not found</title>", TYPES[".html"])
        elif answer.validators and answer.status == 200 and self.headers.get("If-None-Match") == answer.etag:
            self._send(304, b"", answer.kind, ETag=answer.etag)
        else:
            marks = {"ETag": answer.etag} if answer.validators else {}
            self._send(answer.status, answer.body, answer.kind, **marks, **answer.headers)

    def _send(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        self.server.answered.append((self.path, status))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            self.server.faults.append(f"405 {name[3:]}")
        raise AttributeError(name)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: the tests look at `asked`."""


def site(portal: str) -> dict[str, Answer]:
    """The answers of a portal's test folder, by address."""
    folder = HERE / portal
    places: dict[str, str] = yaml.safe_load((folder / "site.yml").read_text(encoding="utf-8"))
    return {url: _answer(folder / "site", name) for url, name in places.items()}


def _answer(folder: Path, name: str) -> Answer:
    status, _, target = name.partition(" ")
    if target:
        return Answer(b"", status=int(status), headers={"Location": target}, validators=False)
    return Answer((folder / name).read_bytes(), TYPES[Path(name).suffix])


@contextmanager
def site_server(answers: Mapping[str, Answer], **given: Any) -> Iterator[SiteServer]:
    """One that runs."""
    with SiteServer(answers, **given) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()

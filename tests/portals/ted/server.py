"""TED's Search API on loopback, as strict as it was described: what it refuses, and what it answers instead."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATH = "/v3/notices/search"
QUERY = re.compile(
    r"place-of-performance IN \(([A-Z0-9 ]+)\) AND classification-cpv IN \(([0-9* ]+)\) AND form-type=(\w+)"
    r" AND publication-date>=([0-9-]+)(?: SORT BY (publication-date|publication-number)( DESC)?)?"
)
KNOWN = {"query", "fields", "limit", "page", "scope", "paginationMode", "onlyLatestVersions", "checkQuerySyntax"}
FIELDS = {
    "publication-number", "publication-date", "procedure-identifier", "form-type", "notice-title",
    "description-proc", "description-lot", "buyer-name", "place-of-performance", "classification-cpv",
    "contract-nature", "deadline-receipt-tender-date-lot", "deadline-receipt-tender-time-lot",
    "deadline-receipt-request-date-lot", "deadline-receipt-request-time-lot", "estimated-value-proc",
    "estimated-value-cur-proc",
}  # fmt: skip


class TedServer(ThreadingHTTPServer):
    """`archive` is the number of all notices there ever were, which a query that is not understood finds.

    `mood`: "" or timed_out (half a page, and says so), down, no_total, growing (one more notice after each page).
    `times`: how often the mood lasts; -1 for ever.
    """

    daemon_threads = True

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.rows = rows
        self.archive = 9_000_000
        self.mood, self.times = "", -1
        self.asked: list[dict[str, Any]] = []
        self.faults: list[str] = []

    @property
    def base_url(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.server_port}"

    def fault(self, body: Any, headers: Any) -> str:
        """Status and message for a question that is refused, or nothing."""
        if headers.get("Authorization"):
            return "500 Internal Server Error"
        if "json" not in headers.get("Content-Type", "") or "callwatch" not in headers["User-Agent"]:
            return "415 say who you are, and send JSON"
        if not isinstance(body, dict) or (more := set(body) - KNOWN):
            return f"400 unrecognised property {sorted(more)}"
        fields = body.get("fields")
        if not isinstance(fields, list) or not fields or set(fields) - FIELDS:
            return f"400 parameter 'fields' contains unsupported value ({sorted(set(fields or []) - FIELDS)})"
        if not (1 <= body.get("limit", 0) <= 250 and body.get("page", 0) >= 1):
            return "400 parameter 'limit' must be between 1 and 250"
        if body["limit"] * body["page"] > 15_000 or body.get("paginationMode") != "PAGE_NUMBER":
            return "400 no more than 15000 notices by page number"
        if body.get("scope") not in ("ACTIVE", "LATEST", "ALL") or body.get("checkQuerySyntax") is not False:
            return "400 scope"
        return "" if QUERY.fullmatch(body.get("query", "")) else "400 QUERY_SYNTAX_ERROR"

    def found(self, body: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
        """The notices of a query in its order, and how many; oldest first where it does not say."""
        match = QUERY.fullmatch(body["query"])
        assert match
        places, cpv, phase, since, sort, down = match.groups()
        if not re.fullmatch(r"\d{8}", since):
            return self.rows, self.archive
        day = f"{since[:4]}-{since[4:6]}-{since[6:]}"
        heads = tuple(code.removesuffix("*") for code in cpv.split())
        rows = [
            row
            for row in self.rows
            if row["publication-date"] >= day
            and set(row["place-of-performance"]) & set(places.split())
            and any(code.startswith(heads) for code in row["classification-cpv"])
            and row["form-type"] == phase
        ]
        rows.sort(key=lambda row: row[sort or "publication-date"], reverse=bool(down))
        return rows, len(rows)


class _Handler(BaseHTTPRequestHandler):
    server: TedServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/robots.txt":
            self._answer(200, "User-agent: *\nAllow: /\n", "text/plain")
        else:
            self._refuse("405 POST it")

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        self.server.asked.append(body)
        fault = "404 no such place" if self.path != PATH else self.server.fault(body, self.headers)
        if fault:
            self._refuse(fault)
        else:
            self._page(body, self._mood())

    def _mood(self) -> str:
        server = self.server
        server.times -= server.times > 0
        now, server.mood = server.mood, "" if server.times == 0 else server.mood
        return now

    def _page(self, body: dict[str, Any], mood: str) -> None:
        rows, total = self.server.found(body)
        start = (body["page"] - 1) * body["limit"]
        page = rows[start : start + body["limit"]]
        if mood == "timed_out":
            page = page[: len(page) // 2]
        kept = [{key: row[key] for key in row if key in (*body["fields"], "links")} for row in page]
        answer = {"notices": kept, "totalNoticeCount": None if mood == "no_total" else total}
        if mood == "down":
            self._answer(503, "")
            return
        self._answer(200, json.dumps({**answer, "iterationNextToken": None, "timedOut": mood == "timed_out"}))
        if mood == "growing" and "SORT BY" in body["query"]:
            number = f"{800000 + len(self.server.rows)}-2026"
            self.server.rows = [
                *self.server.rows,
                {**rows[0], "publication-number": number, "procedure-identifier": ""},
            ]

    def _refuse(self, fault: str) -> None:
        self.server.faults.append(fault)
        self._answer(int(fault[:3]), json.dumps({"message": fault[4:]}))

    def _answer(self, status: int, text: str, kind: str = "application/json") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: the tests look at `asked`."""


@contextmanager
def ted_server(rows: list[dict[str, Any]]) -> Iterator[TedServer]:
    """One that runs."""
    with TedServer(rows) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


served = ted_server
"""For tests/portals/shapes.py, by a name that all such servers have."""

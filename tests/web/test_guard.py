"""What stands around every answer: headers, a bound on bodies, a limit on requests, a database that is away."""

from __future__ import annotations

import re
import socket
from typing import Any

import pytest

from alerts.links import Purpose
from callwatch.web.guard import BODY
from callwatch.web.limits import REMEMBERED, Once, RateLimit, network
from callwatch.web.pages import STYLE
from pipeline.store import people
from tests.web.conftest import EVIL, NOW, TRUCKS, Served, call, keep, stored

ADDRESSES = [
    ("GET", "/act/{act}/mute?call={call}", 200),
    ("POST", "/act/{act}/mute?call={call}", 200),
    ("POST", "/act/{act}/undo?call={call}", 200),
    ("GET", "/stop/{stop}", 200),
    ("POST", "/stop/{stop}", 200),
    ("POST", "/stop/{stop}/undo", 200),
    ("GET", "/confirm/{confirm}", 200),
    ("POST", "/confirm/{confirm}", 200),
    ("GET", "/subscription/{act}", 200),
    ("GET", "/feed/{feed}/deadlines.ics", 200),
    ("GET", "/feed/{feed}/events.atom", 200),
    ("GET", "/healthz", 200),
    ("POST", "/slack/interactions", 401),
    ("GET", "/", 404),
    ("GET", "/act/x/mute", 404),
    ("GET", "/static/../../etc/passwd", 404),
    ("PUT", "/stop/{stop}", 405),
    ("GET", "/slack/interactions", 405),
]


def address(served: Served, path: str) -> str:
    return path.format(call=TRUCKS, **{p.value: served.token(p) for p in Purpose})


@pytest.mark.parametrize(("method", "path", "status"), ADDRESSES)
def test_every_answer_bears_the_headers(served: Served, method: str, path: str, status: int) -> None:
    answer = served(method, address(served, path))
    headers = answer.headers
    assert answer.status == status
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert "script" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == ("private, no-cache" if "/feed/" in path else "no-store")
    assert headers["Strict-Transport-Security"] is None
    assert headers["Set-Cookie"] is None
    assert headers["Server"] is None
    assert "http-equiv" not in answer.text
    assert "<script" not in answer.text


def test_https_is_made_to_stay(served: Served) -> None:
    """A proxy on this machine may say that it was asked over TLS."""
    answer = served("GET", "/healthz", X_Forwarded_Proto="https")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_the_style_is_the_one_whose_hash_is_named(served: Served) -> None:
    page = served("GET", served.act("mute")).text
    assert re.findall(r"<style>(.*?)</style>", page, re.DOTALL) == [STYLE]
    assert not re.search(r"\sstyle=|\son\w+=", page)


def test_hostile_titles_stay_text(served: Served) -> None:
    hostile = call("EVIL-1", title=EVIL, url="javascript:alert(1)", identifier=EVIL)
    keep(served.store, stored(hostile), when=NOW)
    for method in ("GET", "POST"):
        page = served(method, served.act("mute", "eu_funding_tenders:EVIL-1")).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<img" not in page
        assert "javascript:" not in page
        assert not re.search("[\x00-\x09\x0b-\x1f\u202e\u2066]", page)
    page = served("GET", f"/subscription/{served.token(Purpose.ACT)}").text
    assert "&lt;script&gt;" in page
    assert set(re.findall(r"<(\w+)", page)) <= {
        *("html", "head", "meta", "title", "style", "body", "main", "p", "h1", "h2", "section", "ul", "li"),
        *("a", "form", "button"),
    }


@pytest.mark.parametrize(
    "path", ["/slack/interactions", "/stop/{stop}", "/act/{act}/mute?call={call}", "/nowhere"]
)
def test_a_large_body_is_refused_before_it_is_read(served: Served, path: str) -> None:
    answer = served("POST", address(served, path), b"x" * (BODY + 1))
    assert answer.status == 413
    with served.store.read() as conn:
        assert people.stopped(conn) == {}


def test_a_large_body_that_was_not_announced_is_refused_where_it_is_read(served: Served) -> None:
    path = address(served, "/stop/{stop}")
    chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as raw:
        raw.sendall(head + chunk * (BODY // 4096 + 1) + b"0\r\n\r\n")
        assert raw.recv(64).startswith(b"HTTP/1.1 413 ")
    with served.store.read() as conn:
        assert people.stopped(conn) == {}


@pytest.mark.parametrize("length", ["-1", "1e3", "9" * 30, "0x10"])
def test_a_length_that_is_none(served: Served, length: str) -> None:
    head = f"POST /stop/x HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as raw:
        raw.sendall(head)
        assert re.match(rb"HTTP/1\.1 4\d\d ", raw.recv(64))


class TestLimit:
    @pytest.fixture
    def limit(self) -> RateLimit:
        return RateLimit(burst=5, per_second=0.1)

    def test_who_asks_too_often_has_to_wait(self, served: Served) -> None:
        answers = [served("GET", "/healthz") for _ in range(7)]
        assert [a.status for a in answers] == [200] * 5 + [429] * 2
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 10
        assert answers[-1].headers["X-Content-Type-Options"] == "nosniff"

    def test_behind_a_proxy_on_this_machine_each_reader_counts_alone(self, served: Served) -> None:
        one = [served("GET", "/healthz", X_Forwarded_For="192.0.2.1").status for _ in range(6)]
        other = served("GET", "/healthz", X_Forwarded_For="192.0.2.2").status
        assert (one[-1], other) == (429, 200)


def test_the_bucket_fills_again() -> None:
    now = [0.0]
    limit = RateLimit(burst=2, per_second=0.5, clock=lambda: now[0])
    assert [limit.wait("a") for _ in range(3)] == [0, 0, 2]
    now[0] = 2.0
    assert [limit.wait("a") for _ in range(2)] == [0, 2]
    for number in range(REMEMBERED + 1):
        limit.wait(f"host {number}")
    assert limit.wait("a") == 0


def test_a_network_of_version_6_counts_as_one() -> None:
    assert network("2001:db8:1:2::1") == network("2001:db8:1:2:ffff::9") != network("2001:db8:1:3::1")
    assert network("192.0.2.1") == "192.0.2.1"
    assert network("testclient") == "testclient"


def test_what_was_seen_is_known_for_a_while() -> None:
    now = [0.0]
    once = Once(10, clock=lambda: now[0])
    assert [once.first("a"), once.first("a"), once.first("b")] == [True, False, True]
    now[0] = 11
    assert once.first("a")


def test_without_its_database_it_says_so_and_nothing_else(served: Served, monkeypatch: Any) -> None:
    assert served("GET", "/healthz").text == '{"status":"ok"}'
    path = served.store.path
    assert path is not None
    served.store.engine.dispose()
    path.write_bytes(b"this is no database, and its name is a secret" * 100)
    health = served("GET", "/healthz")
    assert (health.status, health.text) == (503, '{"status":"down"}')
    for method, page in (
        ("GET", "/act/{act}/mute?call={call}"),
        ("POST", "/stop/{stop}"),
        ("GET", "/subscription/{act}"),
    ):
        answer = served(method, address(served, page))
        assert answer.status == 503
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert str(path) not in answer.text
        assert "try again" in answer.text

"""The stand-in as a server: connections, other paths, what it remembers, how it stops."""

from __future__ import annotations

import http.client
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import orjson
import pytest

from callwatch.demo.standin.knobs import Knobs
from callwatch.demo.standin.server import StandIn
from tests.demo.standin_client import SEARCH, STABLE, multipart, of_type, search, send, target
from tests.demo.standin_items import topics


@pytest.fixture(scope="module")
def many() -> Iterator[StandIn]:
    with StandIn(topics(230)) as running:
        yield running


def test_other_paths_and_robots() -> None:
    with StandIn([]) as plain:
        assert send(plain.base_url, "/robots.txt").status == 404
        assert send(plain.base_url, "/").status == 404
    with StandIn([], robots="User-agent: *\nDisallow: /private\n") as polite:
        answer = send(polite.base_url, "/robots.txt")
        assert (answer.status, answer.headers["content-type"]) == (200, "text/plain")
        assert b"Disallow" in answer.body


def test_a_request_beyond_a_megabyte_is_not_read(many: StandIn) -> None:
    connection = http.client.HTTPConnection(urlsplit(many.base_url).netloc, timeout=5)
    connection.putrequest("POST", target())
    connection.putheader("Content-Length", str(2 << 20))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    assert answer.getheader("Connection") == "close"
    answer.close()
    connection.close()


def test_one_connection_serves_many_requests(many: StandIn) -> None:
    connection = http.client.HTTPConnection(urlsplit(many.base_url).netloc, timeout=5)
    body, kind = multipart({"query": of_type("1"), "languages": ["en"], "sort": STABLE})
    connection.connect()
    local = connection.sock.getsockname()
    for page in (1, 2, 3):
        connection.request("POST", target(pageNumber=page), body, {"Content-Type": kind})
        assert orjson.loads(connection.getresponse().read())["pageNumber"] == page
        assert connection.sock.getsockname() == local
    connection.close()


def test_remembers_what_was_asked() -> None:
    before = time.monotonic()
    with StandIn(topics(3)) as portal:
        search(portal.base_url, of_type("1", "2"), sort=STABLE, page=2)
        asked = portal.requests[0]
    assert (asked.method, asked.path, asked.endpoint, asked.page_number) == ("POST", SEARCH, "search", 2)
    assert asked.parts == {"query": of_type("1", "2"), "languages": ["en"], "sort": STABLE}
    assert asked.types == {"1", "2"}
    assert asked.headers["content-type"].startswith("multipart/form-data")
    assert before <= asked.started <= asked.finished <= time.monotonic()
    assert (asked.status, asked.sent > 100) == (200, True)


def test_serves_the_next_day_after_replace() -> None:
    with StandIn(topics(3)) as portal:
        assert search(portal.base_url, of_type("1")).total == 3
        portal.replace(topics(5))
        assert search(portal.base_url, of_type("1")).total == 5


def test_stops_although_a_client_keeps_its_connection_open() -> None:
    portal = StandIn(topics(1)).start()
    url = portal.base_url
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    connection.request("GET", target())
    connection.getresponse().read()
    began = time.monotonic()
    portal.stop()
    portal.stop()
    assert time.monotonic() - began < 2
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        send(url, target())
    with pytest.raises(RuntimeError, match="not running"):
        _ = portal.base_url


def test_a_client_that_goes_away_is_no_news(capfd: pytest.CaptureFixture[str]) -> None:
    with StandIn(topics(200)) as portal:
        host, port = urlsplit(portal.base_url).netloc.split(":")
        for request in (b"", b"GET /robots.txt HTTP/1.1\r\nHost: x", f"GET {target()} HTTP/1.1\r\n\r\n".encode()):
            with socket.create_connection((host, int(port))) as client:
                client.sendall(request)
                # Zero seconds of linger: closing sends a reset instead of a goodbye.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert search(portal.base_url, of_type("1")).total == 200
    assert capfd.readouterr() == ("", "")


def test_a_fault_of_ours_is_shown_and_the_next_request_served(capsys: pytest.CaptureFixture[str]) -> None:
    with StandIn(topics(1), knobs=Knobs(when=lambda asked: bool(1 // (asked.page_number - 1)))) as portal:
        with pytest.raises(http.client.RemoteDisconnected):
            search(portal.base_url, of_type("1"))
        assert search(portal.base_url, of_type("1"), page=3).status == 200
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_many_clients_at_once(many: StandIn) -> None:
    with ThreadPoolExecutor(8) as clients:
        answers = clients.map(
            lambda page: search(many.base_url, of_type("1"), sort=STABLE, page=page), [1, 2, 3] * 8
        )
        assert {answer.total for answer in answers} == {230}

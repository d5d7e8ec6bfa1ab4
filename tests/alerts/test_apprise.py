"""Text through Apprise to a real server on loopback, by its json:// plugin; and what it says when it cannot."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from alerts import render
from alerts.channels import Channel, ChannelSettings, open_channel
from alerts.channels.apprise import _parts, calm
from pipeline.errors import ConfigError, Permanent, Temporary
from tests.alerts.samples import NOW, item, message, week
from tests.alerts.sending import ID, envelope, send

SECRET = "geheimnis"

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
"""A plugin of Apprise that is loaded with all the others."""


class _Service(BaseHTTPRequestHandler):
    status: ClassVar[int] = 200
    seen: ClassVar[list[tuple[str, dict[str, Any]]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).seen.append((self.path, body))
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def service() -> Iterator[tuple[type[_Service], str]]:
    handler = type("Service", (_Service,), {"seen": []})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    yield handler, f"json://127.0.0.1:{http.server_address[1]}/{SECRET}"
    http.shutdown()
    http.server_close()


@pytest.fixture
def channel(settings: ChannelSettings) -> Channel:
    return open_channel("apprise", settings)


def test_one_notification_with_subject_and_text(channel: Channel, service: tuple[type[_Service], str]) -> None:
    handler, url = service
    assert send(channel, week("sv"), url) == {1: f"{ID}/1"}
    ((path, body),) = handler.seen
    assert path == f"/{SECRET}"
    assert body["title"] == calm(render.subject(week("sv")))
    assert body["message"].split() == calm(render.text(week("sv"))).split()
    assert body["type"] == "info"
    assert channel.lane(url) == url
    channel.close()


def test_what_is_too_long_comes_in_parts_that_stay_the_same(
    channel: Channel, service: tuple[type[_Service], str]
) -> None:
    handler, url = service
    flood = message(*[item(n, title=f"Call number {n} " + "å" * 200) for n in range(150)])
    first = channel.posts(flood, envelope(url))
    later = channel.posts(flood, envelope(url, now=NOW + timedelta(days=100)))
    assert [post.body for post in first] == [post.body for post in later]
    assert len(send(channel, flood, url)) == len(first) > 1
    marks = [body["title"].rpartition(" ")[2] for _, body in handler.seen]
    assert marks == [f"{n}/{len(first)}" for n in range(1, len(first) + 1)]
    said = "\n".join(body["message"] for _, body in handler.seen)
    assert re.findall(r"/topic/(\d+)$", said, re.MULTILINE) == [str(n) for n in range(150)]
    assert first[0].call_ids == tuple(each.call_id for each in flood.items)
    assert all(post.call_ids == () for post in first[1:])


def test_short_texts_are_read_at_their_time(channel: Channel, service: tuple[type[_Service], str]) -> None:
    handler, url = service
    send(channel, message(), envelope(url, now=NOW + timedelta(days=113)))
    assert "closes tomorrow" in handler.seen[0][1]["message"]


def test_lines_longer_than_a_post_are_broken_and_none_is_lost() -> None:
    text = "first\n" + "word " * 100 + "\n" + "x" * 500 + "\nlast"
    parts = list(_parts(text, 120))
    assert max(map(len, parts)) <= 120
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert list(_parts("", 120)) == [""]


def test_an_address_from_the_environment(
    channel: Channel, service: tuple[type[_Service], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler, url = service
    with pytest.raises(Temporary, match="CALLWATCH_TEAMS") as caught:
        send(channel, message(), "env:CALLWATCH_TEAMS")
    assert caught.type is Temporary
    monkeypatch.setenv("CALLWATCH_TEAMS", url)
    send(channel, message(), "env:CALLWATCH_TEAMS")
    assert len(handler.seen) == 1


def test_the_address_is_never_told(
    channel: Channel, service: tuple[type[_Service], str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    handler, url = service
    send(channel, message(), url)
    handler.status = 500
    with pytest.raises(Temporary, match="did not take") as refused:
        send(channel, message(), url)
    unreachable = f"json://127.0.0.1:1/{SECRET}"
    with pytest.raises(Temporary, match="did not take"):
        send(channel, message(), unreachable)
    with pytest.raises(Permanent, match="not one that apprise understands") as unknown:
        send(channel, message(), f"nonsense://{SECRET}")
    assert SECRET not in caplog.text + str(refused.value) + str(unknown.value)
    assert unknown.value.__cause__ is None
    assert channel.find(channel.posts(message(), envelope(url))[0], message(), envelope(url)) == ""


def test_no_service_finds_its_mark_up_in_a_title(channel: Channel, service: tuple[type[_Service], str]) -> None:
    handler, url = service
    send(channel, message(item(title="<!channel> @everyone @Here [x](https://evil.example) <b>")), url)
    _, body = handler.seen[0]
    for text in (body["title"], body["message"]):
        assert not any(mark in text for mark in ("<", ">", "@everyone", "@Here", "]("))
    assert calm("a@herenow.example") == "a@herenow.example"


def test_without_the_package_it_says_what_to_install(
    settings: ChannelSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ConfigError, match=r"pip install 'callwatch\[apprise\]'"):
        open_channel("apprise", settings)

"""500 mails and 500 posts to servers on loopback, from the outbox to the record of their delivery.

The limit says the same bytes through raw sockets: the lines of SMTP on one connection, each with its answer; a
request a post to the Slack. It claims nothing, builds nothing and keeps no record. The servers are processes of
their own, whose work counts on neither side.
"""

from __future__ import annotations

import json
import os
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from alerts.channels.headers import Sending, address
from alerts.channels.mime import build
from alerts.channels.parts import deal
from alerts.links import Links
from alerts.message import encode
from alerts.slack_blocks import slack
from alerts.subscription import Subscriptions
from callwatch.telling import deliver_messages
from callwatch.wiring import Wiring
from pipeline.outbox import NewMessage, SubscriptionState
from pipeline.store import Outbox, Store
from tests.alerts.samples import message
from tests.bench.databases import Databases, both
from tests.bench.figure import Figure
from tests.bench.measure import Step, always, figure, in_turns
from tests.delivery.processes import TOKEN, servers

MESSAGES = 500
SENDER = "callwatch <alerts@callwatch.example>"


def waiting(channel: str, now: datetime) -> list[NewMessage]:
    """Messages of one call each, to as many people."""
    body = encode(msgspec.structs.replace(message(), at=now))
    return [
        NewMessage(
            id=f"00000000-0000-5000-8000-{n:012}",
            contact=f"c{n}",
            subscription="bench",
            channel=channel,
            target=f"C{n:08}" if channel == "slack" else f"c{n}@reader.example",
            kind="alert",
            payload=body,
            created_at=now,
            not_before=now,
        )
        for n in range(MESSAGES)
    ]


@contextmanager
def settings(folder: Path) -> Iterator[dict[str, str]]:
    """Servers, and their addresses in the environment."""
    with servers(folder) as env:
        os.environ.update(env)
        try:
            yield env
        finally:
            for name in env:
                del os.environ[name]


def delivering(number: int) -> list[Figure]:
    """Both channels on both kinds of database."""
    with (
        tempfile.TemporaryDirectory(prefix="cw-bench-") as folder,
        both(Path(folder)) as databases,
        settings(Path(folder)) as env,
    ):
        return [one(kind, channel, env, number) for channel in ("email", "slack") for kind in databases]


def one(databases: Databases, channel: str, env: Mapping[str, str], number: int) -> Figure:
    """One channel on one kind of database."""
    now = datetime.now(UTC)
    full = databases.new()
    with Store.open(full) as store:
        Outbox(store).commit_plan("bench", waiting(channel, now), SubscriptionState(now, now))

    def ours(_: int) -> Step:
        url, wiring = databases.new(full), Wiring()
        wiring.__dict__["subscriptions"] = Subscriptions({}, (), wiring.subscriptions.known)
        return lambda: deliver(wiring, url)

    if channel == "email":
        least, what = mails(env["CALLWATCH_SMTP_URL"]), "mails to a mail server"
    else:
        least, what = posts(env["CALLWATCH_SLACK_BASE_URL"]), "posts to a Slack"
    turns = in_turns(ours, always(least), number, databases.clock)
    title, key = f"deliver {MESSAGES} {what}, {databases.name}", f"deliver {channel} {databases.key}"
    return figure(key, title, turns, "the same bytes by raw sockets", count=MESSAGES)


def deliver(wiring: Wiring, url: str) -> None:
    """All that waits. Raises RuntimeError unless each message was sent."""
    with Store.open(url, upgrade=False) as store:
        report = deliver_messages(wiring, store, datetime.now(UTC))
    if report.sent != MESSAGES:
        raise RuntimeError(f"{report.sent} messages sent: this would measure something else")


def mails(url: str) -> Step:
    """What says all the mails."""
    place, content = urlsplit(url), message()
    sending = Sending("00000000-0000-5000-8000-000000000000", address(SENDER), "c@reader.example", Links(), {})
    mail = build(content, deal(content)[0], sending, datetime.now(UTC)).raw
    size = len(mail)
    lines = [f"MAIL FROM:<alerts@callwatch.example> size={size}", "RCPT TO:<c@reader.example>", "DATA"]
    turns = [*(f"{line}\r\n".encode() for line in lines), mail.replace(b"\r\n.", b"\r\n..") + b"\r\n.\r\n"]

    def say() -> None:
        with socket.create_connection((place.hostname, place.port)) as wire:
            _answer(wire, b"220")
            wire.sendall(b"EHLO bench.example\r\n")
            _answer(wire, b"250")
            for turn, wanted in zip(turns * MESSAGES, (b"250", b"250", b"354", b"250") * MESSAGES, strict=True):
                wire.sendall(turn)
                _answer(wire, wanted)

    return say


def _answer(wire: socket.socket, wanted: bytes) -> None:
    found = wire.recv(4096)
    if not found.startswith(wanted):
        raise RuntimeError(f"{found[:80]!r} instead of {wanted!r}")


def posts(url: str) -> Step:
    """What says all the posts."""
    place = urlsplit(url)
    parts = slack(message(), datetime.now(UTC), Links(), threads=True)
    body = json.dumps({"channel": "C00000001", "text": parts[0].text, "blocks": parts[0].blocks}).encode()
    head = (
        f"POST /chat.postMessage HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Type: application/json;charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    request = head.encode() + body

    def say() -> None:
        for _ in range(MESSAGES):
            with socket.create_connection((place.hostname, place.port)) as wire:
                wire.sendall(request)
                answer = b"".join(iter(lambda: wire.recv(65536), b""))
                if b'"ok": true' not in answer:
                    raise RuntimeError(f"Slack answered {answer[-200:]!r}")

    return say

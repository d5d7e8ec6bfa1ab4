"""A channel, readers and a clock for tests of delivery, on the real outbox."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from alerts.channels import Envelope, Post
from alerts.deliver import deliver
from alerts.delivery import DeliveryReport
from alerts.links import Links
from alerts.message import Message, encode
from pipeline.outbox import NewMessage, SubscriptionState
from pipeline.store import Outbox
from tests.alerts.samples import NOW, message


class Line:
    """A channel that fails as told: `faults` by target, used up one by one; `parts` posts a message."""

    name = "line"

    def __init__(self, parts: int = 1, **faults: list[Exception | None]) -> None:
        self.faults, self.parts = faults, parts
        self.sent: list[str] = []
        self.tried: list[str] = []
        self.sought: list[str] = []
        self.there: dict[str, str] = {}
        self.closed = 0

    def lane(self, target: str) -> str:
        return target

    def posts(self, message: Message, envelope: Envelope) -> list[Post]:
        return [Post(number, (f"call-{number}",), None) for number in range(1, self.parts + 1)]

    def send(self, post: Post, message: Message, envelope: Envelope) -> str:
        name = envelope.message_id if self.parts == 1 else f"{envelope.message_id}/{post.number}"
        self.tried.append(name)
        if self.faults.get(envelope.target) and (fault := self.faults[envelope.target].pop(0)):
            raise fault
        self.sent.append(name)
        return f"remote-{name}"

    def find(self, post: Post, message: Message, envelope: Envelope) -> str:
        name = envelope.message_id if self.parts == 1 else f"{envelope.message_id}/{post.number}"
        self.sought.append(name)
        return self.there.get(name, "")

    def close(self) -> None:
        self.closed += 1


class Reader:
    """Nobody refuses anything; `fallback` is where the rest goes."""

    def __init__(self, fallback: str = "", refused: str = "") -> None:
        self.fallback, self.refused = fallback, refused

    def refuses(self, message: NewMessage) -> str:
        return "bounced" if message.target == self.refused else ""

    def links(self, message: NewMessage) -> Links:
        return Links()

    def instead(self, message: NewMessage, at: datetime) -> NewMessage | None:
        if not self.fallback or message.channel == self.fallback:
            return None
        replace = msgspec.structs.replace
        return replace(message, id=f"{message.id}-b", channel=self.fallback, instead_of=message.id, not_before=at)


class OneLane(Line):
    """All targets behind one another, as with a mail server."""

    def lane(self, target: str) -> str:
        return ""


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def put(outbox: Outbox, *names: str, channel: str = "line", payload: bytes = b"") -> None:
    """Messages called "target-number"."""
    planned = [
        NewMessage(
            id=name,
            contact=name.split("-")[0],
            subscription="trucks",
            channel=channel,
            target=name.split("-")[0],
            kind="alert",
            payload=payload or encode(message()),
            created_at=NOW,
            not_before=NOW,
        )
        for name in names
    ]
    outbox.commit_plan("trucks", planned, SubscriptionState(NOW, NOW))


def run(outbox: Outbox, line: Line, now: datetime = NOW) -> DeliveryReport:
    clock = Clock()
    clock.now = now
    return deliver(outbox, {"line": line}, Reader(), now, clock=clock)


def due(outbox: Outbox, name: str) -> timedelta:
    found = outbox.message(name)
    assert found
    return found.message.not_before - NOW

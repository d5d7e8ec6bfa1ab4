"""Claim, send, record, on the real outbox: nobody waits for another's failure, nothing is lost or sent twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from alerts.channels import Envelope, Post, Unreachable, Unsure
from alerts.deliver import DeliveryReport, deliver, wait
from alerts.links import Links
from alerts.message import Message, encode
from pipeline.errors import ConfigError, Permanent, Temporary
from pipeline.outbox import MessageState, NewMessage, SubscriptionState
from pipeline.store import Outbox, Store
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


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Store.open(f"sqlite:///{tmp_path / 'calls.db'}") as store:
        yield Outbox(store)


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


def test_everything_due_leaves_once(outbox: Outbox) -> None:
    put(outbox, *[f"asa-{n:03}" for n in range(120)])
    line = Line()
    report = run(outbox, line)
    assert (report.sent, report.retried, report.failed, line.closed) == (120, 0, 0, 1)
    assert len(set(line.sent)) == 120
    assert run(outbox, line).sent == 0
    found = outbox.message("asa-000")
    assert found
    assert (found.state, found.remote_id) == (MessageState.SENT, "remote-asa-000")


def test_a_failure_holds_up_only_its_own_target(outbox: Outbox) -> None:
    put(outbox, "asa-1", "asa-2", "bo-1")
    line = Line(asa=[Temporary("451 later")])
    report = run(outbox, line)
    assert (report.sent, report.retried) == (1, 2)
    assert sorted(line.tried) == ["asa-1", "bo-1"]
    assert {d.message_id: d.note for d in report.details if d.outcome == "retried"} == {
        "asa-1": "451 later",
        "asa-2": "451 later",
    }
    assert (due(outbox, "asa-1"), due(outbox, "asa-2")) == (timedelta(minutes=1), timedelta(minutes=1))
    assert run(outbox, line, NOW + timedelta(seconds=59)).sent == 0
    assert run(outbox, line, NOW + timedelta(minutes=1)).sent == 2


def test_a_channel_that_is_down_is_tried_once_and_the_others_go_on(outbox: Outbox) -> None:
    put(outbox, "asa-1", "bo-1")
    put(outbox, "cy-1", channel="other")
    line, other = OneLane(asa=[Unreachable("no server")]), Line()
    report = deliver(outbox, {"line": line, "other": other}, Reader(), NOW, clock=Clock())
    assert (report.sent, report.retried) == (1, 2)
    assert (line.tried, other.sent) == (["asa-1"], ["cy-1"])


def test_a_channel_that_is_not_set_up_waits(outbox: Outbox) -> None:
    put(outbox, "asa-1", channel="pigeon")
    report = run(outbox, Line())
    assert report.details[0].note == "the channel pigeon is not set up on this machine."
    assert report.retried == 1


def test_permanent_failures_are_kept_and_not_tried_again(outbox: Outbox) -> None:
    put(outbox, "asa-1", "asa-2")
    line = Line(asa=[Permanent("550 no such user")])
    report = run(outbox, line)
    assert (report.sent, report.failed) == (1, 1)
    found = outbox.message("asa-1")
    assert found
    assert (found.state, found.last_error) == (MessageState.FAILED, "550 no such user")
    assert run(outbox, line, NOW + timedelta(days=1)) == DeliveryReport()


def test_what_the_other_side_asks_for_is_granted(outbox: Outbox) -> None:
    put(outbox, "asa-1", "asa-2")
    run(outbox, Line(asa=[Temporary("slow down", retry_after=600)]))
    assert (due(outbox, "asa-1"), due(outbox, "asa-2")) == (timedelta(minutes=10), timedelta(minutes=10))


def test_pauses_double_up_to_six_hours() -> None:
    assert [wait(n) // timedelta(minutes=1) for n in (0, 1, 2, 3, 9, 10, 100)] == [1, 1, 2, 4, 256, 360, 360]


def test_after_three_days_it_is_over(outbox: Outbox) -> None:
    put(outbox, "asa-1")
    line = Line(asa=[Temporary("451 later") for _ in range(99)])
    now, last = NOW, DeliveryReport()
    while not last.failed:
        last = run(outbox, line, now)
        found = outbox.message("asa-1")
        assert found
        now = max(found.message.not_before, now)
    assert timedelta(hours=60) < now - NOW <= timedelta(hours=72)
    assert last.details[0].note == f"451 later Given up after {len(line.tried)} attempts."
    assert outbox.resend("asa-1", now)
    assert run(outbox, line, now).retried == 1


def test_what_has_arrived_is_not_sent_again(outbox: Outbox) -> None:
    put(outbox, "asa-1")
    line = Line(parts=4, asa=[None, None, Temporary("429"), Unreachable("down"), None, None])
    for minutes in (0, 10, 20):
        run(outbox, line, NOW + timedelta(minutes=minutes))
    assert line.tried == [f"asa-1/{n}" for n in (1, 2, 3, 3, 3, 4)]
    assert line.sent == [f"asa-1/{n}" for n in (1, 2, 3, 4)]
    found = outbox.message("asa-1")
    assert found
    assert found.posts == {n: f"remote-asa-1/{n}" for n in (1, 2, 3, 4)}
    assert outbox.threads("line", "asa", ["call-3"]) == {"call-3": "remote-asa-1/3"}
    assert line.sought == []


@pytest.mark.parametrize("fault", [Unsure("no answer"), Unreachable("reset", unsure=True)])
def test_after_a_lost_answer_the_other_side_is_asked_first(outbox: Outbox, fault: Exception) -> None:
    put(outbox, "asa-1")
    line = Line(parts=3, asa=[None, fault])
    run(outbox, line)
    line.there["asa-1/2"] = "remote-found"
    assert run(outbox, line, NOW + timedelta(minutes=5)).sent == 1
    assert line.sought == ["asa-1/2"]
    assert line.tried == ["asa-1/1", "asa-1/2", "asa-1/3"]
    found = outbox.message("asa-1")
    assert found
    assert found.remote_id == "remote-asa-1/1,remote-found,remote-asa-1/3"


def test_what_was_not_found_is_sent_again(outbox: Outbox) -> None:
    put(outbox, "asa-1")
    line = Line(asa=[Unsure("no answer")])
    run(outbox, line)
    assert run(outbox, line, NOW + timedelta(minutes=5)).sent == 1
    assert (line.sought, line.tried) == (["asa-1"], ["asa-1", "asa-1"])


def test_a_lease_that_ran_out_makes_unsure(outbox: Outbox) -> None:
    put(outbox, "asa-1")
    outbox.claim(NOW, 9, timedelta(minutes=1))
    line = Line()
    assert run(outbox, line, NOW + timedelta(minutes=2)).sent == 1
    assert line.sought == ["asa-1"]


def test_what_fails_for_good_is_said_on_the_fallback_channel_in_the_same_round(outbox: Outbox) -> None:
    put(outbox, "asa-1")
    line, other = Line(asa=[Permanent("is_archived")]), Line()
    report = deliver(outbox, {"line": line, "other": other}, Reader("other"), NOW, clock=Clock())
    assert (report.failed, report.sent, other.sent) == (1, 1, ["asa-1-b"])
    assert report.details[0].note == "is_archived Sent by other instead."


def test_nothing_is_sent_to_a_dead_address(outbox: Outbox) -> None:
    put(outbox, "asa-1", "bo-1")
    line = Line()
    report = deliver(outbox, {"line": line}, Reader(refused="asa"), NOW, clock=Clock())
    assert (report.failed, line.tried) == (1, ["bo-1"])


def test_a_slow_target_does_not_keep_others_waiting(outbox: Outbox) -> None:
    put(outbox, "slow-1", *[f"quick{n}-1" for n in range(20)])
    others = threading.Event()

    class Slow(Line):
        def send(self, post: Post, message: Message, envelope: Envelope) -> str:
            if envelope.target == "slow":
                assert others.wait(20)
            name = super().send(post, message, envelope)
            if len(self.sent) == 20:
                others.set()
            return name

    line = Slow()
    assert run(outbox, line).sent == 21
    assert line.sent[-1] == "slow-1"


@pytest.mark.parametrize("fault", [ConfigError("no token"), ZeroDivisionError("oops")])
def test_a_fault_of_ours_is_contained(outbox: Outbox, fault: Exception) -> None:
    put(outbox, "asa-1", "bo-1")
    report = run(outbox, Line(asa=[fault]))
    assert (report.sent, report.retried) == (1, 1)
    assert "oops" not in report.details[0].note


def test_a_payload_that_cannot_be_read(outbox: Outbox) -> None:
    put(outbox, "asa-1", payload=b'{"kind": 7}')
    put(outbox, "asa-2")
    report = run(outbox, Line())
    assert (report.failed, report.sent) == (1, 1)


def test_nothing_is_begun_when_the_lease_is_nearly_over(outbox: Outbox) -> None:
    put(outbox, "asa-1", "bo-1")
    clock = Clock()

    class Slow(OneLane):
        def send(self, post: Post, message: Message, envelope: Envelope) -> str:
            clock.now += timedelta(minutes=9)
            return super().send(post, message, envelope)

    line = Slow()
    assert deliver(outbox, {"line": line}, Reader(), NOW, clock=clock).sent == 1
    assert line.sent == ["asa-1"]
    assert run(outbox, line, NOW + timedelta(minutes=11)).sent == 1


def test_a_lease_that_passed_to_another_counts_nowhere(outbox: Outbox) -> None:
    put(outbox, "asa-1", "bo-1", "cy-1")

    class Thief(OneLane):
        def send(self, post: Post, message: Message, envelope: Envelope) -> str:
            outbox.claim(NOW + timedelta(hours=1), 50, timedelta(hours=1))
            return super().send(post, message, envelope)

    line = Thief(bo=[Permanent("no")], cy=[Temporary("later")])
    assert run(outbox, line) == DeliveryReport()


def test_the_report_is_json() -> None:
    assert msgspec.json.encode(DeliveryReport(sent=1)) == b'{"sent":1,"retried":0,"failed":0,"details":[]}'

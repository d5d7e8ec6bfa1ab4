"""Claim, send, record, on the real outbox: nobody waits for another's failure, nothing is lost or sent twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from alerts.channels import Partly, Unreachable
from alerts.deliver import ATTEMPTS, DeliveryReport, deliver, wait
from alerts.message import Message, encode
from pipeline.errors import ConfigError, Permanent, Temporary
from pipeline.outbox import MessageState, NewMessage, SubscriptionState
from pipeline.store import Outbox, Store
from tests.alerts.samples import NOW, message


class Line:
    """A channel that fails as told: `faults` by target, used up one by one."""

    name = "line"

    def __init__(self, **faults: list[Exception]) -> None:
        self.faults = faults
        self.sent: list[str] = []
        self.tried: list[str] = []
        self.done: list[str] = []
        self.closed = 0

    def send(self, message: Message, *, message_id: str, target: str, done: str = "") -> str:
        self.tried.append(message_id)
        self.done.append(done)
        if self.faults.get(target):
            raise self.faults[target].pop(0)
        self.sent.append(message_id)
        return f"remote-{message_id}"

    def close(self) -> None:
        self.closed += 1


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
    return deliver(outbox, {"line": line}, now, clock=clock)


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
    assert line.tried == ["asa-1", "bo-1"]
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
    line, other = Line(asa=[Unreachable("no server")]), Line()
    report = deliver(outbox, {"line": line, "other": other}, NOW, clock=Clock())
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


def test_after_twelve_attempts_it_is_over(outbox: Outbox) -> None:
    put(outbox, "asa-1")
    line = Line(asa=[Temporary("451 later") for _ in range(20)])
    now, reports = NOW, []
    for _ in range(ATTEMPTS):
        reports.append(run(outbox, line, now))
        now += timedelta(hours=6)
    assert [r.retried for r in reports] == [1] * 11 + [0]
    assert reports[-1].details[0].note == "451 later Given up after 12 attempts."
    assert len(line.tried) == ATTEMPTS


def test_after_three_days_it_is_over(outbox: Outbox) -> None:
    put(outbox, "asa-1")
    report = run(outbox, Line(asa=[Temporary("later", retry_after=73 * 3600)]))
    assert (report.failed, report.retried) == (1, 0)


def test_posts_that_arrived_are_remembered(outbox: Outbox) -> None:
    put(outbox, "asa-1")
    line = Line(
        asa=[Partly("429", remote_id="17.1,17.2"), Unreachable("down"), Partly("429", remote_id="17.1,17.2,17.3")]
    )
    for minutes in (0, 10, 20, 40):
        run(outbox, line, NOW + timedelta(minutes=minutes))
    assert line.done == ["", "17.1,17.2", "17.1,17.2", "17.1,17.2,17.3"]
    assert line.sent == ["asa-1"]


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

    class Slow(Line):
        def send(self, message: Message, *, message_id: str, target: str, done: str = "") -> str:
            clock.now += timedelta(minutes=9)
            return super().send(message, message_id=message_id, target=target, done=done)

    line = Slow()
    assert deliver(outbox, {"line": line}, NOW, clock=clock).sent == 1
    assert line.sent == ["asa-1"]
    assert run(outbox, line, NOW + timedelta(minutes=11)).sent == 1


def test_a_lease_that_passed_to_another_counts_nowhere(outbox: Outbox) -> None:
    put(outbox, "asa-1", "bo-1", "cy-1")

    class Thief(Line):
        def send(self, message: Message, *, message_id: str, target: str, done: str = "") -> str:
            outbox.claim(NOW + timedelta(hours=1), 50, timedelta(hours=1))
            return super().send(message, message_id=message_id, target=target, done=done)

    line = Thief(bo=[Permanent("no")], cy=[Temporary("later")])
    assert run(outbox, line) == DeliveryReport()


def test_the_report_is_json() -> None:
    assert msgspec.json.encode(DeliveryReport(sent=1)) == b'{"sent":1,"retried":0,"failed":0,"details":[]}'

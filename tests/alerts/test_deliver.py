"""Claim, send, record, on the real outbox: nobody waits for another's failure, nothing is lost or sent twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from alerts.channels import Envelope, Post, Unreachable
from alerts.deliver import deliver, wait
from alerts.delivery import DeliveryReport
from alerts.message import Message
from pipeline.errors import ConfigError, Permanent, Temporary
from pipeline.outbox import MessageState
from pipeline.store import Outbox, Store
from pipeline.store.outbox_rows import Outcome
from tests.alerts.line import Clock, Line, OneLane, Reader, due, put, run
from tests.alerts.samples import NOW


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Store.open(f"sqlite:///{tmp_path / 'calls.db'}") as store:
        yield Outbox(store)


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
    assert deliver(outbox, {"line": line}, Reader(), NOW, clock=clock).sent == 2
    attempts = [(d.started_at - NOW, d.outcome) for d in outbox.deliveries("bo-1")]
    assert attempts[0] == (timedelta(0), Outcome.RETRY)  # given back untouched, and claimed anew
    assert attempts[-1] == (timedelta(minutes=9), Outcome.SENT)


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


def test_who_is_asked_to_stop_hands_back_what_it_has_not_begun(outbox: Outbox) -> None:
    put(outbox, *[f"asa-{n:03}" for n in range(60)])
    line = OneLane()
    report = deliver(outbox, {"line": line}, Reader(), NOW, clock=Clock(), stopping=lambda: len(line.sent) >= 3)
    assert 3 <= report.sent < 60
    assert (line.closed, len(line.sent)) == (1, report.sent)
    states = [entry.state for entry in outbox.messages()]
    assert states.count(MessageState.PENDING) == 60 - report.sent, "nothing is left leased"
    assert run(outbox, line).sent == 60 - report.sent
    assert len(set(line.sent)) == 60

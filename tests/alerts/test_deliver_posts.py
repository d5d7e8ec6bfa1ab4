"""Posts of a message: what has arrived is not said again, and after a lost answer the other side is asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.channels import Envelope, Post, Unreachable, Unsure
from alerts.deliver import deliver
from alerts.message import Message
from pipeline.errors import Permanent, Temporary
from pipeline.store import Outbox, Store
from tests.alerts.line import Clock, Line, Reader, put, run
from tests.alerts.samples import NOW


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Store.open(f"sqlite:///{tmp_path / 'calls.db'}") as store:
        yield Outbox(store)


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

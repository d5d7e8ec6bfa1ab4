"""A lease begins with the claim and lasts as long as the posts take; what is not known stays unknown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from alerts.channels import Envelope, Post, Unsure
from alerts.deliver import LEASE, deliver
from alerts.delivery import DeliveryReport
from alerts.message import Message
from pipeline.errors import Busy, Permanent, Temporary
from pipeline.outbox import MessageState
from pipeline.store import Outbox, Store
from tests.alerts.line import Clock, Line, OneLane, Reader, put
from tests.alerts.samples import NOW
from tests.store.conftest import postgres, postgres_template, sqlite_template, store, url

__all__ = ["postgres", "postgres_template", "sqlite_template", "store", "url"]


@pytest.fixture
def outbox(store: Store) -> Outbox:
    return Outbox(store)


class Slow(Line):
    """Each post takes a while on the clock; then something may happen."""

    def __init__(self, clock: Clock, minutes: float, then: Callable[[], object], parts: int = 1) -> None:
        super().__init__(parts)
        self.clock, self.step, self.then = clock, timedelta(minutes=minutes), then

    def send(self, post: Post, message: Message, envelope: Envelope) -> str:
        self.clock.now += self.step
        remote_id = super().send(post, message, envelope)
        self.then()
        return remote_id


class SlowMail(OneLane, Slow):
    """The same in one lane."""


def round_of(outbox: Outbox, line: Line, clock: Callable[[], datetime]) -> DeliveryReport:
    return deliver(outbox, {"line": line}, Reader(), clock(), clock=clock)


def stolen(outbox: Outbox, clock: Clock) -> list[str]:
    """What another deliverer gets hold of at this moment."""
    return [each.message.id for each in outbox.claim(clock.now, 50, LEASE)]


def test_what_is_claimed_late_in_a_long_round_has_its_whole_lease(outbox: Outbox) -> None:
    put(outbox, *(f"a{n}-1" for n in range(120)))
    clock, taken = Clock(), list[str]()
    line = SlowMail(clock, 0.1, lambda: taken.extend(stolen(outbox, clock) if len(line.sent) > 119 else []))
    assert round_of(outbox, line, clock).sent == 120
    assert clock.now - NOW == timedelta(minutes=12)
    assert taken == []


def test_a_message_of_many_posts_keeps_its_lease(outbox: Outbox) -> None:
    put(outbox, "asa-1")
    clock, taken = Clock(), list[str]()
    line = Slow(clock, 3, lambda: taken.extend(stolen(outbox, clock)), parts=8)
    assert round_of(outbox, line, clock).sent == 1
    assert clock.now - NOW > 2 * LEASE
    assert (taken, len(line.sent)) == ([], 8)


def test_who_has_lost_a_message_posts_no_more_of_it(outbox: Outbox) -> None:
    put(outbox, "asa-1")
    clock = Clock()
    line = Slow(clock, 11, lambda: stolen(outbox, clock), parts=3)
    assert round_of(outbox, line, clock) == DeliveryReport()
    assert line.sent == ["asa-1/1"]
    found = outbox.message("asa-1")
    assert found
    assert (found.state, found.posts) == (MessageState.LEASED, {1: "remote-asa-1/1"})


class BusyOutbox(Outbox):
    """A database that another program keeps locked whenever something has to be recorded, so many times."""

    def __init__(self, store: Store, times: int) -> None:
        super().__init__(store)
        self.times = times

    def posted(self, *given: object, **named: object) -> bool:
        self._locked()
        return super().posted(*given, **named)  # type: ignore[arg-type]

    def sent(self, *given: object, **named: object) -> bool:
        self._locked()
        return super().sent(*given, **named)  # type: ignore[arg-type]

    def _locked(self) -> None:
        self.times -= 1
        if self.times >= 0:
            raise Busy("locked")


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerts.attempt.PAUSES", (0.0, 0.0))


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize("parts", [1, 2])
def test_a_busy_database_makes_nobody_forget(store: Store, parts: int) -> None:
    outbox, line, clock = BusyOutbox(store, 2), Line(parts), Clock()
    put(outbox, "asa-1")
    assert round_of(outbox, line, clock).sent == 1
    assert len(line.sent) == parts


@pytest.mark.usefixtures("no_pauses")
def test_what_cannot_be_recorded_is_asked_for(store: Store) -> None:
    """The post has arrived, the database is gone for good: the next attempt must not say it again."""
    line, clock = Line(parts=2), Clock()
    put(Outbox(store), "asa-1")
    round_of(BusyOutbox(store, 3), line, clock)
    clock.now += LEASE + timedelta(minutes=1)
    line.there["asa-1/1"] = "remote-found"
    assert round_of(Outbox(store), line, clock).sent == 1
    assert line.sent == ["asa-1/1", "asa-1/2"]


@pytest.mark.parametrize("meanwhile", [Temporary("429"), ZeroDivisionError("ours"), None])
def test_doubt_outlives_an_attempt_that_could_not_even_ask(outbox: Outbox, meanwhile: Exception | None) -> None:
    put(outbox, "asa-1")
    clock = Clock()

    class Deaf(Line):
        def find(self, post: Post, message: Message, envelope: Envelope) -> str:
            if meanwhile:
                raise meanwhile
            return super().find(post, message, envelope)

    round_of(outbox, Line(asa=[Unsure("no answer")]), clock)
    clock.now += timedelta(hours=1)
    if meanwhile is None:  # the channel is not set up on this machine
        deliver(outbox, {}, Reader(), clock.now, clock=clock)
    else:
        round_of(outbox, Deaf(), clock)
    clock.now += timedelta(hours=1)
    line = Line()
    line.there["asa-1"] = "remote-found"
    assert round_of(outbox, line, clock).sent == 1
    assert line.tried == []


def test_a_clear_no_ends_the_doubt(outbox: Outbox) -> None:
    put(outbox, "asa-1")
    clock, line = Clock(), Line(asa=[Unsure("no answer"), Temporary("429")])
    for _ in range(3):
        round_of(outbox, line, clock)
        clock.now += timedelta(hours=1)
    assert (line.sought, line.sent) == (["asa-1"], ["asa-1"])


def test_said_once_more_by_an_operator_is_said(outbox: Outbox) -> None:
    put(outbox, "asa-1")
    clock, line = Clock(), Line(asa=[Unsure("no answer")])
    for _ in range(2):
        round_of(outbox, line, clock)
        clock.now += timedelta(hours=1)
    assert outbox.resend("asa-1", clock.now, whole=True)
    line.there["asa-1"] = "the earlier one"
    assert round_of(outbox, line, clock).sent == 1
    assert line.sent == ["asa-1", "asa-1"]


def test_a_failed_one_is_asked_for_when_it_is_resent(outbox: Outbox) -> None:
    """It was given up without our knowing whether it had arrived."""
    put(outbox, "asa-1")
    clock, line = Clock(), Line(asa=[Unsure("no answer")])
    round_of(outbox, line, clock)
    (lost,) = outbox.claim(clock.now + timedelta(hours=1), 1, LEASE)
    assert outbox.failed(lost, "given up", clock.now)
    assert outbox.resend("asa-1", clock.now)
    line.there["asa-1"] = "the earlier one"
    assert round_of(outbox, line, clock).sent == 1
    assert line.sent == []


def test_a_dead_address_costs_the_others_nothing(outbox: Outbox) -> None:
    put(outbox, *(f"a{n}-1" for n in range(100)))
    line = OneLane(a7=[Permanent("550")])
    report = round_of(outbox, line, Clock())
    assert (report.sent, report.failed, report.retried) == (99, 1, 0)

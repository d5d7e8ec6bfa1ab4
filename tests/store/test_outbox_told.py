"""What counts as told: failed digests, fallbacks, reminders, and an operator's word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.errors import Busy
from pipeline.outbox import MessageState, NewMessage, Reminded, SubscriptionState
from pipeline.store import Outbox, Store, events
from tests.builders import NOW, at
from tests.store.samples import message, planned, with_events

KEY = "anna-forest"


def state(outbox: Outbox) -> SubscriptionState | None:
    return outbox.memory([KEY], ()).states.get(KEY)


def told(outbox: Outbox, store: Store, key: str = KEY) -> set[int]:
    with store.read() as conn:
        numbers = [number for number, _ in events.since(conn)]
    return outbox.memory([key], numbers).told.get(key, set())


LEASE = timedelta(minutes=1)


def fail(outbox: Outbox, name: str, instead: NewMessage | None = None) -> None:
    claimed = {each.message.id: each for each in outbox.claim(NOW, 99, LEASE)}
    assert outbox.failed(claimed[name], "550 no", NOW, instead)


def test_a_digest_that_failed_was_not_told(store: Store, outbox: Outbox) -> None:
    a, b = with_events(store, 2)
    reminded = Reminded("call", at(9), 7)
    outbox.commit_plan(KEY, [message("d1", a, kind="digest", reminders=(reminded,))], planned())
    assert outbox.memory([KEY], [a, b]).reminded == {KEY: {reminded}}
    fail(outbox, "d1")
    memory = outbox.memory([KEY], [a, b])
    assert (memory.told, memory.reminded, memory.unsaid_since) == ({}, {}, {KEY: at(-1)})
    again = message("d2", a, b, kind="digest", reminders=(reminded,), created_at=at(7))
    assert outbox.commit_plan(KEY, [again], planned(at(7))) == 1
    memory = outbox.memory([KEY], [a, b])
    assert (memory.told, memory.reminded, memory.unsaid_since) == ({KEY: {a, b}}, {KEY: {reminded}}, {})
    assert outbox.told_elsewhere("d1", [a], KEY) == "d2"


def test_a_digest_that_found_another_way_was_told(store: Store, outbox: Outbox) -> None:
    (a,) = with_events(store, 1)
    outbox.commit_plan(KEY, [message("d1", a, kind="digest")], planned())
    fail(outbox, "d1", message("d1-mail", kind="digest", channel="email", instead_of="d1"))
    memory = outbox.memory([KEY], [a])
    assert (memory.told, memory.unsaid_since) == ({KEY: {a}}, {})


def test_what_a_failed_digest_said_is_told_by_the_first_that_says_it_again(store: Store, outbox: Outbox) -> None:
    a, b = with_events(store, 2)
    outbox.commit_plan(KEY, [message("d1", a, kind="digest")], planned())
    fail(outbox, "d1")
    assert outbox.commit_plan(KEY, [message("slack", a, b, a), message("mail", b, a)], planned(at(1))) == 2
    assert [outbox.told_elsewhere("", [event], KEY) for event in (a, b)] == ["slack", "slack"]


def test_two_planners_do_not_remind_twice(outbox: Outbox) -> None:
    reminded = Reminded("call", at(9), 7)
    outbox.commit_plan(KEY, [message("r1", reminders=(reminded,))], planned())
    assert outbox.commit_plan(KEY, [message("r1", reminders=(reminded,))], planned()) == 0
    with pytest.raises(Busy, match="reminders"):
        outbox.commit_plan(KEY, [message("r2", reminders=(reminded, Reminded("other", at(9), 7)))], planned())


def test_an_operator_resends_holds_and_drops(outbox: Outbox) -> None:
    held = [message(name, held=True, target=name) for name in ("h1", "h2")]
    outbox.commit_plan(KEY, [message("m1"), *held], planned())
    fail(outbox, "m1")
    assert outbox.claim(NOW, 9, LEASE) == []
    assert outbox.resend("m1", at(1))
    assert not outbox.resend("m1", at(1))
    assert (outbox.release(["h1", "m1"], at(1)), outbox.discard(["h2"], "a mistake of the portal")) == (1, 1)
    claimed = outbox.claim(at(1), 9, LEASE)
    assert {(each.message.id, each.attempts) for each in claimed} == {("m1", 2), ("h1", 1)}
    assert {each.due_at for each in claimed} == {at(1)}
    assert outbox.messages(state=MessageState.DISCARDED)[0].last_error == "a mistake of the portal"


def test_old_bodies_are_forgotten_and_their_messages_remembered(store: Store, outbox: Outbox) -> None:
    (a,) = with_events(store, 1)
    outbox.commit_plan(KEY, [message("m1", a), message("waiting", target="#w")], planned())
    fail(outbox, "m1")
    assert outbox.forget_bodies(at(-1)) == 0
    assert outbox.forget_bodies(at(1)) == 1
    assert [m.message.id for m in outbox.messages() if m.message.payload] == ["waiting"]
    assert told(outbox, store) == {a}
    assert not outbox.resend("m1", at(1))

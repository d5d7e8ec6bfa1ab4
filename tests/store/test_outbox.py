"""Told once: planned in one transaction, claimed by one, recorded by whoever still holds the lease."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.errors import Busy, StoreError
from pipeline.outbox import MessageState, OutboxMessage, SubscriptionState
from pipeline.store import Outbox, Store, events
from pipeline.store.outbox_rows import Delivery, Outcome
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


def test_a_plan_comes_back_as_it_was(store: Store, outbox: Outbox) -> None:
    a, b = with_events(store, 2)
    first, second = message("m1", a, b, period="2026-W48"), message("m2")
    assert outbox.memory([KEY], ()).states == {}
    assert outbox.commit_plan(KEY, [first, second], planned(period="2026-W48")) == 2
    assert state(outbox) == SubscriptionState(at(-1), NOW, "2026-W48")
    assert told(outbox, store) == {a, b}
    assert told(outbox, store, "other") == set()
    assert outbox.messages() == [
        OutboxMessage(message=first, state=MessageState.PENDING, due_at=NOW),
        OutboxMessage(message=second, state=MessageState.PENDING, due_at=NOW),
    ]
    assert outbox.message("m1") == outbox.messages()[0]
    assert outbox.message("unknown") is None
    assert outbox.counts() == {state.value: 0 for state in MessageState} | {"pending": 2}


def test_the_same_plan_again_says_nothing(store: Store, outbox: Outbox) -> None:
    (a,) = with_events(store, 1)
    assert outbox.commit_plan(KEY, [message("m1", a)], planned()) == 1
    assert outbox.commit_plan(KEY, [message("m1", a)], planned()) == 0
    assert outbox.commit_plan(KEY, [message("other id", a)], planned(at(1))) == 0
    assert outbox.commit_plan("other", [message("m2", a, subscription="other")], planned()) == 1
    assert outbox.counts()["pending"] == 2


def test_one_plan_may_tell_an_event_in_several_messages(store: Store, outbox: Outbox) -> None:
    a, b = with_events(store, 2)
    assert outbox.commit_plan(KEY, [message("slack", a, b), message("mail", a)], planned()) == 2
    assert told(outbox, store) == {a, b}


def test_a_plan_made_from_an_older_state_is_refused_whole(store: Store, outbox: Outbox) -> None:
    a, b, c = with_events(store, 3)
    outbox.commit_plan(KEY, [message("m1", a)], planned())
    with pytest.raises(Busy, match="planned by another run"):
        outbox.commit_plan(KEY, [message("m2", c), message("m3", a, b)], planned(at(1)))
    assert told(outbox, store) == {a}
    assert state(outbox) == planned()
    assert [each.message.id for each in outbox.messages()] == ["m1"]


def test_an_id_that_comes_back_with_other_events_is_not_swallowed(store: Store, outbox: Outbox) -> None:
    a, b = with_events(store, 2)
    outbox.commit_plan(KEY, [message("m1", a)], planned())
    with pytest.raises(StoreError, match="m1 is in the outbox already"):
        outbox.commit_plan(KEY, [message("m1", b)], planned(at(1)))
    assert told(outbox, store) == {a}


def test_the_state_of_a_subscription_never_moves_back(outbox: Outbox) -> None:
    outbox.commit_plan(KEY, [], SubscriptionState(at(0), at(5), "2026-W48"))
    outbox.commit_plan(KEY, [], SubscriptionState(at(1), at(4), "2026-W47"))
    assert state(outbox) == SubscriptionState(at(0), at(5), "2026-W48")
    outbox.commit_plan(KEY, [], SubscriptionState(at(1), at(6), "2026-11-30"))
    assert state(outbox) == SubscriptionState(at(0), at(6), "2026-11-30")


def test_claims_follow_the_due_time(outbox: Outbox) -> None:
    messages = [
        message("b", target="#b", not_before=at(-1)),
        message("a", target="#a", not_before=at(-2)),
        message("late", target="#late", not_before=at(1)),
        message("c", target="#c", not_before=at(-1)),
    ]
    outbox.commit_plan(KEY, messages, planned())
    assert [each.message.id for each in outbox.claim(NOW, 2, LEASE)] == ["a", "b"]
    assert [each.message.id for each in outbox.claim(NOW, 9, LEASE)] == ["c"]
    assert outbox.claim(NOW, 9, LEASE) == []
    assert [each.message.id for each in outbox.claim(at(1), 9, LEASE)] == ["a", "b", "c", "late"]


def test_what_was_lost_and_what_waits_come_in_one_order(outbox: Outbox) -> None:
    named = [message(name, target=name, not_before=at(day)) for name, day in (("a", -4), ("b", -3), ("c", -2))]
    outbox.commit_plan(KEY, named, planned())
    (first, second) = outbox.claim(NOW, 2, LEASE)
    assert outbox.retry(first, "451 later", NOW, NOW)
    assert second.message.id == "b"
    after = NOW + LEASE + timedelta(seconds=1)
    assert [each.message.id for each in outbox.claim(after, 2, LEASE)] == ["a", "b"]
    assert [each.message.id for each in outbox.claim(after, 2, LEASE)] == ["c"]


def test_a_mail_that_left_after_its_lease_had_passed_on_is_on_record_as_arrived(outbox: Outbox) -> None:
    outbox.commit_plan(KEY, [message("m1"), message("m2", target="#other")], planned())
    dead, other = outbox.claim(NOW, 9, LEASE)
    (heir, _) = outbox.claim(NOW + LEASE + timedelta(seconds=1), 9, LEASE)
    assert not outbox.sent(dead, "late", at(1), (1, "late", ("call",)))
    stored = outbox.message("m1")
    assert stored is not None
    assert (stored.state, stored.token, stored.posts) == (MessageState.LEASED, heir.token, {1: "late"})
    assert [d.outcome for d in outbox.deliveries("m1")] == [Outcome.UNKNOWN, Outcome.STARTED]
    assert outbox.sent(heir, "again", at(1), (1, "again", ()))
    assert not outbox.sent(heir, "again", at(1), (1, "again", ()))
    assert outbox.message("m1").posts == {1: "late"}  # type: ignore[union-attr]
    assert outbox.message("m2").state is MessageState.LEASED  # type: ignore[union-attr]
    assert outbox.threads(other.message.channel, dead.message.target, ["call"]) == {"call": "late"}


def test_a_call_named_twice_in_a_post_opens_one_thread(outbox: Outbox) -> None:
    outbox.commit_plan(KEY, [message("m1")], planned())
    (claimed,) = outbox.claim(NOW, 1, LEASE)
    assert outbox.sent(claimed, "id", NOW, (1, "id", ("call", "other", "call")))
    there = claimed.message.channel, claimed.message.target
    assert outbox.threads(*there, ["call", "other"]) == {"call": "id", "other": "id"}


def test_a_message_that_leaves(outbox: Outbox) -> None:
    outbox.commit_plan(KEY, [message("m1")], planned())
    (claimed,) = outbox.claim(NOW, 9, LEASE)
    assert (claimed.state, claimed.attempts, claimed.message) == (MessageState.LEASED, 1, message("m1"))
    assert outbox.deliveries("m1") == [Delivery(1, NOW, None, Outcome.STARTED, "")]
    assert outbox.sent(claimed, "1700.42", at(seconds=2), (1, "1700.42", ("call",)))
    assert outbox.message("m1") == OutboxMessage(
        message=message("m1"),
        state=MessageState.SENT,
        attempts=1,
        sent_at=at(seconds=2),
        remote_id="1700.42",
        due_at=NOW,
        posts={1: "1700.42"},
    )
    assert outbox.deliveries("m1") == [Delivery(1, NOW, at(seconds=2), Outcome.SENT, "1700.42")]
    assert not outbox.sent(claimed, "again", at(1))
    assert outbox.claim(at(9), 9, LEASE) == []


def test_a_message_that_is_tried_again_and_fails(outbox: Outbox) -> None:
    outbox.commit_plan(KEY, [message("m1")], planned())
    (first,) = outbox.claim(NOW, 9, LEASE)
    assert outbox.retry(first, "451 later", at(1), at(seconds=1))
    assert outbox.claim(at(0.9), 9, LEASE) == []
    (second,) = outbox.claim(at(1), 9, LEASE)
    assert (second.attempts, second.last_error, second.token != first.token) == (2, "451 later", True)
    assert not outbox.failed(first, "stale", at(1))
    assert outbox.failed(second, "550 unknown", at(1))
    assert outbox.counts()["failed"] == 1
    assert outbox.message("m1").last_error == "550 unknown"  # type: ignore[union-attr]
    assert [(d.attempt, d.outcome, d.detail) for d in outbox.deliveries("m1")] == [
        (1, Outcome.RETRY, "451 later"),
        (2, Outcome.FAILED, "550 unknown"),
    ]


def test_a_lease_that_ran_out_passes_on_with_a_new_token(outbox: Outbox) -> None:
    outbox.commit_plan(KEY, [message("m1")], planned())
    (dead,) = outbox.claim(NOW, 9, LEASE)
    assert outbox.claim(NOW + LEASE, 9, LEASE) == []
    (heir,) = outbox.claim(NOW + LEASE + timedelta(microseconds=1), 9, LEASE)
    assert (dead.unsure, heir.unsure) == (False, True)
    for record in (outbox.sent, outbox.failed):
        assert not record(dead, "late", at(1))
    assert not outbox.retry(dead, "late", at(1), at(1))
    assert outbox.sent(heir, "id", at(1))
    assert [(d.attempt, d.outcome) for d in outbox.deliveries("m1")] == [(1, Outcome.UNKNOWN), (2, Outcome.SENT)]


def test_messages_are_listed_by_state_and_contact(outbox: Outbox) -> None:
    outbox.commit_plan(KEY, [message(str(n), contact="anna" if n % 2 else "bo") for n in range(5)], planned())
    (claimed,) = outbox.claim(NOW, 1, LEASE)
    assert outbox.messages(state=MessageState.LEASED) == [claimed]
    assert [each.message.id for each in outbox.messages(contact="anna")] == ["1", "3"]
    assert [each.message.id for each in outbox.messages(state="pending", limit=2)] == ["3", "4"]


def test_posts_are_kept_and_open_threads(outbox: Outbox) -> None:
    outbox.commit_plan(KEY, [message("m1"), message("m2")], planned())
    first, second = outbox.claim(NOW, 9, LEASE)
    outbox.posted(first, 1, "C1/1", ("a", "b"), NOW)
    outbox.posted(first, 1, "C1/again", ("a",), NOW)
    assert outbox.retry(first, "down", NOW, NOW, unsure=True)
    assert outbox.sent(second, "C1/3", NOW, (1, "C1/3", ("b", "c")))
    assert outbox.threads("slack", "#forest", ["a", "b", "c", "d"]) == {"a": "C1/1", "b": "C1/1", "c": "C1/3"}
    assert outbox.threads("slack", "#forest", ["a", "c"], besides="m1") == {"c": "C1/3"}
    assert outbox.threads("slack", "#other", ["a"]) == {}
    assert outbox.last_post("slack", "#forest") == "C1/3"
    found = outbox.posted_as("C1/1")
    assert found
    assert (found.message.id, found.posts, found.unsure) == ("m1", {1: "C1/1"}, True)


def test_messages_to_one_target_keep_their_order(outbox: Outbox) -> None:
    outbox.commit_plan(KEY, [message("m1"), message("m2"), message("other", target="#o")], planned())
    (first,) = outbox.claim(NOW, 1, LEASE)
    (other,) = outbox.claim(NOW, 9, LEASE)  # m1 is under way
    assert other.message.id == "other"
    assert outbox.sent(other, "id", NOW)
    assert outbox.retry(first, "429", at(hours=1), NOW)
    assert outbox.claim(at(hours=0.5), 9, LEASE) == []  # m1 waits for its next attempt
    assert [each.message.id for each in outbox.claim(at(hours=1), 9, LEASE)] == ["m1", "m2"]


def test_a_message_that_keeps_failing_gives_up_its_place(outbox: Outbox) -> None:
    outbox.commit_plan(KEY, [message("m1"), message("m2")], planned())
    for attempt in range(4):
        (stubborn,) = outbox.claim(at(attempt), 1, LEASE)
        assert stubborn.message.id == "m1"
        assert outbox.retry(stubborn, "451", at(attempt + 1), at(attempt))
    assert [each.message.id for each in outbox.claim(at(3.5), 9, LEASE)] == ["m2"]


def test_what_cannot_be_sent_is_said_on_another_channel_in_one_transaction(outbox: Outbox) -> None:
    outbox.commit_plan(KEY, [message("m1")], planned())
    (claimed,) = outbox.claim(NOW, 9, LEASE)
    instead = message("m2", channel="email", target="a@b.example", instead_of="m1")
    assert outbox.failed(claimed, "is_archived", NOW, instead)
    assert not outbox.failed(claimed, "again", NOW, message("m3", instead_of="m1"))
    assert [(m.message.id, m.state.value, m.message.instead_of) for m in outbox.messages()] == [
        ("m1", "failed", ""),
        ("m2", "pending", "m1"),
    ]

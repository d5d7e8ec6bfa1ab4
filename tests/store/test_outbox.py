"""Told once: planned in one transaction, claimed by one, recorded by whoever still holds the lease."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipeline.errors import Busy, StoreError
from pipeline.outbox import MessageState, OutboxMessage, SubscriptionState
from pipeline.store import Outbox, Store
from pipeline.store.outbox_rows import Delivery, Outcome
from tests.builders import NOW, at
from tests.store.samples import message, planned, with_events

KEY = "anna-forest"
LEASE = timedelta(minutes=1)


def test_a_plan_comes_back_as_it_was(store: Store, outbox: Outbox) -> None:
    a, b = with_events(store, 2)
    first, second = message("m1", a, b, period="2026-W48"), message("m2")
    assert outbox.state(KEY) is None
    assert outbox.commit_plan(KEY, [first, second], planned(period="2026-W48")) == 2
    assert outbox.state(KEY) == SubscriptionState(at(-1), NOW, "2026-W48")
    assert outbox.told(KEY) == {a, b}
    assert outbox.told("other") == set()
    assert outbox.messages() == [
        OutboxMessage(message=first, state=MessageState.PENDING),
        OutboxMessage(message=second, state=MessageState.PENDING),
    ]
    assert outbox.message("m1") == outbox.messages()[0]
    assert outbox.message("unknown") is None
    assert outbox.counts() == {"pending": 2, "leased": 0, "sent": 0, "failed": 0}


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
    assert outbox.told(KEY) == {a, b}


def test_a_plan_made_from_an_older_state_is_refused_whole(store: Store, outbox: Outbox) -> None:
    a, b, c = with_events(store, 3)
    outbox.commit_plan(KEY, [message("m1", a)], planned())
    with pytest.raises(Busy, match="planned by another run"):
        outbox.commit_plan(KEY, [message("m2", c), message("m3", a, b)], planned(at(1)))
    assert outbox.told(KEY) == {a}
    assert outbox.state(KEY) == planned()
    assert [each.message.id for each in outbox.messages()] == ["m1"]


def test_an_id_that_comes_back_with_other_events_is_not_swallowed(store: Store, outbox: Outbox) -> None:
    a, b = with_events(store, 2)
    outbox.commit_plan(KEY, [message("m1", a)], planned())
    with pytest.raises(StoreError, match="m1 is in the outbox already"):
        outbox.commit_plan(KEY, [message("m1", b)], planned(at(1)))
    assert outbox.told(KEY) == {a}


def test_the_state_of_a_subscription_never_moves_back(outbox: Outbox) -> None:
    outbox.commit_plan(KEY, [], SubscriptionState(at(0), at(5), "2026-W48"))
    outbox.commit_plan(KEY, [], SubscriptionState(at(1), at(4), "2026-W47"))
    assert outbox.state(KEY) == SubscriptionState(at(0), at(5), "2026-W48")
    outbox.commit_plan(KEY, [], SubscriptionState(at(1), at(6), "2026-11-30"))
    assert outbox.state(KEY) == SubscriptionState(at(0), at(6), "2026-11-30")


def test_claims_follow_the_due_time(outbox: Outbox) -> None:
    late = message("late", not_before=at(1))
    messages = [
        message("b", not_before=at(-1)),
        message("a", not_before=at(-2)),
        late,
        message("c", not_before=at(-1)),
    ]
    outbox.commit_plan(KEY, messages, planned())
    assert [each.message.id for each in outbox.claim(NOW, 2, LEASE)] == ["a", "b"]
    assert [each.message.id for each in outbox.claim(NOW, 9, LEASE)] == ["c"]
    assert outbox.claim(NOW, 9, LEASE) == []
    assert [each.message.id for each in outbox.claim(at(1), 9, LEASE)] == ["a", "b", "c", "late"]


def test_a_message_that_leaves(outbox: Outbox) -> None:
    outbox.commit_plan(KEY, [message("m1")], planned())
    (claimed,) = outbox.claim(NOW, 9, LEASE)
    assert (claimed.state, claimed.attempts, claimed.message) == (MessageState.LEASED, 1, message("m1"))
    assert outbox.deliveries("m1") == [Delivery(1, NOW, None, Outcome.STARTED, "")]
    assert outbox.sent("m1", claimed.token, "1700.42", at(seconds=2))
    assert outbox.message("m1") == OutboxMessage(
        message=message("m1"), state=MessageState.SENT, attempts=1, sent_at=at(seconds=2), remote_id="1700.42"
    )
    assert outbox.deliveries("m1") == [Delivery(1, NOW, at(seconds=2), Outcome.SENT, "1700.42")]
    assert not outbox.sent("m1", claimed.token, "again", at(1))
    assert outbox.claim(at(9), 9, LEASE) == []


def test_a_message_that_is_tried_again_and_fails(outbox: Outbox) -> None:
    outbox.commit_plan(KEY, [message("m1")], planned())
    (first,) = outbox.claim(NOW, 9, LEASE)
    assert outbox.retry("m1", first.token, "451 later", at(1), at(seconds=1))
    assert outbox.claim(at(0.9), 9, LEASE) == []
    (second,) = outbox.claim(at(1), 9, LEASE)
    assert (second.attempts, second.last_error, second.token != first.token) == (2, "451 later", True)
    assert not outbox.failed("m1", first.token, "stale", at(1))
    assert outbox.failed("m1", second.token, "550 unknown", at(1))
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
    for record in (outbox.sent, outbox.failed):
        assert not record("m1", dead.token, "late", at(1))
    assert not outbox.retry("m1", dead.token, "late", at(1), at(1))
    assert outbox.sent("m1", heir.token, "id", at(1))
    assert [(d.attempt, d.outcome) for d in outbox.deliveries("m1")] == [(1, Outcome.UNKNOWN), (2, Outcome.SENT)]


def test_messages_are_listed_by_state_and_contact(outbox: Outbox) -> None:
    outbox.commit_plan(KEY, [message(str(n), contact="anna" if n % 2 else "bo") for n in range(5)], planned())
    (claimed,) = outbox.claim(NOW, 1, LEASE)
    assert outbox.messages(state=MessageState.LEASED) == [claimed]
    assert [each.message.id for each in outbox.messages(contact="anna")] == ["1", "3"]
    assert [each.message.id for each in outbox.messages(state="pending", limit=2)] == ["3", "4"]

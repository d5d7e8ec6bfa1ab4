"""Old messages go only when no memory rests on them."""

from __future__ import annotations

from datetime import timedelta

from pipeline.outbox import NewMessage, OutboxMessage
from pipeline.store import Outbox, Store, forgetting
from tests.store.samples import NOW, message, planned, with_events

LONG_AFTER = NOW + timedelta(days=1000)


def left(store: Store, outbox: Outbox) -> list[str]:
    with store.begin() as conn:
        forgetting.forget_messages(conn, LONG_AFTER)
    return [each.message.id for each in outbox.messages()]


def plan(outbox: Outbox, new: NewMessage) -> None:
    assert outbox.commit_plan(new.subscription, [new], planned()) == 1


def claim(outbox: Outbox) -> OutboxMessage:
    (claimed,) = outbox.claim(NOW, 1, timedelta(minutes=5))
    return claimed


def send(outbox: Outbox) -> None:
    claimed = claim(outbox)
    assert outbox.sent(claimed, "remote", NOW, (1, "remote", ()))


def test_what_was_sent_in_the_place_of_a_digest_stays_with_it(store: Store, outbox: Outbox) -> None:
    """Without it, what the digest told would count as never said, and be said again."""
    first, second = with_events(store, 2)
    plan(outbox, message("failed", first, kind="digest"))
    instead = message("instead", channel="email", target="a@b.example", instead_of="failed", kind="digest")
    assert outbox.failed(claim(outbox), "archived", NOW, instead)
    send(outbox)
    plan(outbox, message("later", second, channel="email", target="a@b.example", kind="digest"))
    send(outbox)
    told = outbox.memory(["anna-forest"], [first, second]).told
    assert left(store, outbox) == ["failed", "instead", "later"]
    assert outbox.memory(["anna-forest"], [first, second]).told == told == {"anna-forest": {first, second}}


def test_the_last_digest_and_the_last_post_stay(store: Store, outbox: Outbox) -> None:
    for name, kind in (("first", "digest"), ("last digest", "digest"), ("alert", "alert"), ("last post", "alert")):
        plan(outbox, message(name, kind=kind))
        send(outbox)
    assert left(store, outbox) == ["last digest", "last post"]
    assert outbox.last_post("slack", "#forest") == "remote"
    assert left(store, outbox) == ["last digest", "last post"]


def test_what_waits_stays(store: Store, outbox: Outbox) -> None:
    plan(outbox, message("pending"))
    plan(outbox, message("held", held=True, target="#other"))
    assert left(store, outbox) == ["pending", "held"]

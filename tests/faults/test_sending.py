"""Faults 3 to 11: deliveries that are killed, and other sides that fail, over both stores."""

from __future__ import annotations

import time

import pytest

from tests.delivery.processes import was_killed
from tests.faults.conftest import Note
from tests.faults.sending import OPS, Sending, readers

pytestmark = [pytest.mark.slow, pytest.mark.played]


@pytest.mark.parametrize("channel", ["email", "slack"])
def test_killed_before_sending(sending: Sending, note: Note, channel: str) -> None:
    """Fault 3: what it held is taken over by the next delivery, with no time in between."""
    sending.put(*readers(20, channel))
    assert was_killed(sending.deliver({"die_before_send": 5}))
    assert sending.states["leased"] > 1
    seconds = sending.at_once()
    found = sending.check()
    note(**found, recovery=seconds)
    assert found == {"lost": 0, "doubled": 0, "ambiguous": 0}


def test_killed_when_a_mail_was_taken(sending: Sending, note: Note) -> None:
    """Fault 4: it comes again under its own Message-ID, and the attempt is on record as one nobody knows the end
    of."""
    sending.put(*readers(20))
    assert was_killed(sending.deliver({"die_after_send": 5}))
    assert sending.mails.mails
    seconds = sending.at_once()
    found = sending.check()
    note(**found, recovery=seconds)
    assert found == {"lost": 0, "doubled": 0, "ambiguous": 1}
    (twice,) = (i for i in sending.ids if sending.came().count(i) == 2)
    assert twice in sending.unknown()


@pytest.mark.parametrize(("fault", "again"), [("drop", 0), ("lost", 1)])
def test_a_connection_that_ends_after_the_last_dot(sending: Sending, note: Note, fault: str, again: int) -> None:
    """Fault 5: the server may have taken it or not."""
    sending.put(*readers(5))
    sending.mails.faults["end"] = [fault]
    sending.deliver()
    sending.play.later(2)
    sending.until_rest()
    found = sending.check()
    note(**found)
    assert found == {"lost": 0, "doubled": 0, "ambiguous": again}


def test_killed_when_slack_had_taken_a_post(sending: Sending, note: Note) -> None:
    """Fault 6: the post is found by its metadata."""
    sending.put(*readers(10, "slack"))
    assert was_killed(sending.deliver({"die_after_send": 5}))
    seconds = sending.at_once()
    found = sending.check()
    note(**found, recovery=seconds)
    assert found == {"lost": 0, "doubled": 0, "ambiguous": 0}
    assert "conversations.history" in sending.slack.calls


@pytest.mark.parametrize("fault", ["rst", "lost", "taken 503"])
def test_a_reply_of_slack_that_is_lost(sending: Sending, note: Note, fault: str) -> None:
    """Fault 7: nothing is posted again by itself; the channel is looked into."""
    sending.put(*readers(5, "slack"))
    sending.slack.faults = [fault]
    sending.deliver()
    sending.play.later(2)
    sending.until_rest()
    found = sending.check()
    note(**found)
    assert found == {"lost": 0, "doubled": 0, "ambiguous": 0}
    assert sending.slack.calls.count("chat.postMessage") == 5


def test_slack_asks_for_thirty_seconds(sending: Sending, note: Note) -> None:
    """Fault 8: not before, in their order, none lost."""
    sending.put("C00000001", "C00000001", "C00000001")
    sending.slack.retry_after, sending.slack.faults = "30", [429]
    sending.deliver()
    for seconds in (10, 19):
        sending.deliver(minutes=seconds / 60)
        assert sending.came() == []
    sending.play.later(1)
    sending.until_rest()
    assert sending.came() == sending.ids
    note(**sending.check())


def test_slack_is_down_for_ten_minutes(sending: Sending, note: Note) -> None:
    """Fault 9: fewer and fewer questions, and all of it afterwards."""
    sending.put(*readers(6, "slack"))
    sending.slack.faults = [503] * 1000
    for _ in range(10):
        assert sending.deliver().code in (0, 3)
        sending.play.later(1)
    assert 0 < sending.slack.calls.count("chat.postMessage") < 6 * 5
    assert sending.came() == []
    sending.slack.faults.clear()
    begun = sending.play.now
    sending.until_rest()
    note(**sending.check(), recovery=(sending.play.now - begun).total_seconds())


def test_greylisted_for_five_minutes(sending: Sending, note: Note) -> None:
    """Fault 10: one mail."""
    target = "grey@reader.example"
    sending.put(target)
    sending.mails.refuse[target] = ["451 4.7.1 come back later"]
    for _ in range(5):
        assert sending.deliver().code in (0, 3)
        sending.play.later(1)
    del sending.mails.refuse[target]
    assert sending.came() == []
    sending.until_rest()
    found = sending.check()
    note(**found)
    assert found == {"lost": 0, "doubled": 0, "ambiguous": 0}


def test_one_dead_address_of_a_hundred(sending: Sending, note: Note) -> None:
    """Fault 11: 99 arrive, operators hear of the other, and it is not tried again."""
    targets = readers(100)
    sending.put(*targets)
    sending.mails.refuse[targets[41]] = ["550 5.1.1 no such user"]
    begun = time.monotonic()
    assert sending.deliver().code == 3
    sending.until_rest()
    note(**sending.check(failed=1), recovery=time.monotonic() - begun)
    told = [mail for mail in sending.mails.mails if mail.to == OPS]
    assert len(told) == 1
    assert len({mail.to for mail in sending.mails.mails} - {OPS}) == 99
    sending.put(targets[41])
    sending.until_rest()
    assert sending.states["failed"] == 2

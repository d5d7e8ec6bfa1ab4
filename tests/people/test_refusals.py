"""A mail server that says "no such mailbox" while we are sending is believed at once; any other refusal is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.delivery import DeliveryReport, Detail
from alerts.message import encode
from callwatch.bounces import note_refusals
from callwatch.telling import deliver_messages
from pipeline.store import Outbox, Store, people
from tests.alerts.samples import message as shown
from tests.alerts.smtp_server import smtp_server
from tests.builders import NOW, at
from tests.people.conftest import Make, sqlite_only
from tests.store.samples import message, planned

ASA = "asa@cluster.example"


@sqlite_only
@pytest.mark.parametrize(
    ("answer", "dead"),
    [
        ("550 5.1.1 <asa@cluster.example>: user unknown", True),
        ("551 5.1.6 moved", True),
        ("553 5.1.3 bad syntax", True),
        ("550-5.1.1 no\r\n550 5.1.1 such user", True),
        ("550 no such user", False),
        ("550 5.7.1 not from you, see 5.1.1", False),
        ("550 5.1.8 bad sender", False),
        ("552 5.2.2 full", False),
        ("450 4.1.1 not now", False),
    ],
)
def test_only_an_unknown_mailbox_is_suppressed(make: Make, store: Store, answer: str, dead: bool) -> None:
    with smtp_server() as (postbox, address):
        postbox.refuse[ASA] = answer
        wiring = make(smtp_url=address, mail_from="Callwatch <alerts@callwatch.example>")
        to = {"contact": "asa", "subscription": "asa-weekly", "channel": "email"}
        other = message("m2", target="bo@cluster.example", payload=encode(shown()), **to)
        Outbox(store).commit_plan(
            "s", [message("m1", target=ASA, payload=encode(shown()), **to), other], planned()
        )
        report = deliver_messages(wiring, store, NOW)
        assert note_refusals(store, report, NOW) == []  # the delivery itself has seen to it
        assert len(postbox.mails) == 1
    with store.read() as conn:
        held = people.suppressed(conn)
    assert [entry.reason.split(" (")[0] for entry in held] == (["the mailbox does not exist"] if dead else [])


def test_a_suppressed_address_is_not_tried_again(make: Make, store: Store) -> None:
    with smtp_server() as (postbox, address):
        postbox.refuse[ASA] = "550 5.1.1 unknown"
        wiring = make(smtp_url=address, mail_from="Callwatch <alerts@callwatch.example>")
        to = {"contact": "asa", "subscription": "s", "channel": "email", "target": ASA}
        for number in (1, 2):
            one = message(f"m{number}", payload=encode(shown()), not_before=NOW - timedelta(hours=1), **to)
            Outbox(store).commit_plan("s", [one], planned(at(number)))
            deliver_messages(wiring, store, NOW)
            postbox.refuse.clear()
        assert postbox.mails == []
    last = Outbox(store).messages()[-1]
    assert (
        last.last_error == "nothing is sent to this address since 2026-04-10: the mailbox does not exist (5.1.1)"
    )


def refused(**fields: str) -> DeliveryReport:
    """A delivery report with one failure."""
    given = {"channel": "email", "outcome": "failed", "note": "the mail server answered 550 5.1.1 no", **fields}
    return DeliveryReport(details=[Detail(message_id="m", contact="asa", subscription="s", target=ASA, **given)])


def test_the_contact_is_named_once(store: Store) -> None:
    assert [note_refusals(store, refused(), NOW) for _ in range(2)] == [["asa"], []]


@sqlite_only
@pytest.mark.parametrize(
    "fields", [{"channel": "webhook"}, {"outcome": "retried"}, {"outcome": "sent"}, {"note": "said 550 5.1.1"}]
)
def test_other_details_mean_nothing(store: Store, fields: dict[str, str]) -> None:
    assert note_refusals(store, refused(**fields), NOW) == []

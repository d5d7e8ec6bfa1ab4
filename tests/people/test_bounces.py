"""What mails in our mailbox lead to: only what is true of a mail of ours, and once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from callwatch.bounces import Did, Given, deal_with
from callwatch.contacts import effective
from callwatch.wiring import Wiring
from pipeline.people import Suppression
from pipeline.store import Outbox, Store, bounces, contacts, people
from tests.builders import NOW, at
from tests.people.conftest import sqlite_only
from tests.people.reports import letter, report
from tests.store.samples import message, planned

ASA, OPS = "asa@cluster.example", "ops@cluster.example"
MINUTE = timedelta(minutes=1)
Deal = Callable[..., list[tuple[str, str]]]


def sent(outbox: Outbox, name: str, days: float = 0, target: str = ASA, **fields: object) -> str:
    """Send a mail; returns its Message-ID."""
    given = {"contact": "asa", "subscription": "asa-weekly", "channel": "email", "target": target, **fields}
    one = message(name, not_before=at(days), **given)
    outbox.commit_plan("asa-weekly", [one], planned())
    (leased,) = outbox.claim(at(days), 1, MINUTE)
    remote_id = f"<{name}@callwatch.example>"
    assert outbox.sent(leased, remote_id, at(days), (1, remote_id, ()))
    return remote_id


@pytest.fixture
def deal(wiring: Wiring, store: Store) -> Deal:
    """Deal with a mail; returns what was done, and why."""

    def run(data: bytes, now=NOW) -> list[tuple[str, str]]:
        given = Given(store, effective(wiring, store), now)
        return [(outcome.did.value, outcome.why) for outcome in deal_with(given, "mail", data).outcomes]

    return run


def held(store: Store) -> list[str]:
    """Reasons of all suppressions."""
    with store.read() as conn:
        return [entry.reason for entry in people.suppressed(conn)]


@pytest.mark.parametrize("status", ["5.1.1", "5.1.10", "5.4.4"])
def test_a_dead_mailbox_gets_no_more_mail_and_the_same_report_changes_nothing(
    deal: Deal, store: Store, outbox: Outbox, status: str
) -> None:
    back = report(sent(outbox, "m1"), status=status, diagnostic="550 no such user")
    assert deal(back) == [("suppressed", f"{status}, 550 no such user")]
    assert held(store) == [f"the mailbox does not exist ({status})"]
    assert deal(back) == [("known", f"this report was read before ({status})")]
    again = report(sent(outbox, "m2", 1), status=status)
    assert deal(again) == [("known", "nothing is sent to this address any more already")]
    assert held(store) == [f"the mailbox does not exist ({status})"]


def test_an_allowed_address_is_not_suppressed_by_the_old_report(deal: Deal, store: Store, outbox: Outbox) -> None:
    back = report(sent(outbox, "m1"))
    deal(back)
    with store.begin() as conn:
        hashed = people.address_hash(conn, "email", ASA)
        assert people.unsuppress(conn, "email", hashed)
        assert bounces.forgive(conn, hashed) == 1
    assert deal(back)[0][0] == "known"
    assert held(store) == []
    assert deal(report(sent(outbox, "m2", 1)))[0][0] == "suppressed"


def test_a_full_mailbox_is_given_up_after_mails_of_three_days(deal: Deal, store: Store, outbox: Outbox) -> None:
    full = {"status": "5.2.2", "diagnostic": "552 full"}
    mails = [sent(outbox, f"m{n}", day) for n, day in enumerate((0, 0.1, 1, 2))]
    said = [deal(report(mail, **full)) for mail in mails]
    assert [one[0] for one in said] == [
        ("counted", "1 of 3 days: 5.2.2, 552 full"),
        ("counted", "1 of 3 days: 5.2.2, 552 full"),
        ("counted", "2 of 3 days: 5.2.2, 552 full"),
        ("suppressed", "5.2.2, 552 full"),
    ]
    assert held(store) == ["mails of 3 days came back (5.2.2)"]


@sqlite_only
def test_old_and_forgiven_returns_do_not_count(deal: Deal, store: Store, outbox: Outbox) -> None:
    full = {"status": "5.2.2", "diagnostic": "552 full"}
    for n, day in enumerate((-200, -100)):
        deal(report(sent(outbox, f"old{n}", day), **full), at(day))
    assert deal(report(sent(outbox, "m1"), **full))[0][1].startswith("1 of 3 days")
    with store.begin() as conn:
        assert bounces.forgive(conn, people.address_hash(conn, "email", ASA)) == 3
    assert deal(report(sent(outbox, "m2", 1), **full), at(1))[0][1].startswith("1 of 3 days")


@sqlite_only
@pytest.mark.parametrize("status", ["5.7.1", "5.7.26", "5.3.4", "5.2.3", "5.5.2", "5.6.1"])
def test_what_is_our_fault_is_for_an_operator(deal: Deal, store: Store, outbox: Outbox, status: str) -> None:
    for n in range(4):
        said = deal(report(sent(outbox, f"m{n}", n), status=status, diagnostic="550 not from you"))
        assert said == [
            ("trouble", f"the mail came back, through no fault of the address: {status}, 550 not from you")
        ]
    assert held(store) == []


@sqlite_only
@pytest.mark.parametrize(
    ("fields", "why"),
    [
        (
            {"action": "delayed", "status": "4.4.7", "diagnostic": "451 later"},
            "delayed: not a failure (4.4.7, 451",
        ),
        ({"action": "failed", "status": "4.2.2", "diagnostic": "452 full"}, "not a permanent failure (4.2.2"),
        ({"action": "failed", "status": "", "diagnostic": "no"}, "not a permanent failure (no code, no)"),
        ({"action": "delivered", "status": "2.0.0", "diagnostic": "ok"}, "delivered: not a failure"),
        ({"recipient": OPS}, "the report names another recipient than our mail"),
    ],
)
def test_what_suppresses_nobody(deal: Deal, store: Store, outbox: Outbox, fields: dict, why: str) -> None:
    ((did, said),) = deal(report(sent(outbox, "m1"), **fields))
    assert did == "ignored"
    assert said.startswith(why)
    assert held(store) == []


def test_an_attacker_who_has_not_seen_our_mail_is_not_believed(deal: Deal, store: Store, outbox: Outbox) -> None:
    sent(outbox, "m1")
    slack = sent(outbox, "s1", 1, "#forest", channel="slack")
    assert deal(report("<guessed@callwatch.example>"))[0][1].endswith("is not the Message-ID of a mail of ours")
    assert deal(report(slack, "#forest"))[0][1].endswith("is not the Message-ID of a mail of ours")
    assert deal(report(""))[0][1].startswith("the report does not return our mail")
    assert held(store) == []


@sqlite_only
def test_case_of_the_address_does_not_matter(deal: Deal, outbox: Outbox) -> None:
    assert deal(report(sent(outbox, "m1"), "ASA@Cluster.example"))[0][0] == "suppressed"


def test_a_late_report_about_an_erased_contact_still_counts(deal: Deal, store: Store, outbox: Outbox) -> None:
    mail = sent(outbox, "m1")
    with store.begin() as conn:
        contacts.erase(conn, "asa", (), {"email": ASA}, NOW, "command")
    assert deal(report(mail, OPS))[0][0] == "ignored"
    assert deal(report(mail))[0][0] == "suppressed"
    with store.begin() as conn:
        assert people.suppression(conn, "email", people.address_hash(conn, "email", ASA)) is not None


@sqlite_only
@pytest.mark.parametrize(
    ("mail", "did", "why"),
    [
        (letter("stop asa-weekly"), Did.STOPPED, "asked for by mail"),
        (letter("Re: STOP Asa-Weekly", "ASA@cluster.example"), Did.STOPPED, "asked for by mail"),
        (letter("stop asa-weekly", "bo@cluster.example"), Did.IGNORED, "not sent from the address of its contact"),
        (letter("stop asa-weekly", ""), Did.IGNORED, "not sent from the address of its contact"),
        (letter("stop ops-all"), Did.IGNORED, "not sent from the address of its contact"),
        (letter("stop asa-monthly"), Did.IGNORED, "there is no such subscription"),
        (letter("hello"), Did.IGNORED, 'neither a delivery report nor a "stop" (hello)'),
        (letter("stop asa-weekly", more="Auto-Submitted: auto-replied"), Did.IGNORED, 'a "stop" that a machine'),
    ],
)
def test_who_may_stop_what(deal: Deal, store: Store, mail: bytes, did: Did, why: str) -> None:
    ((done, said),) = deal(mail)
    assert (done, said[: len(why)]) == (did.value, why)
    with store.read() as conn:
        stopped = people.stopped(conn)
    assert set(stopped) == ({"asa-weekly"} if did is Did.STOPPED else set())
    if stopped:
        assert (stopped["asa-weekly"].contact, stopped["asa-weekly"].source) == ("asa", "mail")
        assert deal(mail) == [("known", "stopped before")]


@sqlite_only
def test_a_broken_report_is_for_an_operator(deal: Deal, outbox: Outbox) -> None:
    broken = report(sent(outbox, "m1")).replace(b"Final-Recipient", b"X-Recipient")
    assert deal(broken) == [("trouble", "a delivery report that names no recipient")]


@sqlite_only
def test_the_reason_of_a_suppression_names_no_address(deal: Deal, store: Store, outbox: Outbox) -> None:
    deal(report(sent(outbox, "m1")))
    with store.read() as conn:
        (entry,) = people.suppressed(conn)
    assert entry == Suppression("email", entry.address, "the mailbox does not exist (5.1.1)", NOW)
    assert "asa" not in entry.reason + entry.address

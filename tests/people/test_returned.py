"""Delivery reports and "stop" mails are read as they come; nothing that comes can break the reader."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwatch.returned import Failure, Other, Report, StopWish, read_mail
from tests.people.reports import EXCHANGE, NO_USER, POSTFIX, QMAIL, letter, report

ID = "<0a1b@callwatch.example>"
ASA = "asa@cluster.example"


@pytest.mark.parametrize("form", [POSTFIX, EXCHANGE])
def test_a_report_names_recipient_code_and_our_mail(form: str) -> None:
    failure = Failure(ASA, "failed", "5.1.1", NO_USER)
    assert read_mail(report(ID, form=form)) == Report(ID, (failure,))


@pytest.mark.parametrize(
    ("stated", "answered", "status"),
    [
        ("5.1.1", "550 no", "5.1.1"),
        ("5.2.2 (mailbox full)", "552 no", "5.2.2"),
        ("5.0.0", "550 5.1.1 unknown", "5.1.1"),
        ("5.0.0", "550 unknown host 10.5.1.1", "5.0.0"),
        ("", "550-5.1.10 gone 550 5.1.10 gone", "5.1.10"),
        ("5", "550 no", ""),
        ("4.4.7", "451 4.4.1 timed out", "4.4.7"),
        ("12.5.1.1.9", "no", ""),
    ],
)
def test_the_code_is_the_one_that_says_most(stated: str, answered: str, status: str) -> None:
    read = read_mail(report(ID, status=stated, diagnostic=answered))
    assert isinstance(read, Report)
    assert read.failures[0].status == status


def test_several_recipients_and_a_report_on_success() -> None:
    text = report(ID).decode()
    block = "Final-Recipient: rfc822; bo@x.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\n"
    read = read_mail(text.replace("Final-Recipient", block + "Final-Recipient", 1).encode())
    assert isinstance(read, Report)
    assert [(f.recipient, f.action) for f in read.failures] == [("bo@x.example", "delivered"), (ASA, "failed")]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (
            "multipart/report; report-type=delivery-status",
            "multipart/mixed",
            "a delivery status that is not a report",
        ),
        ("report-type=delivery-status", "report-type=disposition-notification", "that is not a report"),
        ("Content-Type: message/delivery-status", "Content-Type: text/plain", "without its machine-readable part"),
        ("Final-Recipient", "Final-Recipients", "that names no recipient"),
        ("rfc822; asa", "x400; asa", "that names no recipient"),
    ],
)
def test_a_report_that_is_none_is_for_a_person(old: str, new: str, why: str) -> None:
    read = read_mail(report(ID).decode().replace(old, new).encode())
    assert isinstance(read, Other)
    assert (why in read.why, read.broken) == (True, True)


def test_without_our_mail_it_names_none() -> None:
    cut = report(ID).split(b"Content-Type: message/rfc822")[0] + b"Content-Type: text/plain\r\n\r\ngone\r\n"
    read = read_mail(cut)
    assert isinstance(read, Report)
    assert read.message_id == ""


def test_a_report_inside_a_forwarded_mail_is_not_ours_to_read() -> None:
    forwarded = b"From: x@y.example\r\nSubject: look\r\nContent-Type: message/rfc822\r\n\r\n" + report(ID)
    assert read_mail(forwarded) == Other('neither a delivery report nor a "stop" (look)')


@pytest.mark.parametrize(
    ("subject", "key"),
    [
        ("stop asa-weekly", "asa-weekly"),
        ("STOP Asa-Weekly ", "asa-weekly"),
        ("Re: SV: stop  asa-weekly", "asa-weekly"),
        ("=?utf-8?q?stop_asa-weekly?=", None),
        ("stop", None),
        ("please stop asa-weekly", None),
        ("stop asa-weekly and all others", None),
        ("stop asa;weekly", None),
    ],
)
def test_a_wish_to_stop(subject: str, key: str | None) -> None:
    read = read_mail(letter(subject))
    assert (read.subscription if isinstance(read, StopWish) else None) == key


@pytest.mark.parametrize(
    "sender", ["Åsa <asa@cluster.example>", "asa@cluster.example", '"A, B" <asa@cluster.example>']
)
def test_who_wishes_it(sender: str) -> None:
    assert read_mail(letter("stop a", sender)) == StopWish(ASA, "a")


def test_a_machine_cannot_wish_and_others_are_left_alone() -> None:
    assert read_mail(letter("stop a", more="Auto-Submitted: auto-replied")) == Other(
        'a "stop" that a machine has sent'
    )
    assert read_mail(QMAIL.encode()) == Other('neither a delivery report nor a "stop" (failure notice)')
    assert read_mail(b"") == Other('neither a delivery report nor a "stop" (no subject)')


NESTED = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(5000))


@pytest.mark.parametrize(
    "data",
    [
        NESTED,
        b"Content-Type: multipart/report; report-type=\xff; boundary=\xff\r\n\r\n--\xff",
        b"Subject: stop \xff\xfe\r\nFrom: \xff\r\n\r\n",
        b"Content-Type: message/delivery-status\r\n\r\n\xff",
        b"Content-Transfer-Encoding: base64\r\nContent-Type: text/rfc822-headers\r\n\r\n=====",
        b"From: " + b"<" * 100_000 + b"\r\nSubject: stop a\r\n\r\n",
        b"Subject: " + b"re:" * 200_000 + b"stop\r\n\r\n",
        b"\x00" * 1000,
    ],
)
def test_hostile_mails_are_answered_with_words(data: bytes) -> None:
    assert isinstance(read_mail(data), Other | StopWish)


LINES = report(ID).splitlines(keepends=True)


@given(st.binary(max_size=2000))
def test_any_bytes(data: bytes) -> None:
    assert isinstance(read_mail(data), Other | StopWish | Report)


@given(
    st.lists(st.integers(0, len(LINES) - 1), max_size=8),
    st.lists(st.tuples(st.integers(0, len(LINES) - 1), st.binary(max_size=40)), max_size=4),
)
def test_any_damage_to_a_report(lost: list[int], put: list[tuple[int, bytes]]) -> None:
    lines = [b"" if number in lost else line for number, line in enumerate(LINES)]
    for number, text in put:
        lines[number] += text
    read = read_mail(b"".join(lines))
    if isinstance(read, Report):
        assert all(failure.recipient for failure in read.failures)
        assert all(re.fullmatch(r"|[245]\.\d+\.\d+", failure.status) for failure in read.failures)


@given(st.emails().filter(lambda e: e.isascii() and '"' not in e and "{" not in e), st.integers(0, 999))
def test_what_a_server_writes_is_what_is_read(recipient: str, detail: int) -> None:
    read = read_mail(report(ID, recipient, f"5.{detail}.1", diagnostic="550 no"))
    assert read == Report(ID, (Failure(recipient, "failed", f"5.{detail}.1", "550 no"),))

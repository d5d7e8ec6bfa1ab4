"""Mails are found where operators keep them, and marked as read only when what they led to is stored."""

from __future__ import annotations

import io
import mailbox
from pathlib import Path

import pytest
from pydantic import SecretStr

from callwatch.mailboxes import Unread, mails, place
from pipeline.errors import ConfigError
from tests.people.imap_server import PASSWORD, USER, imap_server
from tests.people.reports import letter

ONE, TWO = letter("one"), letter("two", more="X: From here")


def subjects(source: object, password: str | None = PASSWORD) -> list[tuple[str, bytes]]:
    found = mails(str(source), SecretStr(password) if password else None)
    return [(mail.name, mail.data.split(b"Subject: ")[1].split()[0]) for mail in found]


def test_an_mbox(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "bounces")
    for data in (ONE, TWO):
        box.add(data)
    box.close()
    before = (tmp_path / "bounces").read_bytes()
    assert subjects(tmp_path / "bounces") == [("bounces, mail 1", b"one"), ("bounces, mail 2", b"two")]
    assert (tmp_path / "bounces").read_bytes() == before


def test_a_maildir(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "Mail")
    box.add(ONE)
    read = mailbox.MaildirMessage(TWO)
    read.set_subdir("cur")
    box.add(read)
    assert [subject for _, subject in subjects(tmp_path / "Mail")] == [b"one", b"two"]


def test_a_folder_a_mail_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "b.eml").write_bytes(TWO)
    (tmp_path / "a.eml").write_bytes(ONE)
    (tmp_path / "a.txt").write_bytes(b"not a mail")
    assert subjects(tmp_path) == [("a.eml", b"one"), ("b.eml", b"two")]
    assert subjects(tmp_path / "b.eml") == [("b.eml", b"two")]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(ONE)))
    assert subjects("-") == [("-", b"one")]


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nothing.mbox: cannot be read"):
        subjects(tmp_path / "nothing.mbox")
    (tmp_path / "empty").write_bytes(b"")
    assert [mail.data for mail in mails(str(tmp_path / "empty"), None)] == [b""]


def test_imap_gives_unread_mails_and_marks_those_dealt_with() -> None:
    with imap_server() as (box, address):
        box.mails = {3: ONE, 7: TWO, 9: letter("three")}
        box.seen = {9}
        first, second = mails(address, SecretStr(PASSWORD))
        assert (first.name, first.data, second.data) == ("INBOX, mail 3", ONE, TWO)
        assert box.seen == {9}
        assert box.said[:3] == ["CAPABILITY", "LOGIN", 'SELECT "INBOX"']
        for mail in mails(address, SecretStr(PASSWORD)):
            assert box.seen == {9} | {number for number in (3, 7) if number < int(mail.name.split()[-1])}
            mail.mark()
        assert box.seen == {3, 7, 9}
        assert list(mails(address, SecretStr(PASSWORD))) == []
        assert box.said[-1] == "LOGOUT"


def test_a_mail_of_many_megabytes_is_read_in_part() -> None:
    with imap_server() as (box, address):
        box.mails = {1: ONE + b"x" * 5_000_000}
        (mail,) = mails(address, SecretStr(PASSWORD))
        assert (len(mail.data), mail.data[: len(ONE)]) == (2_000_000, ONE)


@pytest.mark.parametrize(("field", "command"), [(f, c) for f in ("drop_at", "refuse") for c in ("UID S", "UID F")])
def test_a_server_that_breaks_off_is_not_a_wrong_setting(field: str, command: str) -> None:
    with imap_server() as (box, address):
        box.mails = {1: ONE}
        setattr(box, field, command)
        with pytest.raises(Unread, match=r"the mailbox at 127.0.0.1:\d+ cannot be read"):
            list(mails(address, SecretStr(PASSWORD)))
        assert box.seen == set()


def test_a_mark_that_fails_is_told() -> None:
    with imap_server() as (box, address):
        box.mails = {1: ONE}
        box.refuse = "UID STORE"
        with pytest.raises(Unread, match="cannot be read"):
            next(iter(mails(address, SecretStr(PASSWORD)))).mark()


def test_wrong_password_and_folder() -> None:
    with imap_server() as (box, address):
        with pytest.raises(ConfigError, match=r"refuses the password \(CALLWATCH_IMAP_PASSWORD\)"):
            list(mails(address, SecretStr("other")))
        with pytest.raises(ConfigError, match='there is no folder "INBOX/Bounces"'):
            list(mails(f"{address}/Bounces", SecretStr(PASSWORD)))
        with pytest.raises(ConfigError, match="CALLWATCH_IMAP_PASSWORD is not set"):
            list(mails(address, None))
        assert PASSWORD not in "".join(box.said)


def test_nobody_answers() -> None:
    with pytest.raises(Unread, match=r"the mailbox at 127.0.0.1:1 cannot be read \(.*refused"):
        list(mails("imap://a@127.0.0.1:1/INBOX", SecretStr("x")))


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("imaps://host/INBOX", "this is not the address of a mailbox; write it as imaps://user@host/INBOX"),
        ("pop3://a@host/", "this is not the address of a mailbox"),
        ("imaps://a:secret@host/INBOX", "a password in the address would be seen by others"),
        ("imap://a@mail.example/INBOX", "a password is never sent without TLS"),
        ("imaps://a@host:many/INBOX", "the port of the mailbox is not a number"),
        ("imaps://a%0d%0aLOGOUT@host/INBOX", "has a character that IMAP does not take"),
        ("imaps://a@host/IN%22BOX%0d", "has a character that IMAP does not take"),
        ("imaps://a@host/%c3%85", "has a character that IMAP does not take"),
    ],
)
def test_addresses_that_are_refused(address: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        place(address)
    assert problem in str(caught.value)
    assert "secret" not in str(caught.value)


def test_addresses_that_are_good() -> None:
    assert place("imaps://alerts%40callwatch.example@mail.example")[:4] == ("mail.example", 993, True, USER)
    assert place("imaps://a@mail.example:9930/Bounces/2026").folder == "Bounces/2026"
    assert place("imap://a@localhost/").port == 143

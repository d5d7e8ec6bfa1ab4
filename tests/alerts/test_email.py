"""Mail through a real SMTP server: what arrives, and what each failure is called."""

from __future__ import annotations

import time
from dataclasses import replace

import icalendar
import pytest
from pydantic import SecretStr

from alerts.channels import ChannelSettings, Envelope, Unreachable
from alerts.channels import smtp as connection
from alerts.channels.email import Email
from alerts.message import Message
from pipeline.errors import Permanent, Temporary
from tests.alerts.letters import ID, LINKS, alert
from tests.alerts.samples import NOW, at, item, message, week
from tests.alerts.smtp_server import Postbox

Smtp = tuple[Postbox, str]
ASA = "asa@cluster.example"


def email(settings: ChannelSettings, url: str, **fields: float) -> Email:
    return Email(replace(settings, smtp_url=SecretStr(url), **fields))


def send(channel: Email, shown: Message, message_id: str = ID, target: str = ASA) -> list[str]:
    """Every post of a message, as delivery sends them."""
    envelope = Envelope(message_id=message_id, target=target, now=NOW, links=LINKS)
    return [channel.send(post, shown, envelope) for post in channel.posts(shown, envelope)]


def test_mail_arrives_whole_on_one_connection(settings: ChannelSettings, smtp: Smtp) -> None:
    postbox, url = smtp
    channel = email(settings, url)
    assert send(channel, week("sv")) == [f"<{ID}@callwatch.example>"]
    send(channel, message(), "other", "b@cluster.example")
    channel.close()
    mail = postbox.mails[0]
    assert mail["Message-ID"] == f"<{ID}@callwatch.example>"
    assert mail["To"] == "Åsa Öberg <asa@cluster.example>"
    assert mail["From"] == "Callwatch <alerts@callwatch.example>"
    assert mail["Subject"].startswith("Vecka 48 · Sista ansökningsdag tidigarelagd, nu 3 mars 2027")
    assert mail["Date"].datetime == NOW
    kinds = ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar"]
    assert [part.get_content_type() for part in mail.walk()] == kinds
    *_, attached = mail.walk()
    events = icalendar.Calendar.from_ical(attached.get_payload(decode=True)).walk("VEVENT")
    assert at("2027-03-03") in [event["dtstart"].dt for event in events]
    assert "17.00* (Bryssel)" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert len(set(postbox.peers)) == 1
    assert max(map(len, postbox.raw[0].split(b"\r\n"))) <= 998
    assert postbox.commands == []


def test_a_second_attempt_is_the_same_mail(settings: ChannelSettings, smtp: Smtp) -> None:
    postbox, url = smtp
    channel = email(settings, url)
    for _ in range(2):
        send(channel, alert("sv"))
    channel.close()
    first, second = postbox.raw
    assert first == second


def test_each_part_of_a_long_message_arrives(settings: ChannelSettings, smtp: Smtp) -> None:
    postbox, url = smtp
    channel = email(settings, url)
    ids = send(channel, message(*[item(n, title=f"Call {n}") for n in range(1, 301)]))
    channel.close()
    assert ids == [mail["Message-ID"] for mail in postbox.mails]
    assert ids[:2] == [f"<{ID}@callwatch.example>", f"<{ID}.2@callwatch.example>"]
    assert postbox.mails[1]["In-Reply-To"] == ids[0]
    assert postbox.mails[1]["Subject"].endswith(f"(2/{len(ids)})")


def test_a_dot_at_the_start_of_a_line_survives(settings: ChannelSettings, smtp: Smtp) -> None:
    postbox, url = smtp
    channel = email(settings, url)
    title = " ".join(f".{'x' * n}" for n in range(1, 60))
    send(channel, message(item(title=title[:230])))
    channel.close()
    assert title[:230] in " ".join(postbox.mails[0].get_body(("plain",)).get_content().split())  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("answer", "kind", "unsure"),
    [
        ("451 try later", Temporary, False),
        ("421 going down", Unreachable, False),
        ("552 too big", Permanent, False),
        ("554 spam", Permanent, False),
        ("drop", Unreachable, True),
        ("cut", Unreachable, True),
        ("slow", Unreachable, True),
    ],
)
def test_what_a_mail_server_answers_to_the_content(
    settings: ChannelSettings, smtp: Smtp, answer: str, kind: type[Exception], unsure: bool
) -> None:
    postbox, url = smtp
    postbox.answers = [answer]
    channel = email(settings, url, timeout=0.7)
    with pytest.raises(kind) as caught:
        send(channel, message())
    assert caught.type is kind
    assert getattr(caught.value, "unsure", False) is unsure
    send(channel, message())
    channel.close()
    assert len(postbox.mails) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [("550 no such user", Permanent), ("450 greylisted", Temporary), ("421 going down", Unreachable)],
)
def test_what_a_mail_server_answers_to_a_recipient(
    settings: ChannelSettings, smtp: Smtp, answer: str, kind: type[Exception]
) -> None:
    postbox, url = smtp
    postbox.refuse = {"gone@cluster.example": answer}
    channel = email(settings, url)
    with pytest.raises(kind, match=answer[:3]) as caught:
        send(channel, message(), target="gone@cluster.example")
    assert caught.type is kind
    send(channel, message())
    channel.close()
    assert [m["To"].addresses[0].addr_spec for m in postbox.mails] == [ASA]


@pytest.mark.parametrize(
    ("answer", "kind", "broken"),
    [
        ("550 sender not allowed", Unreachable, True),
        ("552 too large", Permanent, False),
        ("450 busy", Unreachable, False),
        ("421 going down", Unreachable, False),
    ],
)
def test_what_a_mail_server_answers_to_the_sender(
    settings: ChannelSettings, smtp: Smtp, answer: str, kind: type[Exception], broken: bool
) -> None:
    """A server that takes nothing from us must not cost every waiting message its life."""
    postbox, url = smtp
    postbox.senders = [answer]
    channel = email(settings, url)
    with pytest.raises(kind, match=answer[:3]) as caught:
        send(channel, message())
    assert caught.type is kind
    assert getattr(caught.value, "broken", False) is broken
    send(channel, message())
    channel.close()


def test_a_connection_lost_before_the_content_is_no_doubt(settings: ChannelSettings, smtp: Smtp) -> None:
    postbox, url = smtp
    postbox.refuse = {ASA: "drop"}
    channel = email(settings, url)
    with pytest.raises(Unreachable, match="before a mail was sent") as caught:
        send(channel, message())
    assert not caught.value.unsure
    channel.close()


@pytest.mark.parametrize("answer", ["drop", "421 too many mails on one connection"])
def test_a_connection_that_ended_meanwhile_costs_no_attempt(
    settings: ChannelSettings, smtp: Smtp, answer: str
) -> None:
    postbox, url = smtp
    channel = email(settings, url)
    send(channel, message())
    postbox.senders = [answer]
    send(channel, message(), "two")
    channel.close()
    assert len(postbox.mails) == 2
    assert len(set(postbox.peers)) == 2


def test_an_idle_connection_is_asked_whether_it_lives(
    settings: ChannelSettings, smtp: Smtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    postbox, url = smtp
    channel = email(settings, url)
    send(channel, message())
    monkeypatch.setattr(connection, "IDLE", 0.01)
    time.sleep(0.02)
    send(channel, message(), "two")
    channel.close()
    assert postbox.commands == ["NOOP"]
    assert len(set(postbox.peers)) == 1

"""Mail through a real SMTP server: what arrives, and what each failure is called."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import SecretStr

from alerts.channels import ChannelSettings, Unreachable
from alerts.channels.email import Email, server
from alerts.channels.mime import address, build
from pipeline.errors import ConfigError, Permanent, Temporary
from tests.alerts.samples import NOW, message, week
from tests.alerts.smtp_server import Postbox

ID = "6f1c7c0e-0000-5000-8000-000000000001"
Smtp = tuple[Postbox, str]


def email(settings: ChannelSettings, url: str) -> Email:
    return Email(replace(settings, smtp_url=SecretStr(url)))


def test_mail_arrives_whole_on_one_connection(settings: ChannelSettings, smtp: Smtp) -> None:
    postbox, url = smtp
    channel = email(settings, url)
    assert channel.send(week("sv"), message_id=ID, target="asa@cluster.example") == f"<{ID}@callwatch.example>"
    channel.send(message(), message_id="other", target="b@cluster.example")
    channel.close()
    mail = postbox.mails[0]
    assert mail["Message-ID"] == f"<{ID}@callwatch.example>"
    assert mail["To"] == "Åsa Öberg <asa@cluster.example>"
    assert mail["From"] == "Callwatch <alerts@callwatch.example>"
    assert mail["Subject"].startswith("Sista ansökningsdag tidigarelagd, nu 3 mars 2027")
    assert (mail["Auto-Submitted"], mail["List-Id"]) == ("auto-generated", "<trucks.callwatch.callwatch.example>")
    assert mail["Date"].datetime == NOW
    assert [p.get_content_type() for p in mail.iter_parts()] == ["text/plain", "text/html"]
    assert "17.00* (Bryssel)" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert len(set(postbox.peers)) == 1
    assert max(map(len, postbox.raw[0].split(b"\r\n"))) <= 998


def test_a_second_attempt_is_the_same_mail(settings: ChannelSettings, smtp: Smtp) -> None:
    postbox, url = smtp
    channel = email(settings, url)
    for _ in range(2):
        channel.send(message(), message_id=ID, target="asa@cluster.example")
    channel.close()
    first, second = postbox.mails
    assert [v for k, v in first.items() if k != "Content-Type"] == [
        v for k, v in second.items() if k != "Content-Type"
    ]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("451 try later", Temporary),
        ("421 going down", Unreachable),
        ("552 too big", Permanent),
        ("drop", Unreachable),
    ],
)
def test_what_a_mail_server_answers_to_the_content(
    settings: ChannelSettings, smtp: Smtp, answer: str, kind: type[Exception]
) -> None:
    postbox, url = smtp
    postbox.answers = [answer]
    channel = email(settings, url)
    with pytest.raises(kind) as caught:
        channel.send(message(), message_id=ID, target="asa@cluster.example")
    assert caught.type is kind
    channel.send(message(), message_id=ID, target="asa@cluster.example")
    channel.close()
    assert len(postbox.mails) == 1


@pytest.mark.parametrize(("answer", "kind"), [("550 no such user", Permanent), ("450 greylisted", Temporary)])
def test_what_a_mail_server_answers_to_a_recipient(
    settings: ChannelSettings, smtp: Smtp, answer: str, kind: type[Exception]
) -> None:
    postbox, url = smtp
    postbox.refuse = {"gone@cluster.example": answer}
    channel = email(settings, url)
    with pytest.raises(kind, match=answer[:3]):
        channel.send(message(), message_id=ID, target="gone@cluster.example")
    channel.send(message(), message_id=ID, target="asa@cluster.example")
    channel.close()
    assert [m["To"].addresses[0].addr_spec for m in postbox.mails] == ["asa@cluster.example"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [("530 authenticate first", Unreachable), ("552 too large", Permanent), ("450 busy", Unreachable)],
)
def test_what_a_mail_server_answers_to_the_sender(
    settings: ChannelSettings, smtp: Smtp, answer: str, kind: type[Exception]
) -> None:
    """A server that wants a login first must not cost every waiting message its life."""
    postbox, url = smtp
    postbox.senders = [answer]
    channel = email(settings, url)
    with pytest.raises(kind, match=answer[:3]) as caught:
        channel.send(message(), message_id=ID, target="asa@cluster.example")
    assert caught.type is kind
    channel.send(message(), message_id=ID, target="asa@cluster.example")
    channel.close()


def test_a_connection_that_died_meanwhile_costs_no_attempt(settings: ChannelSettings, smtp: Smtp) -> None:
    postbox, url = smtp
    channel = email(settings, url)
    channel.send(message(), message_id=ID, target="asa@cluster.example")
    assert channel._smtp is not None
    assert channel._smtp.sock is not None
    channel._smtp.sock.close()
    channel.send(message(), message_id="two", target="asa@cluster.example")
    channel.close()
    assert len(postbox.mails) == 2


def test_a_server_that_is_not_there(settings: ChannelSettings) -> None:
    channel = email(settings, "smtp://user:geheim@127.0.0.1:1")
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1 cannot be reached") as caught:
        channel.send(message(), message_id=ID, target="asa@cluster.example")
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("url", ["smtp://user:geheim@{}", "smtp://{}?starttls=yes"])
def test_what_the_server_does_not_offer_is_not_done_without(
    settings: ChannelSettings, smtp: Smtp, url: str
) -> None:
    channel = email(settings, url.format(smtp[1].removeprefix("smtp://")))
    with pytest.raises(Unreachable, match="SMTPNotSupportedError"):
        channel.send(message(), message_id=ID, target="asa@cluster.example")
    assert smtp[0].mails == []


@pytest.mark.parametrize(
    ("url", "host", "port", "secure", "user"),
    [
        ("smtp://mail.example", "mail.example", 587, "starttls", ""),
        ("smtp://u%40x:p@mail.example:2525", "mail.example", 2525, "starttls", "u@x"),
        ("smtps://mail.example", "mail.example", 465, "tls", ""),
        ("smtp://localhost", "localhost", 25, "none", ""),
        ("smtp://mail.example?starttls=no", "mail.example", 25, "none", ""),
    ],
)
def test_addresses_of_servers(url: str, host: str, port: int, secure: str, user: str) -> None:
    assert server(SecretStr(url))[:4] == (host, port, secure, user)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example",
        "http://geheim@x",
        "smtp://u:geheim@x:port",
        "smtp://u:geheim@x?starttls=no",
        "smtp://x?starttls=maybe",
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="CALLWATCH_SMTP_URL") as caught:
        server(SecretStr(url) if url else None)
    assert "geheim" not in str(caught.value)


def test_addresses_of_people() -> None:
    assert address("callwatch <callwatch@localhost>").addr_spec == "callwatch@localhost"
    with pytest.raises(ConfigError, match="CALLWATCH_MAIL_FROM"):
        address("nobody at all")
    for target in ("no address", "a@b\r\nBcc: c@d", "local"):
        with pytest.raises(Permanent, match="is not an e-mail address"):
            build(message(), message_id=ID, sender="a@b.example", target=target, now=NOW)

"""Sends e-mail through one SMTP server, on one connection that is kept for a whole run."""

from __future__ import annotations

from alerts import calendar
from alerts.channels import ChannelSettings, Envelope, Post
from alerts.channels.headers import Sending, address
from alerts.channels.mime import build
from alerts.channels.parts import deal
from alerts.channels.smtp import Connection, server
from alerts.message import Message


class Email:
    """One SMTP server; the connection is opened with the first message."""

    name = "email"

    def __init__(self, settings: ChannelSettings) -> None:
        self._sender = address(settings.mail_from)
        self._connection = Connection(server(settings.smtp_url), settings.timeout)

    def lane(self, target: str) -> str:
        """One for all."""
        return ""

    def posts(self, message: Message, envelope: Envelope) -> list[Post]:
        """One mail, or several where one would be cut off by mail programs."""
        return posts(message)

    def find(self, post: Post, message: Message, envelope: Envelope) -> str:
        """Nobody can be asked."""
        return ""

    def send(self, post: Post, message: Message, envelope: Envelope) -> str:
        """Hand the mail to the server and return its Message-ID."""
        sending = Sending(envelope.message_id, self._sender, envelope.target, envelope.links, envelope.threads)
        mail = build(message, post.body, sending, envelope.now, calendar.of_message)
        self._connection.send(self._sender.addr_spec, envelope.target, mail.as_bytes())
        return mail.message_id

    def try_out(self) -> None:
        """See whether the server takes our name and password. Raises Unreachable."""
        self._connection.greet()

    def close(self) -> None:
        """Say goodbye to the server."""
        self._connection.close()


def posts(message: Message) -> list[Post]:
    """The mails of a message."""
    letters = deal(message)
    return [Post(x.part.number, tuple(item.call_id for item in x.part.items), x) for x in letters]

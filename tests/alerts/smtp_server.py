"""A real SMTP server on loopback that can refuse, delay or hang up at will."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult


class Postbox:
    """aiosmtpd handler: `refuse` answers RCPT by address, `senders` MAIL and `answers` DATA one by one.

    `login` answers every AUTH. The answer "drop" hangs up: to DATA after all of the content came; "cut" while it
    comes, "slow" never answers. `commands` are the NOOPs that came.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.refuse: dict[str, str] = {}
        self.answers: list[str] = []
        self.senders: list[str] = []
        self.login = ""
        self.peers: list[Any] = []
        self.commands: list[str] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refuse:
            if self.refuse[address] == "drop":
                server.transport.close()
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, _: Any) -> str:  # noqa: N802
        answer = self.senders.pop(0) if self.senders else ""
        if answer == "drop":
            server.transport.close()
        if answer:
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_NOOP(self, server: Any, session: Any, envelope: Any, argument: Any) -> str:  # noqa: N802
        self.commands.append("NOOP")
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.peers.append(session.peer)
        answer = self.answers.pop(0) if self.answers else ""
        if answer == "drop":
            server.transport.close()
            return "250 never heard"
        if answer == "slow":
            await asyncio.sleep(1.5)
            return "451 too late"
        if answer:
            return answer
        self.raw.append(envelope.content)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    def log_in(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        """Let in whom nobody turns away."""
        return AuthResult(success=not self.login, handled=False, message=self.login or None)


class _Server(SMTP):
    """Hangs up in the middle of the content if it is told to."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if self.event_handler.answers[:1] == ["cut"]:
            self.event_handler.answers.pop(0)
            await self.push("354 go on")
            await self._reader.read(100)
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


@contextmanager
def smtp_server(*, logins: bool = False, tls: ssl.SSLContext | None = None) -> Iterator[tuple[Postbox, str]]:
    """The postbox and the address of its server; with `logins` it wants a user name and password, with `tls` it
    offers STARTTLS."""
    postbox = Postbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    wants = {"authenticator": postbox.log_in, "auth_required": True, "auth_require_tls": False} if logins else {}
    controller = _Controller(postbox, hostname="127.0.0.1", port=port, tls_context=tls, **wants)
    controller.start()
    try:
        yield postbox, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()

"""Sends e-mail through one SMTP server, on one connection that is kept for a whole run."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from email.message import EmailMessage
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import SecretStr

from alerts.channels import ChannelSettings, Envelope, Post, Unreachable
from alerts.channels.mime import address, build
from alerts.message import Message
from pipeline.errors import ConfigError, Permanent, Temporary
from pipeline.text import clean

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_REMEDY = "CALLWATCH_SMTP_URL: write it as smtp://user:password@host:port"


class Server(NamedTuple):
    """Where mail goes. `secure`: none, starttls or tls."""

    host: str
    port: int
    secure: str
    user: str = ""
    password: SecretStr = SecretStr("")


def server(url: SecretStr | None) -> Server:
    """Read CALLWATCH_SMTP_URL. Raises ConfigError; the text never repeats the address, which holds a password."""
    parts = urlsplit(url.get_secret_value()) if url else urlsplit("")
    try:
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"{_REMEDY} (the port is not a number).") from error
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ConfigError(f"{_REMEDY}.")
    local = parts.hostname in LOOPBACK
    wish = parse_qs(parts.query).get("starttls", ["no" if local else "yes"])[0]
    if wish not in ("yes", "no"):
        raise ConfigError(f"{_REMEDY} (starttls is yes or no).")
    secure = "tls" if parts.scheme == "smtps" else {"yes": "starttls", "no": "none"}[wish]
    if parts.username and secure == "none" and not local:
        raise ConfigError("CALLWATCH_SMTP_URL: a password is never sent without TLS; remove starttls=no.")
    usual = {"tls": 465, "starttls": 587, "none": 25}[secure]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Server(parts.hostname, port or usual, secure, user, SecretStr(password))


class Email:
    """One SMTP server; the connection is opened with the first message."""

    name = "email"

    def __init__(self, settings: ChannelSettings) -> None:
        self._server = server(settings.smtp_url)
        self._sender = address(settings.mail_from)
        self._settings = settings
        self._smtp: smtplib.SMTP | None = None

    def lane(self, target: str) -> str:
        """One for all."""
        return ""

    def posts(self, message: Message, envelope: Envelope) -> list[Post]:
        """All of the message at once."""
        return [Post(1, tuple(item.call_id for item in message.items), None)]

    def find(self, post: Post, message: Message, envelope: Envelope) -> str:
        """Nobody can be asked."""
        return ""

    def send(self, post: Post, message: Message, envelope: Envelope) -> str:
        """Hand the mail to the server and return its Message-ID."""
        message_id, target = envelope.message_id, envelope.target
        now = envelope.now
        mail = build(message, message_id=message_id, sender=str(self._sender), target=target, now=now)
        smtp = self._connected()
        try:
            smtp.send_message(mail, from_addr=self._sender.addr_spec, to_addrs=[target])
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = next(iter(error.recipients.values()))
            raise _refusal(code, reason) from error
        except smtplib.SMTPServerDisconnected as error:
            self.close()
            raise Unreachable("the mail server closed the connection.") from error
        except smtplib.SMTPSenderRefused as error:
            raise _sender_refused(error) from error
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPException as error:
            raise Permanent(f"the mail server cannot take this mail ({type(error).__name__}).") from error
        except OSError as error:
            self.close()
            raise Unreachable(f"the connection to the mail server broke ({_why(error)}).") from error
        return _message_id(mail)

    def close(self) -> None:
        """Say goodbye to the server."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.quit()
            smtp.close()

    def _connected(self) -> smtplib.SMTP:
        """The kept connection if it still answers, else a new one; a dead one must not cost a mail its attempt."""
        if self._smtp is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                if self._smtp.noop()[0] == 250:
                    return self._smtp
            self.close()
        try:
            self._smtp = self._open()
        except smtplib.SMTPAuthenticationError as error:
            raise Unreachable(f"the mail server refuses the user name or password ({error.smtp_code}).") from error
        except smtplib.SMTPException as error:
            raise Unreachable(f"the mail server refuses the connection ({type(error).__name__}).") from error
        except OSError as error:
            where = f"{self._server.host}:{self._server.port}"
            raise Unreachable(f"the mail server {where} cannot be reached ({_why(error)}).") from error
        return self._smtp

    def _open(self) -> smtplib.SMTP:
        place = self._server
        trust = ssl.create_default_context()
        timeout = self._settings.timeout
        if place.secure == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(place.host, place.port, timeout=timeout, context=trust)
        else:
            smtp = smtplib.SMTP(place.host, place.port, timeout=timeout)
        try:
            if place.secure == "starttls":
                smtp.starttls(context=trust)
            if place.user:
                smtp.login(place.user, place.password.get_secret_value())
        except (smtplib.SMTPException, OSError):
            smtp.close()
            raise
        return smtp


def _refusal(code: int, reason: bytes | str) -> Temporary | Permanent:
    words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    text = f"the mail server answered {code} {clean(words, 200)}"
    if code == 421:
        return Unreachable(text)
    return Permanent(text) if code >= 500 else Temporary(text)


def _sender_refused(error: smtplib.SMTPSenderRefused) -> Temporary | Permanent:
    """Too large is the mail's own fault; all else (no login, a sender not allowed) is the same for every mail."""
    refusal = _refusal(error.smtp_code, error.smtp_error)
    return refusal if error.smtp_code == 552 else Unreachable(f"{refusal} to the sender")


def _why(error: OSError) -> str:
    return clean(error.strerror or type(error).__name__, 100)


def _message_id(mail: EmailMessage) -> str:
    return str(mail["Message-ID"])

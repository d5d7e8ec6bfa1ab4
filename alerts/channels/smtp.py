"""One SMTP connection that is kept: opened safely, and told apart in its failures.

The steps of a mail are taken one by one, because it matters where the connection breaks: before the content went
out nothing has arrived, after it nobody knows.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
import time
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import SecretStr

from alerts.channels import Unreachable
from pipeline.errors import ConfigError, Permanent, Temporary
from pipeline.text import clean

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
IDLE = 5.0
"""Seconds after which a kept connection is asked whether it still lives; sooner it would cost each mail a trip."""
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


class Connection:
    """To one server; opened with the first mail. Every failure is a Temporary, Permanent or Unreachable."""

    def __init__(self, place: Server, timeout: float) -> None:
        self._place, self._timeout = place, timeout
        self._smtp: smtplib.SMTP | None = None
        self._used = 0.0

    def send(self, sender: str, target: str, mail: bytes) -> None:
        """Hand one mail over. Unreachable with `unsure` when it may have arrived."""
        smtp = self._begun(sender, len(mail))
        try:
            self._answered(smtp.rcpt(target), (250, 251))
            self._answered(smtp.docmd("DATA"), (354,))
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            raise self._broken(error) from error
        try:
            smtp.send(_stuffed(mail))
            answer = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise self._broken(error, unsure=True) from error
        self._answered(answer, (250,))
        self._used = time.monotonic()

    def greet(self) -> None:
        """Connect, log in as for a mail, and say goodbye: nothing is sent. Raises Unreachable."""
        self._smtp = self._opened()
        self.close()

    def close(self) -> None:
        """Say goodbye to the server."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.quit()
            smtp.close()

    def _begun(self, sender: str, size: int) -> smtplib.SMTP:
        """MAIL FROM on the kept connection; one that has died meanwhile must not cost a mail its attempt."""
        if self._smtp is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                if time.monotonic() - self._used < IDLE or self._smtp.noop()[0] == 250:
                    answer = self._from(self._smtp, sender, size)
                    if answer[0] != 421:
                        self._accepted(answer)
                        return self._smtp
            self.close()
        smtp = self._smtp = self._opened()
        try:
            answer = self._from(smtp, sender, size)
        except (smtplib.SMTPException, OSError) as error:
            raise self._broken(error) from error
        self._accepted(answer)
        return smtp

    @staticmethod
    def _from(smtp: smtplib.SMTP, sender: str, size: int) -> tuple[int, bytes]:
        return smtp.mail(sender, [f"size={size}"] if smtp.has_extn("size") else [])

    def _accepted(self, answer: tuple[int, bytes]) -> None:
        """Too large is the mail's own fault; all else (no login, a sender not allowed) is every mail's."""
        code, _ = answer
        if code == 250:
            return
        self._reset()
        refusal = refused(answer)
        if code == 552:
            raise refusal
        raise Unreachable(f"{refusal} to the sender", broken=code >= 500)

    def _answered(self, answer: tuple[int, bytes], good: tuple[int, ...]) -> None:
        if answer[0] in good:
            return
        if answer[0] == 421:
            self.close()
        else:
            self._reset()
        raise refused(answer)

    def _reset(self) -> None:
        """Forget the mail that was begun; a connection that cannot is given up."""
        try:
            if self._smtp is not None and self._smtp.rset()[0] == 250:
                return
        except (smtplib.SMTPException, OSError):
            pass
        self.close()

    def _broken(self, error: Exception, *, unsure: bool = False) -> Unreachable:
        self.close()
        when = "before it answered to a mail" if unsure else "before a mail was sent"
        return Unreachable(f"the mail server closed the connection {when} ({_why(error)}).", unsure=unsure)

    def _opened(self) -> smtplib.SMTP:
        place = f"{self._place.host}:{self._place.port}"
        try:
            return self._open()
        except smtplib.SMTPAuthenticationError as error:
            text = f"the mail server refuses the user name or password ({error.smtp_code})."
            raise Unreachable(text, broken=error.smtp_code >= 500) from error
        except smtplib.SMTPNotSupportedError as error:
            text = f"the mail server does not offer what is asked of it, STARTTLS or a login ({_why(error)})."
            raise Unreachable(text, broken=True) from error
        except smtplib.SMTPException as error:
            raise Unreachable(f"the mail server refuses the connection ({_why(error)}).") from error
        except ssl.SSLCertVerificationError as error:
            text = f"the mail server {place} has a certificate that is not trusted ({error.verify_message})."
            raise Unreachable(text, broken=True) from error
        except OSError as error:
            raise Unreachable(f"the mail server {place} cannot be reached ({_why(error)}).") from error

    def _open(self) -> smtplib.SMTP:
        place, trust = self._place, ssl.create_default_context()
        if place.secure == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(place.host, place.port, timeout=self._timeout, context=trust)
        else:
            smtp = smtplib.SMTP(place.host, place.port, timeout=self._timeout)
        try:
            if place.secure == "starttls":
                smtp.starttls(context=trust)
            if place.user:
                smtp.login(place.user, place.password.get_secret_value())
            smtp.ehlo_or_helo_if_needed()
        except (smtplib.SMTPException, OSError):
            smtp.close()
            raise
        return smtp


def refused(answer: tuple[int, bytes]) -> Temporary | Permanent:
    """What an answer means: 421 concerns the whole server, 4xx passes, 5xx does not."""
    code, reason = answer
    text = f"the mail server answered {code} {clean(reason.decode('utf-8', 'replace'), 200)}"
    if code == 421:
        return Unreachable(text)
    return Permanent(text) if code >= 500 else Temporary(text)


def _stuffed(mail: bytes) -> bytes:
    """As DATA wants it: a dot doubled at the start of a line, a lone one at the end."""
    body = mail.replace(b"\r\n.", b"\r\n..")
    return (b"." if body.startswith(b".") else b"") + body + (b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return clean(error.strerror, 100)
    return type(error).__name__

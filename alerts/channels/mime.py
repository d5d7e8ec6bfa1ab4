"""A message as an e-mail: headers that cannot be forged by a title, text and HTML."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from alerts import render
from alerts.message import Message
from pipeline.errors import ConfigError, Permanent
from pipeline.text import clean


def build(message: Message, *, message_id: str, sender: str, target: str, now: datetime) -> EmailMessage:
    """The e-mail; Message-ID and Date are the same on every attempt. Raises Permanent for a bad address."""
    mail = EmailMessage(policy=SMTP)
    author = address(sender)
    mail["From"] = author
    mail["To"] = _recipient(message.contact, target)
    mail["Subject"] = render.subject(message, now)
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{message_id}@{author.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["List-Id"] = f"<{message.subscription}.callwatch.{author.domain}>"
    mail.set_content(render.text(message, now), cte="quoted-printable")
    mail.add_alternative(render.html(message, now), subtype="html", cte="quoted-printable")
    return mail


def address(sender: str) -> Address:
    """The sender as `name <address>` or a bare address. Raises ConfigError."""
    name, spec = parseaddr(sender)
    try:
        return Address(display_name=clean(name, 70), addr_spec=spec)
    except (ValueError, IndexError) as error:
        raise ConfigError(f'CALLWATCH_MAIL_FROM: "{clean(sender, 100)}" is not an e-mail address.') from error


def _recipient(name: str, target: str) -> Address:
    try:
        recipient = Address(display_name=clean(name, 70), addr_spec=target)
    except (ValueError, IndexError) as error:
        raise Permanent(f'"{clean(target, 100)}" is not an e-mail address.') from error
    if not recipient.domain:
        raise Permanent(f'"{clean(target, 100)}" is not an e-mail address.')
    return recipient

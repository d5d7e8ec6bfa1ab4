"""The headers of a mail: none can be forged by a title, and programs that read them find what they look for.

Words are folded and encoded by the library; identifiers and addresses are written as they are, since the library
would wrap long ones into encoded words, which nothing that reads `List-Unsubscribe` undoes.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import NamedTuple

from alerts import foot
from alerts.links import Links
from alerts.message import Message, MessageKind
from pipeline.errors import ConfigError, Permanent
from pipeline.text import clean

THREADS = uuid.uuid5(uuid.NAMESPACE_DNS, "threads.callwatch")
_MESSAGE_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")
_PLAIN = re.compile(r"[ -~]{0,900}")


class Sending(NamedTuple):
    """What the headers tell besides the subject. `threads`: by call id, the Message-ID under which this reader was
    first told of it."""

    message_id: str
    sender: Address
    target: str
    links: Links
    threads: Mapping[str, str]

    def own_id(self, number: int = 1) -> str:
        """The id of the message for its first part, one derived from it for each further part."""
        name = self.message_id if number == 1 else f"{self.message_id}.{number}"
        return f"<{name}@{self.sender.domain}>"


def headers(message: Message, subject: str, number: int, sending: Sending) -> bytes:
    """The header lines of part `number`; the same on every attempt. Raises Permanent for a bad address."""
    lines = [
        _words("From", str(sending.sender)),
        _words("To", str(_recipient(message.contact, sending.target))),
        _words("Subject", subject),
        _plain("Date", _date(message.at)),
        _plain("Message-ID", sending.own_id(number)),
        _plain("Auto-Submitted", "auto-generated"),
        _plain("X-Auto-Response-Suppress", "All"),
        *_of_the_list(message, sending),
        *_of_the_thread(message, number, sending),
    ]
    return b"".join(lines)


def _of_the_list(message: Message, sending: Sending) -> Iterator[bytes]:
    """Which list this is, and how to leave it: with one click where the address takes one (RFC 8058)."""
    if message.kind in foot.NOT_SUBSCRIBED:
        return
    yield _plain("List-Id", f"<{message.subscription}.callwatch.{sending.sender.domain}>")
    ways = [way for way in (sending.links.stop, foot.stop_by_mail(message, sending.links)) if way]
    if ways:
        yield _plain("List-Unsubscribe", *(f"<{way}>," for way in ways[:-1]), f"<{ways[-1]}>")
    if sending.links.stop.startswith("https://"):
        yield _plain("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")


def _of_the_thread(message: Message, number: int, sending: Sending) -> Iterator[bytes]:
    """What is said of one call hangs together in the reader's mailbox, and so do the parts of one message."""
    if number > 1:
        known = [sending.own_id()]
    elif message.kind in (MessageKind.ALERT, MessageKind.REMINDER) and len(message.items) == 1:
        call = message.items[0].call_id
        earlier = sending.threads.get(call, "").split(",")[0]
        known = [f"<{uuid.uuid5(THREADS, f'{sending.target}|{call}')}@{sending.sender.domain}>"]
        known += [earlier] if _MESSAGE_ID.fullmatch(earlier) else []
    else:
        return
    yield _plain("In-Reply-To", known[-1])
    yield _plain("References", *known)


@lru_cache(maxsize=1024)
def _words(name: str, value: str) -> bytes:
    """A header of words, folded, and encoded where it is not ASCII."""
    folded: bytes = SMTP.fold_binary(*SMTP.header_store_parse(name, value))
    return folded


@lru_cache(maxsize=64)
def _date(at: datetime) -> str:
    return format_datetime(at)


def _plain(name: str, *values: str) -> bytes:
    """A header of printable ASCII, each value on a line of its own; nothing else is let in."""
    if not all(_PLAIN.fullmatch(value) for value in values):
        raise Permanent(f"the header {name} cannot be written.")
    return f"{name}: {(chr(13) + chr(10) + ' ').join(values)}\r\n".encode()


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

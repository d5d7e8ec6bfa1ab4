"""What a mail in our mailbox says: one of ours did not arrive (RFC 3464), or somebody wants no more. Pure.

Mails come from anywhere. Nothing here raises on any bytes, and nothing is believed: who may say so is decided
elsewhere (bounces).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.parser import HeaderParser
from email.utils import parseaddr

import msgspec

from pipeline.text import clean

LIMIT = 2_000_000
"""Bytes of a mail that are looked at: a report stands at the head of what it returns."""
HEADERS = ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers")
WHOLE = ("message/rfc822", "message/global")
REPORT = "message/delivery-status"

_STOP = re.compile(r"(?:(?:re|sv|aw|fwd?|vb)\s*:\s*)*stop\s+([a-z0-9][a-z0-9_-]{0,63})\s*", re.IGNORECASE)
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")


class Failure(msgspec.Struct, frozen=True):
    """What a report says of one recipient. `status` is the code of RFC 3463, such as 5.1.1; empty if it says none.

    `action` is failed, delayed, delivered, relayed or expanded; `note` what the mail server answered, in one line.
    """

    recipient: str
    action: str
    status: str
    note: str = ""


class Report(msgspec.Struct, frozen=True):
    """A delivery report; `message_id` is that of the mail it returns, empty if it returns none."""

    message_id: str
    failures: tuple[Failure, ...]


class StopWish(msgspec.Struct, frozen=True):
    """A mail "stop SUBSCRIPTION" and the address it claims to come from."""

    sender: str
    subscription: str


class Other(msgspec.Struct, frozen=True):
    """Neither, and why it is not taken for one. `broken`: it seems to be a report, but cannot be read."""

    why: str
    broken: bool = False


Reading = Report | StopWish | Other


def read_mail(data: bytes) -> Reading:
    """What this mail says to us."""
    try:
        return _read(message_from_bytes(data[:LIMIT]))
    except Exception as error:  # noqa: BLE001 - the parser of the library has faults of its own on hostile mails
        return Other(f"cannot be read ({type(error).__name__})", broken=True)


def _read(mail: Message) -> Reading:
    reports = [part for part in _parts(mail) if part.get_content_type() == REPORT]
    if reports:
        return _report(mail, reports[0])
    if _is_report(mail):
        return Other("a delivery report without its machine-readable part", broken=True)
    subject = _line(mail, "Subject")
    wish = _STOP.fullmatch(subject.strip())
    if wish is None:
        return Other(f'neither a delivery report nor a "stop" ({clean(subject, 60) or "no subject"})')
    if _line(mail, "Auto-Submitted").casefold() not in ("", "no"):
        return Other('a "stop" that a machine has sent')
    return StopWish(parseaddr(_line(mail, "From"))[1], wish.group(1).lower())


def _is_report(mail: Message) -> bool:
    kind = str(mail.get_param("report-type", "")).casefold()
    return mail.get_content_type() == "multipart/report" and kind in ("", "delivery-status")


def _parts(mail: Message) -> Iterator[Message]:
    """The parts of the mail itself, not those of the mails it returns."""
    payload = mail.get_payload()
    if mail.get_content_maintype() != "multipart" or not isinstance(payload, list):
        yield mail
        return
    for part in payload:
        if isinstance(part, Message):
            yield from _parts(part)


def _report(mail: Message, part: Message) -> Reading:
    if not _is_report(mail):
        return Other("a delivery status that is not a report", broken=True)
    blocks = part.get_payload()
    found = [_failure(b) for b in blocks if isinstance(b, Message)] if isinstance(blocks, list) else []
    failures = tuple(failure for failure in found if failure.recipient)
    if not failures:
        return Other("a delivery report that names no recipient", broken=True)
    return Report(_returned(mail), failures)


def _failure(block: Message) -> Failure:
    """One group of fields; that about the mail as a whole has no recipient."""
    note = clean(_line(block, "Diagnostic-Code").partition(";")[2], 200)
    return Failure(
        recipient=_address(_line(block, "Final-Recipient")),
        action=_line(block, "Action").split("(")[0].strip().casefold(),
        status=_status(_line(block, "Status"), note),
        note=note,
    )


def _address(field: str) -> str:
    """The address of `rfc822; anna@example.org`; empty for other kinds of address."""
    kind, _, value = field.partition(";")
    if kind.strip().casefold() not in ("rfc822", "utf-8"):
        return ""
    return clean(value.strip().strip("<>"), 320)


def _status(field: str, note: str) -> str:
    """The code of the field Status, or that in the server's answer where the field says no more than "failed"."""
    stated, answered = _STATUS.search(field), _STATUS.search(note)
    if stated and (stated.group(2), stated.group(3)) != ("0", "0"):
        return stated.group()
    best = answered or stated
    return best.group() if best else ""


def _returned(mail: Message) -> str:
    """The Message-ID of the mail that came back."""
    for part in _parts(mail):
        kind, payload = part.get_content_type(), part.get_payload()
        if kind in WHOLE and isinstance(payload, list) and payload and isinstance(payload[0], Message):
            return _line(payload[0], "Message-ID")
        if kind in HEADERS:
            return _line(_headers(part), "Message-ID")
    return ""


def _headers(part: Message) -> Message:
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        return HeaderParser().parsestr(payload.decode("utf-8", "replace").lstrip())
    inner = part.get_payload()
    return inner[0] if isinstance(inner, list) and inner and isinstance(inner[0], Message) else Message()


def _line(mail: Message, name: str) -> str:
    return clean(str(mail.get(name, "")), 1000)

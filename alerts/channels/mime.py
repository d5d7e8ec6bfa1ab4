"""A message as e-mails: text and HTML, and the deadlines as a calendar.

What many readers are told alike is put together and encoded once; only headers and links are each reader's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from msgspec.structs import replace

from alerts.channels.headers import Sending, headers
from alerts.channels.parts import LIMIT, Letter
from alerts.channels.quoted import MARKED, fill, quoted_bottom, quoted_heading, quoted_item, quoted_top, wrapped
from alerts.message import Message
from alerts.render import blocks
from alerts.same import Same
from alerts.view import frame, wording

REMEMBERED = 32
"""Bodies and calendars kept, at most 100 KB each."""

Calendar = Callable[[Message, str], bytes]
"""Makes a calendar of the deadlines in a message, empty when there are none; the text is the domain in its ids."""


@dataclass(frozen=True)
class Mail:
    """One mail as it goes out: its Message-ID, in angle brackets, and all of its bytes."""

    message_id: str
    raw: bytes

    def as_bytes(self) -> bytes:
        """Headers and body, with CRLF."""
        return self.raw


def build(
    message: Message, letter: Letter, sending: Sending, now: datetime, calendar: Calendar | None = None
) -> Mail:
    """The mail for one part of `message`, as it is read at `now`.

    What `calendar` makes goes along unless the mail would grow too large. Raises Permanent for a bad address.
    """
    part, linked = letter.part, bool(sending.links.token)
    around = frame(message, part, wording(message), now, MARKED if linked else sending.links)
    top, bottom = quoted_top(around), quoted_bottom(around)
    text, html = _calls(Same((letter,)), letter.settled(now), linked)
    text, html = top.text + text + bottom.text, top.html + html + bottom.html
    if linked:
        text, html = fill(text, sending.links), fill(html, sending.links)
    own_id = sending.own_id(part.number)
    head = headers(message, around.subject, part.number, sending) + b"MIME-Version: 1.0\r\n"
    mail = _alternative(own_id, text, html)
    deadlines = _deadlines(letter, sending.sender.domain, calendar) if calendar and part.cards else b""
    if deadlines and len(head) + len(mail) + len(deadlines) + 500 < LIMIT:
        mail = _mixed(own_id, mail, deadlines)
    return Mail(own_id, head + mail)


@lru_cache(maxsize=REMEMBERED)
def _calls(same: Same[Letter], now: datetime, linked: bool) -> tuple[bytes, bytes]:
    """The calls of one part in text and HTML, encoded, with marks for the reader's links."""
    (letter,) = same.things
    message, part = letter.message, letter.part
    words = wording(message)
    pieces = [
        quoted_heading(block.heading)
        if block.item is None
        else quoted_item(block.item, words, now, card=block.card, linked=linked)
        for block in blocks(message, part, words)
    ]
    return b"".join(piece.text for piece in pieces), b"".join(piece.html for piece in pieces)


def _deadlines(letter: Letter, domain: str, calendar: Calendar) -> bytes:
    """Those of the calls that stand here in full; what has one line is in the calendar one can subscribe to."""
    return _calendar_part(Same((letter,)), domain, calendar)


@lru_cache(maxsize=REMEMBERED)
def _calendar_part(same: Same[Letter], domain: str, calendar: Calendar) -> bytes:
    (letter,) = same.things
    made = calendar(replace(letter.message, items=letter.part.cards), domain)
    return wrapped(made.decode()) if made else b""


def _alternative(own_id: str, text: bytes, html: bytes) -> bytes:
    """No boundary can occur in a body: quoted-printable writes no "=_"."""
    edge = b"=_" + sha256(own_id.encode()).hexdigest()[:32].encode()
    return b"".join(
        (
            b'Content-Type: multipart/alternative; boundary="%b"\r\n\r\n--%b\r\n' % (edge, edge),
            b'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n',
            text,
            b"\r\n--%b\r\n" % edge,
            b'Content-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n',
            html,
            b"\r\n--%b--\r\n" % edge,
        )
    )


def _mixed(own_id: str, mail: bytes, calendar: bytes) -> bytes:
    edge = b"=_" + sha256(b"calendar " + own_id.encode()).hexdigest()[:32].encode()
    return b"".join(
        (
            b'Content-Type: multipart/mixed; boundary="%b"\r\n\r\n--%b\r\n' % (edge, edge),
            mail,
            b"\r\n--%b\r\n" % edge,
            b'Content-Type: text/calendar; method=PUBLISH; charset="utf-8"; name="deadlines.ics"\r\n',
            b'Content-Disposition: attachment; filename="deadlines.ics"\r\n',
            b"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
            calendar,
            b"\r\n--%b--\r\n" % edge,
        )
    )

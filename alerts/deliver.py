"""Claim, send, record: everything that is due leaves, and what became of it is written down.

The claim is over before anything is sent, so no transaction waits for a network. A failure of one target never
delays another: only messages for the same target wait with it, and for the same channel if the channel as a whole
cannot be reached. A crash between sending and recording is the one way to say a thing twice; it bears the same id.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from alerts.channels import Channel, Partly, Unreachable
from alerts.message import decode
from pipeline.errors import CallwatchError, Permanent, SendError, Temporary
from pipeline.outbox import OutboxMessage

BATCH = 50
LEASE = timedelta(minutes=10)
MARGIN = timedelta(minutes=2)
"""Nothing is begun so near to the end of a lease, lest another worker should send it as well."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
ATTEMPTS = 12
GIVE_UP = timedelta(hours=72)

_DONE = re.compile(r" \[arrived so far: (?P<done>[\w.,-]+)\]$")
_log = logging.getLogger(__name__)


class Outbox(Protocol):
    """The part of the store that a delivery needs; each method is a transaction of its own.

    `claim` counts the attempt it begins; the others return False when the lease has passed to somebody else.
    """

    def claim(self, now: datetime, limit: int, lease: timedelta) -> list[OutboxMessage]: ...
    def sent(self, message_id: str, token: str, remote_id: str, at: datetime) -> bool: ...
    def retry(self, message_id: str, token: str, error: str, not_before: datetime, at: datetime) -> bool: ...
    def failed(self, message_id: str, token: str, error: str, at: datetime) -> bool: ...


class Detail(msgspec.Struct, frozen=True):
    """What became of one message: `outcome` is sent, retried or failed; `note` the remote id or the error."""

    message_id: str
    contact: str
    subscription: str
    channel: str
    outcome: str
    note: str


class DeliveryReport(msgspec.Struct):
    """What one round of delivery did. Messages whose lease passed to another worker count nowhere."""

    sent: int = 0
    retried: int = 0
    failed: int = 0
    details: list[Detail] = []


class _Blocked(msgspec.Struct):
    """Who has to wait in this round, with the error and the instant from which they may be tried again."""

    channels: dict[str, tuple[str, datetime]] = {}
    targets: dict[tuple[str, str], tuple[str, datetime]] = {}

    def reason(self, channel: str, target: str) -> tuple[str, datetime] | None:
        return self.channels.get(channel) or self.targets.get((channel, target))


def deliver(
    outbox: Outbox, channels: Mapping[str, Channel], now: datetime, *, clock: Callable[[], datetime]
) -> DeliveryReport:
    """Send all messages that are due at `now`; `clock` tells the time of each record. Closes the channels."""
    report, blocked = DeliveryReport(), _Blocked()
    try:
        while claimed := outbox.claim(now, BATCH, LEASE):
            safe_until = clock() + LEASE - MARGIN
            for leased in claimed:
                if clock() < safe_until:
                    _one(leased, outbox, channels, blocked, report, clock)
    finally:
        for channel in channels.values():
            channel.close()
    return report


def wait(attempts: int) -> timedelta:
    """The pause after so many attempts: a minute, doubled each time, at most six hours."""
    return min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LONGEST_WAIT) if attempts > 0 else FIRST_WAIT


def _one(
    leased: OutboxMessage,
    outbox: Outbox,
    channels: Mapping[str, Channel],
    blocked: _Blocked,
    report: DeliveryReport,
    clock: Callable[[], datetime],
) -> None:
    message = leased.message
    held = blocked.reason(message.channel, message.target)
    if held is not None:
        due = max(held[1], clock() + wait(leased.attempts))
        _again(leased, _with_done(held[0], leased), due, outbox, report, clock())
        return
    try:
        remote_id = _send(leased, channels)
    except Temporary as error:
        _block(error, leased, blocked, clock())
        text, due = _with_done(error, leased), _due(error, leased, clock())
        _again(leased, text, due, outbox, report, clock())
    except SendError as error:
        if outbox.failed(message.id, leased.token, str(error), clock()):
            _note(report, leased, "failed", str(error))
    else:
        if outbox.sent(message.id, leased.token, remote_id, clock()):
            _note(report, leased, "sent", remote_id)


def _send(leased: OutboxMessage, channels: Mapping[str, Channel]) -> str:
    """Raises Temporary or Permanent, whatever goes wrong: one message must not stop the others."""
    message = leased.message
    channel = channels.get(message.channel)
    if channel is None:
        raise Unreachable(f"the channel {message.channel} is not set up on this machine.")
    try:
        content = decode(message.payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Permanent("the stored message cannot be read.") from error
    try:
        return channel.send(content, message_id=message.id, target=message.target, done=_done(leased))
    except SendError:
        raise
    except CallwatchError as error:
        raise Temporary(str(error)) from error
    except Exception as error:
        _log.exception("channel %s could not handle message %s", message.channel, message.id)
        raise Temporary(f"a fault in callwatch ({type(error).__name__}); see its log.") from error


def _block(error: Temporary, leased: OutboxMessage, blocked: _Blocked, now: datetime) -> None:
    """After a failure the neighbours wait as well, instead of each finding out for itself."""
    message = leased.message
    held = (str(error), now + max(FIRST_WAIT, timedelta(seconds=error.retry_after or 0)))
    if isinstance(error, Unreachable):
        blocked.channels[message.channel] = held
    else:
        blocked.targets[message.channel, message.target] = held


def _due(error: Temporary, leased: OutboxMessage, now: datetime) -> datetime:
    return now + max(wait(leased.attempts), timedelta(seconds=error.retry_after or 0))


def _again(
    leased: OutboxMessage, error: str, due: datetime, outbox: Outbox, report: DeliveryReport, now: datetime
) -> None:
    """Later, or never more when it has been tried long enough."""
    message = leased.message
    if leased.attempts >= ATTEMPTS or due > message.created_at + GIVE_UP:
        text = f"{error} Given up after {leased.attempts} attempts."
        if outbox.failed(message.id, leased.token, text, now):
            _note(report, leased, "failed", text)
    elif outbox.retry(message.id, leased.token, error, due, now):
        _note(report, leased, "retried", error)


def _with_done(error: Temporary | str, leased: OutboxMessage) -> str:
    """The error, with the posts that have arrived; that is where the next attempt finds them."""
    done = error.remote_id if isinstance(error, Partly) else _done(leased)
    return f"{error} [arrived so far: {done}]" if done else str(error)


def _done(leased: OutboxMessage) -> str:
    found = _DONE.search(leased.last_error)
    return found["done"] if found else ""


def _note(report: DeliveryReport, leased: OutboxMessage, outcome: str, note: str) -> None:
    message = leased.message
    setattr(report, outcome, getattr(report, outcome) + 1)
    detail = Detail(message.id, message.contact, message.subscription, message.channel, outcome, note)
    report.details.append(detail)

"""One attempt to say one message: send what has not arrived of it, and record what became of it.

Each post is recorded as it arrives, which also renews the lease: a message of many posts may take longer than one
lease. What is not known stays on record as not known: the next attempt asks the other side first.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from alerts.channels import Channel, Envelope, Post, Unreachable, Unsure
from alerts.delivery import Outbox, People
from alerts.message import Message, decode
from pipeline.errors import Busy, CallwatchError, Permanent, SendError, StoreError, Temporary
from pipeline.outbox import NewMessage, OutboxMessage

LEASE = timedelta(minutes=10)
MARGIN = timedelta(minutes=2)
"""Nothing is begun so near to the end of a lease, lest another worker should send it as well."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
GIVE_UP = timedelta(hours=72)
"""A weekend's outage of a mail server must not cost a message."""
PAUSES = (0.2, 1.0, 5.0)
"""Seconds before it is tried again to record what has happened: a busy database must not make us forget."""

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class Held(msgspec.Struct, frozen=True):
    """Why a channel or target is not tried again in this round, and from when on it may be."""

    error: str
    until: datetime
    broken: bool = False


class Round(msgspec.Struct):
    """One round of delivery, shared by its lanes. Dictionaries are only ever added to."""

    outbox: Outbox
    channels: Mapping[str, Channel]
    people: People
    clock: Callable[[], datetime]
    note: Callable[[OutboxMessage, str, str, bool], None]
    stopping: Callable[[], bool] = lambda: False
    blocked_channels: dict[str, Held] = {}
    blocked_targets: dict[tuple[str, str], Held] = {}

    def blocked(self, message: NewMessage) -> Held | None:
        channel = self.blocked_channels.get(message.channel)
        return channel or self.blocked_targets.get((message.channel, message.target))


class Attempt(msgspec.Struct):
    """One message that is ours until a while after `safe_until`. `unsure`: its next post may have arrived."""

    leased: OutboxMessage
    safe_until: datetime
    unsure: bool = False


class _Passed(Exception):
    """Somebody else has the message now."""


def wait(attempts: int) -> timedelta:
    """The pause after so many attempts: a minute, doubled each time, at most six hours."""
    return min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LONGEST_WAIT) if attempts > 0 else FIRST_WAIT


def attempt(one: Attempt, work: Round) -> None:
    """Send the message or say why not, and record it. Raises StoreError or Busy if that cannot be recorded."""
    leased = one.leased
    if work.clock() >= one.safe_until or work.stopping():
        _hand_back(one, work)
        return
    held = work.blocked(leased.message)
    if held is not None:
        _again(one, work, held.error, max(held.until, work.clock() + wait(leased.attempts)), broken=held.broken)
        return
    try:
        remote_id, last = _send(one, work)
    except _Passed:
        return
    except Temporary as error:
        _block(error, leased, work)
        _again(one, work, str(error), _due(error, leased, work.clock()), broken=getattr(error, "broken", False))
    except SendError as error:
        _give_up(one, work, str(error))
    else:
        if patiently(lambda: work.outbox.sent(leased, remote_id, work.clock(), last)):
            work.note(leased, "sent", remote_id, False)


def _hand_back(one: Attempt, work: Round) -> None:
    """Not begun: it is due again at once, for whoever comes first."""
    leased, now = one.leased, work.clock()
    due = leased.message.not_before
    patiently(lambda: work.outbox.retry(leased, leased.last_error, due, now, unsure=one.unsure))


_Last = tuple[int, str, Sequence[str]]


def _send(one: Attempt, work: Round) -> tuple[str, _Last | None]:
    """Raises Temporary or Permanent, whatever goes wrong: one message must not stop the others.

    Returns the remote ids of all posts and the last one, which is still to be recorded.
    """
    message = one.leased.message
    channel = work.channels.get(message.channel)
    if channel is None:
        raise Unreachable(f"the channel {message.channel} is not set up on this machine.", broken=True)
    try:
        if reason := work.people.refuses(message):
            raise Permanent(reason)
        return _post_all(one, channel, decode(message.payload), work)
    except (SendError, _Passed):
        raise
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Permanent("the stored message cannot be read.") from error
    except CallwatchError as error:
        raise Temporary(str(error)) from error
    except Exception as error:
        _log.exception("channel %s could not handle message %s", message.channel, message.id)
        raise Temporary(f"a fault in callwatch ({type(error).__name__}); see its log.") from error


def _post_all(one: Attempt, channel: Channel, content: Message, work: Round) -> tuple[str, _Last | None]:
    leased, message, outbox = one.leased, one.leased.message, work.outbox
    envelope = Envelope(
        message_id=message.id,
        target=message.target,
        now=work.clock(),
        threads=_threads(leased.message, content, outbox),
        place=outbox.last_post(message.channel, message.target) if one.unsure else "",
        links=work.people.links(message),
    )
    arrived = dict(leased.posts)
    last: _Last | None = None
    for post in channel.posts(content, envelope):
        if post.number in arrived:
            continue
        if last is not None:
            _keep(one, last, work)
        arrived[post.number] = _deliver_post(post, channel, content, envelope, one)
        last = (post.number, arrived[post.number], post.call_ids)
    return ",".join(arrived[number] for number in sorted(arrived)), last


def _threads(message: NewMessage, content: Message, outbox: Outbox) -> dict[str, str]:
    """Where the target was first told of each call; not asked for a message that does not go on there."""
    if not content.goes_on:
        return {}
    return outbox.threads(message.channel, message.target, message.call_ids, besides=message.id)


def _keep(one: Attempt, last: _Last, work: Round) -> None:
    """Record a post that is not the last one. From now on the lease is as long as at the beginning."""
    now = work.clock()
    if not patiently(lambda: work.outbox.posted(one.leased, *last, now, until=now + LEASE)):
        raise _Passed
    one.safe_until, one.unsure = now + LEASE - MARGIN, False


def _deliver_post(post: Post, channel: Channel, content: Message, envelope: Envelope, one: Attempt) -> str:
    """Whatever ends this, `one.unsure` says whether the post may have arrived without being on record."""
    if one.unsure and (found := channel.find(post, content, envelope)):
        return found
    one.unsure = True
    try:
        return channel.send(post, content, envelope)
    except SendError as error:
        one.unsure = isinstance(error, Unsure) or bool(getattr(error, "unsure", False))
        raise


def patiently(step: Callable[[], _T]) -> _T:
    """What has happened has to go on record: a database that is away for a moment is asked again."""
    for pause in PAUSES:
        try:
            return step()
        except (StoreError, Busy) as error:
            _log.warning("the outbox cannot be written to, trying again: %s", error)
            time.sleep(pause)
    return step()


def _block(error: Temporary, leased: OutboxMessage, work: Round) -> None:
    """After a failure the neighbours wait as well, instead of each finding out for itself."""
    message = leased.message
    until = work.clock() + max(FIRST_WAIT, timedelta(seconds=error.retry_after or 0))
    held = Held(str(error), until, bool(getattr(error, "broken", False)))
    if isinstance(error, Unreachable):
        work.blocked_channels[message.channel] = held
    else:
        work.blocked_targets[message.channel, message.target] = held


def _due(error: Temporary, leased: OutboxMessage, now: datetime) -> datetime:
    return now + max(wait(leased.attempts), timedelta(seconds=error.retry_after or 0))


def _again(one: Attempt, work: Round, error: str, due: datetime, *, broken: bool = False) -> None:
    """Later, or never more when it has been tried long enough."""
    leased, now = one.leased, work.clock()
    if due > (leased.due_at or leased.message.created_at) + GIVE_UP:
        _give_up(one, work, f"{error} Given up after {leased.attempts} attempts.", broken=broken)
    elif patiently(lambda: work.outbox.retry(leased, error, due, now, unsure=one.unsure)):
        work.note(leased, "retried", error, broken)


def _give_up(one: Attempt, work: Round, error: str, *, broken: bool = False) -> None:
    now = work.clock()
    instead = work.people.instead(one.leased.message, now)
    text = f"{error} Sent by {instead.channel} instead." if instead else error
    if patiently(lambda: work.outbox.failed(one.leased, text, now, instead)):
        work.note(one.leased, "failed", text, broken)

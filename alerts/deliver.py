"""Claim, send, record: everything that is due leaves, and what became of it is written down.

The claim is over before anything is sent, so no transaction waits for a network. Messages are sent in lanes that
run side by side, a mail server's in one and each Slack channel's in its own, so a target that is slow or fails
delays only those behind it in its lane. Each post of a message is recorded as it arrives, and the next attempt
goes on behind it. A crash between sending and recording is the one way to say a thing twice; it bears the same id,
and where the other side can be asked (Slack), it is asked first.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import msgspec

from alerts.channels import Channel, Envelope, Post, Unreachable, Unsure
from alerts.delivery import DeliveryReport, Detail, Outbox, People
from alerts.message import Message, decode
from pipeline.errors import CallwatchError, Permanent, SendError, Temporary
from pipeline.outbox import NewMessage, OutboxMessage

BATCH = 50
LEASE = timedelta(minutes=10)
MARGIN = timedelta(minutes=2)
"""Nothing is begun so near to the end of a lease, lest another worker should send it as well."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
GIVE_UP = timedelta(hours=72)
"""A weekend's outage of a mail server must not cost a message."""
LANES = 8

_log = logging.getLogger(__name__)


class _Held(msgspec.Struct, frozen=True):
    """Why a channel or target is not tried again in this round, and from when on it may be."""

    error: str
    until: datetime
    broken: bool = False


class _Round(msgspec.Struct):
    """One round of delivery, shared by its lanes. Dictionaries and lists are only ever added to."""

    outbox: Outbox
    channels: Mapping[str, Channel]
    people: People
    clock: Callable[[], datetime]
    report: DeliveryReport
    blocked_channels: dict[str, _Held] = {}
    blocked_targets: dict[tuple[str, str], _Held] = {}

    def blocked(self, message: NewMessage) -> _Held | None:
        channel = self.blocked_channels.get(message.channel)
        return channel or self.blocked_targets.get((message.channel, message.target))


def deliver(
    outbox: Outbox,
    channels: Mapping[str, Channel],
    people: People,
    now: datetime,
    *,
    clock: Callable[[], datetime],
) -> DeliveryReport:
    """Send all messages that are due at `now`; `clock` tells the time of each record. Closes the channels."""
    work = _Round(outbox, channels, people, clock, DeliveryReport())
    try:
        with ThreadPoolExecutor(LANES, thread_name_prefix="lane") as pool:
            while claimed := outbox.claim(now, BATCH, LEASE):
                safe_until = clock() + LEASE - MARGIN
                lanes = _lanes(claimed, channels).values()
                list(pool.map(partial(_lane, work=work, safe_until=safe_until), lanes))
    finally:
        for channel in channels.values():
            channel.close()
    report = work.report
    counted = Counter(detail.outcome for detail in report.details)
    report.sent, report.retried, report.failed = (counted[name] for name in ("sent", "retried", "failed"))
    return report


def wait(attempts: int) -> timedelta:
    """The pause after so many attempts: a minute, doubled each time, at most six hours."""
    return min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LONGEST_WAIT) if attempts > 0 else FIRST_WAIT


def _lanes(claimed: Sequence[OutboxMessage], channels: Mapping[str, Channel]) -> dict[str, list[OutboxMessage]]:
    """The messages by lane, in their order."""
    lanes: dict[str, list[OutboxMessage]] = {}
    for leased in claimed:
        message = leased.message
        channel = channels.get(message.channel)
        lane = channel.lane(message.target) if channel else ""
        lanes.setdefault(f"{message.channel} {lane}", []).append(leased)
    return lanes


def _lane(lane: Sequence[OutboxMessage], work: _Round, safe_until: datetime) -> None:
    for leased in lane:
        if work.clock() < safe_until:
            _one(leased, work)


def _one(leased: OutboxMessage, work: _Round) -> None:
    held = work.blocked(leased.message)
    if held is not None:
        due = max(held.until, work.clock() + wait(leased.attempts))
        _again(leased, work, held.error, due, broken=held.broken, unsure=leased.unsure)
        return
    try:
        remote_id, last = _send(leased, work)
    except Temporary as error:
        _block(error, leased, work)
        unsure = isinstance(error, Unsure) or bool(getattr(error, "unsure", False))
        broken = bool(getattr(error, "broken", False))
        _again(leased, work, str(error), _due(error, leased, work.clock()), broken=broken, unsure=unsure)
    except SendError as error:
        _give_up(leased, work, str(error))
    else:
        if work.outbox.sent(leased, remote_id, work.clock(), last):
            _note(work.report, leased, "sent", remote_id)


_Last = tuple[int, str, Sequence[str]]


def _send(leased: OutboxMessage, work: _Round) -> tuple[str, _Last | None]:
    """Raises Temporary or Permanent, whatever goes wrong: one message must not stop the others.

    Returns the remote ids of all posts and the last one, which is still to be recorded.
    """
    message = leased.message
    channel = work.channels.get(message.channel)
    if channel is None:
        raise Unreachable(f"the channel {message.channel} is not set up on this machine.", broken=True)
    if reason := work.people.refuses(message):
        raise Permanent(reason)
    try:
        content = decode(message.payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Permanent("the stored message cannot be read.") from error
    try:
        return _post_all(leased, channel, content, work)
    except SendError:
        raise
    except CallwatchError as error:
        raise Temporary(str(error)) from error
    except Exception as error:
        _log.exception("channel %s could not handle message %s", message.channel, message.id)
        raise Temporary(f"a fault in callwatch ({type(error).__name__}); see its log.") from error


def _post_all(leased: OutboxMessage, channel: Channel, content: Message, work: _Round) -> tuple[str, _Last | None]:
    message, outbox = leased.message, work.outbox
    envelope = Envelope(
        message_id=message.id,
        target=message.target,
        now=work.clock(),
        threads=outbox.threads(message.channel, message.target, message.call_ids, besides=message.id),
        place=outbox.last_post(message.channel, message.target) if leased.unsure else "",
        links=work.people.links(message),
    )
    arrived = dict(leased.posts)
    unsure = leased.unsure
    last: _Last | None = None
    for post in channel.posts(content, envelope):
        if post.number in arrived:
            continue
        if last is not None:
            outbox.posted(leased, *last, work.clock())
        arrived[post.number] = _deliver_post(post, channel, content, envelope, unsure=unsure)
        unsure = False  # only the first post that is not on record can have arrived
        last = (post.number, arrived[post.number], post.call_ids)
    return ",".join(arrived[number] for number in sorted(arrived)), last


def _deliver_post(post: Post, channel: Channel, content: Message, envelope: Envelope, *, unsure: bool) -> str:
    found = channel.find(post, content, envelope) if unsure else ""
    return found or channel.send(post, content, envelope)


def _block(error: Temporary, leased: OutboxMessage, work: _Round) -> None:
    """After a failure the neighbours wait as well, instead of each finding out for itself."""
    message = leased.message
    until = work.clock() + max(FIRST_WAIT, timedelta(seconds=error.retry_after or 0))
    held = _Held(str(error), until, bool(getattr(error, "broken", False)))
    if isinstance(error, Unreachable):
        work.blocked_channels[message.channel] = held
    else:
        work.blocked_targets[message.channel, message.target] = held


def _due(error: Temporary, leased: OutboxMessage, now: datetime) -> datetime:
    return now + max(wait(leased.attempts), timedelta(seconds=error.retry_after or 0))


def _again(
    leased: OutboxMessage, work: _Round, error: str, due: datetime, *, broken: bool = False, unsure: bool = False
) -> None:
    """Later, or never more when it has been tried long enough."""
    if due > (leased.due_at or leased.message.created_at) + GIVE_UP:
        _give_up(leased, work, f"{error} Given up after {leased.attempts} attempts.", broken=broken)
    elif work.outbox.retry(leased, error, due, work.clock(), unsure=unsure):
        _note(work.report, leased, "retried", error, broken=broken)


def _give_up(leased: OutboxMessage, work: _Round, error: str, *, broken: bool = False) -> None:
    now = work.clock()
    instead = work.people.instead(leased.message, now)
    text = f"{error} Sent by {instead.channel} instead." if instead else error
    if work.outbox.failed(leased, text, now, instead):
        _note(work.report, leased, "failed", text, broken=broken)


def _note(report: DeliveryReport, leased: OutboxMessage, outcome: str, note: str, *, broken: bool = False) -> None:
    message = leased.message
    detail = Detail(
        message.id, message.contact, message.subscription, message.channel, message.target, outcome, note, broken
    )
    report.details.append(detail)

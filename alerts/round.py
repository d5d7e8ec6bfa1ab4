"""What a round of delivery rests on: the outbox, the people, the channels, and what was found out on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from alerts.channels import Channel
from alerts.links import Links
from pipeline.outbox import NewMessage, OutboxMessage


class Outbox(Protocol):
    """The part of the store that a delivery needs; each method is a transaction of its own.

    `claim` counts the attempt it begins; `posted`, `sent`, `retry` and `failed` return False when the lease has
    passed to somebody else.
    """

    def claim(
        self,
        now: datetime,
        limit: int,
        lease: timedelta,
        *,
        begun: datetime | None = None,
        besides: Sequence[str] = (),
    ) -> list[OutboxMessage]: ...
    def threads(
        self, channel: str, target: str, call_ids: Sequence[str], *, besides: str = ""
    ) -> dict[str, str]: ...
    def last_post(self, channel: str, target: str) -> str: ...
    def posted(
        self,
        message: OutboxMessage,
        number: int,
        remote_id: str,
        call_ids: Sequence[str],
        at: datetime,
        *,
        until: datetime | None = None,
    ) -> bool: ...
    def sent(
        self,
        message: OutboxMessage,
        remote_id: str,
        at: datetime,
        last: tuple[int, str, Sequence[str]] | None = None,
    ) -> bool: ...
    def retry(
        self, message: OutboxMessage, error: str, not_before: datetime, at: datetime, *, unsure: bool = False
    ) -> bool: ...
    def failed(
        self, message: OutboxMessage, error: str, at: datetime, instead: NewMessage | None = None
    ) -> bool: ...


class People(Protocol):
    """What delivery has to know of the people it writes to."""

    def refuses(self, message: NewMessage) -> str:
        """Why nothing is sent to this target any more; empty if it may be."""
        ...

    def links(self, message: NewMessage) -> Links:
        """The links this message offers."""
        ...

    def instead(self, message: NewMessage, at: datetime) -> NewMessage | None:
        """The same on the contact's fallback channel, if they named one."""
        ...


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
    blocked_channels: dict[str, Held] = {}
    blocked_targets: dict[tuple[str, str], Held] = {}

    def blocked(self, message: NewMessage) -> Held | None:
        channel = self.blocked_channels.get(message.channel)
        return channel or self.blocked_targets.get((message.channel, message.target))

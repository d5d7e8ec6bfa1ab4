"""What a delivery needs of the store and of people, and what it reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from alerts.links import Links
from pipeline.outbox import NewMessage, OutboxMessage


class Outbox(Protocol):
    """The part of the store that a delivery needs; each method is a transaction of its own.

    `claim` counts the attempt it begins; `posted`, `sent`, `retry` and `failed` return False when the lease has
    passed to somebody else.
    """

    def take_over(self, now: datetime) -> int: ...
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


class Detail(msgspec.Struct, frozen=True):
    """What became of one message: `outcome` is sent, retried or failed; `note` the remote id or the error.

    `broken`: the channel as a whole needs an operator.
    """

    message_id: str
    contact: str
    subscription: str
    channel: str
    target: str
    outcome: str
    note: str
    broken: bool = False


class DeliveryReport(msgspec.Struct):
    """What one round of delivery did. Messages whose lease passed to another worker count nowhere."""

    sent: int = 0
    retried: int = 0
    failed: int = 0
    details: list[Detail] = []

"""Who wants to be told what, where and how often: config/subscriptions.yml, read strictly.

A typing mistake must never widen or empty a search in silence, so every word is compared with what is known, and
the error names file, line and the nearest word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator, model_validator

from alerts.contact import Contact
from alerts.words import (
    Cadence,
    CallKind,
    Change,
    Channel,
    Clock,
    Ecosystem,
    Empty,
    Key,
    KnownWords,
    Phrase,
    Programme,
    Region,
    Weekday,
)
from pipeline.yaml_data import Strict, read, unknown


class RegionFilter(Strict):
    """A region or group, and the S3 score its best member needs: 1 enabling, 2 clear, 3 direct."""

    region: Region
    least: Annotated[int, Field(ge=1, le=3)] = 2


class Filters(Strict):
    """All that are given must hold (AND); within one, any value will do (OR). `budget_at_least` is in EUR."""

    ecosystems: tuple[Ecosystem, ...] = ()
    regions: tuple[RegionFilter, ...] = ()
    programmes: tuple[Programme, ...] = ()
    kinds: tuple[CallKind, ...] = ()
    budget_at_least: Annotated[int, Field(gt=0)] | None = None
    words: tuple[Phrase, ...] = ()
    exclude: tuple[Phrase, ...] = ()
    events: tuple[Change, ...] = ()


class Subscription(Strict):
    """What one contact wants on one channel. `weekday` and `time` are in the contact's zone (Monday, 08:00).

    `empty` says what becomes of a digest with nothing new: a short line is sent, or it is skipped (weekly ones are
    sent, daily ones skipped when it is not given).
    """

    key: Key
    name: Annotated[str, Field(max_length=100)] = ""
    contact: str
    channel: Channel
    cadence: Cadence
    weekday: Weekday | None = None
    time: Clock | None = None
    empty: Empty | None = None
    filters: Filters = Filters()

    @property
    def title(self) -> str:
        """What the contact knows it by."""
        return self.name or self.key

    @property
    def sends_empty(self) -> bool:
        """Whether a digest with nothing new is sent."""
        return self.empty == "send" if self.empty else self.cadence == "weekly"

    @field_validator("key")
    @classmethod
    def _once(cls, key: str, info: ValidationInfo) -> str:
        seen = info.context.setdefault("keys", set()) if info.context else set()
        if key in seen:
            raise ValueError(f'two subscriptions have the key "{key}"; what was told is remembered by it.')
        seen.add(key)
        return key

    @field_validator("contact")
    @classmethod
    def _listed(cls, contact: str, info: ValidationInfo) -> str:
        contacts = (info.context or {}).get("contacts")
        if contacts is not None and contact not in contacts:
            raise unknown("contact", contact, set(contacts))
        return contact

    @model_validator(mode="after")
    def _fits(self, info: ValidationInfo) -> Subscription:
        if self.weekday and self.cadence != "weekly":
            raise ValueError(f"a weekday goes with the cadence weekly, not {self.cadence}.")
        if self.time and self.cadence == "at_once":
            raise ValueError("a time goes with the cadences daily and weekly, not at_once.")
        if self.empty and self.cadence == "at_once":
            raise ValueError("empty goes with the cadences daily and weekly, not at_once.")
        contact = (info.context or {}).get("contacts", {}).get(self.contact)
        if contact is not None and not self.target(contact):
            raise ValueError(f'contact "{self.contact}" has no {self.channel}: add it, or choose another.')
        return self

    def target(self, contact: Contact) -> str:
        """Where the channel has to send: an address, or the contact's key where the channel needs none."""
        return contact.address(self.channel, self.contact)


class Ops(Strict):
    """Who is told when callwatch itself is in trouble, and how."""

    contact: str
    channel: Channel


class Book(Strict):
    """The form of subscriptions.yml, and of what `contacts import` reads. `vouched`: for all contacts of the
    file."""

    contacts: dict[Key, Contact]
    subscriptions: tuple[Subscription, ...] = ()
    ops: Ops | None = None
    vouched: bool = False

    @field_validator("contacts")
    @classmethod
    def _remember(cls, contacts: dict[str, Contact], info: ValidationInfo) -> dict[str, Contact]:
        """Fields are read in order, so the subscriptions find the contacts here, each on its own line."""
        if info.context is not None:
            info.context["contacts"] = contacts
        return contacts

    @model_validator(mode="after")
    def _ops_listed(self) -> Book:
        if self.ops is None:
            return self
        if self.ops.contact not in self.contacts:
            raise unknown("contact of ops:", self.ops.contact, set(self.contacts))
        if not self.contacts[self.ops.contact].address(self.ops.channel, self.ops.contact):
            raise ValueError(f'ops: contact "{self.ops.contact}" has no {self.ops.channel}.')
        return self


@dataclass(frozen=True)
class Subscriptions:
    """All contacts and subscriptions, with the words they were checked against."""

    contacts: Mapping[str, Contact]
    subscriptions: tuple[Subscription, ...]
    known: KnownWords
    ops: Ops | None = None

    @cached_property
    def leading(self) -> Mapping[str, str]:
        """For each contact the subscription that tells of followed calls at once: the first that tells anything
        so."""
        leading: dict[str, str] = {}
        for subscription in sorted(self.subscriptions, key=lambda s: s.cadence != "at_once"):
            leading.setdefault(subscription.contact, subscription.key)
        return leading


def load_subscriptions(path: Path, known: KnownWords) -> Subscriptions:
    """Read the file at `path`. Raises ConfigError with one `file:line: field: problem` per mistake."""
    book = read(path, Book, context={"known": known})
    return Subscriptions(vouched(book), book.subscriptions, known, book.ops)


def vouched(book: Book) -> dict[str, Contact]:
    """The contacts of a file, with its word for all of them."""
    if not book.vouched:
        return dict(book.contacts)
    return {key: contact.model_copy(update={"vouched": True}) for key, contact in book.contacts.items()}

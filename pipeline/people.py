"""Values about people that alerts, the HTTP side and the store exchange."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class Choice(StrEnum):
    """What a contact said of one call. Muted and irrelevant calls are not told any more; a followed one always is,
    with its reminders at once. Irrelevant says besides that the match was wrong."""

    MUTED = "muted"
    FOLLOWED = "followed"
    IRRELEVANT = "irrelevant"


class Chosen(msgspec.Struct, frozen=True):
    """A choice on record; `source` is link, slack or command."""

    contact: str
    call_id: str
    choice: Choice
    at: datetime
    source: str


class Stop(msgspec.Struct, frozen=True):
    """A subscription that its reader has stopped; `source` is link, one-click, mail or command."""

    subscription: str
    contact: str
    at: datetime
    source: str


class Consent(StrEnum):
    """What happened to the agreement of an address to be written to; the last entry counts."""

    ASKED = "asked"
    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


class ConsentEntry(msgspec.Struct, frozen=True):
    """One line of the record. `address` is a keyed hash; `detail` the version of the text that was agreed to."""

    contact: str
    address: str
    what: Consent
    at: datetime
    source: str
    detail: str = ""


class Suppression(msgspec.Struct, frozen=True):
    """An address (keyed hash) of a channel to which nothing is sent any more, and why."""

    channel: str
    address: str
    reason: str
    at: datetime


class Condition(msgspec.Struct, frozen=True):
    """Something wrong that concerns operators, from `since` until `over_at`."""

    key: str
    since: datetime
    detail: str
    last_seen: datetime
    over_at: datetime | None = None


class Listed(msgspec.Struct, frozen=True):
    """A contact of the store: `contact` and `subscriptions` are JSON in the form of subscriptions.yml.

    `source` says where it came from: the name of a file, or command.
    """

    key: str
    contact: str
    subscriptions: str
    at: datetime
    source: str


class Bounce(msgspec.Struct, frozen=True):
    """A delivery report that is believed: the message with this id, sent at `sent_at`, did not reach the address
    (keyed hash). `status` is the code of RFC 3463; `at` when the report was read."""

    message_id: str
    address: str
    status: str
    sent_at: datetime
    at: datetime


class Erased(msgspec.Struct, frozen=True):
    """What an erasure took away; `addresses` counts those whose erasure is on record from now on."""

    listed: bool
    messages: int
    choices: int
    addresses: int

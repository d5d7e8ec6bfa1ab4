"""One message: a frozen snapshot of everything that will be shown, whatever happens to the calls afterwards.

It goes into the outbox as JSON and comes back out unchanged, so that a retry says the very same thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

import msgspec

from pipeline.harvest import Verdict
from pipeline.health import Ill
from pipeline.models import Budget, Deadline, EventKind, Kind

REMEMBERED = 4096
"""Calls kept: about 15 MB, and more than all that are open at a time."""
SINGLE = 8
"""Up to so many calls of an alert or reminder each get a post of their own, where there are threads."""


class MessageKind(StrEnum):
    """An alert is sent at once, a digest once per period, a welcome once per subscription, a reminder before a
    deadline, a confirmation to an address that has not agreed yet, and ops to those who run callwatch."""

    ALERT = "alert"
    DIGEST = "digest"
    WELCOME = "welcome"
    REMINDER = "reminder"
    CONFIRMATION = "confirmation"
    OPS = "ops"


class Section(StrEnum):
    """Where an item stands in a message, in this order."""

    ALARM = "alarm"
    LATER = "later"
    FRESH = "fresh"
    CHANGED = "changed"
    OPENING = "opening"
    CLOSING = "closing"
    MISSED = "missed"
    STILL_OPEN = "still_open"


class Change(msgspec.Struct, frozen=True):
    """What happened to a call; `before` and `after` as in pipeline.models.Event."""

    kind: EventKind
    at: datetime
    before: Any = None
    after: Any = None


class Reason(msgspec.Struct, frozen=True):
    """Why a call matched. `about` is the filter that held: ecosystem, region, programme, kind, budget, words, all;
    or `source`: the call does not match, but as the portal `label` shows it, it does.

    `value` is the id that matched (for budget: the amount in EUR asked for), `label` its name in the reader's
    language, `note` a priority, or of a budget "not stated" or the currency that was not compared, `score` the S3
    score 1 to 3. `hint` says what it rests on where that is not firm: "uncertain" (a label) or "provisional" (a
    priority).
    """

    about: str
    value: str = ""
    label: str = ""
    words: tuple[str, ...] = ()
    score: int = 0
    note: str = ""
    hint: str = ""


class ShownDeadline(msgspec.Struct, frozen=True):
    """A deadline as it is shown; `passed` is its state when the message was written."""

    deadline: Deadline
    passed: bool


class Notice(msgspec.Struct, frozen=True):
    """Why an item that tells of no change stands here: a stage that ends at `at` is `days` away by the contact's
    lead times (0: the call opens then). `late`: it was to be told earlier, but callwatch did not run."""

    at: datetime
    days: int
    stage: str = ""
    late: bool = False


class RegionRelevance(msgspec.Struct, frozen=True):
    """The region for which a call is most relevant, with its S3 score 1 to 3; `hint` as in `Reason`."""

    region: str
    name: str
    score: int
    priority: str = ""
    hint: str = ""


class Relation(StrEnum):
    """What a source is to a call: the same call on another portal, news of it, or what it is a part of."""

    SAME = "same"
    NEWS = "news"
    PART_OF = "part_of"


class Page(msgspec.Struct, frozen=True):
    """Another page about a call; `name` is that of its portal, of a `part_of` the title."""

    name: str
    url: str
    relation: Relation = Relation.SAME


class Conflict(msgspec.Struct, frozen=True):
    """What the portal `name` says of a call otherwise than it is shown: its deadline or its budget."""

    name: str
    deadline: Deadline | None = None
    budget: Budget | None = None


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One call in a message. `changes` are worst first and empty in a welcome; `notices` say which of its stages
    or openings come near; `followed`: the reader asked for this call. `portal_name` is what readers call the
    portal; `unproven`: nobody has looked at enough of its data yet. `sources` and `conflicts` are of other pages
    about the call."""

    call_id: str
    identifier: str
    title: str
    language: str
    kind: Kind
    status: str
    url: str
    changes: tuple[Change, ...] = ()
    programme: str = ""
    programme_name: str = ""
    type_of_action: str = ""
    budget: Budget | None = None
    deadlines: tuple[ShownDeadline, ...] = ()
    opens_at: datetime | None = None
    applicants: str = ""
    remarks: tuple[str, ...] = ()
    ecosystems: dict[str, str] = {}
    s3: RegionRelevance | None = None
    reasons: tuple[Reason, ...] = ()
    section: Section = Section.CHANGED
    notices: tuple[Notice, ...] = ()
    followed: bool = False
    version: int = 1
    portal_name: str = ""
    unproven: bool = False
    sources: tuple[Page, ...] = ()
    conflicts: tuple[Conflict, ...] = ()

    @property
    def event(self) -> EventKind | None:
        """The most harmful thing that happened to the call."""
        return self.changes[0].kind if self.changes else None

    def next_deadline(self, now: datetime) -> Deadline | None:
        """The first deadline one can still meet at `now`."""
        return next((d.deadline for d in self.deadlines if not d.deadline.passed(now)), None)


class Proof(msgspec.Struct, frozen=True):
    """When a portal was last read, and how well; `name` is what readers call the portal. Unless it was read
    completely, `complete_at` says when it last was; None: never. `ill`: it does worse than one bad day."""

    portal: str
    finished_at: datetime
    verdict: Verdict
    name: str = ""
    complete_at: datetime | None = None
    ill: Ill | None = None

    @property
    def is_well(self) -> bool:
        """Whether silence of this portal means that there is nothing new."""
        return self.verdict is Verdict.COMPLETE and self.ill is None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be said to one contact. `at` is when it was written; `window` the time a digest covers, of which
    callwatch did not run during `gap`. A channel that cannot hold all items sends several posts.

    `contact_key` and `subscription` are those of the configuration, `contact` the name. `lines` are the words of a
    message that is not about calls (ops).
    """

    kind: MessageKind
    contact: str
    language: str
    time_zone: str
    subscription: str
    subscription_name: str
    at: datetime
    cadence: str = "at_once"
    period: str = ""
    window: tuple[datetime, datetime] | None = None
    gap: tuple[datetime, datetime] | None = None
    items: tuple[Item, ...] = ()
    proof: tuple[Proof, ...] = ()
    contact_key: str = ""
    lines: tuple[str, ...] = ()

    @property
    def goes_on(self) -> bool:
        """Whether what is said of a call goes on where this reader was first told of it."""
        return self.kind in (MessageKind.ALERT, MessageKind.REMINDER) and 0 < len(self.items) <= SINGLE


class _Parcel(Message, frozen=True, kw_only=True):
    """A message whose items are JSON already."""

    items: tuple[msgspec.Raw, ...] = ()  # type: ignore[assignment]


def encode(message: Message, items: Sequence[msgspec.Raw] | None = None) -> bytes:
    """JSON for the outbox; with `items`, they stand in the place of the message's own, as JSON already."""
    if items is None:
        return msgspec.json.encode(message)
    fields = {name: getattr(message, name) for name in message.__struct_fields__ if name != "items"}
    return msgspec.json.encode(_Parcel(items=tuple(items), **fields))


def decode(payload: bytes) -> Message:
    """The message that `encode` was given. What many are told of a call is the same `Item` in each of their
    messages, so that what is made of it can be kept with it. Raises msgspec.DecodeError."""
    parcel = _PARCELS.decode(payload)
    fields = {name: getattr(parcel, name) for name in Message.__struct_fields__}
    return Message(**{**fields, "items": tuple([_item(bytes(raw)) for raw in parcel.items])})


@lru_cache(maxsize=REMEMBERED)
def _item(body: bytes) -> Item:
    return _ITEMS.decode(body)


_PARCELS, _ITEMS = msgspec.json.Decoder(_Parcel), msgspec.json.Decoder(Item)
"""Made before there are threads: msgspec learns what a type looks like when it first needs it, and two threads
that make it do so at once crash the whole process (0.22)."""

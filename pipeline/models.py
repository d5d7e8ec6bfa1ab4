"""The nouns of callwatch as immutable values, in the words of docs/design.md.

All instants are timezone-aware UTC. Money is `Decimal` in major units beside an ISO 4217 code. The structs encode
to and from JSON with `msgspec`; what is stored in the database is exactly that encoding.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from pipeline.days import BRUSSELS as BRUSSELS
from pipeline.days import day_over


class Kind(StrEnum):
    """What one can apply to; an announcement only speaks of it, and a tender is bought, not granted."""

    TOPIC = "topic"
    CASCADE = "cascade"
    EXTERNAL_ACTION = "external_action"
    ANNOUNCEMENT = "announcement"
    TENDER = "tender"


class Status(StrEnum):
    """Computed from dates (`Call.status_at`), never copied from a portal."""

    FORTHCOMING = "forthcoming"
    OPEN = "open"
    CLOSED = "closed"


class Precision(StrEnum):
    """How exactly a portal states an instant."""

    DATE = "date"
    EXACT = "exact"


class Deadline(msgspec.Struct, frozen=True, gc=False):
    """One stage or cut-off of a call.

    `at` is UTC. With `precision` date the portal gave a calendar day only and `rule` says how the hour was
    filled in ("17:00 Europe/Brussels").
    """

    at: datetime
    stage: str
    precision: Precision
    rule: str = ""

    @property
    def over_at(self) -> datetime:
        """When the call can no longer count as open for this deadline.

        A day without a stated hour stays live until that day ends in Brussels.
        """
        if self.precision is Precision.EXACT:
            return self.at
        return day_over(self.at)

    def passed(self, now: datetime) -> bool:
        """True once nobody can apply for this stage any more."""
        return now >= self.over_at


class Budget(msgspec.Struct, frozen=True, gc=False):
    """Money of the call's own action. None = not stated; amounts in units of `currency`.

    `shared_with` counts sibling topics of the same call that show the very same total: the portal then prints
    the pot of the whole call on each line.
    """

    currency: str
    total: Decimal | None = None
    project_min: Decimal | None = None
    project_max: Decimal | None = None
    grants: int | None = None
    by_year: dict[str, Decimal] = {}
    shared_with: int = 0


class Link(msgspec.Struct, frozen=True, gc=False):
    """A document or page the portal attaches to a call."""

    url: str
    label: str = ""


class News(msgspec.Struct, frozen=True, gc=False):
    """One item of the portal's "latest information" of a call."""

    text: str
    at: datetime | None = None


class Call(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One thing one can apply to, normalised. Identity: (portal, reference).

    `remarks` are sentences of ours that readers must see beside the dates, as when two pages of a call differ.
    `fades_at`: from when an announcement that names no deadline is no longer news.
    """

    portal: str
    reference: str
    identifier: str
    kind: Kind
    title: str
    language: str
    url: str
    call_identifier: str = ""
    call_title: str = ""
    programme: str = ""
    programme_name: str = ""
    type_of_action: str = ""
    titles: dict[str, str] = {}
    portal_status: str = ""
    opens_at: datetime | None = None
    deadlines: tuple[Deadline, ...] = ()
    deadline_model: str = ""
    fades_at: datetime | None = None
    budget: Budget | None = None
    text: str = ""
    texts: dict[str, str] = {}
    html: str = ""
    conditions: str = ""
    conditions_html: str = ""
    applicants: str = ""
    keywords: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    latest: tuple[News, ...] = ()
    remarks: tuple[str, ...] = ()
    parent: str = ""
    project: str = ""
    witnesses: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """`portal:reference`, unique in the store and stable for ever."""
        return f"{self.portal}:{self.reference}"

    def next_deadline(self, now: datetime) -> Deadline | None:
        """The first deadline one can still meet at `now`."""
        return next((d for d in self.deadlines if not d.passed(now)), None)

    @property
    def over_at(self) -> datetime | None:
        """When it is over, by its dates; None where they do not say it, and the portal's word counts."""
        fades_at = None if self.portal_status == Status.CLOSED else self.fades_at
        return self.deadlines[-1].over_at if self.deadlines else fades_at

    def status_at(self, now: datetime) -> Status:
        """Status at `now`, from the dates; the portal's word decides only where it gives no date."""
        over_at = self.over_at
        if over_at is not None:
            if now >= over_at:
                return Status.CLOSED
        elif self.portal_status == Status.CLOSED:
            return Status.CLOSED
        if self.opens_at is not None:
            return Status.FORTHCOMING if now < self.opens_at else Status.OPEN
        return Status.FORTHCOMING if self.portal_status == Status.FORTHCOMING else Status.OPEN

    def is_live(self, now: datetime) -> bool:
        """True until the last deadline has passed; a call due today is live."""
        return self.status_at(now) is not Status.CLOSED


class Because(msgspec.Struct, frozen=True, gc=False):
    """Why a label was given: the rule, and the words that set it off with the place they stand in."""

    rule: str
    words: tuple[str, ...] = ()
    where: str = ""


class EcosystemLabel(msgspec.Struct, frozen=True, gc=False):
    """One industrial ecosystem of a call; `rank` is primary or secondary.

    `score`, 0 to 1, says how often such a label is right; one with `review` set is uncertain, and shown as such.
    """

    id: str
    rank: str
    score: float
    because: tuple[Because, ...] = ()
    review: bool = False


class S3Label(msgspec.Struct, frozen=True, gc=False):
    """How relevant a call is for one region: 0 none, 1 enabling, 2 clear, 3 direct."""

    region: str
    score: int
    priority: str = ""
    because: tuple[Because, ...] = ()


class Classification(msgspec.Struct, frozen=True, gc=False):
    """All labels of a call, and the fingerprint of the profiles that gave them. `uncovered` names the language of
    a text for which the profiles have too few terms: what is missing then means little."""

    ecosystems: tuple[EcosystemLabel, ...] = ()
    s3: tuple[S3Label, ...] = ()
    profiles: str = ""
    uncovered: str = ""


class EventKind(StrEnum):
    """What changed and matters to a reader, listed by harm: the worst to miss first."""

    DEADLINE_BROUGHT_FORWARD = "deadline_brought_forward"
    WITHDRAWN = "withdrawn"
    DEADLINE_REMOVED = "deadline_removed"
    DEADLINE_EXTENDED = "deadline_extended"
    DEADLINE_ADDED = "deadline_added"
    OPENED = "opened"
    NEW = "new"
    CLOSING_SOON = "closing_soon"
    BUDGET_CHANGED = "budget_changed"
    TEXT_CHANGED = "text_changed"

    @property
    def harm(self) -> int:
        """0 = the worst to miss."""
        return _HARM[self]


_HARM = {kind: position for position, kind in enumerate(EventKind)}


class Event(msgspec.Struct, frozen=True, gc=False):
    """One change of one call. `key` tells two events of one kind apart (call, kind, key is unique in the store).

    `before` and `after` are JSON values: ISO 8601 instants, numbers as strings, or small objects.
    """

    call_id: str
    kind: EventKind
    at: datetime
    key: str = ""
    before: Any = None
    after: Any = None

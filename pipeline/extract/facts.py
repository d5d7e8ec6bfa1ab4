"""What is read from an announcement. Immutable values; empty where the text does not say."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

SEPARATOR = " … "
"""Between two quotes of one field's evidence."""


class Money(msgspec.Struct, frozen=True):
    """An amount in units of an ISO 4217 currency."""

    amount: Decimal
    currency: str


class Moment(msgspec.Struct, frozen=True):
    """A deadline or an opening.

    `at` has the offset of `time_zone`. With `precision` date the text names a day only, and the hour is filled in:
    17:00 for a deadline (as for the portal's calls), 00:00 for an opening. `inferred`: the year is not written.
    """

    at: datetime
    precision: str
    time_zone: str
    inferred: bool
    raw: str


class Extraction(msgspec.Struct, frozen=True, kw_only=True):
    """All facts of one announcement; `evidence` quotes the words of the text each of them rests on."""

    title: str = ""
    language: str = ""
    budget: Money | None = None
    project_max: Money | None = None
    deadlines: tuple[Moment, ...] = ()
    openings: tuple[Moment, ...] = ()
    closed: bool = False
    programme: str = ""
    identifiers: tuple[str, ...] = ()
    applicants: str = ""
    ecosystems: tuple[str, ...] = ()
    evidence: dict[str, str] = {}

    @property
    def opens_at(self) -> datetime | None:
        """The first opening."""
        return self.openings[0].at if self.openings else None

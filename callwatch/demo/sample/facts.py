"""Reads the hand-written sample of calls (data/*.yml) and moves its dates around a given day.

The dates in the files are real ones. Each file (calls.yml for topics) names an `anchor`, a Monday: the week
that
begins there plays the week of "today". All dates move by the same whole number of weeks, so a Tuesday stays a
Tuesday and two dates keep their distance. `dates: real` leaves a record where history put it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

FOLDER = Path(__file__).with_name("data")


class _Facts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mistyped key in the sample is an error, not a silently missing fact."""


class Text(_Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Title and description in one language; paragraphs of `scope` are parted by blank lines."""

    title: str
    outcome: list[str] = []
    scope: str = ""


class NewsFacts(_Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One item of "latest information"."""

    day: date
    text: str
    sv: str = ""


class Line(_Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sibling topic that exists in the sample only as a line of its call's budget table."""

    id: str
    action: str
    amount: int = 0
    grants: int | None = None
    each: tuple[int, int] | None = None


class CallFacts(_Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all topics of one call identifier share. `pot`: the total that stands on every line of the table."""

    title: str
    programme: str
    year: int
    opens: date
    deadlines: list[date]
    model: str = "single-stage"
    pot: int | None = None
    destination: str = ""
    divisions: list[str] = []
    table: list[Line] = []


class TopicFacts(Text, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One topic. `amount` is EUR, or EUR by year; `each` the smallest and largest grant."""

    id: str
    ccm2: int
    call: str
    action: str
    ecosystems: list[str]
    s3: dict[str, int] = {}
    amount: int | dict[int, int] | None = None
    grants: int | None = None
    each: tuple[int, int] | None = None
    opens: date | None = None
    deadlines: list[date] = []
    dates: str = "moved"
    legacy: bool = False
    status: str = ""
    conditions: str = ""
    keywords: list[str] = []
    tags: list[str] = []
    priorities: list[str] = []
    news: list[NewsFacts] = []
    sv: Text | None = None
    copies: list[str] = []


class CascadeFacts(_Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One call for third parties. `deadlines` are wall clock in Brussels; `bare`: the row has no `metadata`."""

    number: int
    parent: str
    parent_title: str
    parent_ccm2: int
    programme: str
    title: str
    text: str
    more: str = ""
    project: str = ""
    project_name: str = ""
    beneficiary: str = ""
    duration: str = ""
    budget: int | None = None
    opens: date
    deadlines: list[datetime]
    model: str = ""
    ecosystems: list[str] | None = None
    s3: dict[str, int] = {}
    bare: bool = False


class ExternalFacts(_Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One call of EU external action. `deadline` is UTC; the portal adds seconds that mean nothing."""

    number: int
    country: str
    zone: str
    title: str
    text: str
    budget: int | None = None
    opens: datetime
    deadline: datetime
    ecosystems: list[str] | None = None
    on_portal: bool = False


class GhostFacts(_Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A frozen copy that the index still flags as open or forthcoming, years after its deadline."""

    id: str
    ccm2: int
    call: str
    call_title: str
    title: str
    action: str
    programme: str
    opens: date
    deadlines: list[date]
    status: str = "open"
    model: str = "single-stage"
    keywords: list[str] = []
    twice: bool = False
    anonymous: bool = False


class StubFacts(_Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of the index with a title and little else: no status, no dates, no text."""

    id: str
    ccm2: int
    call: str
    title: str


class Action(_Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A type of action: its label as the portal writes it, model grant agreement, who may apply."""

    label: str
    mga: tuple[int, str, str]
    conditions: str
    sv: str = ""


class Programme(_Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A framework programme: its code, and what a reader finds in the support section."""

    code: str
    name: str


class _File(_Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    anchor: date | None = None
    programmes: dict[str, Programme] = {}
    actions: dict[str, Action] = {}
    calls: dict[str, CallFacts] = {}
    topics: list[TopicFacts] = []
    cascades: list[CascadeFacts] = []
    external: list[ExternalFacts] = []
    ghosts: list[GhostFacts] = []
    stubs: list[StubFacts] = []


class Sample(msgspec.Struct, frozen=True):
    """All files together; `anchors` by kind of record."""

    programmes: dict[str, Programme]
    actions: dict[str, Action]
    calls: dict[str, CallFacts]
    topics: list[TopicFacts]
    cascades: list[CascadeFacts]
    external: list[ExternalFacts]
    ghosts: list[GhostFacts]
    stubs: list[StubFacts]
    anchors: dict[str, date]

    def shift(self, kind: str, today: date) -> timedelta:
        """How far the dates of `kind` (calls, cascades, external) move: whole weeks."""
        monday = today - timedelta(days=today.weekday())
        return monday - self.anchors[kind]


@cache
def load(folder: Path = FOLDER) -> Sample:
    """All sample files. Raises ValueError naming the file for an unknown key or a wrong type."""
    files = {path.stem: _read(path) for path in sorted(folder.glob("*.yml"))}
    return Sample(
        programmes=_merged(files, "programmes"),
        actions=_merged(files, "actions"),
        calls=_merged(files, "calls"),
        topics=_joined(files, "topics"),
        cascades=_joined(files, "cascades"),
        external=_joined(files, "external"),
        ghosts=_joined(files, "ghosts"),
        stubs=_joined(files, "stubs"),
        anchors={name: file.anchor for name, file in files.items() if file.anchor is not None},
    )


def _read(path: Path) -> _File:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both are safe loaders
    try:
        return msgspec.convert(data, _File)
    except msgspec.ValidationError as error:
        raise ValueError(f"{path}: {error}") from error


def _merged(files: dict[str, _File], field: str) -> dict[str, Any]:
    return {key: value for file in files.values() for key, value in getattr(file, field).items()}


def _joined(files: dict[str, _File], field: str) -> list[Any]:
    return [item for file in files.values() for item in getattr(file, field)]

"""Values of a harvest: what spiders hand over, and what is reported of a run."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

NOTHING_FOUND = "selector found nothing"
"""Begins the problem of an Issue about a selector of a page that found less than it must; `field` names it."""


class Issue(msgspec.Struct, frozen=True, gc=False):
    """Something in a portal's answer that was not understood; the record (or field) was skipped and counted."""

    reference: str
    field: str
    problem: str

    @property
    def is_miss(self) -> bool:
        """Whether a selector found nothing."""
        return self.problem.startswith(NOTHING_FOUND)


class Role(StrEnum):
    """What one document of a portal is to its call.

    Nothing is stored of the last two: a ghost is a copy or a stub that says nothing of any call; hidden is a call
    of which the portal says that it is not public, or not any more.
    """

    CALL = "call"
    TRANSLATION = "translation"
    NEWS = "news"
    GHOST = "ghost"
    HIDDEN = "hidden"


class RawRecord(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a portal answered for one item, byte for byte.

    `document` is unique per portal; `call_reference` is the call the document belongs to (`Call.reference`);
    `digest` is the SHA-256 of `body` in hexadecimal.
    """

    document: str
    call_reference: str
    role: Role
    language: str
    url: str
    fetched_at: datetime
    digest: str
    body: bytes


class PageMemory(msgspec.Struct, frozen=True):
    """What is remembered of an address, so that it need not be read again while it has not changed.

    `url` is the address, and behind # the source for which it was read; `etag` and `last_modified` are the
    answer's headers, `lastmod` what a sitemap said of it, or a digest of what another list did; `found` is what it
    held: documents of a page or of a JSON list, the entries of another list as JSON, and pages that a page led to,
    as JSON too.
    """

    url: str
    etag: str = ""
    last_modified: str = ""
    lastmod: str = ""
    found: tuple[str, ...] = ()


class WatchedPage(msgspec.Struct, frozen=True):
    """A page from which a call came: the source that named it, and what that said of it."""

    source: str = ""
    fields: dict[str, str] = {}


class RawBatch(msgspec.Struct, frozen=True, kw_only=True):
    """What one page of a portal yields: new or changed records, and documents seen again byte for byte.

    `hidden` are references of calls of which the portal says that they are not public, or not any more.
    """

    portal: str
    records: tuple[RawRecord, ...] = ()
    unchanged: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()
    hidden: tuple[str, ...] = ()
    pages: tuple[PageMemory, ...] = ()


class Verdict(StrEnum):
    """Complete: proven. Partial: kept, but nothing may be concluded from absence. Failed: not data."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"


class PartReport(msgspec.Struct, frozen=True):
    """One query of a harvest: how many documents the portal announced, and how many distinct ones were seen.

    `role` is what its documents are; only those of role call count as expected and seen calls.
    """

    name: str
    expected: int
    seen: int
    proven: bool
    role: Role = Role.CALL


class CrawlReport(msgspec.Struct, frozen=True):
    """What the spider says of its own work. `refused` is why nothing of it may count as data, or empty."""

    parts: tuple[PartReport, ...] = ()
    pages: int = 0
    issues: tuple[Issue, ...] = ()
    folded: dict[str, int] = {}
    refused: str = ""


class RunReport(msgspec.Struct, kw_only=True):
    """One harvest of one portal, as `callwatch harvest --json` prints it.

    `fill`: the share of calls that have a field, of `sample` calls that this harvest saw; `misses`: by name, how
    often a selector found nothing.
    """

    portal: str
    verdict: Verdict
    expected: int = 0
    seen: int = 0
    stored: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    issues: list[Issue] = []
    pages: int = 0
    seconds: float = 0.0
    fill: dict[str, float] = {}
    sample: int = 0
    misses: dict[str, int] = {}

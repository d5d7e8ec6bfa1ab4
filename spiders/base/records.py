"""The items of one page as a batch of raw records: known ones by their hash alone, odd ones as Issues. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import repeat
from typing import Any

import msgspec

from pipeline.harvest import Issue, RawBatch, RawRecord, Role
from pipeline.normalise import Identity
from pipeline.normalise.shared import decode

Item = bytes | msgspec.Raw
Identify = Callable[[Mapping[str, Any]], Identity | Issue]
_LONGEST_KEY = 500
_SAMPLE = 10


class Page(msgspec.Struct):
    """What became of the items of one page; `keys` has one for each item, for counting.

    `found` are the same keys, empty for what is no document of ours (ghosts, what is not public): what the page
    holds, if it is the same the next time.
    """

    batch: RawBatch
    keys: tuple[str, ...]
    found: tuple[str, ...]


class Reader:
    """Turns items into batches. A document is handed over once per crawl unless its bytes change meanwhile.

    `limit` > 0: only documents of the first so many calls are handed over. `ghosts`: digests of frozen copies and
    of what is not public, which are counted and never handed over; of the latter the call is named.
    """

    def __init__(
        self,
        portal: str,
        *,
        known: Callable[[str], str | None],
        identify: Identify,
        largest: int,
        limit: int = 0,
    ) -> None:
        self._portal, self._known, self._identify, self._largest = portal, known, identify, largest
        self._limit = limit
        self._calls: set[str] = set()
        self._handed: set[str] = set()
        self.ghosts: set[str] = set()

    def to_check(self, digests: Sequence[str]) -> list[bool]:
        """Which items to look into before a page is believed: all new ones, and every tenth of the others.

        What is known was looked into when it was new; a filter is ignored for a whole answer, not for one row.
        """
        return [self._known(digest) is None or not place % _SAMPLE for place, digest in enumerate(digests)]

    def page(
        self,
        items: Sequence[Item],
        url: str,
        at: datetime,
        keep: Sequence[bool] = (),
        digests: Sequence[str] = (),
    ) -> Page:
        """Read the items of one page; those that `keep` is False for are counted but not handed over.

        `digests` of all items, if they are known already.
        """
        records: list[RawRecord] = []
        unchanged: list[str] = []
        issues: list[Issue] = []
        keys: list[str] = []
        ours: list[str] = []
        hidden: list[str] = []
        for item, digest, kept in zip(items, digests or digests_of(items), keep or repeat(True)):  # noqa: B905 - endless
            key = self._known(digest)
            found = None if key is not None else self._read(item)
            key = key if key is not None else found.document if isinstance(found, Identity) else digest
            keys.append(key)
            ours.append("" if isinstance(found, Identity) and found.role in (Role.GHOST, Role.HIDDEN) else key)
            hidden += [found.call_reference] if isinstance(found, Identity) and found.role is Role.HIDDEN else []
            if digest in self._handed or not kept or not self._wanted(found, key, digest):
                continue
            self._handed.add(digest)
            if isinstance(found, Issue):
                issues.append(msgspec.structs.replace(found, reference=found.reference or digest[:16]))
            elif found is None:
                unchanged.append(key)
            else:
                records.append(_record(found, digest, bytes(item), url, at))
        batch = RawBatch(
            portal=self._portal,
            records=tuple(records),
            unchanged=tuple(unchanged),
            issues=tuple(issues),
            hidden=tuple(hidden),
        )
        return Page(batch, tuple(keys), tuple(ours))

    def _wanted(self, found: Identity | Issue | None, key: str, digest: str) -> bool:
        """No ghosts; and with a limit, only documents of the calls within it."""
        if isinstance(found, Identity) and found.role in (Role.GHOST, Role.HIDDEN):
            self.ghosts.add(digest)
            return False
        if not self._limit or isinstance(found, Issue):
            return True
        call = found.call_reference if found else key
        if call not in self._calls and len(self._calls) < self._limit:
            self._calls.add(call)
        return call in self._calls

    def _read(self, item: Item) -> Identity | Issue:
        """Which document an item is, or why it cannot be used; whatever a portal may send."""
        if len(memoryview(item)) > self._largest:
            return Issue("", "item", f"larger than {self._largest} bytes; it was skipped")
        try:
            decoded = decode(bytes(item))
        except (ValueError, RecursionError) as error:
            return Issue("", "item", f"no JSON ({type(error).__name__}); it was skipped")
        if not isinstance(decoded, dict):
            return Issue("", "item", "no object; it was skipped")
        try:
            found = self._identify(decoded)
        except Exception as error:  # noqa: BLE001 - one odd item must not cost its neighbours
            return Issue("", "item", f"cannot be placed ({type(error).__name__}: {error}); it was skipped")
        return found if isinstance(found, Issue) or _storable(found) else _unusable()


def digests_of(items: Sequence[Item]) -> list[str]:
    """SHA-256 of each item, in hexadecimal."""
    return [hashlib.sha256(item).hexdigest() for item in items]


def _storable(found: Identity) -> bool:
    """Whether the keys can be stored: no NUL, no half characters, not endless."""
    for key in (found.document, found.call_reference, found.language):
        if not 0 < len(key) <= _LONGEST_KEY or "\x00" in key or not key.isprintable():
            return False
    return True


def _unusable() -> Issue:
    return Issue("", "item", "its keys hold unusable characters; it was skipped")


def _record(found: Identity, digest: str, body: bytes, url: str, at: datetime) -> RawRecord:
    return RawRecord(
        document=found.document,
        call_reference=found.call_reference,
        role=found.role,
        language=found.language,
        url=url,
        fetched_at=at,
        digest=digest,
        body=body,
    )

"""What a spider hands over in one harvest, kept page by page, and what it may ask of the harvests before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from pipeline.harvest import CrawlReport, Issue, PageMemory, RawBatch, RawRecord, WatchedPage
from pipeline.source import Portal
from pipeline.store import Connection, Store, pages, raw


class Intake:
    """Collects `issues`, what could not be placed (`unplaced`, a number), the keys of what is `hidden`, the pages
    that were `read`, and at the end what the spider says of its own work (`crawl`)."""

    def __init__(
        self,
        store: Store,
        portal: Portal,
        *,
        clock: Callable[[], datetime],
        advance: Callable[[int, int, str], None],
    ) -> None:
        self._store, self._portal, self._clock, self._advance = store, portal, clock, advance
        self.crawl = CrawlReport()
        self.issues: list[Issue] = []
        self.unplaced = 0
        self.hidden: set[str] = set()
        self.read: list[PageMemory] = []
        self.complete_at: datetime | None = None
        self.watched: dict[str, WatchedPage] = {}
        self._run = ""
        self._known: dict[str, str] = {}
        self._remembered: dict[str, PageMemory] = {}
        self._unchanged: list[str] = []
        self._documents = 0

    def open(self, conn: Connection, run_id: str, complete_at: datetime | None) -> None:
        """Look up what earlier harvests have left; `complete_at` is when the last complete one began."""
        self._run, self.complete_at = run_id, complete_at
        self._known = raw.known(conn, self._portal.name)
        self._remembered = pages.remembered(conn, self._portal.name, self._portal.reading)
        if self._portal.watches:
            self.watched = pages.watched(conn, self._portal.name, self._clock())

    def known(self, digest: str) -> str | None:
        """The document whose stored body has this SHA-256, if any: it need not be parsed again."""
        return self._known.get(digest)

    def remembered(self, url: str) -> PageMemory | None:
        """What that page held when it was last read, and how to ask whether it has changed."""
        return self._remembered.get(url)

    def take(self, batch: RawBatch) -> None:
        """Keep one page's raw records; blocking, one call at a time."""
        if batch.records:
            self._stage(batch.records)
        self._unchanged += batch.unchanged
        self.read += batch.pages
        self.issues += batch.issues
        self.unplaced += len(batch.issues)
        self.hidden.update(batch.hidden)
        self._documents += len(batch.records) + len(batch.unchanged)
        self._advance(self._documents, 0, f"{self._portal.name}: documents")

    def finished(self, report: CrawlReport) -> None:
        """What the spider says of its own work; called once, after the last `take`."""
        self.crawl = report

    def close(self) -> None:
        """Note what was seen unchanged: in one transaction for all of it, for a crash would lose nothing."""
        if self._unchanged:
            self._stage(unchanged=self._unchanged)

    def _stage(self, records: Sequence[RawRecord] = (), unchanged: Sequence[str] = ()) -> None:
        batch = RawBatch(portal=self._portal.name, records=tuple(records), unchanged=tuple(unchanged))
        with self._store.begin() as conn:
            raw.stage(conn, self._run, batch, self._clock())

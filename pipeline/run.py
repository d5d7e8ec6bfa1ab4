"""One harvest of one portal, from raw records to events: the order of the steps.

    open()   the portal's lock, a run on record
    intake   raw records are kept                          (one transaction a page with something new)
    close()  what was only seen again is noted             (one transaction)
             the verdict on what was fetched
             normalise, compare, classify, store           (one transaction for some hundred calls)
             link with the calls of other portals          (the same, and what was left by others at the end)
             who was missed, what has opened, end of run   (one transaction)

Each transaction leaves a usable store: what was fetched and not yet settled stays pending and is completed
by the next run, so a crash anywhere costs nothing but the repetition. A run judged as failed brought no data: what
it fetched is taken back.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from datetime import datetime

import structlog

from pipeline import checks, health
from pipeline.checks import Usual
from pipeline.conclude import conclude, even, fill_of
from pipeline.errors import Busy, CallwatchError
from pipeline.harvest import Issue, Role, RunReport, Verdict
from pipeline.intake import Intake
from pipeline.linking import Places, places_of
from pipeline.relate import Linker, relate
from pipeline.schedule import Slot
from pipeline.settle import CHUNK, Workshop, settle
from pipeline.source import Portal
from pipeline.store import Connection, Store, calls, pages, raw, runs, slots
from pipeline.store.sqlx import chunks

log = structlog.get_logger()


class Run:
    """One harvest; its spider hands batches to `intake`.

    `whole` is False when only a part was asked for (a limit, closed calls): then neither the number of items nor
    the absence of a call means anything. Of a portal that tells only what changed it never does, unless the portal
    says that the call is hidden.
    """

    def __init__(
        self,
        store: Store,
        portal: Portal,
        workshop: Workshop,
        *,
        clock: Callable[[], datetime],
        places: Places | None = None,
        whole: bool = True,
        slot: Slot | None = None,
        advance: Callable[[int, int, str], None] = lambda done, total, what: None,
        stage: Callable[[str], AbstractContextManager[None]] = lambda name: nullcontext(),
    ) -> None:
        self.store, self.portal, self.workshop = store, portal, workshop
        self.clock, self.whole, self.slot, self.advance, self.stage = clock, whole, slot, advance, stage
        self.places: Places = places or places_of([portal])
        self.report = RunReport(portal=portal.name, verdict=Verdict.FAILED, issues=[])
        self.id = ""
        self.intake = Intake(store, portal, clock=clock, advance=advance)
        self._usual = Usual()
        self._filled: dict[str, frozenset[str]] = {}
        self._fillings: dict[frozenset[str], frozenset[str]] = {}
        self._locks = ExitStack()
        self._started = time.monotonic()

    def open(self) -> None:
        """Start the run on record. Raises Busy when another process harvests the same portal, or has done so for
        the slot."""
        self._locks.enter_context(self.store.lock(f"harvest-{self.portal.name}"))
        with self.store.begin() as conn:
            if self.slot and not slots.begin(conn, self._job, self.slot, self.clock()):
                self._locks.close()
                raise Busy(f"{self.portal.name}: harvested for {self.slot.key} already")
            runs.abandon_stale(conn, self.portal.name, self.clock())
            self.id = runs.start(conn, self.portal.name, self.clock(), whole=self.whole)
            record = runs.record(conn, self.portal.name)
            self.intake.open(conn, self.id, record.complete[0].started_at if record.complete else None)
            self._usual = health.usual(record.complete, self.portal)

    @property
    def _job(self) -> str:
        return slots.harvest_job(self.portal.name)

    def close(self) -> RunReport:
        """Judge, settle, conclude; returns the report of the whole run.

        What goes wrong in doing so is raised, and the run ends as failed; the next run settles the rest.
        """
        with self._locks:
            try:
                with self.stage("judge"):
                    self.intake.close()
                    self._judge()
                if self.report.verdict is not Verdict.FAILED:
                    with self.stage("settle"):
                        self._settle()
                    with self.stage("link"), suppress(Busy):  # the next run makes it up
                        relate(self.store, self.places, self.clock())
                with self.stage("conclude"):
                    self._end()
            except Exception as error:
                with suppress(CallwatchError):  # the first error says more
                    self._fail(error)
                raise
        log.info(
            "run finished",
            portal=self.portal.name,
            verdict=self.report.verdict.value,
            folded=self.intake.crawl.folded,
        )
        return self.report

    def abort(self, error: BaseException) -> RunReport:
        """End the run as failed; what was taken is kept and settled by the next run."""
        with self._locks:
            self._fail(error)
        return self.report

    def _fail(self, error: BaseException) -> None:
        self.report.verdict = Verdict.FAILED
        self.report.issues.insert(0, Issue("", "run", f"{type(error).__name__}: {error}"))
        with self.store.begin() as conn:
            self._finish(conn, self.clock())

    def _judge(self) -> None:
        """Verdict on what was fetched, before anything is normalised; what decided it comes first."""
        report, crawl = self.report, self.intake.crawl
        report.pages = crawl.pages
        counted = [part for part in crawl.parts if part.role is Role.CALL]
        report.expected = sum(part.expected for part in counted)
        report.seen = sum(part.seen for part in counted)
        usual = 0 if self.portal.partial_view else self._usual.items
        bounds = self.portal.bounds if self.whole else None
        report.verdict, problems = checks.verdict_of_crawl(crawl, report.seen, bounds, usual)
        report.issues[:0] = [*problems, *crawl.issues, *self.intake.issues]

    def _settle(self) -> None:
        """Normalise, compare and save what is pending, unless a sample shows that the portal has drifted."""
        with self.store.read() as conn:
            pending = raw.pending(conn, self.portal.name)
        drift = self._drift(pending)
        if drift:
            self.report.issues[:0] = drift
            self.report.verdict = Verdict.FAILED
            return
        linker = Linker(self.store, self.places, self.clock)
        for number, references in enumerate(chunks(pending, CHUNK)):
            with self.store.begin() as conn:
                outcome = settle(conn, self.portal.name, self.id, references, self.workshop, self.clock())
            linker.take(outcome.versions)
            self.report.new += outcome.new
            self.report.changed += outcome.changed
            self.report.issues += outcome.issues
            # Kept once each: of a hundred thousand calls there are some dozen.
            self._filled |= {name: self._fillings.setdefault(of, of) for name, of in outcome.filled.items()}
            self.advance(min((number + 1) * CHUNK, len(pending)), len(pending), f"{self.portal.name}: calls")
        linker.flush()

    def _drift(self, pending: Sequence[str]) -> list[Issue]:
        """Fill rates of an even sample, looked at before anything is believed."""
        sample = even(pending)
        if len(sample) < checks.ENOUGH:
            return []
        with self.store.read() as conn:
            documents = raw.load(conn, self.portal.name, sample)
        found = (self.workshop.look_ahead(documents.get(reference, [])) for reference in sample)
        return checks.fill_problems([call for call in found if call], self.portal.bounds.fill)

    def _end(self) -> None:
        """Who was missed and what has opened, in one transaction with the end of the run."""
        now = self.clock()
        with self.store.begin() as conn:
            if self.report.verdict is Verdict.FAILED:
                raw.reject(conn, self.portal.name, self.id)
            else:
                self._conclude(conn, now)
            self._finish(conn, now)

    def _conclude(self, conn: Connection, now: datetime) -> None:
        name, report = self.portal.name, self.report
        present = calls.touch_seen(conn, name, self.id, now)
        self._weigh(conn, present)
        report.issues += conclude(
            conn,
            name,
            self.id,
            now,
            present,
            conclusive=self._conclusive(),
            partial_view=self.portal.partial_view,
            hidden=self.intake.hidden,
        )
        pages.remember(conn, name, self.portal.reading, self.intake.read)
        report.stored = len(present)
        report.unchanged = max(0, report.stored - report.new - report.changed)

    def _weigh(self, conn: Connection, present: Collection[str]) -> None:
        """Fill rates; a field that is gone against its usual rate makes the harvest partial."""
        self.report.fill, self.report.sample = fill_of(conn, self.portal.name, present, self._filled)
        problems = list(checks.gone(self.report, self._usual)) if self.whole else []
        if problems:
            self.report.issues[:0] = problems
            self.report.verdict = Verdict.PARTIAL

    def _finish(self, conn: Connection, now: datetime) -> None:
        runs.finish(conn, self.id, self._timed(), now)
        if self.slot:
            verdict = self.report.verdict
            slots.end(
                conn, self._job, self.slot.key, now, done=verdict is not Verdict.FAILED, outcome=verdict.value
            )

    def _conclusive(self) -> bool:
        """Whether a call that was not seen was missed; not while an item could be any of them."""
        proven = self.whole and self.report.verdict is Verdict.COMPLETE
        if proven and self.intake.unplaced:
            problem = (
                f"{self.intake.unplaced} could not be placed and may be any call: none counts as missed this time"
            )
            self.report.issues.insert(0, Issue("", "items", problem))
        return proven and not self.intake.unplaced

    def _timed(self) -> RunReport:
        self.report.misses = dict(Counter(issue.field for issue in self.report.issues if issue.is_miss))
        self.report.seconds = round(time.monotonic() - self._started, 3)
        return self.report

"""Each stage of a harvest of 1,000 calls alone (read, normalise, classify, store), and all without network."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import orjson

from callwatch.wiring import Wiring
from pipeline.harvest import RawBatch
from pipeline.models import Call, Event
from pipeline.normalise import Document
from pipeline.settle import CHUNK, Workshop, _next_state
from pipeline.store import Store, calls, events, raw, runs
from pipeline.store.calls import CallRow
from pipeline.store.raw import StoredDocument
from pipeline.store.sqlx import chunks
from spiders.portals.eu_funding_tenders import EuFundingTenders
from tests.bench import data, saved
from tests.bench.bases import Intake
from tests.bench.databases import Databases, OnSqlite, both
from tests.bench.figure import Figure
from tests.bench.limits import Limits, text_of
from tests.bench.measure import Step, always, each, expect, figure, in_turns

CALLS = 1_000
TABLES = ("runs", "raw_records", "sightings", "documents", "calls", "versions", "call_keys", "events")
Pages = Sequence[saved.Page]


@contextmanager
def harvested() -> Iterator[tuple[Wiring, Pages, OnSqlite, str]]:
    """A thousand calls as pages, and the address of an SQLite store that has them."""
    wiring, pages = Wiring(), data.pages(data.calls(CALLS))
    with tempfile.TemporaryDirectory(prefix="cw-bench-") as folder:
        sqlite = OnSqlite(Path(folder))
        url = sqlite.new()
        expect(saved.harvest(wiring, pages, url), new=CALLS)
        yield wiring, pages, sqlite, url


def reading(number: int) -> list[Figure]:
    """The spider's work on answers that are there already."""
    portal, pages = Wiring().portal(saved.NAME), data.pages(data.calls(CALLS))
    bodies, limits = [body for _, body in pages], Limits()
    full = Intake()
    read(EuFundingTenders(intake=full, portal=portal), pages, full)
    digests = full.digests

    def new(_: int) -> Step:
        intake = Intake()
        return lambda: read(EuFundingTenders(intake=intake, portal=portal), pages, intake)

    def same(_: int) -> Step:
        intake = Intake()
        intake.digests = digests
        return lambda: read(EuFundingTenders(intake=intake, portal=portal), pages, intake)

    decode, shortcut = each(orjson.loads, bodies), lambda: limits.unchanged(bodies, digests)
    turns, again = in_turns(new, always(decode), number), in_turns(same, always(shortcut), number)
    return [
        figure("read", "read new calls", turns, "raw orjson: the pages decoded", count=CALLS),
        figure("read same", "read unchanged calls", again, "each item cut out, hashed, looked up", count=CALLS),
    ]


def read(spider: EuFundingTenders, pages: Pages, intake: Intake) -> None:
    """All pages; raises RuntimeError unless every call was seen."""
    for _, _, batch in saved.batches(spider, pages):
        intake.take(batch)
    expect(intake, documents=CALLS)


def normalising(number: int) -> list[Figure]:
    """From stored records to calls."""
    with harvested() as (wiring, _, _, url):
        workshop, documents = wiring.workshop(saved.NAME), loaded(url)
        bodies = [document.body for found in documents for document in found]
        least = each(lambda body: text_of(orjson.loads(body)), bodies)
        turns = in_turns(always(each(workshop.assemble, documents)), always(least), number)
    what = "raw orjson: each record decoded, its description made text by lexbor"
    return [figure("normalise", "normalise", turns, what, count=CALLS)]


def loaded(url: str) -> list[list[StoredDocument]]:
    """The documents of each call."""
    with Store.open(url) as store, store.read() as conn:
        references = [call.reference for call in (found.call for found in calls.query(conn))]
        return list(raw.load(conn, saved.NAME, references).values())


def classifying(number: int) -> list[Figure]:
    """With the shipped profiles. Grown calls speak of more than real ones do, which get six region labels."""
    with harvested() as (wiring, _, _, url):
        found, limits = saved.stored(url), Limits()
        labels = sum(len(wiring.classifier.classify(call).s3) for call in found) / len(found)
        least = each(limits.terms_in, [call.text for call in found])
        turns = in_turns(always(each(wiring.classifier.classify, found)), always(least), number)
    what = "one pass over the text for 300 terms, no labels, no reasons"
    note = f"{labels:.1f} region labels each"
    return [figure("classify", "classify", turns, what, count=CALLS, note=note)]


def storing(number: int) -> list[Figure]:
    """Records, calls, versions and events into the store."""
    with tempfile.TemporaryDirectory(prefix="cw-bench-") as folder, both(Path(folder)) as databases:
        wiring, pages = Wiring(), data.pages(data.calls(CALLS))
        spider = EuFundingTenders(intake=Intake(), portal=wiring.portal(saved.NAME))
        found = [batch for _, _, batch in saved.batches(spider, pages)]
        rows = list(next_states(wiring.workshop(saved.NAME), found))
        return [stored_on(each_kind, found, rows, number) for each_kind in databases]


def next_states(workshop: Workshop, found: Sequence[RawBatch]) -> Iterator[tuple[CallRow, list[Event]]]:
    """What a harvest decides to store."""
    now = datetime.now(UTC)
    for record in (record for batch in found for record in batch.records):
        document = Document(record.role, record.language, record.body, record.fetched_at)
        call, _ = workshop.normaliser.assemble([document], workshop.programmes)
        assert isinstance(call, Call)
        yield _next_state(call, None, workshop.classifier.classify(call), now)


def stored_on(
    databases: Databases, found: Sequence[RawBatch], rows: Sequence[tuple[CallRow, list[Event]]], number: int
) -> Figure:
    """On one kind of database."""

    def ours(_: int) -> Step:
        url = databases.new()
        return lambda: keep(url, found, rows)

    written = databases.new()
    keep(written, found, rows)
    known = databases.rows(written, TABLES)

    def least(_: int) -> Step:
        url = databases.new()
        return lambda: databases.write(url, known)

    turns = in_turns(ours, least, number, databases.clock)
    what = "the same rows, ready made, by " + {"sqlite": "sqlite3", "postgresql": "COPY"}[databases.key]
    return figure(f"store {databases.key}", f"store, {databases.name}", turns, what, count=CALLS)


def keep(url: str, found: Sequence[RawBatch], rows: Sequence[tuple[CallRow, list[Event]]]) -> None:
    """As a harvest does it: a transaction a page, then one for some hundred calls."""
    now = datetime.now(UTC)
    digests = {record.document: record.digest for batch in found for record in batch.records}
    with Store.open(url, upgrade=False) as store:
        with store.begin() as conn:
            run = runs.start(conn, saved.NAME, now)
        for batch in found:
            with store.begin() as conn:
                raw.stage(conn, run, batch, now)
        for part in chunks(rows, CHUNK):
            with store.begin() as conn:
                calls.save(conn, [row for row, _ in part], run, now)
                events.add(conn, [event for _, happened in part for event in happened], run)
        with store.begin() as conn:
            raw.mark_processed(conn, saved.NAME, digests)


def together(number: int) -> list[Figure]:
    """All stages, from saved pages into SQLite."""
    with harvested() as (wiring, pages, sqlite, url):
        limits, bodies = Limits(), [body for _, body in pages]
        known = limits.changed(bodies, sqlite.file())

        def new(_: int) -> Step:
            fresh = sqlite.new()
            return lambda: expect(saved.harvest(wiring, pages, fresh), new=CALLS)

        def least(_: int) -> Step:
            file = sqlite.file()
            return lambda: limits.changed(bodies, file)

        same = always(lambda: expect(saved.harvest(wiring, pages, url), unchanged=CALLS))
        cold = in_turns(new, least, number)
        again = in_turns(same, always(lambda: limits.unchanged(bodies, known)), number)
    what = "decode, hash, text, 300 terms, one row of sqlite3 a call"
    return [
        figure("all new", "all stages, new calls", cold, what, count=CALLS, share=0.5),
        figure("all same", "all stages, unchanged calls", again, "cut out, hash, look up", count=CALLS, share=0.5),
    ]

"""Builds calls and versions again from the raw records alone: after a fix, with no request, no event, no alert.

What a harvest knows beyond its raw records is kept: when a call was first and last seen, whether it is gone, and
what readers were told.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from pipeline import changes
from pipeline.harvest import Issue
from pipeline.models import Call
from pipeline.outbox import StoredCall
from pipeline.settle import CHUNK, Workshop, newest
from pipeline.store import Connection, Store, calls, raw, runs
from pipeline.store.calls import PastVersion
from pipeline.store.raw import StoredDocument
from pipeline.store.sqlx import chunks


class Replayed(msgspec.Struct):
    """How many calls were rebuilt, how many came out different, and what could not be read."""

    calls: int = 0
    different: int = 0
    issues: list[Issue] = []


def replay(
    store: Store,
    portal: str,
    workshop: Workshop,
    now: datetime,
    advance: Callable[[int, int, str], None] = lambda done, total, what: None,
) -> Replayed:
    """Rebuild every call of `portal`, `CHUNK` calls a transaction. Raises Busy while a harvest of it runs."""
    result = Replayed(issues=[])
    with store.lock(f"harvest-{portal}"):
        with store.read() as conn:
            families = calls.families(conn, portal)
            settled = runs.settled(conn, portal)
        homes = sorted(families)
        for number, chosen in enumerate(chunks(homes, CHUNK)):
            with store.begin() as conn:
                known = calls.find(conn, portal, list(chosen))
                for home in chosen:
                    if home in known:
                        history = raw.history(conn, portal, families[home])
                        _rebuild(conn, known[home], _Past(history, settled), workshop, result)
            advance(min((number + 1) * CHUNK, len(homes)), len(homes), "calls")
    return result


class _Past:
    """What is known of the past of one call: its documents, and the runs that made documents into calls."""

    def __init__(self, history: Sequence[StoredDocument], settled: Sequence[str]) -> None:
        self.history, self.settled = history, settled

    def arrivals(self, also: set[str]) -> Iterator[tuple[str, list[StoredDocument]]]:
        """By run, the documents it settled: also those that an earlier run fetched and did not live to settle.

        `also` are runs that did not end well, and yet settled this call before.
        """
        ids = sorted({*self.settled, *also})
        by_run: dict[str, list[StoredDocument]] = {}
        for document in self.history:
            place = bisect_left(ids, document.run)
            if place < len(ids):
                by_run.setdefault(ids[place], []).append(document)
        return iter(sorted(by_run.items()))


def _rebuild(conn: Connection, known: StoredCall, past: _Past, workshop: Workshop, result: Replayed) -> None:
    """All versions of one call; the last one becomes its present state."""
    former = calls.versions_of(conn, known.call.id)
    times = {(version.run, version.fingerprint): version.at for version in former}
    versions: list[PastVersion] = []
    current: dict[str, StoredDocument] = {}
    for run, arrived in past.arrivals({version.run for version in former}):
        current |= {document.document: document for document in arrived}
        call, issues = _assembled(arrived, current, workshop)
        result.issues += issues
        if call is None:
            continue
        call = msgspec.structs.replace(call, reference=known.call.reference)
        call = changes.steady(versions[-1].call, call) if versions else call
        fingerprint = changes.fingerprint(call)
        if versions and fingerprint == versions[-1].fingerprint:
            versions[-1] = msgspec.structs.replace(versions[-1], call=call)
        else:
            at = times.get((run, fingerprint)) or max(document.fetched_at for document in arrived)
            versions.append(PastVersion(len(versions) + 1, at, run, fingerprint, call))
    if versions:
        state = versions[-1].call
        result.calls += 1
        result.different += state != known.call
        labels = workshop.classify(state, known)
        stored = msgspec.structs.replace(known, call=state, classification=labels, version=len(versions))
        calls.replace(conn, stored, versions)


def _assembled(
    arrived: Sequence[StoredDocument], current: Mapping[str, StoredDocument], workshop: Workshop
) -> tuple[Call | None, list[Issue]]:
    """The call as a run that brought `arrived` made it; of two names it bore, the one that was fetched last."""
    names = {document.call_reference for document in arrived}
    families = [[d for d in current.values() if d.call_reference == name] for name in sorted(names)]
    made = [workshop.assemble(family) for family in sorted(families, key=newest, reverse=True)]
    return next((call for call, _ in made if call), None), [issue for _, issues in made for issue in issues]

"""Builds calls and versions again from the raw records alone: after a fix, with no request, no event, no alert.

What a harvest knows beyond its raw records is kept: when a call was first and last seen, whether it is gone, and
what readers were told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby

import msgspec

from pipeline import changes
from pipeline.harvest import Issue
from pipeline.models import Call
from pipeline.outbox import StoredCall
from pipeline.settle import CHUNK, Workshop, chunks
from pipeline.store import Connection, Store, calls, raw
from pipeline.store.calls import PastVersion
from pipeline.store.raw import StoredDocument


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
        homes = sorted(families)
        for number, chosen in enumerate(chunks(homes, CHUNK)):
            with store.begin() as conn:
                known = calls.find(conn, portal, list(chosen))
                for home in chosen:
                    history = raw.history(conn, portal, families[home])
                    if home in known:
                        _rebuild(conn, known[home], history, workshop, result)
            advance(min((number + 1) * CHUNK, len(homes)), len(homes), "calls")
    return result


def _rebuild(
    conn: Connection,
    known: StoredCall,
    history: Sequence[StoredDocument],
    workshop: Workshop,
    result: Replayed,
) -> None:
    """All versions of one call; the last one becomes its present state."""
    versions: list[PastVersion] = []
    state: Call | None = None
    current: dict[str, StoredDocument] = {}
    for run, documents in groupby(history, key=lambda document: document.run):
        arrived = list(documents)
        current |= {document.document: document for document in arrived}
        call, issues = workshop.assemble(list(current.values()))
        result.issues += issues
        if call is None:
            continue
        call = msgspec.structs.replace(call, reference=known.call.reference)
        call = changes.steady(state, call) if state else call
        if not versions or changes.fingerprint(call) != versions[-1].fingerprint:
            at = max(document.fetched_at for document in arrived)
            versions.append(PastVersion(len(versions) + 1, at, run, changes.fingerprint(call), call))
        state = call
    if state is None:
        return
    result.calls += 1
    result.different += state != known.call
    stored = msgspec.structs.replace(
        known, call=state, classification=workshop.classify(state, known), version=len(versions)
    )
    calls.replace(conn, stored, versions)

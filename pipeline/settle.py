"""From the raw records of some calls to their stored state: normalise, compare, classify, save.

Everything here happens inside the caller's transaction, so a call, its version, its events and the mark that its
documents are processed stand or fall together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from pipeline import changes, checks
from pipeline.classify import Classifier
from pipeline.harvest import Issue, Role
from pipeline.models import Call, Classification, Event, Status
from pipeline.normalise import Document, Normaliser
from pipeline.outbox import StoredCall
from pipeline.store import Connection, calls, events, raw
from pipeline.store.calls import CallRow
from pipeline.store.raw import StoredDocument

CHUNK = 200
"""Calls settled in one transaction: bounds memory and the work a crash can cost."""


class Workshop:
    """What turns documents into classified calls: the portal's normaliser, the code table, the classifier."""

    def __init__(
        self, normaliser: Normaliser, programmes: Mapping[str, tuple[str, str]], classifier: Classifier
    ) -> None:
        self.normaliser, self.programmes, self.classifier = normaliser, programmes, classifier
        self._ahead: dict[tuple[str, ...], tuple[Call | None, list[Issue]]] = {}

    def look_ahead(self, documents: Sequence[StoredDocument]) -> Call | None:
        """What `assemble` will give for these documents; it is kept until then, so look at a sample only."""
        made = self._ahead[_bodies(documents)] = self.assemble(documents)
        return made[0]

    def assemble(self, documents: Sequence[StoredDocument]) -> tuple[Call | None, list[Issue]]:
        """One call from all its documents, or none and the Issues that say why."""
        if self._ahead and (made := self._ahead.pop(_bodies(documents), None)):
            return made
        given = [Document(d.role, d.language, d.body, d.fetched_at) for d in documents]
        return self.normaliser.assemble(given, self.programmes)

    def classify(self, call: Call, known: StoredCall | None = None) -> Classification:
        """Labels of `call`; those of `known` when neither words nor profiles have changed since."""
        if (
            known
            and known.classification.profiles == self.classifier.fingerprint
            and _same_words(known.call, call)
        ):
            return known.classification
        return self.classifier.classify(call)


def _bodies(documents: Sequence[StoredDocument]) -> tuple[str, ...]:
    return tuple(document.digest for document in documents)


class Outcome(msgspec.Struct):
    """What became of a chunk of calls; `filled` are the fields that each has, as it came; `versions` are the calls
    of which there is a new version, by id."""

    new: int = 0
    changed: int = 0
    issues: list[Issue] = []
    filled: dict[str, frozenset[str]] = {}
    versions: dict[str, StoredCall] = {}


def settle(
    conn: Connection, portal: str, run: str, references: Sequence[str], workshop: Workshop, now: datetime
) -> Outcome:
    """Bring the calls with these references up to date with their documents."""
    outcome = Outcome()
    documents = raw.load(conn, portal, list(references))
    assembled: dict[str, Call] = {}
    for reference in references:
        call, issues = workshop.assemble(documents.get(reference, []))
        outcome.issues.extend(issues)
        if call is not None:
            assembled[reference] = call
    homes = _homes(conn, portal, run, assembled, documents)
    known = calls.find(conn, portal, homes)
    # One pass for each step: a processor that switches between them for every call takes a third longer.
    labels = {home: workshop.classify(call, known.get(home)) for home, (_, call) in homes.items()}
    rows, told = [], []
    for home, (reference, call) in homes.items():
        row, happened = _next_state(call, known.get(home), labels[home], now)
        rows.append(msgspec.structs.replace(row, keys=(reference,)))
        told.extend(happened)
        outcome.filled[home] = checks.filled(call)
        outcome.issues.extend(disagreement(row.stored.call, now))
        if row.stored.call.deadlines and not call.deadlines:
            problem = "the portal no longer states any; those known before are kept"
            outcome.issues.append(Issue(reference, "deadlines", problem))
        outcome.new += home not in known
        outcome.changed += row.new_version and home in known
    calls.save(conn, rows, run, now)
    outcome.versions.update((row.stored.call.id, row.stored) for row in rows if row.new_version)
    events.add(conn, told, run)
    raw.mark_processed(conn, portal, {d.document: d.digest for docs in documents.values() for d in docs})
    return outcome


def _homes(
    conn: Connection,
    portal: str,
    run: str,
    assembled: Mapping[str, Call],
    documents: Mapping[str, Sequence[StoredDocument]],
) -> dict[str, tuple[str, Call]]:
    """By the reference the store knows a call by: the reference the portal gives it today, and the call.

    A renamed identifier is recognised by its witness, unless the portal still lists the old name, too. Of two
    names of one call the one that was fetched last counts.
    """
    keys = [key for reference, call in assembled.items() for key in (reference, *call.witnesses)]
    known = calls.resolve(conn, portal, keys)
    strangers = [reference for reference in assembled if reference not in known]
    listed = (
        raw.seen_calls(conn, portal, run) if any(_witnessed(assembled[r], known) for r in strangers) else set()
    )
    homes: dict[str, tuple[str, Call]] = {}
    for reference in sorted(assembled, key=lambda name: newest(documents[name]), reverse=True):
        call = assembled[reference]
        former = (name for name in _witnessed(call, known) if name not in assembled and name not in listed)
        home = known.get(reference) or next(former, reference)
        homes.setdefault(home, (reference, msgspec.structs.replace(call, reference=home)))
    return homes


def _witnessed(call: Call, known: Mapping[str, str]) -> list[str]:
    return [known[witness] for witness in call.witnesses if witness in known]


def newest(documents: Sequence[StoredDocument]) -> datetime:
    """When the latest document of a call was fetched, its news aside."""
    times = [document.fetched_at for document in documents if document.role is not Role.NEWS]
    return max(times, default=datetime.min.replace(tzinfo=UTC))


def _next_state(
    call: Call, known: StoredCall | None, labels: Classification, now: datetime
) -> tuple[CallRow, list[Event]]:
    if known is None:
        stored = StoredCall(
            call=call,
            classification=labels,
            status=_to_be_told(call, now),
            first_seen=now,
            last_seen=now,
        )
        return CallRow(stored, changes.fingerprint(call), True), changes.first_event(call, now)
    call = changes.steady(known.call, call)
    fingerprint = changes.fingerprint(call)
    changed = fingerprint != changes.fingerprint(known.call)
    postponed = _to_be_told(call, now) is Status.FORTHCOMING
    stored = msgspec.structs.replace(
        known,
        call=call,
        classification=labels,
        status=Status.FORTHCOMING if postponed else known.status,
        version=known.version + changed,
        last_seen=now,
    )
    happened = changes.compare(known.call, call, now) if changed else []
    return CallRow(stored, fingerprint, changed), happened


def _to_be_told(call: Call, now: datetime) -> Status:
    """Status readers know a call by: not yet open while the portal, or the dates, say that it is still to come."""
    status = call.status_at(now)
    return Status.FORTHCOMING if status is Status.OPEN and call.portal_status == Status.FORTHCOMING else status


def disagreement(call: Call, now: datetime) -> list[Issue]:
    """The portal's word against the dates; the dates decide, and the operator is told."""
    computed = call.status_at(now)
    if not call.portal_status or call.portal_status == computed:
        return []
    dates = ", ".join(f"{d.at:%Y-%m-%d}" for d in call.deadlines) or "none"
    opens = f"{call.opens_at:%Y-%m-%d}" if call.opens_at else "not stated"
    problem = f"the portal says {call.portal_status}, its dates say {computed} (opens {opens}; deadlines {dates})"
    return [Issue(call.reference, "status", problem)]


def _same_words(old: Call, new: Call) -> bool:
    return (old.identifier, old.title, old.text, old.keywords) == (
        new.identifier,
        new.title,
        new.text,
        new.keywords,
    )

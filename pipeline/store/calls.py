"""Calls, their versions, and the keys under which they are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, not_, or_, select, update

from pipeline.models import Status
from pipeline.outbox import StoredCall
from pipeline.store.call_reads import closed_at, current, get, query, versions_of
from pipeline.store.call_rows import CallRow, PastVersion, call_row, select_stored, stored_call, version_row
from pipeline.store.folding import fold_versions
from pipeline.store.raw import select_seen
from pipeline.store.sqlx import Insert, chunks, insert_for, upsert
from pipeline.store.tables import call_keys, calls, versions

__all__ = [
    "CallRow",
    "PastVersion",
    "current",
    "due_to_open",
    "families",
    "find",
    "get",
    "live_references",
    "missed_references",
    "query",
    "replace",
    "resolve",
    "save",
    "set_absence",
    "set_status",
    "touch_seen",
    "versions_of",
]


def find(conn: Connection, portal: str, references: Iterable[str]) -> dict[str, StoredCall]:
    """The stored ones of these calls by reference."""
    found = {}
    for part in chunks(dict.fromkeys(references)):
        rows = select_stored(calls.c.reference).where(calls.c.portal == portal, calls.c.reference.in_(part))
        for row in conn.execute(rows):
            found[row.reference] = stored_call(row)
    return found


def resolve(conn: Connection, portal: str, keys: Iterable[str]) -> dict[str, str]:
    """Reference of the stored call by key (a reference or a witness); unknown keys are not in the answer."""
    found: dict[str, str] = {}
    for part in chunks(dict.fromkeys(keys)):
        columns = select(call_keys.c.key, calls.c.reference).join_from(call_keys, calls)
        found.update(conn.execute(columns.where(call_keys.c.portal == portal, call_keys.c.key.in_(part))).all())
    return found


def families(conn: Connection, portal: str) -> dict[str, list[str]]:
    """All keys of every call of the portal, sorted, by its reference; what `raw.history` looks for."""
    columns = select(calls.c.reference, call_keys.c.key).join_from(call_keys, calls)
    found: dict[str, list[str]] = {}
    for reference, key in conn.execute(columns.where(call_keys.c.portal == portal).order_by(call_keys.c.key)):
        found.setdefault(reference, []).append(key)
    return found


def save(conn: Connection, rows: Sequence[CallRow], run_id: str, at: datetime) -> None:
    """Write calls whole, with their new versions and keys. `first_seen` of a stored call stays as it is.

    A key passes to the call saved last. A version that is already there is replaced.
    """
    if not rows:
        return
    conn.execute(_upsert_call(conn), [call_row(row.stored, row.fingerprint) for row in rows])
    for new, kept in ((True, ()), (False, ("at", "run_id", "fingerprint"))):
        states = [
            version_row(PastVersion(row.stored.version, at, run_id, row.fingerprint, row.stored.call))
            for row in rows
            if row.new_version is new
        ]
        if states:
            conn.execute(upsert(conn, versions, key=("call_id", "number"), keep=kept), states)
    keys = [
        {"portal": call.portal, "key": key, "call_id": call.id}
        for row in rows
        for call in (row.stored.call,)
        for key in (call.reference, *call.witnesses, *row.keys)
    ]
    conn.execute(_pass_on_key(conn), keys)


def replace(conn: Connection, stored: StoredCall, past: Sequence[PastVersion]) -> None:
    """Put a call and all its versions in place of what is stored of it; the last version is its present state,
    so `stored.version` is its number.

    `first_seen`, events and keys stay as they are. Raises ValueError without a version.
    """
    if not past:
        raise ValueError(f"{stored.call.id} cannot be replaced by nothing")
    conn.execute(_upsert_call(conn), [call_row(stored, past[-1].fingerprint)])
    conn.execute(delete(versions).where(versions.c.call_id == stored.call.id))
    conn.execute(insert(versions), [version_row(version) for version in past])
    if len(past) > 2:
        fold_versions(conn, [stored.call.id])


def _upsert_call(conn: Connection) -> Insert:
    return upsert(conn, calls, key=("id",), keep=("portal", "reference", "first_seen"))


def _pass_on_key(conn: Connection) -> Insert:
    statement = insert_for(conn, call_keys)
    return statement.on_conflict_do_update(
        index_elements=["portal", "key"],
        set_={"call_id": statement.excluded.call_id},
        # An unchanged key costs a look-up and no write.
        where=call_keys.c.call_id != statement.excluded.call_id,
    )


def touch_seen(conn: Connection, portal: str, run_id: str, at: datetime) -> set[str]:
    """Note that the calls which that run saw were seen at `at`, and return their references.

    Whether they were missed before stays to be judged.
    """
    keys = call_keys.c
    seen = select(keys.call_id).where(keys.portal == portal, keys.key.in_(select_seen(portal, run_id)))
    conn.execute(update(calls).where(calls.c.id.in_(seen)).values(last_seen=at))
    return set(conn.scalars(select(calls.c.reference).where(calls.c.id.in_(seen))))


def live_references(conn: Connection, portal: str, now: datetime) -> set[str]:
    """The calls of the portal that are neither closed at `now` nor gone."""
    c = calls.c
    statement = select(c.reference).where(c.portal == portal, c.gone_since.is_(None), not_(closed_at(now)))
    return set(conn.scalars(statement))


def missed_references(conn: Connection, portal: str) -> set[str]:
    """The calls of the portal that the last complete harvest did not see, among them those that are gone."""
    c = calls.c
    return set(
        conn.scalars(select(c.reference).where(c.portal == portal, or_(c.misses > 0, c.gone_since.is_not(None))))
    )


def set_absence(conn: Connection, rows: Iterable[StoredCall]) -> None:
    """Write misses, missed_since and gone_since of these calls, and nothing else of them."""
    values = [{"c": r.call.id, "m": r.misses, "since": r.missed_since, "gone": r.gone_since} for r in rows]
    if values:
        conn.execute(_ABSENCE, values)


_ABSENCE = (
    update(calls)
    .where(calls.c.id == bindparam("c"))
    .values(misses=bindparam("m"), missed_since=bindparam("since"), gone_since=bindparam("gone"))
)


def due_to_open(conn: Connection, portal: str, now: datetime) -> list[StoredCall]:
    """Calls still noted as forthcoming whose opening time has come or is not known, the earliest first."""
    c = calls.c
    come = or_(c.opens_at <= now, c.opens_at.is_(None))
    due = select_stored().where(c.portal == portal, c.status == Status.FORTHCOMING.value, come)
    return [stored_call(row) for row in conn.execute(due.order_by(c.opens_at, c.id))]


def set_status(conn: Connection, status_by_id: Mapping[str, str]) -> None:
    """Note the status of many calls by id."""
    if status_by_id:
        conn.execute(_STATUS, [{"c": call_id, "s": str(status)} for call_id, status in status_by_id.items()])


_STATUS = update(calls).where(calls.c.id == bindparam("c")).values(status=bindparam("s"))

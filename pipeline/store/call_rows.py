"""How a call lies in its row: the values around it, and the way there and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, Select, select

from pipeline.models import Call, Classification, Status
from pipeline.outbox import StoredCall
from pipeline.store.codec import pack, to_text, unpack
from pipeline.store.tables import calls, versions


class CallRow(msgspec.Struct, frozen=True, gc=False):
    """A call to be saved. Its state is kept under the number `stored.version`: without `new_version` it takes the
    place of the state there, which differs in nothing that matters.

    `keys` are further names under which the call is to be found again, beside its reference and its witnesses.
    """

    stored: StoredCall
    fingerprint: str
    new_version: bool
    keys: tuple[str, ...] = ()


class PastVersion(msgspec.Struct, frozen=True, gc=False):
    """One past or present state of a call, and the run that brought it."""

    number: int
    at: datetime
    run: str
    fingerprint: str
    call: Call


def select_stored(*columns: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Rows of calls for `stored_call`, with further columns."""
    c = calls.c
    needed = (c.classification, c.status, c.first_seen, c.last_seen, c.gone_since, c.missed_since, c.misses)
    present = (versions.c.call_id == c.id) & (versions.c.number == c.version)
    wanted = select(versions.c.data, BASE.c.data.label("base_data"), c.version, *needed, *columns)
    return wanted.join_from(calls, versions, present).outerjoin(BASE, IS_BASE)


BASE = versions.alias("base")
"""The version to which the data of another are the difference."""
IS_BASE = (BASE.c.call_id == versions.c.call_id) & (BASE.c.number == versions.c.base)


def stored_call(row: Row[*tuple[Any, ...]]) -> StoredCall:
    """A row of `select_stored` as a value."""
    return StoredCall(
        call=unpack(row.data, Call, row.base_data),
        classification=msgspec.json.decode(row.classification, type=Classification),
        status=Status(row.status),
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        gone_since=row.gone_since,
        missed_since=row.missed_since,
        misses=row.misses,
        version=row.version,
    )


def call_row(stored: StoredCall, fingerprint: str) -> dict[str, Any]:
    """The columns of table `calls`."""
    call = stored.call
    total = call.budget.total if call.budget else None
    return {
        "id": call.id,
        "portal": call.portal,
        "reference": call.reference,
        "identifier": call.identifier,
        "call_identifier": call.call_identifier,
        "kind": call.kind.value,
        "programme": call.programme,
        "title": call.title,
        "status": stored.status.value,
        "portal_status": call.portal_status,
        "opens_at": call.opens_at,
        "last_deadline_at": call.over_at,
        "budget_total": None if total is None else format(total, "f"),
        "currency": call.budget.currency if call.budget else "",
        "fingerprint": fingerprint,
        "classification": to_text(stored.classification),
        "version": stored.version,
        "first_seen": stored.first_seen,
        "last_seen": stored.last_seen,
        "misses": stored.misses,
        "missed_since": stored.missed_since,
        "gone_since": stored.gone_since,
    }


def version_row(version: PastVersion) -> dict[str, Any]:
    """The columns of table `versions`."""
    return {
        "call_id": version.call.id,
        "number": version.number,
        "at": version.at,
        "run_id": version.run,
        "fingerprint": version.fingerprint,
        "data": pack(version.call),
    }

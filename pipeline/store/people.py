"""Choices, stops, consents and suppressions: what people said, and what became of their addresses."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from pipeline.people import Choice, Chosen, Consent, ConsentEntry, Stop, Suppression
from pipeline.store.sqlx import add, chunks, insert_new, upsert
from pipeline.store.tables_people import choices, consents, keys, stops, suppressions

_ADDRESS_KEY = "addresses"


def choose(conn: Connection, chosen: Chosen) -> None:
    """Put a choice on record; it takes the place of an earlier one about the same call."""
    row = {
        "contact": chosen.contact,
        "call_id": chosen.call_id,
        "choice": chosen.choice.value,
        "at": chosen.at,
        "source": chosen.source,
    }
    conn.execute(upsert(conn, choices, key=("contact", "call_id")), [row])


def unchoose(conn: Connection, contact: str, call_id: str) -> bool:
    """Take a choice back; False if there was none."""
    mine = (choices.c.contact == contact) & (choices.c.call_id == call_id)
    return conn.execute(delete(choices).where(mine)).rowcount > 0


def choices_of(conn: Connection, contacts: Iterable[str] | None = None) -> dict[str, dict[str, Choice]]:
    """By contact, the choice by call id; of all contacts when none are given."""
    c, found = choices.c, dict[str, dict[str, Choice]]()
    columns = select(c.contact, c.call_id, c.choice)
    asked = [columns] if contacts is None else [columns.where(c.contact.in_(part)) for part in chunks(contacts)]
    for statement in asked:
        for contact, call_id, choice in conn.execute(statement):
            found.setdefault(contact, {})[call_id] = Choice(choice)
    return found


def chosen(conn: Connection, contact: str) -> list[Chosen]:
    """All choices of one contact, oldest first."""
    c = choices.c
    rows = conn.execute(select(choices).where(c.contact == contact).order_by(c.at, c.call_id))
    return [Chosen(row.contact, row.call_id, Choice(row.choice), row.at, row.source) for row in rows]


def stop(conn: Connection, stopped: Stop) -> bool:
    """Stop a subscription; False if it was stopped before (the first time stays on record)."""
    row = {
        "subscription": stopped.subscription,
        "contact": stopped.contact,
        "at": stopped.at,
        "source": stopped.source,
    }
    return add(conn, stops, row)


def resume(conn: Connection, subscription: str) -> bool:
    """Take a stop back; False if there was none."""
    return conn.execute(delete(stops).where(stops.c.subscription == subscription)).rowcount > 0


def stopped(conn: Connection) -> dict[str, Stop]:
    """All stops by subscription."""
    return {
        row.subscription: Stop(row.subscription, row.contact, row.at, row.source)
        for row in conn.execute(select(stops))
    }


def address_hash(conn: Connection, channel: str, address: str) -> str:
    """The keyed hash (HMAC-SHA-256 with a key of this database) by which an address is remembered; case aside.

    Needs a write transaction the first time, when the key is made.
    """
    key = _address_key(conn)
    if key is None:
        conn.execute(insert_new(conn, keys), [{"name": _ADDRESS_KEY, "value": secrets.token_hex(32)}])
        key = _address_key(conn)
    return _hash(str(key), channel, address)


def address_hashes(conn: Connection, channel: str, addresses: Iterable[str]) -> dict[str, str]:
    """By address, its keyed hash; empty while this database has no key, for then it remembers no address at all.

    Never writes.
    """
    key = _address_key(conn)
    return {} if key is None else {address: _hash(key, channel, address) for address in addresses}


def _address_key(conn: Connection) -> str | None:
    return conn.scalar(select(keys.c.value).where(keys.c.name == _ADDRESS_KEY))


def _hash(key: str, channel: str, address: str) -> str:
    named = f"{channel}:{address.strip().casefold()}"
    return hmac.new(bytes.fromhex(key), named.encode(), hashlib.sha256).hexdigest()


def note_consent(conn: Connection, entry: ConsentEntry) -> None:
    """Add a line to the record of consents."""
    row = {
        "contact": entry.contact,
        "address": entry.address,
        "what": entry.what.value,
        "at": entry.at,
        "source": entry.source,
        "detail": entry.detail,
    }
    conn.execute(insert(consents), [row])


def consents_of(conn: Connection, address: str) -> list[ConsentEntry]:
    """The record of one address (keyed hash), oldest first."""
    return consents_by(conn, [address]).get(address, [])


def consents_by(conn: Connection, addresses: Iterable[str]) -> dict[str, list[ConsentEntry]]:
    """The records of these addresses (keyed hashes), oldest entry first; addresses without any are left out."""
    c, found = consents.c, dict[str, list[ConsentEntry]]()
    for part in chunks(dict.fromkeys(addresses)):
        for row in conn.execute(select(consents).where(c.address.in_(part)).order_by(c.id)):
            found.setdefault(row.address, []).append(_entry(row))
    return found


def consents_about(conn: Connection, contact: str) -> list[ConsentEntry]:
    """The record of one contact, oldest first, whatever the address."""
    rows = conn.execute(select(consents).where(consents.c.contact == contact).order_by(consents.c.id))
    return [_entry(row) for row in rows]


def _entry(row: Row[*tuple[Any, ...]]) -> ConsentEntry:
    return ConsentEntry(row.contact, row.address, Consent(row.what), row.at, row.source, row.detail)


def suppress(conn: Connection, entry: Suppression) -> bool:
    """Send nothing to this address any more; False if that was so before (the first reason stays)."""
    row = {"channel": entry.channel, "address": entry.address, "reason": entry.reason, "at": entry.at}
    return add(conn, suppressions, row)


def unsuppress(conn: Connection, channel: str, address: str) -> bool:
    """Send to this address (keyed hash) again; False if nothing held it back."""
    mine = (suppressions.c.channel == channel) & (suppressions.c.address == address)
    return conn.execute(delete(suppressions).where(mine)).rowcount > 0


def suppression(conn: Connection, channel: str, address: str) -> Suppression | None:
    """Why nothing is sent to this address (keyed hash), if it is so."""
    s = suppressions.c
    row = conn.execute(select(suppressions).where(s.channel == channel, s.address == address)).first()
    return None if row is None else Suppression(row.channel, row.address, row.reason, row.at)


def suppressed(conn: Connection, since: datetime | None = None) -> list[Suppression]:
    """All suppressions, those since `since` when it is given; the oldest first."""
    statement = select(suppressions).order_by(suppressions.c.at)
    if since is not None:
        statement = statement.where(suppressions.c.at >= since)
    return [Suppression(row.channel, row.address, row.reason, row.at) for row in conn.execute(statement)]

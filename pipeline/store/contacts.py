"""Contacts of the store: imported ones beside those of subscriptions.yml, and what is left of erased ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, and_, delete, select, update

from pipeline.errors import Busy
from pipeline.outbox import MessageState, NewMessage
from pipeline.people import Consent, ConsentEntry, Erased, Listed
from pipeline.store import people
from pipeline.store.outbox_rows import Outcome, message_row
from pipeline.store.sqlx import add, chunks, upsert
from pipeline.store.tables_outbox import deliveries, messages, subscriptions, threads
from pipeline.store.tables_people import choices, conditions, contacts, stops

ERASED = "erased:"
"""Begins the target of a message whose contact was erased; the hash of the address follows."""


def listed(conn: Connection) -> list[Listed]:
    """All contacts of the store, by key."""
    return [_listed(row) for row in conn.execute(select(contacts).order_by(contacts.c.key))]


def page(conn: Connection, after: str, limit: int) -> list[Listed]:
    """At most so many contacts of the store by key, those after the key `after`."""
    statement = select(contacts).where(contacts.c.key > after).order_by(contacts.c.key).limit(limit)
    return [_listed(row) for row in conn.execute(statement)]


def find(conn: Connection, key: str) -> Listed | None:
    """The contact with this key."""
    row = conn.execute(select(contacts).where(contacts.c.key == key)).first()
    return None if row is None else _listed(row)


def _listed(row: Row[tuple[str, str, str, datetime, str]]) -> Listed:
    return Listed(row.key, row.data, row.subscriptions, row.at, row.source)


def put(conn: Connection, entries: Iterable[Listed]) -> None:
    """Store contacts, each in place of the one with its key."""
    rows = [
        {"key": e.key, "data": e.contact, "subscriptions": e.subscriptions, "at": e.at, "source": e.source}
        for e in entries
    ]
    if rows:
        conn.execute(upsert(conn, contacts, key=("key",)), rows)


def remove(conn: Connection, keys: Iterable[str]) -> int:
    """List these contacts no more; what was said to them stays. Returns how many were there."""
    gone = (delete(contacts).where(contacts.c.key.in_(part)) for part in chunks(keys))
    return sum(conn.execute(statement).rowcount for statement in gone)


def ask(conn: Connection, asked: Sequence[tuple[NewMessage, ConsentEntry]]) -> list[NewMessage]:
    """Put questions into the outbox, each with its line in the record; those already there are left out."""
    new: list[NewMessage] = []
    for message, entry in asked:
        if add(conn, messages, message_row(message)):
            people.note_consent(conn, entry)
            new.append(message)
    return new


def erase(
    conn: Connection,
    contact: str,
    own: Sequence[str],
    addresses: Mapping[str, str],
    now: datetime,
    source: str,
) -> Erased:
    """Erase what is held about a contact: the entry, choices, what was said and where to, threads.

    `own` are the keys of the subscriptions that go with it, `addresses` those of the contact by channel. Kept are
    the record of consents (which gets a line that says so), suppressions by keyed hash, and that things were told,
    by key. What waits in the outbox is dropped. Raises Busy while a message to the contact is on its way.
    """
    m = messages.c
    under_way = and_(m.contact == contact, m.state == MessageState.LEASED.value, m.lease_until >= now)
    if conn.execute(select(m.id).where(under_way).limit(1)).first():
        raise Busy(f"a message to {contact} is being sent at this moment; erase again in some minutes")
    was_listed = remove(conn, [contact]) > 0
    for part in chunks(own):
        conn.execute(delete(subscriptions).where(subscriptions.c.key.in_(part)))
        conn.execute(delete(stops).where(stops.c.subscription.in_(part)))
    chosen = conn.execute(delete(choices).where(choices.c.contact == contact)).rowcount
    told = list(conn.execute(select(m.channel, m.target).distinct().where(m.contact == contact)))
    known = {(row.channel, row.target) for row in told if not row.target.startswith(ERASED)} | set(
        addresses.items()
    )
    said = _forget_messages(conn, contact, known)
    hashes = {people.address_hash(conn, channel, target) for channel, target in known if channel == "email"}
    for address in sorted(hashes):
        people.note_consent(conn, ConsentEntry(contact, address, Consent.ERASED, now, source))
    return Erased(was_listed, said, chosen, len(hashes))


def erased_target(address: str) -> str:
    """What stands in place of the target of an erased contact's messages; `address` is its keyed hash."""
    return ERASED + address


def _forget_messages(conn: Connection, contact: str, known: Collection[tuple[str, str]]) -> int:
    """Take out what was said to the contact and where; returns in how many messages."""
    m, d, t = messages.c, deliveries.c, threads.c
    theirs = m.contact == contact
    mine, said = select(m.id).where(theirs), 0
    conn.execute(delete(threads).where(t.message_id.in_(mine)))
    for channel, target in known:
        if channel == "email":  # a mailbox is one person's; a Slack channel has other readers, whose threads go on
            conn.execute(delete(threads).where(t.channel == channel, t.target == target))
        hidden = erased_target(people.address_hash(conn, channel, target))
        there = and_(theirs, m.channel == channel, m.target == target)
        said += conn.execute(update(messages).where(there).values(target=hidden)).rowcount
    answers = and_(d.message_id.in_(mine), d.outcome != Outcome.SENT.value)  # servers repeat addresses in refusals
    conn.execute(update(deliveries).where(answers).values(detail=""))
    conn.execute(update(messages).where(theirs).values(payload=b"", last_error=""))
    troubles = [f"{channel} to {contact}" for channel, _ in known]
    conn.execute(update(conditions).where(conditions.c.key.in_(troubles)).values(detail=""))
    waiting = m.state.in_((MessageState.PENDING.value, MessageState.HELD.value, MessageState.LEASED.value))
    dropped = {"state": MessageState.DISCARDED.value, "lease_token": "", "lease_until": None}
    conn.execute(update(messages).where(theirs, waiting).values(**dropped))
    return said

"""Confirmation of e-mail addresses: who has not agreed gets no alerts by mail, unless somebody vouches for them.

An address is asked once, and once more after a week; then never again. What it answers is kept by its keyed hash.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from alerts.links import Bearer, confirm_link
from alerts.message import Message, MessageKind, encode
from alerts.subscription import Subscription, Subscriptions
from callwatch.contacts import effective
from callwatch.wiring import Wiring
from pipeline.outbox import NewMessage
from pipeline.people import Consent, ConsentEntry
from pipeline.store import Connection, Store, contacts, people

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "confirmation.callwatch")
TEXT = "confirmation 1"
"""Version of the text that is agreed to; raise the number when its meaning changes."""
AGAIN = timedelta(days=7)
ASKED_AT_MOST = 2
MARK = 32
"""Characters of the hash by which a link knows the address that it was sent to."""

Wanted = dict[str, list[Subscription]]
"""By key of a contact, the subscriptions that wait for its confirmation."""


def unconfirmed(store: Store, subscriptions: Subscriptions) -> set[str]:
    """The contacts to whom no mail may be sent yet: neither vouched for nor confirmed."""
    waiting = _by_mail(subscriptions)
    with store.read() as conn:
        return _not_agreed(conn, subscriptions, waiting)


def _by_mail(subscriptions: Subscriptions) -> Wanted:
    waiting: Wanted = {}
    for subscription in subscriptions.subscriptions:
        contact = subscriptions.contacts[subscription.contact]
        if "email" in (subscription.channel, contact.fallback) and not contact.vouched:
            waiting.setdefault(subscription.contact, []).append(subscription)
    return waiting


def _not_agreed(conn: Connection, subscriptions: Subscriptions, waiting: Wanted) -> set[str]:
    addresses = {key: subscriptions.contacts[key].email or "" for key in waiting}
    hashes = people.address_hashes(conn, "email", addresses.values())
    records = people.consents_by(conn, hashes.values())
    agreed = {hashed for hashed, record in records.items() if record[-1].what is Consent.GIVEN}
    return {key for key, address in addresses.items() if hashes.get(address) not in agreed}


def ask(wiring: Wiring, store: Store, subscriptions: Subscriptions, now: datetime) -> list[NewMessage]:
    """Put the question to each address that may be asked into the outbox, with its line in the record.

    Not asked are addresses that are suppressed, that withdrew or were erased, and contacts who stopped everything.
    Returns the new messages.
    """
    waiting = _by_mail(subscriptions)
    with store.read() as conn:
        if not _not_agreed(conn, subscriptions, waiting):
            return []
    with store.begin() as conn:
        stopped = people.stopped(conn)
        active = {key: [s for s in own if s.key not in stopped] for key, own in waiting.items()}
        asked = list(_questions(wiring, conn, subscriptions, {k: own for k, own in active.items() if own}, now))
        return contacts.ask(conn, asked)


def _questions(
    wiring: Wiring, conn: Connection, subscriptions: Subscriptions, wanted: Wanted, now: datetime
) -> Iterator[tuple[NewMessage, ConsentEntry]]:
    if not wanted:
        return
    addresses = {key: subscriptions.contacts[key].email or "" for key in wanted}
    people.address_hash(conn, "email", "")  # makes the key of the hashes, if there is none yet
    hashes = people.address_hashes(conn, "email", addresses.values())
    records = people.consents_by(conn, hashes.values())
    dead = {entry.address for entry in people.suppressed(conn) if entry.channel == "email"}
    done = set(dead)
    for key, own in wanted.items():
        hashed = hashes[addresses[key]]
        record = records.get(hashed, [])
        if hashed not in done and _may_be_asked(record, now):
            done.add(hashed)
            message = _question(wiring, subscriptions, own, hashed, len(record), now)
            yield message, ConsentEntry(key, hashed, Consent.ASKED, now, "plan", TEXT)


def _may_be_asked(record: Sequence[ConsentEntry], now: datetime) -> bool:
    """Once, and once more after some days without an answer."""
    if not record:
        return True
    only_asked = all(entry.what is Consent.ASKED for entry in record)
    return only_asked and len(record) < ASKED_AT_MOST and now - record[-1].at >= AGAIN


def _question(
    wiring: Wiring,
    subscriptions: Subscriptions,
    own: Sequence[Subscription],
    hashed: str,
    times: int,
    now: datetime,
) -> NewMessage:
    first = own[0]
    key, contact = first.contact, subscriptions.contacts[first.contact]
    link = confirm_link(Bearer(key, hashed[:MARK]), wiring.tokens, wiring.settings.public_url)
    message = Message(
        kind=MessageKind.CONFIRMATION,
        contact=contact.name,
        contact_key=key,
        language=contact.language,
        time_zone=contact.time_zone,
        subscription=first.key,
        subscription_name=", ".join(subscription.title for subscription in own),
        at=now,
        lines=(link,),
    )
    return NewMessage(
        id=str(uuid.uuid5(NAMESPACE, f"{key}|{hashed}|{times}")),
        contact=key,
        subscription=first.key,
        channel="email",
        target=contact.email or "",
        kind=MessageKind.CONFIRMATION.value,
        payload=encode(message),
        created_at=now,
        not_before=now,
    )


def confirm(wiring: Wiring, store: Store, bearer: Bearer, now: datetime, source: str) -> bool:
    """Put on record that the address agrees; True if it had not before.

    `bearer` is that of the link: its contact, and the mark of the address it was sent to. False too when the
    contact is gone or has another address by now.
    """
    contact = effective(wiring, store).contacts.get(bearer.contact)
    if contact is None or contact.email is None:
        return False
    with store.begin() as conn:
        hashed = people.address_hash(conn, "email", contact.email)
        if not bearer.subscription or hashed[:MARK] != bearer.subscription:
            return False
        return agree(conn, bearer.contact, hashed, now, source)


def agree(conn: Connection, contact: str, hashed: str, now: datetime, source: str) -> bool:
    """Write the agreement of an address (keyed hash) down, unless it is the last word on record already."""
    record = people.consents_of(conn, hashed)
    if record and record[-1].what is Consent.GIVEN:
        return False
    people.note_consent(conn, ConsentEntry(contact, hashed, Consent.GIVEN, now, source, TEXT))
    return True


def standing(record: Sequence[ConsentEntry]) -> str:
    """What the record of an address comes to, in one or two words."""
    words: Mapping[Consent, str] = {
        Consent.ASKED: "waiting",
        Consent.GIVEN: "confirmed",
        Consent.WITHDRAWN: "withdrawn",
        Consent.ERASED: "erased",
    }
    return words[record[-1].what] if record else "not asked yet"

"""What is held about one person: shown as a list, handed out whole, or erased."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from alerts.contact import Contact
from alerts.subscription import Subscription, Subscriptions
from callwatch.confirming import standing
from callwatch.contacts import document, effective
from callwatch.wiring import Wiring
from pipeline.errors import ConfigError
from pipeline.outbox import OutboxMessage
from pipeline.people import ConsentEntry, Erased, Suppression
from pipeline.store import Connection, Outbox, Store, contacts, people
from pipeline.yaml_data import nearest

if TYPE_CHECKING:
    from pipeline.store.outbox_rows import Delivery

ADDRESSED = ("email", "slack", "webhook", "apprise")
"""Channels that send to an address of the contact."""


class Entry(msgspec.Struct, frozen=True):
    """A contact in a list. `place` is file or database; `state` is about its e-mail address, if it has one:
    vouched, confirmed, waiting, not asked yet, withdrawn, erased, or suppressed with the reason."""

    key: str
    name: str
    place: str
    language: str
    channels: tuple[str, ...]
    subscriptions: tuple[str, ...]
    stopped: tuple[str, ...]
    state: str


def entries(wiring: Wiring, store: Store) -> list[Entry]:
    """All contacts of both places, by key. Raises ConfigError as `effective` does."""
    found = effective(wiring, store)
    own: dict[str, list[Subscription]] = {key: [] for key in found.contacts}
    for subscription in found.subscriptions:
        own[subscription.contact].append(subscription)
    with store.read() as conn:
        imported = {entry.key for entry in contacts.listed(conn)}
        stopped = people.stopped(conn)
        states = _states(conn, found)
    return [
        Entry(
            key=key,
            name=contact.name,
            place="database" if key in imported else "file",
            language=contact.language,
            channels=tuple(dict.fromkeys(s.channel for s in own[key])),
            subscriptions=tuple(s.key for s in own[key]),
            stopped=tuple(s.key for s in own[key] if s.key in stopped),
            state=states[key],
        )
        for key, contact in sorted(found.contacts.items())
    ]


def _states(conn: Connection, found: Subscriptions) -> dict[str, str]:
    held = {(entry.channel, entry.address): entry for entry in people.suppressed(conn)}
    mails = {key: contact.email for key, contact in found.contacts.items() if contact.email}
    hashes = people.address_hashes(conn, "email", mails.values())
    records = people.consents_by(conn, hashes.values())
    states = dict.fromkeys(found.contacts, "")
    for key, address in mails.items():
        hashed = hashes.get(address, "")
        dead, vouched = held.get(("email", hashed)), found.contacts[key].vouched
        states[key] = _state(dead, vouched, records.get(hashed, []))
    return states


def _state(dead: Suppression | None, vouched: bool, record: Sequence[ConsentEntry]) -> str:
    if dead is not None:
        return f"suppressed: {dead.reason}"
    said = standing(record)
    return "vouched" if vouched and said in ("waiting", "not asked yet") else said


def export(wiring: Wiring, store: Store, key: str) -> dict[str, Any]:
    """Everything that is held about a contact, as values for JSON. Raises ConfigError if that is nothing."""
    found = effective(wiring, store)
    contact = found.contacts.get(key)
    own = [subscription for subscription in found.subscriptions if subscription.contact == key]
    outbox = Outbox(store)
    messages = outbox.messages(contact=key)
    with store.read() as conn:
        addresses = _addresses(contact, messages)
        held = {
            "choices": people.chosen(conn, key),
            "stops": [stop for stop in people.stopped(conn).values() if stop.contact == key],
            "consents": _consents(conn, key, addresses),
            "suppressions": _suppressions(conn, addresses),
        }
    if contact is None and not messages and not any(held.values()):
        raise ConfigError(f'nothing is held about "{key}".{nearest(key, set(found.contacts))}')
    return {
        "contact": None if contact is None else {"key": key, **document(contact)},
        "subscriptions": [document(subscription) for subscription in own],
        **{name: msgspec.to_builtins(values) for name, values in held.items()},
        "messages": [_message(entry, outbox.deliveries(entry.message.id)) for entry in messages],
    }


def _addresses(contact: Contact | None, messages: Sequence[OutboxMessage]) -> list[tuple[str, str]]:
    """Every (channel, address) the contact has, or had when a message went there."""
    now = [] if contact is None else [(channel, contact.address(channel, "")) for channel in ADDRESSED]
    then = [(entry.message.channel, entry.message.target) for entry in messages]
    return list(dict.fromkeys((channel, address) for channel, address in [*now, *then] if address))


def _consents(conn: Connection, key: str, addresses: Sequence[tuple[str, str]]) -> list[ConsentEntry]:
    hashes = people.address_hashes(
        conn, "email", [address for channel, address in addresses if channel == "email"]
    )
    by_address = [entry for record in people.consents_by(conn, hashes.values()).values() for entry in record]
    about = people.consents_about(conn, key)
    return sorted([*about, *(e for e in by_address if e not in about)], key=lambda entry: entry.at)


def _suppressions(conn: Connection, addresses: Sequence[tuple[str, str]]) -> list[Suppression]:
    hashes = [(channel, people.address_hashes(conn, channel, [address])) for channel, address in addresses]
    found = [people.suppression(conn, channel, hashed) for channel, each in hashes for hashed in each.values()]
    return [entry for entry in found if entry is not None]


def _message(entry: OutboxMessage, attempts: Sequence[Delivery]) -> dict[str, Any]:
    message = entry.message
    return {
        "id": message.id,
        "kind": message.kind,
        "subscription": message.subscription,
        "channel": message.channel,
        "target": message.target,
        "created_at": message.created_at.isoformat(),
        "sent_at": entry.sent_at.isoformat() if entry.sent_at else None,
        "state": entry.state.value,
        "reason": entry.last_error,
        "calls": list(message.call_ids),
        "text": _text(message.payload),
        "attempts": [msgspec.to_builtins(attempt) for attempt in attempts],
    }


def _text(payload: bytes) -> str:
    """What was said; empty once it was deleted for its age."""
    from alerts import render
    from alerts.message import decode

    if not payload:
        return ""
    try:
        message = decode(payload)
    except msgspec.DecodeError:
        return payload.decode("utf-8", "replace")
    return f"{render.subject(message)}\n\n{render.text(message)}"


def erase(wiring: Wiring, store: Store, key: str, now: datetime) -> Erased:
    """Erase what the database holds about a contact; see `contacts.erase`.

    Raises ConfigError when nothing is held, and, the rest being erased, when the contact stands in
    subscriptions.yml, which only operators change. Raises Busy while a message to the contact is on its way.
    """
    listed_in_file = wiring.subscriptions.contacts.get(key)
    found = effective(wiring, store)
    contact = found.contacts.get(key)
    if contact is None and not _is_held(store, key):
        raise ConfigError(f'nothing is held about "{key}".{nearest(key, set(found.contacts))}')
    gone = [] if listed_in_file else _own(store, found, key)
    addresses = _current(contact)
    with store.begin() as conn:
        done = contacts.erase(conn, key, gone, addresses, now, "command")
    if listed_in_file:
        raise ConfigError(
            f'"{key}" stands in subscriptions.yml: remove the contact and its subscriptions there, '
            f"then erase again. Erased in the database: {done.messages} messages, {done.choices} choices."
        )
    return done


def _current(contact: Contact | None) -> Mapping[str, str]:
    if contact is None:
        return {}
    return {channel: contact.address(channel, "") for channel in ADDRESSED if contact.address(channel, "")}


def _own(store: Store, found: Subscriptions, key: str) -> list[str]:
    """The subscriptions that go with a contact, with those that left the configuration before."""
    others = {s.key for s in found.subscriptions if s.contact != key}
    now = {s.key for s in found.subscriptions if s.contact == key}
    told = {entry.message.subscription for entry in Outbox(store).messages(contact=key)}
    with store.read() as conn:
        stopped = {stop.subscription for stop in people.stopped(conn).values() if stop.contact == key}
    return sorted((now | told | stopped) - others)


def _is_held(store: Store, key: str) -> bool:
    held = Outbox(store).messages(contact=key, limit=1)
    with store.read() as conn:
        return bool(held or people.chosen(conn, key) or people.consents_about(conn, key))


def mailbox(wiring: Wiring, store: Store, key: str) -> str:
    """The e-mail address of a contact. Raises ConfigError if there is no such contact, or it has none."""
    found = effective(wiring, store).contacts
    if key not in found:
        raise ConfigError(f'unknown contact "{key}".{nearest(key, set(found))}')
    address = found[key].email
    if address is None:
        raise ConfigError(f'"{key}" has no e-mail address.')
    return address


def same_mailbox(found: Subscriptions, key: str) -> list[str]:
    """Other contacts with the e-mail address of this one: an erasure does not reach them."""
    mine = found.contacts[key].email if key in found.contacts else None
    others = ((other, contact.email) for other, contact in found.contacts.items() if other != key)
    return [other for other, address in others if mine and address and address.casefold() == mine.casefold()]

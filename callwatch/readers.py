"""What delivery has to know of the people it writes to: dead addresses, links, and the second way to reach
them."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import cached_property

import msgspec

from alerts.links import Bearer, Links, links_for
from alerts.subscription import Subscriptions
from callwatch import confirming
from callwatch.contacts import effective
from callwatch.wiring import Wiring
from pipeline.outbox import NewMessage
from pipeline.store import Store, people

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "fallback.callwatch")


class Readers:
    """The contacts of the configuration, with what the store knows of their addresses."""

    def __init__(self, wiring: Wiring, store: Store) -> None:
        self._wiring, self._store = wiring, store

    def refuses(self, message: NewMessage) -> str:
        """Why nothing is sent to this target any more; empty if it may be."""
        if message.subscription in self._stopped:
            return f"its reader has stopped {message.subscription}"
        if not self._any_suppressed:
            return ""
        with self._store.begin() as conn:  # the key of the hashes may have to be made
            address = people.address_hash(conn, message.channel, message.target)
            found = people.suppression(conn, message.channel, address)
        if found is None:
            return ""
        return f"nothing is sent to this address since {found.at:%Y-%m-%d}: {found.reason}"

    @cached_property
    def _subscriptions(self) -> Subscriptions:
        return effective(self._wiring, self._store)

    @cached_property
    def _stopped(self) -> frozenset[str]:
        with self._store.read() as conn:
            return frozenset(people.stopped(conn))

    @cached_property
    def _unconfirmed(self) -> frozenset[str]:
        return frozenset(confirming.unconfirmed(self._store, self._subscriptions))

    @cached_property
    def _any_suppressed(self) -> bool:
        with self._store.read() as conn:
            return bool(people.suppressed(conn))

    def links(self, message: NewMessage) -> Links:
        """The links this message offers."""
        bearer = Bearer(message.contact, message.subscription)
        return links_for(bearer, self._wiring.tokens, self._wiring.settings.public_url, self._wiring.mail_stop)

    def instead(self, message: NewMessage, at: datetime) -> NewMessage | None:
        """The same on the contact's fallback channel, if they named one and it is not that which failed.

        Never mail to an address that has not agreed, nor anything to a reader who has stopped.
        """
        contact = self._subscriptions.contacts.get(message.contact)
        channel = contact.fallback if contact else None
        if contact is None or not channel or channel == message.channel or message.instead_of:
            return None
        if message.subscription in self._stopped or (channel == "email" and message.contact in self._unconfirmed):
            return None
        return msgspec.structs.replace(
            message,
            id=str(uuid.uuid5(NAMESPACE, f"{message.id}|{channel}")),
            channel=channel,
            target=contact.address(channel, message.contact),
            not_before=at,
            instead_of=message.id,
            event_ids=(),
            reminders=(),
        )

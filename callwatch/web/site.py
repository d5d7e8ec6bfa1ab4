"""What the pages work with: tokens, contacts and subscriptions, the store; and whom a token stands for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from urllib.parse import urlencode, urlsplit

import structlog

from alerts.contact import Contact
from alerts.links import Bearer, Links, Purpose, Tokens, links_for
from alerts.subscription import Subscription, Subscriptions
from alerts.wording import Wording
from pipeline.errors import Busy, ConfigError, StoreError
from pipeline.links import Places
from pipeline.store import Store

log = structlog.get_logger()


class Nowhere(Exception):
    """There is nothing at this address, or no longer; which of it is not told."""


@dataclass(frozen=True)
class Reader:
    """The contact who holds a token, with the subscription it was written for."""

    bearer: Bearer
    contact: Contact
    subscription: Subscription
    subscriptions: Subscriptions

    @property
    def words(self) -> Wording:
        """Speaks their language."""
        return Wording(self.contact.language, self.contact.zone)


class Directory:
    """Contacts and subscriptions as they are now: read again after `SECONDS`, so that a server needs no restart.

    While the configuration holds a mistake or the database is away, the last ones are used; it is logged once.
    """

    SECONDS = 60.0

    def __init__(self, load: Callable[[], Subscriptions], clock: Callable[[], float] = time.monotonic) -> None:
        self._load, self._clock = load, clock
        self._current, self._read_at = load(), clock()
        self._mistake = ""
        self._reading = Lock()

    def __call__(self) -> Subscriptions:
        with self._reading:
            if self._clock() - self._read_at >= self.SECONDS:
                self._read_at = self._clock()
                self._again()
            return self._current

    def find(self, bearer: Bearer) -> Reader | None:
        """The contact and subscription of these keys, if both exist and belong together."""
        known = self()
        contact = known.contacts.get(bearer.contact)
        mine = (s for s in known.subscriptions if s.key == bearer.subscription and s.contact == bearer.contact)
        subscription = next(mine, None)
        if contact is None or subscription is None:
            return None
        return Reader(bearer, contact, subscription, known)

    def _again(self) -> None:
        try:
            self._current, self._mistake = self._load(), ""
        except (ConfigError, StoreError, Busy) as error:
            if str(error) != self._mistake:
                log.warning("contacts cannot be read again; the last ones read are kept", reason=str(error))
            self._mistake = str(error)


@dataclass(frozen=True)
class Site:
    """Everything the pages need. `confirm` puts on record that an address agreed; False if it had before."""

    store: Store
    directory: Directory
    tokens: Tokens
    clock: Callable[[], datetime]
    confirm: Callable[[Bearer, datetime], bool]
    public_url: str = ""
    domain: str = "localhost"
    places: Places = field(default_factory=dict)

    def reader(self, purpose: Purpose, token: str) -> Reader:
        """Whom a token stands for. Raises BadToken, or Nowhere if they or the subscription are no longer there."""
        found = self.directory.find(self.tokens.read(purpose, token))
        if found is None:
            raise Nowhere
        return found

    def links(self, bearer: Bearer, base: str = "") -> Links:
        """Addresses for this reader: whole ones below `base`, else relative to the host of the page."""
        return links_for(bearer, self.tokens, base or urlsplit(self.public_url).path or "/")

    def undo(self, bearer: Bearer, call_id: str, before: str = "") -> str:
        """Where a choice is taken back; `before` is the one that then counts again."""
        asked = urlencode({"call": call_id, **({"to": before} if before else {})})
        return self.path(f"/act/{self.tokens.make(Purpose.ACT, bearer)}/undo?{asked}")

    def path(self, address: str) -> str:
        """`address` below the path under which people reach us."""
        return urlsplit(self.public_url).path.rstrip("/") + address

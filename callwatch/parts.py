"""The contacts of both places some hundred at a time, so that many need no more memory than few."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from alerts.subscription import Subscription, Subscriptions
from callwatch.contacts import checked
from callwatch.wiring import Wiring
from pipeline.errors import ConfigError
from pipeline.people import Listed
from pipeline.store import Store, contacts
from pipeline.store.outbox_plan import SLICES, slice_of
from pipeline.store.sqlx import chunks

PAGE = 2000
"""Contacts that are read from the database at once."""


class _Key(msgspec.Struct):
    key: str


class Part:
    """Some contacts with all their subscriptions. `keys` are those of the subscriptions that were asked for: known
    before the contacts have been checked, which takes longer."""

    def __init__(self, keys: list[str], made: Callable[[], Subscriptions]) -> None:
        self.keys, self._made = keys, made

    def read(self) -> Subscriptions:
        """The contacts. Raises ConfigError as `contacts.effective` does."""
        return self._made()


def parts(wiring: Wiring, store: Store, number: int | None, size: int) -> Iterator[Part]:
    """The contacts who have a subscription of slice `number` (None: any), at most `size` in a part.

    Raises ConfigError for two subscriptions of the database with one key.
    """
    yield from _of_file(wiring, number, size)
    seen = set[str]()
    for few in chunks(_of_store(store, number), size):
        keys = [key for _, own in few for key in own]
        if len(set(keys)) < len(keys) or not seen.isdisjoint(keys):
            twice = next(key for n, key in enumerate(keys) if key in seen or key in keys[:n])
            raise ConfigError(f'two contacts of the database have the subscription "{twice}": remove one of them.')
        seen.update(keys)
        yield Part(keys, lambda entries=[entry for entry, _ in few]: _of_entries(wiring, entries))  # type: ignore[misc]


def slices(wiring: Wiring, store: Store) -> set[int]:
    """The slices in which there is a subscription."""
    found = {slice_of(one.key) for one in wiring.subscriptions.subscriptions}
    for _, own in _of_store(store, None):
        if len(found) == SLICES:
            break
        found.update(map(slice_of, own))
    return found


def _of_file(wiring: Wiring, number: int | None, size: int) -> Iterator[Part]:
    file = wiring.subscriptions
    by_contact: dict[str, list[Subscription]] = {}
    for one in file.subscriptions:
        by_contact.setdefault(one.contact, []).append(one)
    wanted = {contact: own for contact, own in by_contact.items() if any(_is_in(one.key, number) for one in own)}
    for few in chunks(wanted.items(), size):
        subscriptions = tuple(one for _, own in few for one in own)
        some = Subscriptions({c: file.contacts[c] for c, _ in few}, subscriptions, file.known, file.ops)
        keys = [one.key for one in subscriptions if _is_in(one.key, number)]
        yield Part(keys, lambda some=some: some)  # type: ignore[misc]


def _of_store(store: Store, number: int | None) -> Iterator[tuple[Listed, list[str]]]:
    """Contacts with the keys of their subscriptions of this slice; each page read in a transaction of its own."""
    decoder, after = msgspec.json.Decoder(list[_Key]), ""
    while True:
        with store.read() as conn:
            page = contacts.page(conn, after, PAGE)
        for entry in page:
            own = [one.key for one in decoder.decode(entry.subscriptions) if _is_in(one.key, number)]
            if own:
                yield entry, own
        if len(page) < PAGE:
            return
        after = page[-1].key


def _of_entries(wiring: Wiring, entries: list[Listed]) -> Subscriptions:
    book, file = checked(wiring, entries), wiring.subscriptions
    return Subscriptions(book.contacts, book.subscriptions, file.known, file.ops)


def _is_in(key: str, number: int | None) -> bool:
    return number is None or slice_of(key) == number

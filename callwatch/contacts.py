"""Contacts from both places, subscriptions.yml and the database, as one list; and what is done to the latter.

Nothing wins in silence: a key that stands in both places is an error which names both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

import msgspec
from pydantic import BaseModel, ValidationError

from alerts.subscription import Book, Subscriptions, vouched
from callwatch.paths import config_file
from callwatch.wiring import Wiring
from pipeline.errors import ConfigError
from pipeline.people import Listed, Stop
from pipeline.store import Outbox, Store, contacts, people
from pipeline.store.sqlx import chunks
from pipeline.yaml_data import nearest


class Imported(msgspec.Struct, frozen=True):
    """Keys of contacts by what an import does to them."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def effective(wiring: Wiring, store: Store) -> Subscriptions:
    """The contacts and subscriptions of subscriptions.yml and of the database together.

    Raises ConfigError for a key that stands in both, and for a stored contact that names what is unknown by now.
    """
    with store.read() as conn:
        return _merged(wiring, contacts.listed(conn))


def _merged(wiring: Wiring, entries: Sequence[Listed]) -> Subscriptions:
    file = wiring.subscriptions
    if not entries:
        return file
    book = checked(wiring, entries)
    return Subscriptions(
        {**file.contacts, **book.contacts}, (*file.subscriptions, *book.subscriptions), file.known, file.ops
    )


def checked(wiring: Wiring, entries: Sequence[Listed], keys: set[str] | None = None) -> Book:
    """What these entries of the database say. Raises ConfigError as `effective` does.

    `keys` are those of subscriptions that must not come again; those of the entries are added.
    """
    file = wiring.subscriptions
    sources = {entry.key: f"{entry.source}, {entry.at:%Y-%m-%d}" for entry in entries}
    book = _book(entries, file, sources, set() if keys is None else keys)
    place = config_file(wiring.settings.config, "subscriptions.yml")
    here = {subscription.key for subscription in file.subscriptions}
    twice = [
        f'the contact "{key}" stands in {place} and was imported ({sources[key]})'
        for key in book.contacts
        if key in file.contacts
    ]
    twice += [
        f'the subscription "{s.key}" stands in {place} and was imported with {s.contact} ({sources[s.contact]})'
        for s in book.subscriptions
        if s.key in here
    ]
    if twice:
        raise ConfigError("\n".join(f"{one}: remove one of them, or give it another key." for one in twice))
    return book


def _book(entries: Sequence[Listed], file: Subscriptions, sources: Mapping[str, str], keys: set[str]) -> Book:
    """The contacts of the database, checked against the words that are known today."""
    lists = [json.loads(entry.subscriptions) for entry in entries]
    owners = [entry.key for entry, own in zip(entries, lists, strict=True) for _ in own]
    data = {
        "contacts": {entry.key: json.loads(entry.contact) for entry in entries},
        "subscriptions": [subscription for own in lists for subscription in own],
    }
    try:
        return Book.model_validate(data, context={"known": file.known, "keys": keys})
    except ValidationError as error:
        lines = []
        for detail in error.errors():
            place, number, *rest = (*detail["loc"], "", "")
            key = str(number) if place == "contacts" else owners[int(number)]
            where = ".".join(str(part) for part in rest if part != "")
            problem = detail["msg"].removeprefix("Value error, ")
            lines.append(f'contact "{key}" ({sources[key]}): {where}: {problem}')
        raise ConfigError("\n".join(lines)) from error


def import_book(
    wiring: Wiring, store: Store, book: Book, source: str, now: datetime, *, replace: bool, dry_run: bool
) -> Imported:
    """Store the contacts of `book` with their subscriptions, each whole in place of the one with its key.

    `replace` removes the contacts of the database that are not in the book. All or nothing; a dry run changes
    nothing. Raises ConfigError as `effective` does for what would be stored.
    """
    if book.ops is not None:
        raise ConfigError(f"{source}: ops belongs into subscriptions.yml, which operators keep.")
    given = _entries(book, source, now)
    if dry_run:
        with store.read() as conn:
            return _compare(wiring, contacts.listed(conn), given, replace=replace)
    with store.begin() as conn:
        done = _compare(wiring, contacts.listed(conn), given, replace=replace)
        contacts.put(conn, [given[key] for key in (*done.new, *done.changed)])
        contacts.remove(conn, done.removed)
    return done


def _compare(wiring: Wiring, before: Iterable[Listed], given: Mapping[str, Listed], *, replace: bool) -> Imported:
    there = {entry.key: entry for entry in before}
    kept = {} if replace else there
    keys = set[str]()
    for few in chunks({**kept, **given}.values()):  # not all at once, which would take twice the memory
        checked(wiring, few, keys)
    same = {key for key in given if key in there and _content(there[key]) == _content(given[key])}
    return Imported(
        new=tuple(key for key in given if key not in there),
        changed=tuple(key for key in given if key in there and key not in same),
        unchanged=tuple(key for key in given if key in same),
        removed=tuple(key for key in there if replace and key not in given),
    )


def _content(entry: Listed) -> tuple[str, str]:
    return entry.contact, entry.subscriptions


def _entries(book: Book, source: str, now: datetime) -> dict[str, Listed]:
    own: dict[str, list[BaseModel]] = {key: [] for key in book.contacts}
    for subscription in book.subscriptions:
        own[subscription.contact].append(subscription)
    return {
        key: Listed(key, _json(plain(contact)), _json([plain(s) for s in own[key]]), now, source)
        for key, contact in vouched(book).items()
    }


def plain(model: BaseModel) -> dict[str, Any]:
    """What was said of a contact or subscription, in the form of subscriptions.yml; defaults are left out."""
    return model.model_dump(exclude_defaults=True)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_time_of_day)


def _time_of_day(value: Any) -> str:
    if isinstance(value, time):
        return f"{value:%H:%M}"
    raise TypeError(f"{type(value).__name__} has no place in a contact")


def document(model: BaseModel) -> Any:
    """`plain` as values that JSON knows."""
    return json.loads(_json(plain(model)))


def stop(store: Store, subscriptions: Subscriptions, key: str, now: datetime, source: str) -> bool:
    """Stop a subscription for its reader; False if it was before. Raises ConfigError for an unknown key."""
    contact = owner(subscriptions, key)
    with store.begin() as conn:
        return people.stop(conn, Stop(key, contact, now, source))


def owner(subscriptions: Subscriptions, key: str) -> str:
    """The contact of a subscription. Raises ConfigError for an unknown one."""
    owners = {subscription.key: subscription.contact for subscription in subscriptions.subscriptions}
    if key not in owners:
        raise ConfigError(f'unknown subscription "{key}".{nearest(key, set(owners))}')
    return owners[key]


def tidy(wiring: Wiring, store: Store, now: datetime) -> int:
    """Delete what was said in messages older than the settings keep it; returns in how many."""
    return Outbox(store).forget_bodies(now - timedelta(days=wiring.settings.keep_bodies_days))

"""Contacts of the database beside those of subscriptions.yml: merged, imported, removed, never in silence."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from alerts.book import read_book
from alerts.subscription import Book, Subscriptions
from callwatch.contacts import Imported, document, effective, import_book, owner, stop, tidy
from callwatch.wiring import Wiring
from pipeline.errors import ConfigError
from pipeline.people import Listed
from pipeline.store import Outbox, Store, contacts, people
from tests.builders import NOW, at
from tests.people.conftest import FILE, Make, sqlite_only
from tests.store.samples import message, planned

BOOK = """\
vouched: true
contacts:
  mill:
    name: The sawmill
    email: info@mill.example
    language: sv
    country: SE
    regions: [north-sweden]
    reminders: [60, 7]
    window: {days: [monday, friday], start: "08:00", end: "16:30"}
  harbour: {name: The harbour}
subscriptions:
  - key: mill-weekly
    contact: mill
    channel: email
    cadence: weekly
    weekday: friday
    time: "10:30"
    filters:
      ecosystems: [construction]
      regions: [{region: north-sweden, least: 3}]
      kinds: [cascade]
      events: [new]
  - {key: harbour-all, contact: harbour, channel: file, cadence: daily, empty: send}
"""


def book_of(wiring: Wiring, tmp_path: Path, text: str = BOOK) -> Book:
    path = tmp_path / "members.yml"
    path.write_text(text, encoding="utf-8")
    return read_book(path, wiring.subscriptions.known)


def take(wiring: Wiring, store: Store, book: Book, *, replace: bool = False, dry_run: bool = False) -> Imported:
    return import_book(wiring, store, book, "members.yml", NOW, replace=replace, dry_run=dry_run)


def test_what_is_imported_comes_back_as_it_was_said(wiring: Wiring, store: Store, tmp_path: Path) -> None:
    book = book_of(wiring, tmp_path)
    assert effective(wiring, store) is wiring.subscriptions
    assert take(wiring, store, book) == Imported(new=("mill", "harbour"))
    both, file = effective(wiring, store), wiring.subscriptions
    assert both.contacts == {
        **file.contacts,
        **{key: one.model_copy(update={"vouched": True}) for key, one in book.contacts.items()},
    }
    assert set(both.subscriptions) == {*file.subscriptions, *book.subscriptions}
    assert (both.known, both.ops) == (file.known, file.ops)
    assert document(both.contacts["mill"]) == {
        "name": "The sawmill",
        "email": "info@mill.example",
        "language": "sv",
        "country": "SE",
        "regions": ["north-sweden"],
        "reminders": [60, 7],
        "window": {"days": ["monday", "friday"], "start": "08:00", "end": "16:30"},
        "vouched": True,
    }


def test_an_import_says_what_it_does_and_the_second_does_nothing(
    wiring: Wiring, store: Store, tmp_path: Path
) -> None:
    book = book_of(wiring, tmp_path)
    assert take(wiring, store, book, dry_run=True) == Imported(new=("mill", "harbour"))
    assert stored(store) == []
    take(wiring, store, book)
    assert take(wiring, store, book) == Imported(unchanged=("mill", "harbour"))
    text = BOOK.replace("The sawmill", "The mill").replace("harbour", "quay")
    changed = book_of(wiring, tmp_path, text)
    done = Imported(new=("quay",), changed=("mill",), removed=("harbour",))
    assert take(wiring, store, changed, replace=True, dry_run=True) == done
    assert stored(store) == ["harbour", "mill"]
    assert take(wiring, store, changed, replace=True) == done
    assert stored(store) == ["mill", "quay"]
    assert effective(wiring, store).contacts["mill"].name == "The mill"


def stored(store: Store) -> list[str]:
    with store.read() as conn:
        return [entry.key for entry in contacts.listed(conn)]


@sqlite_only
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "mill:",
            "asa:",
            r'the contact "asa" stands in .*subscriptions.yml and was imported \(members.yml, 2026-',
        ),
        ("key: mill-weekly", "key: asa-weekly", 'the subscription "asa-weekly" stands in .* imported with mill'),
        ("vouched: true", "ops: {contact: mill, channel: email}", "ops belongs into subscriptions.yml"),
    ],
)
def test_a_key_in_both_places_is_an_error_and_nothing_is_stored(
    wiring: Wiring, store: Store, tmp_path: Path, old: str, new: str, said: str
) -> None:
    text = BOOK.replace(old, new, 1).replace("contact: mill\n", f"contact: {'asa' if new == 'asa:' else 'mill'}\n")
    with pytest.raises(ConfigError, match=said):
        take(wiring, store, book_of(wiring, tmp_path, text))
    assert stored(store) == []


@sqlite_only
def test_a_key_that_comes_into_the_file_later_is_an_error_too(make: Make, store: Store, tmp_path: Path) -> None:
    wiring = make()
    take(wiring, store, book_of(wiring, tmp_path))
    later = make(FILE.replace("  asa:", "  mill: {name: Mill}\n  asa:"))
    with pytest.raises(ConfigError, match=r'the contact "mill" stands in .* remove one of them'):
        effective(later, store)


def test_two_imports_cannot_share_a_subscription_key(wiring: Wiring, store: Store, tmp_path: Path) -> None:
    take(wiring, store, book_of(wiring, tmp_path))
    other = book_of(
        wiring, tmp_path, BOOK.replace("  mill:", "  other:").replace("contact: mill\n", "contact: other\n")
    )
    with pytest.raises(ConfigError, match='two subscriptions have the key "'):
        take(wiring, store, other)
    assert stored(store) == ["harbour", "mill"]


@sqlite_only
def test_a_stored_contact_that_names_what_is_unknown_by_now_is_told(wiring: Wiring, store: Store) -> None:
    own = '[{"key":"a","contact":"old","channel":"file","cadence":"daily","filters":{"ecosystems":["mobilty"]}}]'
    with store.begin() as conn:
        contacts.put(conn, [Listed("old", '{"name":"Old","language":"se"}', own, NOW, "a.csv")])
    with pytest.raises(ConfigError) as caught:
        effective(wiring, store)
    first, second = str(caught.value).splitlines()
    assert first.startswith(
        'contact "old" (a.csv, 2026-04-10): language: unknown language "se". Did you mean "sv"?'
    )
    assert 'filters.ecosystems.0: unknown ecosystem "mobilty". Did you mean "mobility"?' in second


@sqlite_only
def test_stops_need_a_subscription_that_exists(wiring: Wiring, store: Store) -> None:
    found = effective(wiring, store)
    assert [stop(store, found, "asa-daily", NOW, "command") for _ in range(2)] == [True, False]
    with store.read() as conn:
        assert people.stopped(conn)["asa-daily"].contact == "asa"
    with pytest.raises(ConfigError, match=r'unknown subscription "asa-dayly". Did you mean "asa-daily"\?'):
        owner(found, "asa-dayly")


@sqlite_only
def test_many_contacts_are_merged(wiring: Wiring, store: Store) -> None:
    entries = [
        Listed(
            f"c{n}",
            f'{{"name":"C{n}","email":"c{n}@x.example","regions":["north-sweden"]}}',
            f'[{{"key":"s{n}","contact":"c{n}","channel":"email","cadence":"daily","filters":{{"words":["wood"]}}}}]',
            NOW,
            "a.csv",
        )
        for n in range(2_000)
    ]
    with store.begin() as conn:
        contacts.put(conn, entries)
    both = effective(wiring, store)
    assert isinstance(both, Subscriptions)
    assert len(both.subscriptions) == 2_004


def test_bodies_are_deleted_when_they_are_old_enough(make: Make, store: Store, outbox: Outbox) -> None:
    old, new = message("old", created_at=at(-31), not_before=NOW), message("new", not_before=at(1))
    outbox.commit_plan("s", [old, new], planned())
    for when in (NOW, at(1)):
        (leased,) = outbox.claim(when, 1, timedelta(minutes=1))
        outbox.sent(leased, "x", when)
    assert tidy(make(), store, NOW) == 0
    assert tidy(make(keep_bodies_days=30), store, NOW) == 1
    assert [bool(entry.message.payload) for entry in outbox.messages()] == [False, True]

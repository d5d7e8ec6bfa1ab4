"""Contacts read some at a time: all of them, each once, with what belongs to them, and never many at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from alerts.book import book_of
from callwatch import parts as module
from callwatch import telling
from callwatch.contacts import effective, import_book
from callwatch.parts import parts, slices
from callwatch.telling import plan_messages, plan_parts
from callwatch.wiring import Wiring
from pipeline.errors import ConfigError
from pipeline.store import Store, contacts
from pipeline.store.outbox_plan import SLICES, slice_of
from tests.builders import NOW
from tests.cluster import crowd
from tests.people.conftest import Make, sqlite_only

READERS = 40
FILE = """\
contacts:
  asa: {name: Åsa, email: asa@cluster.example, vouched: true}
  bo: {name: Bo, email: bo@cluster.example, vouched: true}
subscriptions:
  - {key: asa-weekly, contact: asa, channel: email, cadence: weekly}
  - {key: bo-all, contact: bo, channel: email, cadence: at_once}
  - {key: asa-all, contact: asa, channel: email, cadence: at_once}
"""


@pytest.fixture
def wiring(make: Make, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wiring]:
    """Two contacts of a file and forty of the database, read in pages of seven."""
    monkeypatch.setattr(module, "PAGE", 7)
    here = make(FILE, storm_limit=100_000)
    book = book_of(crowd.rows(READERS), here.subscriptions.known, lambda row, column: f"row {row}, {column}: ")
    import_book(here, store, book, "crowd.csv", NOW, replace=False, dry_run=False)
    return here


def test_the_parts_are_everybody_and_each_is_small(wiring: Wiring, store: Store):
    whole = effective(wiring, store)
    found = [(part.keys, part.read()) for part in parts(wiring, store, None, 5)]
    assert max(len(some.contacts) for _, some in found) == 5
    assert {k: c for _, some in found for k, c in some.contacts.items()} == whole.contacts
    read = [one for _, some in found for one in some.subscriptions]
    assert len(read) == len(whole.subscriptions)
    assert {one.key: one for one in read} == {one.key: one for one in whole.subscriptions}
    assert all(set(keys) == {one.key for one in some.subscriptions} for keys, some in found)


def test_a_slice_has_its_subscriptions_and_their_contacts_with_all_of_theirs(wiring: Wiring, store: Store):
    keys = [one.key for one in effective(wiring, store).subscriptions]
    asked = [[key for part in parts(wiring, store, n, 3) for key in part.keys] for n in range(SLICES)]
    assert sorted(key for own in asked for key in own) == sorted(keys)
    assert all(slice_of(key) == n for n, own in enumerate(asked) for key in own)
    of_asa = [p.read() for n in {slice_of("asa-all")} for p in parts(wiring, store, n, 3) if "asa-all" in p.keys]
    assert {one.key for one in of_asa[0].subscriptions if one.contact == "asa"} == {"asa-all", "asa-weekly"}
    assert slices(wiring, store) == {n for n, own in enumerate(asked) if own}


def test_planning_in_small_parts_says_the_same(
    wiring: Wiring, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    crowd.happen(store, 30, NOW)
    monkeypatch.setattr(telling, "PART", 3)
    written = list(plan_parts(wiring, store, NOW))
    assert max(map(len, written)) <= 4  # one of the two of the file has two subscriptions
    monkeypatch.setattr(telling, "PART", 500)
    with Store.open(f"sqlite:///{tmp_path / 'other.db'}") as other:
        for entry in _entries(store):
            with other.begin() as conn:
                contacts.put(conn, [entry])
        crowd.happen(other, 30, NOW)
        at_once = plan_messages(wiring, other, NOW)
    assert len(at_once) > READERS / 2
    assert sorted(map(_told, at_once)) == sorted(_told(message) for part in written for message in part)
    assert plan_messages(wiring, store, NOW) == []


def _entries(store: Store) -> list:
    with store.read() as conn:
        return contacts.listed(conn)


def _told(message) -> tuple:
    return message.subscription, message.kind, tuple(sorted(message.call_ids)), message.target


@sqlite_only
def test_one_key_for_two_subscriptions_of_the_database_is_an_error(wiring: Wiring, store: Store):
    first = _entries(store)[0]
    with store.begin() as conn:
        contacts.put(conn, [msgspec.structs.replace(first, key="z-the-last")])
    with pytest.raises(ConfigError, match='have the subscription "reader-0000000": remove one of them'):
        list(parts(wiring, store, None, 5))


@sqlite_only
def test_a_key_of_the_file_that_was_imported_too_is_an_error(wiring: Wiring, store: Store):
    first = _entries(store)[0]
    with store.begin() as conn:
        own = first.subscriptions.replace(f'"contact": "{first.key}"', '"contact": "asa"')
        contacts.put(conn, [msgspec.structs.replace(first, key="asa", subscriptions=own)])
        contacts.remove(conn, [first.key])
    with pytest.raises(ConfigError, match=r'the contact "asa" stands in .* and was imported \(crowd.csv'):
        plan_messages(wiring, store, NOW)

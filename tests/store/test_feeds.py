"""What the HTTP side reads: live calls, when they took their state, the latest events, whether anything moved."""

from __future__ import annotations

import msgspec

from pipeline.models import EventKind
from pipeline.store import Store, calls, events, feeds
from tests.builders import NOW, at, deadline
from tests.store.samples import a_call, happened, keep


def test_live_calls_with_the_time_of_their_state(store: Store) -> None:
    gone = a_call("C-GONE", deadline(9), gone_since=at(1))
    with store.begin() as conn:
        keep(conn, a_call("A-LIVE", deadline(9)), a_call("B-CLOSED", deadline(-9)), gone)
        keep(conn, a_call("A-LIVE", deadline(12), version=2), when=at(2))
        keep(conn, a_call("A-LIVE", deadline(12), title="Better", version=2), new_version=False, when=at(3))
    with store.read() as conn:
        found = feeds.listed(conn, at(4))
    assert [(each.stored.call.reference, each.changed_at) for each in found] == [
        ("A-LIVE", at(2)),
        ("C-GONE", NOW),
    ]
    assert found[0].stored.call.title == "Better"
    assert found[1].stored.gone_since == at(1)


def test_the_latest_events_come_newest_first_with_their_calls(store: Store) -> None:
    first, second = a_call("A", deadline(9)), a_call("B", deadline(9))
    with store.begin() as conn:
        keep(conn, first, second)
        told = [
            happened(first, when=at(1)),
            happened(second, when=at(3)),
            happened(first, EventKind.OPENED, when=at(2)),
        ]
        events.add(conn, told, "run-1")
    with store.read() as conn:
        found = feeds.latest(conn, 2)
    assert [(each.stored.call.reference, each.event.at) for each in found] == [("B", at(3)), ("A", at(2))]


def test_calls_are_found_by_their_whole_id_only(store: Store) -> None:
    known = a_call("A-1", deadline(9))
    with store.begin() as conn:
        keep(conn, known)
    with store.read() as conn:
        assert list(feeds.by_id(conn, [known.call.id, known.call.id[:-1], "a-1", "%", ""])) == [known.call.id]
        assert feeds.by_id(conn, []) == {}
        assert feeds.answers(conn)


def test_the_mark_changes_with_everything_that_readers_see(store: Store) -> None:
    seen = []

    def look() -> None:
        with store.read() as conn:
            seen.append(feeds.mark(conn))
            assert feeds.mark(conn) == seen[-1]

    look()
    known = a_call("A", deadline(9))
    with store.begin() as conn:
        keep(conn, known)
    look()
    with store.begin() as conn:
        events.add(conn, [happened(known)], "run-1")
    look()
    with store.begin() as conn:
        keep(conn, msgspec.structs.replace(known, version=2))
    look()
    with store.begin() as conn:
        calls.set_absence(conn, [msgspec.structs.replace(known, gone_since=at(1))])
    look()
    with store.begin() as conn:
        keep(conn, a_call("B", deadline(9), last_seen=at(1)))
    look()
    assert len(set(seen)) == len(seen)

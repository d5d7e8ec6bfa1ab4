"""Raw records: nothing a portal ever said is lost, and nothing is kept twice."""

from __future__ import annotations

import pytest

from pipeline.harvest import Role
from pipeline.store import Store, raw
from tests.builders import NOW, at
from tests.store.samples import PORTAL, batch, record


def test_a_page_comes_back_byte_for_byte(store: Store) -> None:
    body = '{"title":"Skördare \\u0000 \N{SNOWFLAKE}"}' * 400
    with store.begin() as conn:
        raw.stage(conn, "run-1", batch(record("T1", body), record("T1sv", "sv", call_reference="T1")), NOW)
    with store.read() as conn:
        found = raw.load(conn, PORTAL, ["T1", "unknown"])
    assert [d.document for d in found["T1"]] == ["T1", "T1sv"]
    assert found["T1"][0] == raw.StoredDocument(
        document="T1",
        role=Role.CALL,
        language="en",
        body=body.encode(),
        fetched_at=NOW,
        digest=record("T1", body).digest,
        run="run-1",
        call_reference="T1",
    )
    assert list(found) == ["T1"]


def test_known_lists_current_bodies_of_one_portal(store: Store) -> None:
    with store.begin() as conn:
        raw.stage(conn, "run-1", batch(record("T1", "a"), record("T2", "b")), NOW)
        raw.stage(conn, "run-2", batch(record("T1", "c")), at(1))
    with store.read() as conn:
        assert raw.known(conn, PORTAL) == {record("T1", "c").digest: "T1", record("T2", "b").digest: "T2"}
        assert raw.known(conn, "other") == {}


def test_a_changed_call_is_pending_until_it_is_processed(store: Store) -> None:
    first, second = record("T1", "a"), record("T1", "b")
    with store.begin() as conn:
        raw.stage(conn, "run-1", batch(first, record("T2", "x")), NOW)
        assert raw.pending(conn, PORTAL) == ["T1", "T2"]
        raw.mark_processed(conn, PORTAL, {"T1": first.digest, "T2": record("T2", "x").digest})
        assert raw.pending(conn, PORTAL) == []
        raw.stage(conn, "run-2", batch(first, second), at(1))
        assert raw.pending(conn, PORTAL) == ["T1"]
        # What was processed is the body that was read, not the one that arrived meanwhile.
        raw.mark_processed(conn, PORTAL, {"T1": first.digest})
        assert raw.pending(conn, PORTAL) == ["T1"]
        raw.mark_processed(conn, PORTAL, {})


def test_a_body_that_returns_is_kept_once_and_is_a_change_each_time(store: Store) -> None:
    with store.begin() as conn:
        for day, body in enumerate(("a", "b", "a", "a")):
            taken = record("T1", body, fetched_at=at(day))
            raw.stage(conn, f"run-{day}", batch(taken), at(day))
        past = raw.history(conn, PORTAL, ["T1"])
        assert [(d.body, d.run, d.fetched_at) for d in past] == [
            (b"a", "run-0", NOW),
            (b"b", "run-1", at(1)),
            (b"a", "run-2", at(2)),
        ]
        assert raw.load(conn, PORTAL, ["T1"])["T1"] == [past[-1]]
        assert raw.counts(conn, PORTAL) == raw.counts(conn)
        assert raw.counts(conn)["raw_records"] == 2
        assert raw.counts(conn, "other") == {"documents": 0, "raw_records": 0, "bytes": 0}


def test_staging_a_page_again_after_a_crash_changes_nothing(store: Store) -> None:
    page = batch(record("T1", "a"), record("T1", "b"), record("T2", "c"))
    with store.begin() as conn:
        raw.stage(conn, "run-1", page, NOW)
        before = raw.history(conn, PORTAL, ["T1", "T2"])
        raw.stage(conn, "run-1", batch(record("T1", "b"), record("T2", "c")), at(1))
        assert raw.history(conn, PORTAL, ["T1", "T2"]) == before
        assert [d.body for d in before] == [b"a", b"b", b"c"]


@pytest.mark.parametrize(
    ("role", "counts_as_seen"), [(Role.CALL, True), (Role.TRANSLATION, True), (Role.NEWS, False)]
)
def test_news_alone_do_not_mean_that_a_call_was_seen(store: Store, role: Role, counts_as_seen: bool) -> None:
    with store.begin() as conn:
        raw.stage(conn, "run-1", batch(record("D1", "a", call_reference="T1", role=role)), NOW)
        assert raw.seen_calls(conn, PORTAL, "run-1") == ({"T1"} if counts_as_seen else set())
        assert raw.seen_calls(conn, PORTAL, "run-2") == set()
        raw.stage(conn, "run-2", batch(unchanged=["D1"]), at(1))
        assert raw.seen_calls(conn, PORTAL, "run-1") == set()
        assert raw.seen_calls(conn, PORTAL, "run-2") == ({"T1"} if counts_as_seen else set())


def test_more_documents_than_one_statement_can_name(store: Store) -> None:
    names = [f"T{n:04}" for n in range(1201)]
    with store.begin() as conn:
        raw.stage(conn, "run-1", batch(*(record(name, name) for name in names)), NOW)
        assert raw.pending(conn, PORTAL) == names
        assert list(raw.load(conn, PORTAL, names)) == names
        assert len(raw.history(conn, PORTAL, names)) == 1201


def test_what_a_rejected_run_brought_is_taken_back(store: Store) -> None:
    with store.begin() as conn:
        raw.stage(conn, "run-1", batch(record("T1", "good"), record("T2", "good too")), NOW)
        raw.mark_processed(conn, PORTAL, {d.document: d.digest for d in raw.history(conn, PORTAL, ["T1", "T2"])})
        before = raw.load(conn, PORTAL, ["T1", "T2", "T3"]), raw.known(conn, PORTAL)
        moved = record("T1", "bad", call_reference="T9", fetched_at=at(1))
        raw.stage(conn, "run-2", batch(moved, record("T3", "bad, too"), unchanged=["T2"]), at(1))
        assert raw.pending(conn, PORTAL) == ["T3", "T9"]
        raw.reject(conn, PORTAL, "run-2")
        assert raw.pending(conn, PORTAL) == []
        assert (raw.load(conn, PORTAL, ["T1", "T2", "T3"]), raw.known(conn, PORTAL)) == before
        assert [d.run for d in raw.history(conn, PORTAL, ["T1", "T3", "T9"])] == ["run-1"]
        raw.stage(conn, "run-3", batch(moved), at(2))
        assert raw.pending(conn, PORTAL) == ["T9"]
        assert [d.body for d in raw.history(conn, PORTAL, ["T1", "T9"])] == [b"good", b"bad"]


def test_to_reject_a_run_that_brought_nothing_changes_nothing(store: Store) -> None:
    with store.begin() as conn:
        raw.stage(conn, "run-1", batch(record("T1", "good")), NOW)
        raw.reject(conn, PORTAL, "run-2")
        assert raw.pending(conn, PORTAL) == ["T1"]

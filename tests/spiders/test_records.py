"""Items to batches: known ones by hash alone, odd ones as Issues, each document once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from pipeline.harvest import Issue, Role
from pipeline.normalise import Identity
from pipeline.normalise.eu_funding_tenders import identify as real_identify
from spiders.base.records import Reader

AT = datetime(2026, 11, 23, tzinfo=UTC)


def place(item: Mapping[str, Any]) -> Identity | Issue:
    if "boom" in item:
        raise KeyError("boom")
    if "id" not in item:
        return Issue("", "id", "missing")
    call = str(item.get("call", item["id"]))
    return Identity(str(item["id"]), call, Role(item.get("role", "call")), "en")


def reader(**changes: Any) -> Reader:
    return Reader("p", **{"known": lambda digest: None, "identify": place, "largest": 10_000, **changes})


def body(**item: Any) -> bytes:
    return orjson.dumps(item)


def test_a_new_item_becomes_a_record_with_its_bytes_and_hash() -> None:
    raw = b'{ "id":"d1",  "call":"c1" }'
    found = reader().page([raw], "https://portal/search", AT)
    (record,) = found.batch.records
    assert (record.document, record.call_reference, record.role, record.language) == ("d1", "c1", Role.CALL, "en")
    assert (record.body, record.digest) == (raw, hashlib.sha256(raw).hexdigest())
    assert (record.url, record.fetched_at) == ("https://portal/search", AT)
    assert found.keys == ("d1",)


def test_a_known_item_is_not_looked_at_again() -> None:
    def never(item: Mapping[str, Any]) -> Identity:
        raise AssertionError

    raw = body(id="d1")
    known = {hashlib.sha256(raw).hexdigest(): "d1"}
    found = reader(known=known.get, identify=never).page([raw], "", AT)
    assert found.batch.unchanged == ("d1",)
    assert found.batch.records == ()
    assert found.keys == ("d1",)


def test_a_second_scan_hands_over_only_what_has_changed() -> None:
    one = reader()
    first = [body(id="d1"), body(id="d2"), b"[]"]
    assert len(one.page(first, "", AT).batch.records) == 2
    again = one.page([body(id="d1"), body(id="d2", title="new"), b"[]"], "", AT)
    assert [record.document for record in again.batch.records] == ["d2"]
    assert again.batch.issues == ()
    assert again.keys[:2] == ("d1", "d2")


def test_odd_items_are_issues_with_a_key_of_their_own_and_leave_their_neighbours() -> None:
    odd = [b"[1]", b"17", b"nonsense", b"[" * 200_00, body(x=1), body(boom=1), body(id="x" * 20_000)]
    keys = [body(id=""), body(id="a\x00b"), body(id="a" * 600), body(id="ok", call="\u202e")]
    found = reader(largest=15_000).page([body(id="d1"), *odd, *keys, body(id="d2")], "", AT)
    assert [record.document for record in found.batch.records] == ["d1", "d2"]
    assert len(found.batch.issues) == len(odd) + len(keys)
    assert len(set(found.keys)) == len(odd) + len(keys) + 2
    assert all(issue.reference and issue.problem for issue in found.batch.issues)


def test_frozen_copies_are_counted_once_and_never_handed_over() -> None:
    one = reader()
    for _ in range(2):
        found = one.page([body(id="g", role="ghost"), body(id="d")], "", AT)
        assert found.keys == ("g", "d")
    assert len(one.ghosts) == 1
    assert found.batch.records == ()


def test_items_not_to_be_kept_are_counted_only() -> None:
    found = reader().page([body(id="d1"), body(id="d2")], "", AT, [False, True])
    assert found.keys == ("d1", "d2")
    assert [record.document for record in found.batch.records] == ["d2"]


def test_with_a_limit_only_documents_of_so_many_calls_are_handed_over() -> None:
    one = reader(limit=2)
    first = one.page([body(id=f"d{i}") for i in range(5)], "", AT)
    assert [record.document for record in first.batch.records] == ["d0", "d1"]
    later = one.page([body(id="t1", call="d1", role="translation"), body(id="t4", call="d4")], "", AT)
    assert [record.document for record in later.batch.records] == ["t1"]


@given(
    st.lists(
        st.binary()
        | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(
            lambda value: json.dumps(value).encode()
        )
    )
)
def test_no_item_of_any_kind_raises(items: list[bytes]) -> None:
    found = reader(identify=real_identify).page(items, "", AT)
    assert len(found.keys) == len(items)


def test_of_known_items_every_tenth_is_checked_and_every_new_one() -> None:
    known = {f"k{n}": f"d{n}" for n in range(25)}
    digests = [*known, "new"]
    checked = reader(known=known.get).to_check(digests)
    assert [digest for digest, check in zip(digests, checked, strict=True) if check] == ["k0", "k10", "k20", "new"]

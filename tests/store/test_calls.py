"""Calls, versions and keys."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from pipeline.errors import ConfigError
from pipeline.models import Because, Budget, Classification, Deadline, EcosystemLabel, Kind, Precision, Status
from pipeline.store import Store, calls, raw
from pipeline.store.call_reads import status_at
from pipeline.store.calls import CallRow, PastVersion
from pipeline.store.tables import calls as table
from tests.builders import NOW, at, deadline
from tests.store.samples import PORTAL, a_call, batch, keep, record

RICH = a_call(
    "HORIZON-RICH-01",
    deadline(30, "stage 1"),
    deadline(90, "stage 2", exact=False),
    title="Skördare \N{SNOWFLAKE}",
    budget=Budget("EUR", Decimal("12500000.50"), grants=3, by_year={"2026": Decimal("1e6")}),
    text="Ljus " * 2000,
    classification=Classification((EcosystemLabel("mobility", "primary", 0.9, (Because("term", ("truck",)),)),)),
    first_seen=at(-2),
    last_seen=at(-1),
    missed_since=at(-0.5),
    gone_since=at(-0.25),
    misses=3,
)


def test_a_call_comes_back_as_it_was(store: Store) -> None:
    with store.begin() as conn:
        keep(conn, RICH)
    with store.read() as conn:
        assert calls.find(conn, PORTAL, [RICH.call.reference, "unknown"]) == {RICH.call.reference: RICH}
        assert calls.find(conn, "other", [RICH.call.reference]) == {}
        assert calls.versions_of(conn, RICH.call.id) == [
            PastVersion(1, NOW, "run-1", f"print of {RICH.call.title}", RICH.call)
        ]


def test_a_new_version_keeps_the_old_one_and_first_seen(store: Store) -> None:
    old = a_call(title="Old")
    new = msgspec.structs.replace(a_call(title="New"), version=2, first_seen=at(5), last_seen=at(5))
    with store.begin() as conn:
        keep(conn, old)
        keep(conn, new, when=at(5))
        assert [(v.number, v.call.title, v.at) for v in calls.versions_of(conn, old.call.id)] == [
            (1, "Old", NOW),
            (2, "New", at(5)),
        ]
        found = calls.find(conn, PORTAL, [old.call.reference])[old.call.reference]
        assert found == msgspec.structs.replace(new, first_seen=NOW)


def test_noise_replaces_the_state_of_the_version_but_not_its_origin(store: Store) -> None:
    noisy = a_call(url="https://example.europa.eu/moved")
    with store.begin() as conn:
        keep(conn, a_call())
        keep(conn, noisy, new_version=False, when=at(1))
        assert calls.find(conn, PORTAL, [noisy.call.reference])[noisy.call.reference] == noisy
        assert [(v.number, v.at, v.call.url) for v in calls.versions_of(conn, noisy.call.id)] == [
            (1, NOW, noisy.call.url)
        ]
        calls.save(conn, [], "run-1", NOW)


def test_a_renamed_call_is_found_by_its_witness_and_further_keys(store: Store) -> None:
    topic = a_call("OLD-01", witnesses=("ccm2:1",))
    with store.begin() as conn:
        keep(conn, topic)
        calls.save(conn, [CallRow(topic, "f", False, keys=("NEW-01",))], "run-2", NOW)
        found = calls.resolve(conn, PORTAL, ["OLD-01", "ccm2:1", "NEW-01", "ccm2:2"])
        assert found == dict.fromkeys(("OLD-01", "ccm2:1", "NEW-01"), "OLD-01")
        assert calls.resolve(conn, "other", ["OLD-01"]) == {}
        assert calls.families(conn, PORTAL) == {"OLD-01": ["NEW-01", "OLD-01", "ccm2:1"]}
        keep(conn, a_call("NEW-01"))
        assert calls.resolve(conn, PORTAL, ["NEW-01"]) == {"NEW-01": "NEW-01"}


def test_replace_rewrites_history_and_keeps_first_seen(store: Store) -> None:
    topic = a_call(title="Wrong")
    fixed = msgspec.structs.replace(a_call(title="Right"), version=2, first_seen=at(9))
    past = [
        PastVersion(1, at(-3), "run-0", "f1", a_call(title="First").call),
        PastVersion(2, at(-2), "run-1", "f2", fixed.call),
    ]
    with store.begin() as conn:
        for number in (1, 2, 3):
            keep(conn, msgspec.structs.replace(topic, version=number))
        calls.replace(conn, fixed, past)
        assert calls.versions_of(conn, topic.call.id) == past
        assert calls.get(conn, topic.call.id) == msgspec.structs.replace(fixed, first_seen=NOW)
        with pytest.raises(ValueError, match="replaced by nothing"):
            calls.replace(conn, fixed, [])


def test_absence_is_judged_by_the_caller_and_only_written(store: Store) -> None:
    seen, missed, gone, closed = (a_call(name, deadline(3)) for name in ("SEEN", "MISSED", "GONE", "CLOSED"))
    closed = a_call("CLOSED", deadline(-3))
    dateless = a_call("DATELESS", portal_status="closed")
    with store.begin() as conn:
        keep(conn, seen, missed, gone, closed, dateless)
        assert calls.live_references(conn, PORTAL, NOW) == {"SEEN", "MISSED", "GONE"}
        assert calls.live_references(conn, PORTAL, at(3)) == set()
        calls.set_absence(
            conn,
            [
                msgspec.structs.replace(missed, misses=1, missed_since=NOW),
                msgspec.structs.replace(gone, misses=3, missed_since=at(-2), gone_since=NOW),
            ],
        )
        raw.stage(conn, "run-1", batch(record("SEEN", "a"), record("MISSED", "b"), record("UNKNOWN", "c")), NOW)
        assert calls.touch_seen(conn, PORTAL, "run-1", at(1)) == {"SEEN", "MISSED"}
        assert calls.touch_seen(conn, PORTAL, "run-2", at(2)) == set()
        calls.set_absence(conn, [])
        assert calls.missed_references(conn, PORTAL) == {"MISSED", "GONE"}
        assert calls.live_references(conn, PORTAL, NOW) == {"SEEN", "MISSED"}
        found = calls.find(conn, PORTAL, ["SEEN", "MISSED", "GONE"])
        assert found["MISSED"] == msgspec.structs.replace(missed, misses=1, missed_since=NOW, last_seen=at(1))
        assert found["GONE"].gone_since == NOW
        assert found["SEEN"].last_seen == at(1)


def test_calls_due_to_open_are_those_told_as_forthcoming(store: Store) -> None:
    soon = a_call("SOON", opens_at=at(2), status=Status.FORTHCOMING)
    sooner = a_call("SOONER", opens_at=at(1), status=Status.FORTHCOMING)
    opened = a_call("OPENED", opens_at=at(1), status=Status.OPEN)
    with store.begin() as conn:
        keep(conn, soon, sooner, opened)
        assert calls.due_to_open(conn, PORTAL, NOW) == []
        assert calls.due_to_open(conn, PORTAL, at(2)) == [sooner, soon]
        calls.set_status(conn, {soon.call.id: Status.OPEN})
        calls.set_status(conn, {})
        assert calls.due_to_open(conn, PORTAL, at(2)) == [sooner]


def test_query_filters_and_orders_by_closing(store: Store) -> None:
    late = a_call("LATE", deadline(9), programme="HORIZON", title="Ärlig skog")
    early = a_call("EARLY", deadline(2), programme="LIFE", first_seen=at(-9))
    never = a_call("NEVER", kind=Kind.CASCADE, opens_at=at(1), texts={"sv": "SKOGEN står tät"})
    with store.begin() as conn:
        keep(conn, late, early, never)

        def names(**filters: object) -> list[str]:
            return [found.call.reference for found in calls.query(conn, now=NOW, **filters)]  # type: ignore[arg-type]

        assert names() == ["EARLY", "LATE", "NEVER"]
        assert names(programme="LIFE") == ["EARLY"]
        assert names(kind=Kind.CASCADE) == names(status=Status.FORTHCOMING) == ["NEVER"]
        assert names(status="open", limit=1) == ["EARLY"]
        assert names(since=NOW) == ["LATE", "NEVER"]
        assert names(text="SKOG ärlig") == ["LATE"]
        assert names(text="skog", limit=1) == ["LATE"]
        assert names(text="100%") == names(portal="other") == []


@pytest.mark.parametrize(
    "needle", [f"{PORTAL}:HORIZON-A-01", "horizon-a-01", " HORIZON-A", "eu_funding_tenders:h"]
)
def test_get_finds_what_a_person_types(store: Store, needle: str) -> None:
    topic = a_call("HORIZON-A-01")
    cascade = a_call("77COMPETITIVE_CALL", identifier="HORIZON-A-01")
    with store.begin() as conn:
        keep(conn, topic, cascade)
        if needle == " HORIZON-A":
            with pytest.raises(ConfigError, match="several calls: eu_funding_tenders:77COMPETITIVE_CALL, eu_fun"):
                calls.get(conn, needle)
        else:
            assert calls.get(conn, needle) == topic


def test_get_takes_no_wildcards_and_finds_nothing_for_nothing(store: Store) -> None:
    with store.begin() as conn:
        keep(conn, *(a_call(f"T-{n}") for n in range(7)))
        assert calls.get(conn, "%") is None
        assert calls.get(conn, "  ") is None
        with pytest.raises(ConfigError, match="and more; name one"):
            calls.get(conn, "T-")


INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))


@pytest.fixture(scope="module")
def memory() -> Iterator[Store]:
    with Store.open("sqlite://") as opened:
        yield opened


@given(
    opens_at=st.none() | INSTANTS,
    fades_at=st.none() | INSTANTS,
    deadlines=st.lists(st.builds(Deadline, INSTANTS, st.just("single"), st.sampled_from(Precision)), max_size=2),
    portal_status=st.sampled_from(["", *Status]),
    now=INSTANTS,
)
def test_status_in_sql_is_status_in_python(
    memory: Store,
    opens_at: datetime | None,
    fades_at: datetime | None,
    deadlines: list[Deadline],
    portal_status: str,
    now: datetime,
) -> None:
    ordered = sorted(deadlines, key=lambda d: d.at)
    topic = a_call("T", *ordered, opens_at=opens_at, fades_at=fades_at, portal_status=str(portal_status))
    with memory.begin() as conn:
        keep(conn, topic)
        assert conn.scalar(select(status_at(now)).where(table.c.id == topic.call.id)) == topic.call.status_at(now)
        assert ("T" in calls.live_references(conn, PORTAL, now)) == topic.call.is_live(now)

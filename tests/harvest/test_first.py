"""The first harvest of the sample, and a second one of the very same."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callwatch.demo import sample
from callwatch.demo.standin.server import StandIn
from pipeline.outbox import StoredCall
from tests.harvest.commands import PORTAL, Callwatch, Done, Zygote
from tests.harvest.state import State, state, stored_calls

NOW = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
TODAY = NOW.date()


class Harvested:
    """The sample, harvested twice."""

    def __init__(self, callwatch: Callwatch) -> None:
        self.callwatch = callwatch
        counted = callwatch.folder / "counted.json"
        with StandIn(sample.records(TODAY)) as portal:
            self.first: Done = callwatch.harvest(portal.base_url, at=NOW)
            self.before: State = state(callwatch)
            self.calls: dict[str, StoredCall] = stored_calls(callwatch)
            self.again: Done = callwatch.harvest(portal.base_url, at=NOW, tamper={"count_reads": str(counted)})
        self.counted = json.loads(counted.read_text())


@pytest.fixture(scope="module")
def twice(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Harvested:
    return Harvested(Callwatch(zygote, tmp_path_factory.mktemp("twice")))


def live_truth() -> dict[str, dict[str, Any]]:
    return {fact["reference"]: fact for fact in sample.truth(TODAY) if fact["portal_status"] != "closed"}


def test_every_live_call_of_the_sample_is_stored_and_nothing_else(twice: Harvested) -> None:
    assert set(twice.calls) == set(live_truth())
    assert len(twice.calls) > 80


@pytest.mark.parametrize("reference", sorted(live_truth()))
def test_a_call_is_what_the_sample_says_it_is(twice: Harvested, reference: str) -> None:
    fact, call = live_truth()[reference], twice.calls[reference].call
    assert [{"at": d.at, "stage": d.stage, "precision": d.precision.value} for d in call.deadlines] == fact[
        "deadlines"
    ]
    for field in ("identifier", "title", "titles", "programme", "call_identifier", "portal_status", "parent"):
        assert getattr(call, field) == fact[field], field
    assert (call.kind.value, call.deadline_model) == (fact["kind"], fact["deadline_model"])
    assert call.type_of_action == fact["type_of_action"]
    assert call.is_live(NOW) is not fact["is_closed"]
    if fact["budget_total"] is not None:
        assert call.budget is not None
        assert (call.budget.total, call.budget.currency) == (fact["budget_total"], fact["currency"])
        assert (call.budget.by_year, call.budget.grants) == (fact["by_year"], fact["grants"])
        assert (call.budget.project_min, call.budget.project_max) == (fact["project_min"], fact["project_max"])
        assert call.budget.shared_with == fact["shared_with"]
    else:
        assert call.budget is None or call.budget.total is None


def test_the_report_has_the_keys_of_the_contract(twice: Harvested) -> None:
    assert (twice.first.code, list(twice.first.json)) == (0, ["runs"])
    assert list(twice.first.report) == [
        *("portal", "verdict", "expected", "seen", "stored", "new", "changed", "unchanged", "issues", "pages"),
        *("seconds", "fill", "sample", "misses"),
    ]
    assert all(list(issue) == ["reference", "field", "problem"] for issue in twice.first.report["issues"])
    number = len(live_truth())
    counts = {name: twice.first.report[name] for name in ("expected", "seen", "stored", "new", "changed")}
    assert counts == {"expected": number, "seen": number, "stored": number, "new": number, "changed": 0}
    assert (twice.first.report["portal"], twice.first.report["verdict"]) == (PORTAL, "complete")


def test_every_live_call_is_new_once(twice: Harvested) -> None:
    live = {f"{PORTAL}:{name}" for name, fact in live_truth().items() if not fact["is_closed"]}
    assert sorted(event[:2] for event in twice.before.events) == sorted((name, "new") for name in live)


def test_a_second_harvest_of_the_same_changes_nothing_and_reads_nothing(twice: Harvested) -> None:
    report, number = twice.again.report, len(live_truth())
    assert (twice.again.code, report["verdict"]) == (0, "complete")
    assert (report["seen"], report["stored"], report["unchanged"]) == (number, number, number)
    assert (report["new"], report["changed"]) == (0, 0)
    assert twice.counted == {"read": 0, "assembled": 0}
    assert state(twice.callwatch) == twice.before


def test_nothing_is_left_beside_the_database(twice: Harvested) -> None:
    left = {path.name for path in Path(twice.callwatch.folder).iterdir() if path.name.startswith("callwatch")}
    assert left <= {"callwatch.db", f"callwatch.db.lock.harvest-{PORTAL}", "callwatch.db-wal", "callwatch.db-shm",
                    "callwatch.db.lock.upgrade", "callwatch.db.lock.links"}  # fmt: skip

"""Sixteen real days: what changed is told once, and what is noise is not told at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipeline.harvest import Verdict
from pipeline.models import EventKind
from tests.recorded import days

pytestmark = [pytest.mark.recorded, pytest.mark.slow]

MOVES = {EventKind.DEADLINE_BROUGHT_FORWARD, EventKind.DEADLINE_EXTENDED, EventKind.DEADLINE_ADDED}


@pytest.fixture(scope="module")
def played(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> list[days.Day]:
    return days.play(recorded, tmp_path_factory.mktemp("days"))


def key(grant: dict) -> str:
    """The reference callwatch should know a snapshot's grant by."""
    if grant["kind"]["id"] == "1":
        return grant["identifier"].upper()
    return grant["id"].removesuffix("en").removesuffix("EN")


def told(day: days.Day, *kinds: EventKind) -> list[str]:
    return sorted(event.call_id.partition(":")[2] for event in day.events if event.kind in kinds)


def test_every_day_is_complete_and_every_grant_is_read(played):
    assert len(played) == 16
    for day in played:
        assert day.report.verdict is Verdict.COMPLETE
        assert day.report.seen == day.report.stored == len(day.grants)
        assert {issue.field for issue in day.report.issues} <= {"status"}


def test_a_call_is_new_once_and_never_because_it_returns(played):
    seen: set[str] = set()
    for day in played:
        present = {key(grant) for grant in day.grants}
        assert told(day, EventKind.NEW) == sorted(present - seen)
        seen |= present


def test_nothing_is_withdrawn_for_a_day_or_two_of_absence(played):
    assert [event for day in played for event in day.events if event.kind is EventKind.WITHDRAWN] == []


def test_every_real_move_of_a_deadline_is_told_once_and_no_jitter_is(played):
    last: dict[str, datetime] = {}
    jitters = 0
    for day in played:
        moved = []
        for grant in day.grants:
            name, at = key(grant), datetime.fromisoformat(grant["deadlineDate"])
            shift = abs(at - last.get(name, at))
            jitters += timedelta(0) < shift < timedelta(minutes=1)
            moved += [name] if shift >= timedelta(minutes=1) else []
            last[name] = at
        assert told(day, *MOVES) == sorted(moved)
    assert jitters >= 15


def test_every_opening_is_told_on_the_day_the_portal_says_so(played):
    status: dict[str, str] = {}
    for day in played:
        opened = [
            key(g) for g in day.grants if status.get(key(g)) == "31094501" and g["status"]["id"] == "31094502"
        ]
        assert told(day, EventKind.OPENED) == sorted(opened)
        status |= {key(grant): grant["status"]["id"] for grant in day.grants}

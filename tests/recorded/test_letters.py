"""The real days as their readers had them: nothing twice, nothing late without need, nothing that is not news."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from alerts.message import Message, MessageKind, Section
from pipeline.models import EventKind
from tests.recorded import letters

pytestmark = [pytest.mark.recorded, pytest.mark.slow]


@pytest.fixture(scope="module")
def told(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Message]:
    return letters.messages(recorded, tmp_path_factory.mktemp("letters"))


def test_each_reader_gets_few_messages(told: list[Message]) -> None:
    days = Counter((message.subscription, message.at.date()) for message in told)
    assert set(days.values()) == {1}
    digests = [message for message in told if message.subscription == "mobility-weekly"]
    assert len({message.period for message in digests}) == len(digests) == 7


def test_nothing_is_said_twice(told: list[Message]) -> None:
    changes = [
        (message.subscription, item.call_id, change.kind, change.at)
        for message in told
        for item in message.items
        for change in item.changes
    ]
    notices = [
        (message.subscription, item.call_id, notice.at, notice.days)
        for message in told
        for item in message.items
        for notice in item.notices
    ]
    assert len(changes) == len(set(changes)) > 10
    assert len(notices) == len(set(notices)) > 20


def test_only_what_matters_to_a_reader_is_told(told: list[Message]) -> None:
    missed = {m.at.date() for m in told for item in m.items if item.section is Section.MISSED}
    assert missed <= {m.at.date() for m in told if m.gap}  # owned up to only where callwatch did not run
    alerts = [item for message in told if message.kind is MessageKind.ALERT for item in message.items]
    assert {item.event for item in alerts} <= {EventKind.NEW, EventKind.OPENED, EventKind.DEADLINE_EXTENDED, None}


def test_reminders_are_late_only_after_callwatch_did_not_run(told: list[Message]) -> None:
    late = {
        message.at.date()
        for message in told
        for item in message.items
        for notice in item.notices
        if notice.late and message.kind is not MessageKind.WELCOME
    }
    gaps = {
        message.at.date() for message in told if message.gap and message.gap[1] - message.gap[0] > timedelta(2)
    }
    assert late <= gaps


def test_a_window_is_kept_and_digests_follow_each_other(told: list[Message]) -> None:
    office = [message.at for message in told if message.subscription == "research-north"][1:]
    assert office
    assert all(at.weekday() < 5 and 5 <= at.hour < 16 for at in office)
    digests = [m for m in told if m.subscription == "mobility-weekly" and m.kind is MessageKind.DIGEST]
    for before, after in pairwise(digests):
        assert before.window
        assert after.window
        assert before.window[1] == after.window[0]

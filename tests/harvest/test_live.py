"""Which calls are live, counted over a thousand with mixed deadlines at several hours of one day."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from callwatch.demo.grow import mixed_deadlines
from pipeline.models import BRUSSELS
from tests.harvest.commands import Callwatch, Zygote
from tests.harvest.days import TODAY, days
from tests.harvest.state import all_events, stored_calls


@pytest.fixture(scope="module")
def thousand(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Callwatch:
    """1,000 calls the portal names open; 60 are over, 8 end today, 102 have further cut-offs."""
    callwatch = Callwatch(zygote, tmp_path_factory.mktemp("thousand"))
    with days(callwatch, mixed_deadlines(1_000, TODAY)) as portal:
        done = portal.harvest()
    assert (done.code, done.report["stored"]) == (0, 1_000)
    assert done.problems.count("the portal says open, its dates say closed") == 60
    return callwatch


def at(hour: int, minute: int = 0, day: int = 0) -> datetime:
    return datetime.combine(TODAY + timedelta(days=day), time(hour, minute), BRUSSELS)


@pytest.mark.parametrize("now", [at(8), at(16, 59), at(17, 1), at(23, 30)], ids=lambda now: f"{now:%H:%M}")
def test_exactly_940_are_live(thousand: Callwatch, now: datetime) -> None:
    listed = thousand("calls", "--live", "--format", "json", at=now).json
    assert len(listed) == 940
    names = [call["reference"] for call in listed]
    assert not [name for name in names if "-STALE-" in name]
    assert len([name for name in names if "-TODAY-" in name]) == 8
    assert len([name for name in names if "-CUT-" in name]) == 102
    live = {name for name, stored in stored_calls(thousand).items() if stored.call.is_live(now)}
    assert live == set(names)


def test_the_next_day_those_of_today_are_over(thousand: Callwatch) -> None:
    listed = thousand("calls", "--live", "--format", "json", at=at(0, 1, day=1)).json
    assert len(listed) == 932
    assert not [call for call in listed if "-TODAY-" in call["reference"]]


def test_what_is_over_was_told_to_nobody(thousand: Callwatch) -> None:
    told = [event.call_id for event in all_events(thousand)]
    assert (len(told), len(set(told))) == (940, 940)
    assert not [call for call in told if "-STALE-" in call]

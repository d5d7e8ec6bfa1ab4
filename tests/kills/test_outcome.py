"""What is missing and what is there too often is counted, and spoils the outcome."""

from __future__ import annotations

import math
import time

import pytest

from tests.delivery.oracle import Figures
from tests.kills.outcome import Outcome, Wish, table


def outcome() -> Outcome:
    return Outcome(victim="harvest", store="SQLite", kills=3)


def test_what_is_there_once_is_good() -> None:
    found = outcome()
    found.compare(["a", "b"], ["b", "a"])
    found.count(Figures(planned=2, received=3, mail_repeats=1))
    assert found.is_good
    assert (found.checked, found.ambiguous) == (4, 1)


@pytest.mark.parametrize(
    ("found", "counts"), [(["a"], (1, 0)), (["a", "b", "b"], (0, 1)), (["a", "c"], (1, 1))], ids=str
)
def test_what_is_not_is_counted(found: list[str], counts: tuple[int, int]) -> None:
    one = outcome()
    one.compare(["a", "b"], found)
    assert (one.lost, one.doubled) == counts
    assert not one.is_good


@pytest.mark.parametrize("name", ["lost", "unsent", "strange", "slack_repeats"])
def test_no_post_may_be_missing_or_too_many(name: str) -> None:
    one = outcome()
    one.count(Figures(planned=2, received=2, **{name: 1}))
    assert not one.is_good


def test_a_mail_that_no_kill_explains_is_doubled() -> None:
    one = outcome()
    one.count(Figures(planned=2, received=4, mail_repeats=2, outside=1))
    assert (one.doubled, one.ambiguous) == (1, 1)


def test_something_else_that_is_wrong_spoils_it() -> None:
    one = outcome()
    one.wrong.append("withdrawn by a kill")
    assert not one.is_good
    assert outcome().is_good, "no list is shared"


def test_it_says_what_is_missing() -> None:
    one = outcome()
    one.compare(["a", "b"], ["b", "b"])
    assert one.examples == ["lost: a", "doubled: b"]


def test_the_table_has_medians_and_maxima() -> None:
    one = outcome()
    one.recovery = [1.0, 9.0, 2.0]
    head, line, row = table([one]).splitlines()
    assert head.count("|") == line.count("|") == row.count("|")
    assert row.startswith("| harvest | SQLite | 3 |")
    assert "| 2.0 | 9.0 |" in row


def test_enough_is_a_number_or_a_moment() -> None:
    assert [Wish(3, 1).more(n) for n in (2, 3)] == [True, False]
    assert not Wish(3, 1, time.monotonic()).more(0)
    assert Wish(3, 1).until == math.inf

"""Titles of events, courses and results are told from those of calls."""

from __future__ import annotations

import pytest

from pipeline.normalise.not_calls import is_other


@pytest.mark.parametrize(
    "title",
    [
        "Info day on the open call",
        "Online information session: growth grants",
        "Register now: matchmaking for the textile sector",
        "Save the date – webinar on vouchers",
        "Results of the first open call",
        "Food Accelerator 2027",
        "Summer school on batteries",
        "Call for evaluators",
        "Success stories of last year",
        "The B2B meetings of Oulu",
    ],
)
def test_no_calls(title: str) -> None:
    assert is_other(title)


@pytest.mark.parametrize(
    "title",
    [
        "Second open call of WoodNord",
        "Voucher for a trade fair",
        "Travel grants for matchmaking in Oslo",
        "Open call for accelerator services",
        "Green resultant forces",
        "Quiet Streets",
        "Call for proposals: training of craftspeople",
    ],
)
def test_calls(title: str) -> None:
    assert not is_other(title)

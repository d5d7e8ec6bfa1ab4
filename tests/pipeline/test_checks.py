"""What makes a harvest complete, partial or failed."""

from __future__ import annotations

import pytest

from pipeline import checks
from pipeline.harvest import CrawlReport, PartReport, Verdict
from pipeline.source_limits import Bounds
from tests.builders import call, deadline

PROVEN, SHORT = PartReport("topics", 100, 100, True), PartReport("topics", 100, 99, False)


BOUNDS = Bounds(min_items=50, drop=0.4, fill={})


@pytest.mark.parametrize(
    ("report", "seen", "bounds", "usual", "expected"),
    [
        pytest.param(CrawlReport(pages=1, parts=(PROVEN,)), 100, BOUNDS, 0, Verdict.COMPLETE, id="proven"),
        pytest.param(
            CrawlReport(pages=1, parts=(PROVEN, SHORT)), 199, BOUNDS, 0, Verdict.PARTIAL, id="one row short"
        ),
        pytest.param(
            CrawlReport(parts=(PartReport("topics", 0, 0, False),)), 0, BOUNDS, 9, Verdict.FAILED, id="no answer"
        ),
        pytest.param(CrawlReport(pages=1, parts=(PROVEN,)), 49, BOUNDS, 0, Verdict.PARTIAL, id="too few"),
        pytest.param(
            CrawlReport(pages=1, parts=(PROVEN,)), 60, BOUNDS, 100, Verdict.COMPLETE, id="a loss within bounds"
        ),
        pytest.param(CrawlReport(pages=1, parts=(PROVEN,)), 59, BOUNDS, 100, Verdict.PARTIAL, id="half the usual"),
        pytest.param(
            CrawlReport(pages=1, parts=(PROVEN,)), 5, None, 0, Verdict.COMPLETE, id="a part was asked for"
        ),
        pytest.param(
            CrawlReport(pages=1, parts=(PROVEN,), refused="24 languages"),
            100,
            BOUNDS,
            0,
            Verdict.FAILED,
            id="foreign",
        ),
    ],
)
def test_verdict(report, seen, bounds, usual, expected):
    verdict, issues = checks.verdict_of_crawl(report, seen, bounds, usual)
    assert verdict is expected
    assert all(issue.problem for issue in issues)


def test_a_field_that_vanishes_is_named_with_both_rates():
    calls = [call(deadline(3)) for _ in range(10)] + [call() for _ in range(15)]
    (issue,) = checks.fill_problems(calls, {"deadlines": 0.9, "title": 0.99})
    assert issue.field == "deadlines"
    assert "40% of 25" in issue.problem
    assert "90%" in issue.problem


def test_too_few_calls_prove_nothing():
    assert checks.fill_problems([call() for _ in range(19)], {"deadlines": 0.9}) == []


@pytest.mark.parametrize("field", sorted(checks.FIELDS))
def test_every_bounded_field_reads_a_call(field):
    assert checks.FIELDS[field](call(deadline(3))) in (True, False)

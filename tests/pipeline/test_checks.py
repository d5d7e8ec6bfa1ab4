"""What makes a harvest complete, partial or failed."""

from __future__ import annotations

import pytest

from pipeline import checks
from pipeline.harvest import CrawlReport, PartReport, Verdict
from tests.builders import call, deadline

PROVEN, SHORT = PartReport("topics", 100, 100, True), PartReport("topics", 100, 99, False)


@pytest.mark.parametrize(
    ("report", "bounded", "expected"),
    [
        (CrawlReport(parts=(PROVEN,)), True, Verdict.COMPLETE),
        (CrawlReport(parts=(PROVEN, SHORT)), True, Verdict.PARTIAL),
        (CrawlReport(parts=()), True, Verdict.PARTIAL),
        (CrawlReport(parts=(PartReport("topics", 5, 5, True),)), True, Verdict.PARTIAL),
        (CrawlReport(parts=(PartReport("topics", 5, 5, True),)), False, Verdict.COMPLETE),
        (CrawlReport(parts=(PROVEN,), refused="rows in 24 languages"), True, Verdict.FAILED),
    ],
)
def test_verdict(report, bounded, expected):
    verdict, issues = checks.verdict_of_crawl(report, 50, bounded=bounded)
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

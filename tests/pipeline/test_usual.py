"""A harvest against what is usual: how many calls are missing, and which fields."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline import checks
from pipeline.checks import FEW, KNOWN_RUNS, RUNS, Usual
from pipeline.harvest import CrawlReport, PartReport, RunReport, Verdict
from pipeline.source_limits import Bounds
from tests.builders import call, deadline

PROVEN = CrawlReport(pages=1, parts=(PartReport("topics", 100, 100, True),))
BOUNDS = Bounds(min_items=1, fill={})


def run(seen: int = 100, sample: int = 100, **fill: float) -> RunReport:
    return RunReport(portal="formas", verdict=Verdict.COMPLETE, seen=seen, sample=sample, fill=fill)


@pytest.mark.parametrize(
    ("before", "seen", "expected"),
    [
        pytest.param([], 1, Verdict.COMPLETE, id="the first harvest"),
        pytest.param([100], 61, Verdict.COMPLETE, id="39 % fewer than the only one"),
        pytest.param([100], 59, Verdict.PARTIAL, id="41 % fewer than the only one"),
        pytest.param([100] * 9, 61, Verdict.COMPLETE, id="39 % fewer"),
        pytest.param([100] * 9, 60, Verdict.COMPLETE, id="exactly as many fewer as may be"),
        pytest.param([100] * 9, 59, Verdict.PARTIAL, id="41 % fewer"),
        pytest.param([100] * 9, 500, Verdict.COMPLETE, id="many more"),
        pytest.param([300, *[100] * 9], 70, Verdict.COMPLETE, id="one harvest with far more is no rule"),
        pytest.param([75, 80, *[100] * 9], 58, Verdict.PARTIAL, id="a slow loss adds up"),
        pytest.param([*[60] * RUNS, *[200] * 90], 59, Verdict.COMPLETE, id="what was usual long ago"),
    ],
)
def test_the_number_of_calls(before: list[int], seen: int, expected: Verdict) -> None:
    usual = checks.usual_of(run(number) for number in before)
    verdict, issues = checks.verdict_of_crawl(PROVEN, seen, BOUNDS, usual.items)
    assert verdict is expected
    assert [issue.field for issue in issues] == ["items"] * (verdict is Verdict.PARTIAL)


def test_a_loss_is_told_in_numbers_with_the_way_out() -> None:
    (issue,) = checks.loss(59, 100, 0.4)
    assert issue.problem.startswith("only 59 calls, usually 100: 41% fewer (bounds: drop, at most 40%). ")
    assert "bounds.usual_since" in issue.problem


@pytest.mark.parametrize(
    ("usual", "now", "sample", "is_gone"),
    [
        pytest.param(0.97, 0.0, 200, True, id="gone"),
        pytest.param(0.97, 0.19, 200, True, id="less than a fifth"),
        pytest.param(0.97, 0.2, 200, False, id="a fifth"),
        pytest.param(0.5, 0.09, 200, True, id="half of the calls had it"),
        pytest.param(0.49, 0.0, 200, False, id="it was rare before"),
        pytest.param(0.97, 0.0, FEW, True, id="just enough calls"),
        pytest.param(0.97, 0.0, FEW - 1, False, id="too few calls"),
    ],
)
def test_a_field_that_is_gone(usual: float, now: float, sample: int, is_gone: bool) -> None:
    issues = list(checks.gone(run(sample=sample, text=now), Usual(100, {"text": usual})))
    assert [issue.field for issue in issues] == ["text"] * is_gone
    if is_gone:
        assert f"filled in {now:.0%} of {sample} calls looked at, usually in {usual:.0%}" in issues[0].problem


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        pytest.param([], {}, id="no harvest"),
        pytest.param([run(text=1.0)] * (KNOWN_RUNS - 1), {}, id="few harvests"),
        pytest.param([run(text=1.0)] * KNOWN_RUNS, {"text": 1.0}, id="enough"),
        pytest.param([run(text=1.0), run(text=0.2), run(text=0.9)], {"text": 0.9}, id="the median"),
        pytest.param([run(sample=FEW - 1, text=1.0)] * 9, {}, id="harvests of few calls do not count"),
        pytest.param([RunReport(portal="formas", verdict=Verdict.COMPLETE, seen=9)] * 9, {}, id="older ones"),
    ],
)
def test_what_is_usual(reports: list[RunReport], expected: dict[str, float]) -> None:
    fill = checks.usual_of(reports).fill
    assert {field: rate for field, rate in fill.items() if rate} == expected


@pytest.mark.parametrize(
    ("fields", "has"),
    [
        ({}, {"title", "opens_at", "portal_status"}),
        ({"title": "", "opens_at": None, "text": "Trucks", "programme": "HORIZON"}, None),
    ],
)
def test_the_fields_of_a_call(fields: dict[str, Any], has: set[str] | None) -> None:
    expected = has if has is not None else {"deadlines", "programme", "text", "portal_status"}
    assert checks.filled(call(*([] if has else [deadline(3)]), **fields)) == expected


def test_shares_of_a_sample() -> None:
    assert checks.shares([{"text"}, {"text", "title"}, set()])["text"] == 0.6667
    assert checks.shares([{"text"}])["budget"] == 0
    assert checks.shares([]) == {}

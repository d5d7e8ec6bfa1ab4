"""The planner against any index: it sees every row, comes to an end, and proves nothing that is not so."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.harvest import PartReport, Role
from spiders.base.asks import Answer, Ask
from tests.spiders.simulated import FakeIndex, limits, only, rows, run


@given(n=st.integers(0, 450), seed=st.integers(0, 9), programmes=st.integers(1, 9), bare=st.integers(0, 5))
@settings(deadline=None, max_examples=60)
def test_all_rows_of_a_well_behaved_index_of_any_size_are_seen(
    n: int, seed: int, programmes: int, bare: int
) -> None:
    every = rows(n)
    for i, row in enumerate(every):
        if i % 6 != bare:
            row["programme"] = (f"p{i % programmes}", f"p{i % 3}")
        row["division"] = (f"v{i % 11}",)
    plan = run(FakeIndex(every), limits(split_by=("nothing", "programme", "division")), seed=seed)
    assert only(plan) == PartReport("topics", n, n, True, Role.CALL)
    assert plan.issues() == []


def _spoiled(kind: str, ask: Ask, answer: Answer, nth: int) -> Answer:
    if kind == "fail":
        return Answer(problem="HTTP 500")
    if kind == "short":
        return Answer(total=answer.total, keys=answer.keys[:-1])
    if kind == "jump":
        return Answer(total=answer.total + nth % 5, keys=answer.keys, values=answer.values)
    if kind == "huge":
        return Answer(total=49_999, keys=answer.keys, values=answer.values)
    if kind == "empty":
        return Answer()
    if kind == "shuffle":
        return Answer(
            total=answer.total, keys=tuple(f"d{random.Random(nth).randrange(99):05d}" for _ in answer.keys)
        )
    return Answer(total=answer.total, keys=answer.keys, values=tuple(f"x{i}" for i in range(40)))


@given(
    n=st.integers(0, 250),
    seed=st.integers(0, 9),
    evil=st.lists(
        st.sampled_from(["", "fail", "short", "jump", "huge", "empty", "shuffle", "facets"]), min_size=1
    ),
)
@settings(deadline=None, max_examples=150)
def test_any_mixture_of_answers_ends_and_proves_nothing_it_has_not_seen(
    n: int, seed: int, evil: list[str]
) -> None:
    def spoil(ask: Ask, answer: Answer, nth: int) -> Answer:
        kind = evil[nth % len(evil)]
        return _spoiled(kind, ask, answer, nth) if kind else answer

    index = FakeIndex(rows(n, programme=("a",)), spoil=spoil)
    plan = run(index, limits(split_by=("programme", "division")), seed=seed)
    report = only(plan)
    if report.proven:
        assert report.seen == report.expected
    else:
        assert plan.issues()

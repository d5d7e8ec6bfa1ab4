"""The planner, case by case: what each trouble costs, and what is said of it."""

from __future__ import annotations

import random
from typing import Any

from pipeline.harvest import PartReport, Role
from spiders.base.asks import Answer, Ask
from spiders.base.plan import Plan
from tests.spiders.simulated import NEWS, TOPICS, FakeIndex, limits, only, rows, run


def test_a_small_part_costs_one_count_its_pages_and_one_count() -> None:
    index = FakeIndex(rows(25))
    assert only(run(index, limits())).proven
    assert [(a.sort, a.number) for a in sorted(index.asked[1:-1], key=lambda a: a.number)] == [
        ("identifier", 1),
        ("identifier", 2),
        ("identifier", 3),
    ]
    assert not index.asked[0].sort
    assert not index.asked[-1].sort


def test_an_empty_part_costs_two_questions() -> None:
    index = FakeIndex([])
    assert only(run(index, limits())) == PartReport("topics", 0, 0, True, Role.CALL)
    assert len(index.asked) == 2


def test_one_empty_answer_does_not_make_a_part_empty() -> None:
    index = FakeIndex(rows(25), spoil=lambda ask, answer, nth: Answer() if nth == 1 else answer)
    assert only(run(index, limits())) == PartReport("topics", 25, 25, True, Role.CALL)


def test_a_failed_page_is_asked_for_once_more_before_anything_else() -> None:
    failures = iter([True])

    def spoil(ask: Ask, answer: Answer, nth: int) -> Answer:
        return Answer(problem="HTTP 503") if ask.number == 2 and ask.sort and next(failures, False) else answer

    index = FakeIndex(rows(25), spoil=spoil)
    assert only(run(index, limits())).proven
    assert sum(a.number == 2 for a in index.asked) == 2
    assert sum(a.number == 1 and bool(a.sort) for a in index.asked) == 1


def test_a_page_that_never_comes_leaves_the_part_unproven_and_says_how_many_are_missing() -> None:
    def spoil(ask: Ask, answer: Answer, nth: int) -> Answer:
        return Answer(problem="page 2: HTTP 500") if ask.number == 2 else answer

    index = FakeIndex(rows(25), spoil=spoil)
    plan = run(index, limits())
    assert only(plan) == PartReport("topics", 25, 15, False, Role.CALL)
    assert plan.issues()[0].problem == "10 of 25 documents were not seen: page 2: HTTP 500"
    # Two scans that miss the same page are enough; a third would only trouble the portal.
    assert sum(a.number == 1 and bool(a.sort) for a in index.asked) == 2


def test_rows_shuffled_between_pages_are_found_by_further_scans() -> None:
    chance = random.Random(4)

    def spoil(ask: Ask, answer: Answer, nth: int) -> Answer:
        if ask.number == 2 and len([a for a in index.asked if a.number == 2]) == 1:
            return Answer(total=answer.total, keys=(chance.choice(["d00001", "d00002"]), *answer.keys[1:]))
        return answer

    index = FakeIndex(rows(25), spoil=spoil)
    assert only(run(index, limits())) == PartReport("topics", 25, 25, True, Role.CALL)


def test_a_portal_that_repeats_one_page_is_never_believed() -> None:
    def spoil(ask: Ask, answer: Answer, nth: int) -> Answer:
        return Answer(total=answer.total, keys=tuple(f"d{i:05d}" for i in range(10))) if ask.sort else answer

    plan = run(FakeIndex(rows(30), spoil=spoil), limits())
    assert only(plan) == PartReport("topics", 30, 10, False, Role.CALL)


def test_a_document_that_stands_twice_in_the_index_is_no_loss() -> None:
    every = rows(25)
    every.insert(10, dict(every[9]))
    plan = run(FakeIndex(every), limits())
    assert only(plan) == PartReport("topics", 25, 25, True, Role.CALL)
    assert plan.issues()[0].problem == "1 documents stand twice in the portal's index"


def test_rows_without_the_sort_field_are_fetched_by_another_sort() -> None:
    every = rows(25)
    del every[3]["identifier"], every[20]["identifier"]
    assert only(run(FakeIndex(every), limits())) == PartReport("topics", 25, 25, True, Role.CALL)


def test_rows_without_any_sort_field_are_named_as_missing() -> None:
    every = rows(25)
    del every[3]["identifier"], every[3]["date"]
    plan = run(FakeIndex(every), limits())
    assert only(plan) == PartReport("topics", 25, 24, False, Role.CALL)
    assert plan.issues()[0].problem.startswith("1 of 25 documents were not seen")


def test_more_rows_than_the_window_without_facets_are_read_from_both_ends() -> None:
    assert only(run(FakeIndex(rows(199)), limits())) == PartReport("topics", 199, 199, True, Role.CALL)


def test_more_rows_than_both_ends_reach_are_not_proven() -> None:
    plan = run(FakeIndex(rows(230)), limits())
    assert only(plan) == PartReport("topics", 230, 200, False, Role.CALL)
    assert plan.issues()[0].problem.startswith("30 of 230 documents were not seen")


def test_a_facet_filter_that_the_portal_ignores_does_not_multiply_the_scans() -> None:
    class Deaf(FakeIndex):
        @staticmethod
        def _inside(row: dict[str, Any], ask: Ask) -> bool:
            return True

    every = rows(150, programme=tuple(f"p{i}" for i in range(70)), division=tuple(f"v{i}" for i in range(200)))
    index = Deaf(every)
    assert only(run(index, limits(split_by=("programme", "division")))).proven
    assert len(index.asked) < 40


def test_a_limit_asks_for_so_many_rows_and_proves_nothing() -> None:
    index = FakeIndex(rows(95))
    report = only(run(index, limits(rows=15)))
    assert (report.expected, report.seen, report.proven) == (95, 20, False)
    assert len(index.asked) == 2


def test_an_index_that_grows_while_it_is_read_is_read_to_its_end() -> None:
    every = rows(20)

    def spoil(ask: Ask, answer: Answer, nth: int) -> Answer:
        if nth == 1:
            every.extend({"key": f"n{i}", "identifier": f"z{i}", "date": 1} for i in range(15))
        return answer

    index = FakeIndex(every, spoil=spoil)
    assert only(run(index, limits())) == PartReport("topics", 35, 35, True, Role.CALL)


def test_a_total_that_cannot_be_had_keeps_the_documents_unproven() -> None:
    def spoil(ask: Ask, answer: Answer, nth: int) -> Answer:
        return answer if ask.sort else Answer(problem="HTTP 500")

    plan = run(FakeIndex(rows(25), spoil=spoil), limits())
    assert only(plan) == PartReport("topics", 25, 25, False, Role.CALL)


def test_a_total_that_comes_at_the_second_try_is_as_good() -> None:
    def spoil(ask: Ask, answer: Answer, nth: int) -> Answer:
        return Answer(problem="HTTP 500") if nth == 1 else answer

    assert only(run(FakeIndex(rows(25), spoil=spoil), limits())).proven


def test_giving_one_part_up_leaves_the_others() -> None:
    index = FakeIndex(rows(25))
    plan = Plan((NEWS, TOPICS), limits(), abreast=1)
    (first,) = plan.begin()
    pending = plan.abandon(NEWS, "a row of another type")
    assert plan.answer(first, Answer(total=3)) == []
    assert not plan.wants(NEWS)
    assert plan.wants(TOPICS)
    while pending:
        ask = pending.pop()
        pending += plan.answer(ask, index.answer(ask))
    assert [(r.name, r.proven) for r in plan.reports()] == [("news", False), ("topics", True)]
    assert plan.issues()[0].problem == "not proven complete: a row of another type"


def test_stopping_ends_at_once_and_ignores_late_answers() -> None:
    plan = Plan((TOPICS, NEWS), limits(), abreast=1)
    (first,) = plan.begin()
    assert not plan.done
    assert [r.proven for r in plan.reports()] == [False]
    plan.stop("refused")
    assert plan.done
    assert plan.answer(first, Answer(total=7)) == []
    assert [r.name for r in plan.reports()] == ["topics"]


def test_an_answer_that_comes_twice_counts_once() -> None:
    index = FakeIndex(rows(25))
    plan = Plan((TOPICS,), limits(), abreast=1)
    (count,) = plan.begin()
    pages = plan.answer(count, index.answer(count))
    assert plan.answer(count, index.answer(count)) == []
    assert plan.answer(pages[0], index.answer(pages[0])) == []
    assert plan.answer(pages[0], index.answer(pages[0])) == []
    assert plan.answer(pages[1], index.answer(pages[1])) == []
    assert len(plan.answer(pages[2], index.answer(pages[2]))) == 1


def test_pieces_that_do_not_add_up_to_the_whole_prove_nothing() -> None:
    every = rows(150)
    for i, row in enumerate(every):
        row["programme"] = (f"p{i % 3}",)
    counted = []

    def spoil(ask: Ask, answer: Answer, nth: int) -> Answer:
        if ask.where.within or ask.where.without or ask.sort or ask.facet:
            return answer
        counted.append(nth)
        return answer if len(counted) == 1 else Answer(total=answer.total + 1)

    plan = run(FakeIndex(every, spoil=spoil), limits(split_by=("programme",)))
    assert only(plan) == PartReport("topics", 151, 150, False, Role.CALL)
    assert plan.issues()[0].problem == "1 of 151 documents were not seen: the pieces do not add up"

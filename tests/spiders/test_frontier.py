"""Every question is asked once and answered once, and only what was all answered is proven."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.source_pages import Source
from spiders.base.entries import Entry
from spiders.base.frontier import Ask, Frontier


def source(name: str = "calls", by: str = "sitemap", **given: Any) -> Source:
    return Source(**{"name": name, "by": by, "url": f"https://h/{name}", "details": True, **given})


def entries(*numbers: int) -> list[Entry]:
    return [Entry(f"https://h/page/{n}") for n in numbers]


def ask(frontier: Frontier) -> Ask:
    found = frontier.next()
    assert found
    assert frontier.next() is None, "one question at a time"
    return found


def listed(frontier: Frontier, *numbers: int) -> Ask:
    """The next question, which must be a list, answered with pages that are then asked for."""
    asked = ask(frontier)
    assert asked.entry is None
    fresh = frontier.fresh(asked, entries(*numbers))
    frontier.answered(asked)
    frontier.ask_pages(asked, fresh)
    return asked


def proven(frontier: Frontier) -> list[bool]:
    return [part.proven for part in frontier.reports()]


def test_a_list_and_then_its_pages_in_their_order() -> None:
    frontier = Frontier([source()])
    listed(frontier, 3, 1, 3)
    asked = []
    while not frontier.done:
        page = ask(frontier)
        asked.append(page.url[-1])
        assert proven(frontier) == [False]
        frontier.answered(page, items=1, read=1)
    assert asked == ["3", "1"]
    assert proven(frontier) == [True]
    assert frontier.reports()[0].seen == 2


def test_a_page_that_two_sources_name_is_asked_for_once_and_counts_for_both() -> None:
    frontier = Frontier([source("one"), source("two")])
    listed(frontier, 1, 2)
    for _ in range(2):
        frontier.answered(ask(frontier), items=1, read=1)
    listed(frontier, 2, 3)
    frontier.answered(ask(frontier), items=1, read=1)
    assert frontier.done
    assert [(part.expected, part.seen, part.proven) for part in frontier.reports()] == [(2, 2, True)] * 2


def test_a_list_that_leads_back_to_itself_ends() -> None:
    frontier = Frontier([source()])
    asked = ask(frontier)
    assert frontier.ask_on(asked, [asked.url])
    assert frontier.ask_on(asked, ["https://h/2"])
    frontier.answered(asked)
    second = ask(frontier)
    assert frontier.ask_on(second, [asked.url])
    frontier.answered(second)
    assert frontier.done
    assert proven(frontier) == [False], "it named nothing"
    assert frontier.short() == [("calls", "only 0 items, at least 1 expected (sources: at_least)")]


def test_a_list_of_too_many_parts_is_cut_and_proves_nothing() -> None:
    frontier = Frontier([source(pages=3, at_least=0)])
    first = ask(frontier)
    assert not frontier.ask_on(first, [f"https://h/{n}" for n in range(5)])
    frontier.answered(first)
    for _ in range(2):
        frontier.answered(ask(frontier))
    assert frontier.done
    assert proven(frontier) == [False]


def test_pages_that_no_list_names_do_not_stand_for_an_empty_list() -> None:
    frontier = Frontier([source()])
    asked = ask(frontier)
    more = frontier.besides(asked, entries(1, 2))
    frontier.answered(asked)
    frontier.ask_pages(asked, more)
    for _ in range(2):
        frontier.answered(ask(frontier), items=1, read=1)
    assert proven(frontier) == [False]


def test_when_no_page_could_be_read_nothing_is_proven() -> None:
    frontier = Frontier([source()])
    listed(frontier, 1, 2)
    for _ in range(2):
        frontier.answered(ask(frontier), items=1)
    assert proven(frontier) == [False]


def test_a_watched_page_with_no_items_where_none_are_needed() -> None:
    frontier = Frontier([source(by="page_watch", items="li", at_least=0)])
    asked = ask(frontier)
    assert asked.own
    frontier.answered(asked)
    assert (frontier.reports()[0].expected, proven(frontier)) == (0, [True])


def test_a_limit_ends_lists_and_proves_nothing() -> None:
    frontier = Frontier([source()], limit=2)
    asked = ask(frontier)
    fresh = frontier.fresh(asked, entries(1, 2, 3))
    assert frontier.ask_on(asked, "https://h/2")
    frontier.answered(asked)
    frontier.ask_pages(asked, fresh)
    for _ in range(2):
        frontier.answered(ask(frontier), items=1, read=1)
    assert frontier.done
    assert proven(frontier) == [False]


@given(st.lists(st.lists(st.integers(0, 9), max_size=6), min_size=1, max_size=4), st.data())
def test_every_question_once_and_proven_only_without_a_hole(lists: list[list[int]], data: st.DataObject) -> None:
    sources = [source(f"s{n}", at_least=0) for n in range(len(lists))]
    frontier = Frontier(sources)
    asked: list[str] = []
    failed: set[str] = set()
    while not frontier.done:
        question = ask(frontier)
        asked.append(question.url)
        if data.draw(st.booleans()) and data.draw(st.booleans()):
            failed.add(question.source.name)
            frontier.failed(question)
        elif question.entry is None:
            number = int(question.source.name[1:])
            fresh = frontier.fresh(question, entries(*lists[number]))
            frontier.answered(question)
            frontier.ask_pages(question, fresh)
        else:
            frontier.answered(question, items=1, read=1)
    assert len(asked) == len(set(asked))
    assert frontier.next() is None
    for part in frontier.reports():
        assert part.proven == (part.name not in failed)

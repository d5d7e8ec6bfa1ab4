"""Several calls on one page, values of the page as a whole, and pages that two sources name."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.source_pages import Source
from spiders.base import page
from spiders.base.entries import Entry, is_packed, mark, packed, says_otherwise, unpacked
from spiders.base.frontier import Frontier

URL = "https://portal.example/calls/one"
SPLIT = {"at": "h2, h3, tr", "title": r"\b(call|voucher|lot)\b", "where": r"\b(until|deadline)\b.{0,40}\d"}


def source(**more: Any) -> Source:
    given = {"name": "calls", "by": "sitemap", "url": "https://portal.example/sitemap.xml", "details": True}
    return Source.model_validate({**given, "split": SPLIT, **more})


def items(body: str, **more: Any) -> list[dict[str, Any]]:
    text = f"<html><head><title>Two</title></head><body><main><h1>Money</h1>{body}</main></body></html>"
    return list(page.items(text, Entry(URL, {"node": "old"}), source(**more)))


def test_headings_with_a_date_of_their_own_are_items_and_keep_their_key_when_another_comes() -> None:
    first, second = items(
        "<p>About it.</p><h2>Green voucher</h2><p>Until 3 May 2027.</p><p>Up to EUR 10 000.</p>"
        "<h2>Growth voucher</h2><div><p>Until 4 June 2027.</p></div><h2>Contact</h2><p>Deadline 5 July 2027</p>"
    )
    assert (first["part"], first["title"]) == ("green-voucher", "Money: Green voucher")
    assert "10 000" in first["html"]
    assert "June" not in first["html"]
    assert (second["part"], "July" in second["html"], "About" in second["html"]) == (
        "growth-voucher",
        False,
        False,
    )
    more = items(
        "<h2>Blue call</h2><p>until 1 May 2027</p><h2>Green voucher</h2><p>until 3 May 2027</p>"
        "<h2>Green voucher</h2><p>until 9 May 2027</p>"
    )
    assert [item["part"] for item in more] == ["blue-call", "green-voucher", "green-voucher-2"]


def test_rows_are_items_by_their_first_cell() -> None:
    found = items(
        "<table><tr><th>Call</th><th>Closing</th></tr><tr><td>Lot A</td><td>until 3 May 2027</td></tr>"
        "<tr><td>Lot B</td><td>until 4 May 2027</td></tr></table>"
    )
    assert [(item["part"], item["title"]) for item in found] == [
        ("lot-a", "Money: Lot A"),
        ("lot-b", "Money: Lot B"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "<h2>Green voucher</h2><p>until 3 May 2027</p><h2>Growth voucher</h2><p>For companies.</p>",
        "<h2>Timeline</h2><p>until 3 May 2027</p><h2>How</h2><p>until 4 May 2027</p>",
        "<p>until 3 May 2027</p>",
    ],
)
def test_a_page_with_less_than_two_is_one_item(body: str) -> None:
    (item,) = items(body)
    assert item["title"] == "Money"
    assert "part" not in item


def test_values_of_the_whole_page_stand_beside_those_of_the_list_and_hold_no_addresses() -> None:
    fields = {"node": "main@data-node", "by": ".by", "none": ".none"}
    text = '<title>T</title><main data-node="7"><h1>A</h1><p class="by">Cluster x@y.example</p></main>'
    (item,) = page.items(text, Entry(URL, {"node": "old", "none": "of the list"}), source(page_fields=fields))
    assert item["fields"] == {"node": "7", "by": "Cluster ", "none": "of the list"}


def test_a_page_that_two_sources_name_is_asked_for_once_and_counts_for_both() -> None:
    both = [source(), source(name="feed", by="feed", url="https://portal.example/feed")]
    frontier = Frontier(both)
    asked = []
    while ask := frontier.next():
        asked.append((ask.source.name, ask.url.removeprefix(URL)))
        frontier.answered(ask, items=ask.entry is not None, read=ask.entry is not None)
        if ask.entry is None:
            entries = [Entry(URL), Entry(f"{URL}/{ask.source.name}"), Entry(f"{URL}/known")]
            fresh = frontier.fresh(ask, entries)
            frontier.ask_pages(ask, [entry for entry in fresh if not entry.url.endswith("/known")])
    assert [place for place in asked if not place[1].startswith("http")] == [
        ("calls", ""),
        ("calls", "/calls"),
        ("feed", "/feed"),
    ]
    assert [(part.name, part.seen, part.proven) for part in frontier.reports()] == [
        ("calls", 2, True),
        ("feed", 3, True),
    ], "a page that has not moved is known for both, and counted by who says so"


def test_what_a_page_led_to_is_told_from_its_documents() -> None:
    entry = Entry(URL, {"a": "b"}, "2026")
    assert is_packed(packed(entry))
    assert unpacked(packed(entry)) == entry
    assert not is_packed("1234")


def test_a_list_is_read_to_its_end_behind_the_pages_of_its_items_and_before_other_lists() -> None:
    frontier = Frontier([source(pages=3), source(name="feed", by="feed", url="https://portal.example/feed")])
    asked, more = [], {"sitemap.xml": ["https://portal.example/2", "https://portal.example/3"]}
    while ask := frontier.next():
        name = ask.url.rpartition("/")[2]
        asked.append(name)
        if ask.entry is None:
            assert frontier.ask_on(ask, more.get(name, [])) is True
        frontier.answered(ask, items=1, read=1)
        if name == "sitemap.xml":
            frontier.ask_pages(ask, [Entry("https://portal.example/a")])
    assert asked == ["sitemap.xml", "a", "2", "3", "feed"]
    first = Frontier([source(pages=1)])
    ask = first.next()
    assert ask
    first.answered(ask)
    assert first.ask_on(ask, ["https://portal.example/2"]) is False
    assert first.reports()[0].proven is False


def test_what_a_list_says_of_an_item_is_marked_unless_it_has_a_lastmod() -> None:
    one, other = Entry(URL, {"end": "1", "title": "a"}), Entry(URL, {"title": "a", "end": "2"})
    assert mark(one) == mark(Entry(URL, {"title": "a", "end": "1"}))
    assert says_otherwise(other, mark(one))
    assert not says_otherwise(one, mark(one))
    assert not says_otherwise(Entry(URL), mark(one)), "a page that is watched, and that no list names any more"
    assert not says_otherwise(Entry(URL, {"title": "a"}, "2026"), mark(one)), "its lastmod decides"

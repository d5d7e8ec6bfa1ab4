"""What of a page is an item, and where a file lies that a page leads to."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.source_pages import Source
from spiders.base import bulk_file, page
from spiders.base.entries import Entry
from spiders.base.envelope import NotAnAnswer
from spiders.base.frontier import Ask, Frontier
from spiders.base.linked import file_on
from spiders.select import NothingFound

URL = "https://fund.example/calls"
ACCORDION = """<main><p>Read this first.</p>
<div class="fold"><h3 id="seven"><button>Call 7</button></h3><div><p>Seven is open.</p></div></div>
<div class="fold"><h3><button>Call 8</button></h3><div><p>Eight <b>comes.</b></p>
<h4>Money</h4><p>4 MEUR</p></div></div>
</main>"""


def source(**more: Any) -> Source:
    return Source.model_validate({"name": "calls", "by": "page_watch", "url": URL, **more})


def items(html: str, **more: Any) -> list[dict[str, Any]]:
    return list(page.items(html, Entry(URL), source(**more)))


def test_each_heading_begins_an_item_that_ends_before_the_next_one() -> None:
    first, second = items(ACCORDION, split="h3")
    assert (first["title"], first["part"]) == ("Call 7", "seven")
    assert (second["title"], second["part"]) == ("Call 8", "2")
    assert "Seven is open." in first["html"]
    assert "Eight" not in first["html"]
    assert "4 MEUR" in second["html"]
    assert "Seven" not in second["html"]
    assert "Read this first" not in first["html"] + second["html"]


PLAN_OF_REGIONS = """<main><h1>Plan</h1><h2>North</h2><h3>Spring</h3><p>May</p><h3>Autumn</h3><p>October</p>
<h2>South</h2><h3>Spring</h3><p>June</p></main>"""


def test_a_part_knows_what_it_stands_under_and_what_it_is_about() -> None:
    found = items(PLAN_OF_REGIONS, split="h3")
    assert [(item["fields"]["under"], item["title"]) for item in found] == [
        ("North", "Spring"),
        ("North", "Autumn"),
        ("South", "Spring"),
    ]
    (south,) = items(PLAN_OF_REGIONS, split="h3", about="South")
    assert "June" in south["html"]
    assert "under" not in items(PLAN_OF_REGIONS, split="h2")[0]["fields"], "the title of the page is none"


def test_a_page_whose_headings_have_gone_is_told() -> None:
    with pytest.raises(NothingFound, match="h3"):
        items("<main><h2>Calls</h2></main>", split="h3")
    assert items("<main><h2>No call at present</h2></main>", split="h3", at_least=0) == []


def test_two_ways_to_divide_a_page_are_one_too_many() -> None:
    with pytest.raises(ValueError, match="split"):
        source(items="section", split="h3")
    with pytest.raises(ValueError, match="bulk_file"):
        source(file="a")


LINKS = """<main><a href="/manual.pdf">Manual</a>
<a href="/media/x9/plan.xlsx">Timetable (machine-readable)</a></main>"""
PLAN = 'a:-soup-contains("machine-readable")'


def test_the_address_of_a_file_is_found_on_a_page() -> None:
    plan = source(by="bulk_file", file=PLAN)
    assert file_on(LINKS, plan, ("fund.example",)) == "https://fund.example/media/x9/plan.xlsx"
    with pytest.raises(NothingFound, match="link to the file"):
        file_on("<main>Moved</main>", plan, ("fund.example",))
    assert file_on("<main>Moved</main>", source(by="bulk_file", file=PLAN, at_least=0), ()) == ""
    with pytest.raises(NotAnAnswer, match=r"files\.example"):
        file_on(LINKS.replace("/media", "https://files.example/media"), plan, ("fund.example",))


def test_the_page_that_leads_to_a_file_is_remembered_apart_from_its_text() -> None:
    plan = Ask(source(by="bulk_file", file=PLAN, name="plan"), URL)
    text = Ask(source(), URL, Entry(URL))
    assert plan.leads
    assert not text.leads
    assert (plan.place, text.place) == (f"{URL}#plan", f"{URL}#calls")
    frontier = Frontier([plan.source])
    ask = frontier.next()
    assert ask
    assert ask.leads
    frontier.answered(ask)
    frontier.ask_on(ask, ["https://fund.example/media/x9/plan.xlsx"])
    file = frontier.next()
    assert file
    assert not file.leads
    assert file.place == f"{file.url}#plan"


@pytest.mark.parametrize(
    "body", [b"%PDF-1.7 ...", b"\xd0\xcf\x11\xe0\xa1\xb1", b"{\\rtf1 plan}", b"<html><title>Gone</title>"]
)
def test_what_is_no_file_of_rows_is_not_read_as_one(body: bytes) -> None:
    with pytest.raises(NotAnAnswer):
        bulk_file.read(body, URL, source(by="bulk_file"))


def test_links_that_begin_at_the_page_become_whole_addresses() -> None:
    (item,) = items('<main><a href="/apply?x=1#top">Apply</a> <a href="http://other.example/">Other</a></main>')
    assert 'href="https://fund.example/apply?x=1#top"' in item["html"]
    assert 'href="http://other.example/"' in item["html"]
    assert items('<main><a href="https://[broken">Apply</a></main>')[0]["html"].count("[broken") == 1

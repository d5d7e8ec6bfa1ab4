"""How a message shows other pages about a call, and what they say otherwise."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from alerts import render
from alerts.message import Conflict, Item, Page, Relation, decode, encode
from alerts.slack_blocks import slack
from pipeline.models import Budget
from tests.alerts.samples import deadline, item, message

SOURCES = (
    Page("ECCP", "https://eccp.example/9?a=1&b=2"),
    Page("Region <Väster>", ""),
    Page("EISMEA", "https://eismea.example/n", Relation.NEWS),
    Page("Joint Cluster Initiatives", "https://portal.example/t", Relation.PART_OF),
)
CONFLICTS = (
    Conflict("ECCP", deadline=deadline("2027-03-12")),
    Conflict("EuroAccess", budget=Budget("EUR", Decimal(5_000_000))),
)


def shown(**fields: Any) -> Item:
    return item(1, **{"sources": SOURCES, "conflicts": CONFLICTS, **fields})


def test_a_mail_names_every_page_and_every_contradiction() -> None:
    page, text = render.html(message(shown())), render.text(message(shown()))
    assert "<b>Also at:</b>" in page
    assert 'href="https://eccp.example/9?a=1&amp;b=2"' in page
    assert "Region &lt;Väster&gt;" in page
    assert "  Also at:\n    ECCP https://eccp.example/9?a=1&b=2\n    Region <Väster>\n" in text
    assert "  In the news:\n    EISMEA https://eismea.example/n\n" in text
    assert "  Part of:\n    Joint Cluster Initiatives https://portal.example/t\n" in text
    assert "Differs: ECCP says 12 March 2027" in " ".join(text.split())
    assert "EuroAccess says EUR 5,000,000 in total" in " ".join(text.split())


def test_it_speaks_swedish() -> None:
    text = " ".join(render.text(message(shown(), language="sv")).split())
    assert "Finns även hos: ECCP https://eccp.example" in text
    assert "Uppgifterna skiljer sig: ECCP anger 12 mars 2027" in text
    assert "Omnämnd hos: EISMEA" in text
    assert "Del av: Joint" in text


def test_slack_links_every_page() -> None:
    (part, *_) = slack(message(shown()))
    said = msgspec.json.encode(part.blocks).decode()
    assert "*Also at:* <https://eccp.example/9?a=1&amp;b=2|ECCP>, Region &lt;Väster&gt;" in said
    assert "*Differs:* ECCP says 12 March 2027" in said


@pytest.mark.parametrize("count", [7, 400])
def test_of_very_many_pages_some_are_shown_and_the_rest_is_counted(count: int) -> None:
    long = "x" * 200
    many = tuple(Page(f"Portal {n}", f"https://p.example/{long}/{n}") for n in range(count))
    text = render.text(message(shown(sources=many)))
    assert text.count("https://p.example/") == 6
    assert f"and {count - 6} more" in text
    for part in slack(message(shown(sources=many))):
        said = msgspec.json.encode(part.blocks).decode()
        assert said.count("|Portal") == said.count("<https://p.example/") == 6


def test_a_message_written_before_there_were_sources_is_read() -> None:
    stored = msgspec.json.decode(encode(message(shown())))
    for old in stored["items"]:
        del old["sources"], old["conflicts"]
    (read,) = decode(msgspec.json.encode(stored)).items
    assert (read.sources, read.conflicts) == ((), ())
    assert decode(encode(message(shown()))).items == (shown(),)

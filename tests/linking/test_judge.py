"""Rule by rule: what is linked, what is only proposed, and what comes near and is not."""

from __future__ import annotations

import pytest

from pipeline.linking import card, judge
from pipeline.models import Call, Kind
from tests.builders import NOW
from tests.linking import samples as s
from tests.linking.samples import PLACES, TOPIC, cascade, ends, of, to, topic


def verdict(one: Call, other: Call) -> tuple[str, str, str] | None:
    """Kind, state and rule; the same whichever way the two are given."""
    found = judge(card(one, PLACES), card(other, PLACES), NOW)
    assert found == judge(card(other, PLACES), card(one, PLACES), NOW)
    return (found.kind.value, found.state.value, found.rule) if found else None


PARENT = "SMP-COSME-2024-CLUSTER-01"
OLD = topic("COS-CLUSTER-2018-3-02")
PLANT = of(s.REGION, "9", url="https://tillvaxtverket.se/utlysningar/batterier.4711.html")
ENTRY = of(s.EURO, "2345", url="https://www.euro-access.eu/en/calls/2345/green-steel")
ROUND = of(s.VINNOVA, "2026-01234")
KIC = of(s.KIC, "spring", url="https://eitmanufacturing.eu/calls/spring-call/")

LINKED = [
    ("identifier field", of(s.EURO, identifier=TOPIC), topic(), ("same", "linked", "identifier")),
    ("other case", of(s.EURO, identifier=TOPIC.lower()), topic(), ("same", "linked", "identifier")),
    ("title", of(s.EURO, title=f"Trucks ({TOPIC})"), topic(), ("same", "linked", "identifier")),
    (
        "link in lower case, other deadline",
        of(s.EURO, links=to(f"{s.PAGES}/topic-details/{TOPIC.lower()}?isExactMatch=true"), deadlines=ends(5)),
        topic(),
        ("same", "linked", "identifier"),
    ),
    (
        "text and day",
        of(s.EURO, text=f"See {TOPIC}.", deadlines=ends(61)),
        topic(),
        ("same", "linked", "identifier"),
    ),
    ("padding", of(s.EURO, title="Clusters COS-CLUSTER-2018-03-02"), OLD, ("same", "linked", "identifier")),
    (
        "cascade number",
        of(s.ECCP, kind=Kind.CASCADE, links=to(f"{s.PAGES}/competitive-calls-cs/15001")),
        cascade(),
        ("same", "linked", "cascade number"),
    ),
    (
        "cascade number beside the parent's name",
        of(s.ECCP, kind=Kind.CASCADE, text=f"Under {PARENT}: competitive-calls-cs/15001"),
        cascade(),
        ("same", "linked", "cascade number"),
    ),
    ("dnr", of(s.EURO, title="Vinnova 2026-01234: trucks"), ROUND, ("same", "linked", "register number")),
    (
        "dnr in an address",
        of(s.EURO, links=to("https://www.vinnova.se/e/trucks-2026-01234")),
        ROUND,
        ("same", "linked", "register number"),
    ),
    (
        "page number",
        of(s.EURO, links=to("https://www.tillvaxtverket.se/tillvaxtverket/other/path/batteri.4711.html")),
        PLANT,
        ("same", "linked", "page number"),
    ),
    (
        "EuroAccess number",
        of(s.EIT, links=to("https://euro-access.eu/de/calls/2345/anders")),
        ENTRY,
        ("same", "linked", "page number"),
    ),
    (
        "page",
        of(s.EIT, links=to("https://eitmanufacturing.eu/calls/spring-call")),
        KIC,
        ("same", "linked", "page"),
    ),
    ("news, text", of(s.NEWS, text=f"Now open: {TOPIC}"), topic(), ("news", "linked", "identifier")),
    ("news, call", of(s.NEWS, title="Call HORIZON-CL5-2027-01"), topic(), ("news", "linked", "call above")),
    (
        "news, page",
        of(s.NEWS, text="Read https://eitmanufacturing.eu/calls/spring-call"),
        KIC,
        ("news", "linked", "page"),
    ),
    ("parent", cascade(), topic(PARENT), ("part_of", "linked", "parent")),
    (
        "parent elsewhere",
        of(s.ECCP, kind=Kind.CASCADE, text=f"Paid by {PARENT}."),
        topic(PARENT),
        ("part_of", "linked", "parent"),
    ),
    ("call above", of(s.EURO, identifier="HORIZON-CL5-2027-01"), topic(), ("part_of", "linked", "call above")),
]

PROPOSED = [
    ("text, other day", of(s.EURO, text=f"See {TOPIC}.", deadlines=ends(30)), topic(), "identifier"),
    ("two in the text", of(s.EURO, text=f"{TOPIC} and {TOPIC[:-1]}2"), topic(), "identifier"),
    (
        "two links",
        of(s.EURO, links=to(f"{s.PAGES}/topic-details/{TOPIC}", f"{s.PAGES}/topic-details/{TOPIC[:-1]}2")),
        topic(),
        "identifier",
    ),
    (
        "one of several pages",
        of(s.EIT, links=to(KIC.url, "https://eitmanufacturing.eu/calls/autumn-call"), deadlines=ends(9)),
        KIC,
        "page",
    ),
    ("title and day", of(s.EURO, title="Electric trucks: cold climate testing"), topic(), "title and deadline"),
    (
        "title in Swedish",
        of(s.EURO, title="Test av eldrivna lastbilar i kyla", language="sv"),
        topic(titles={"sv": "Test i kyla av eldrivna lastbilar"}),
        "title and deadline",
    ),
    (
        "two calls of one programme",
        of(s.EURO, title="Cold climate testing of electric trucks 2", programme="HORIZON"),
        topic(programme="HORIZON"),
        "title and deadline",
    ),
    ("project", of(s.ECCP, kind=Kind.CASCADE, title="GreenBoost open call 2"), cascade(), "project and deadline"),
]

NOTHING = [
    ("sibling topic", of(s.EURO, identifier=f"{TOPIC[:-1]}2"), topic()),
    ("longer number", of(s.EURO, title=f"{TOPIC}0"), topic()),
    ("sibling with the same title", of(s.EURO, identifier=f"{TOPIC[:-1]}2", title=topic().title), topic()),
    ("title, other deadline", of(s.EURO, title=topic().title, deadlines=ends(63)), topic()),
    ("title, closed both", of(s.EURO, title=topic().title, deadlines=ends(-3)), topic(deadlines=ends(-3))),
    ("title, no deadline", of(s.EURO, title=topic().title, deadlines=()), topic()),
    ("title, other programme", of(s.EURO, title=topic().title, programme="LIFE"), topic(programme="HORIZON")),
    ("two agencies, one number", of(s.FORMAS, "2026-01234"), ROUND),
    ("number without agency", of(s.EURO, title="Decision 2026-01234"), ROUND),
    ("number of another agency", of(s.EURO, title="Formas 2026-01234"), ROUND),
    (
        "front page",
        of(s.EIT, links=to(PLACES[s.VINNOVA].url)),
        of(s.VINNOVA, "2026-01", url=PLACES[s.VINNOVA].url),
    ),
    ("two announcements", of(s.NEWS, text=TOPIC), of(s.NEWS, "2", text=TOPIC)),
    ("a whole work programme", of(s.NEWS, title="HORIZON-CL5-2027"), topic()),
    ("cascade of another parent", cascade(), topic("SMP-COSME-2024-CLUSTER-02")),
    ("cascade called like its topic", of(s.ECCP, kind=Kind.CASCADE, title=topic().title), topic()),
    ("another cascade number", of(s.ECCP, kind=Kind.CASCADE, text="competitive-calls-cs/15002"), cascade()),
    ("tender", of(s.EURO, kind=Kind.TENDER, identifier=TOPIC), topic()),
    ("one portal", topic(), topic(f"{TOPIC[:-1]}2", text=f"See {TOPIC}")),
    ("a call above in passing", of(s.VINNOVA, "2026-05555", text="A leg of HORIZON-CL5-2027-01"), topic()),
]


@pytest.mark.parametrize(("name", "one", "other", "expected"), LINKED, ids=[row[0] for row in LINKED])
def test_what_is_linked(name: str, one: Call, other: Call, expected: tuple[str, str, str]) -> None:
    assert verdict(one, other) == expected


@pytest.mark.parametrize(("name", "one", "other", "rule"), PROPOSED, ids=[row[0] for row in PROPOSED])
def test_what_a_person_decides(name: str, one: Call, other: Call, rule: str) -> None:
    assert verdict(one, other) == ("same", "proposed", rule)


@pytest.mark.parametrize(("name", "one", "other"), NOTHING, ids=[row[0] for row in NOTHING])
def test_what_comes_near_and_is_not(name: str, one: Call, other: Call) -> None:
    assert verdict(one, other) is None


def test_an_announcement_called_like_a_call_is_proposed_as_its_news() -> None:
    assert verdict(of(s.NEWS, title=topic().title), topic()) == ("news", "proposed", "title and deadline")


def test_a_link_says_what_it_rests_on_and_which_way_it_goes() -> None:
    part = judge(card(cascade(), PLACES), card(topic(PARENT), PLACES), NOW)
    assert part
    assert (part.call_id, part.other_id) == (cascade().id, topic(PARENT).id)
    news = judge(card(topic(), PLACES), card(of(s.NEWS, text=f"On {TOPIC.lower()}!"), PLACES), NOW)
    assert news
    assert (news.call_id, news.evidence) == (of(s.NEWS).id, f"text: {TOPIC.lower()}")

"""One call with four news posts in three languages is one alert with four links; a post without its call waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.harvest.commands import Zygote
from tests.harvest.conftest import zygote
from tests.portals.news import TOPIC_PAGE, Post, World, world

pytestmark = pytest.mark.slow

__all__ = ["zygote"]

CALL, OTHER = "I3-2026-INV2a", "HORIZON-CL5-2026-11-D3-05"
POSTS = [
    Post(
        "pengar-oever-graenser",
        [
            "Pengar för investeringar över gränser",
            f"Utlysningen {CALL} hjälper regioner som kommit mindre långt. Den stänger den 18 februari 2027.",
        ],
        published=date(2026, 11, 20),
    ),
    Post(
        "i3-fraan-norr",
        ["Nu öppnar en utlysning för värdekedjor", "Minst fem partner från tre länder ska stå bakom ansökan."],
        "centralsweden",
        more=f"{TOPIC_PAGE}{CALL.lower()}",
    ),
    Post(
        "interregional-innovation-call-open-2026-11-20",
        ["Interregional innovation: call open", "Strand 2a has EUR 30 million. Apply before 18 February 2027."],
        "eismea",
        language="en",
        more=f"{TOPIC_PAGE}{CALL}",
    ),
    Post(
        "rahaa-investointeihin",
        ["Rahaa yhteisiin investointeihin", f"Haku {CALL} on auki. Haku sulkeutuu 18.2.2027 kello 17.00."],
        published=date(2026, 11, 21),
        language="fi",
    ),
]


@pytest.fixture
def office(zygote: Zygote, tmp_path: Path) -> Iterator[World]:
    """Both readers know another call."""
    with world(zygote, tmp_path) as made:
        made.shows(OTHER)
        mails, posts = made.works()
        assert (len(mails), len(posts) > 0) == (1, True)
        made.later(days=1)
        assert made.works() == ([], [])
        yield made


def links_in(text: str) -> list[str]:
    return [post.url for post in POSTS if post.url in text]


def all_four(found: tuple[list[str], list[str]]) -> None:
    """One mail and one card, each with the call and all four links."""
    (mail,), (card,) = found
    for text in (mail, card):
        assert CALL in text
        assert links_in(text) == [post.url for post in POSTS]
        assert "centralsweden.se: Nu öppnar en utlysning" in text


def test_posts_before_the_call(office: World) -> None:
    office.writes(*POSTS)
    assert office.works() == ([], [])
    office.later(days=2)
    office.shows(OTHER, CALL)
    all_four(office.works())
    office.later(days=10)
    assert office.works() == ([], [])


@pytest.mark.slow
def test_posts_with_the_call(office: World) -> None:
    office.writes(*POSTS)
    office.shows(OTHER, CALL)
    all_four(office.works())
    office.later(days=10)
    assert office.works() == ([], [])


@pytest.mark.slow
def test_posts_after_the_call_are_shown_at_the_next_change(office: World) -> None:
    office.shows(OTHER, CALL)
    (mail,), (card,) = office.works()
    assert links_in(mail) == links_in(card) == []
    for number in range(1, 5):
        office.later(days=1)
        office.writes(*POSTS[:number])
        assert office.works() == ([], [])
    office.later(days=10)
    assert office.works() == ([], [])
    office.shows(OTHER, CALL, moved=(date(2027, 2, 18), date(2027, 3, 4)))
    all_four(office.works())


@pytest.mark.slow
def test_posts_before_with_and_after_the_call(office: World) -> None:
    office.writes(*POSTS[:2])
    assert office.works() == ([], [])
    office.later(days=1)
    office.writes(*POSTS[:3])
    office.shows(OTHER, CALL)
    (mail,), (card,) = office.works()
    assert links_in(mail) == links_in(card) == [post.url for post in POSTS[:3]]
    office.later(days=1)
    office.writes(*POSTS)
    for days in (0, 8):
        office.later(days=days)
        assert office.works() == ([], [])


@pytest.mark.slow
def test_a_post_whose_call_nobody_shows_waits_seven_days_and_is_told_once(office: World) -> None:
    office.writes(POSTS[0])
    for hours in (0, 24 * 6, 23):
        office.later(hours=hours)
        assert office.works() == ([], [])
    office.later(hours=2)
    (mail,), (card,) = office.works()
    for text in (mail, card):
        assert links_in(text) == [POSTS[0].url]
        assert POSTS[0].lines[0] in text
    office.later(days=8)
    assert office.works() == ([], [])


@pytest.mark.slow
def test_a_post_whose_call_comes_on_the_fifth_day_is_never_told(office: World) -> None:
    office.writes(POSTS[0])
    assert office.works() == ([], [])
    office.later(days=5)
    office.shows(OTHER, CALL)
    (mail,), (card,) = office.works()
    for text in (mail, card):
        assert (CALL in text, links_in(text)) == (True, [POSTS[0].url])
    for days in (2, 8):
        office.later(days=days)
        assert office.works() == ([], [])


@pytest.mark.slow
def test_who_was_told_of_the_post_is_not_told_of_its_call_again(office: World) -> None:
    office.writes(POSTS[0])
    office.works()
    office.later(days=8)
    assert [len(found) for found in office.works()] == [1, 1]
    office.later(days=1)
    office.shows(OTHER, CALL)
    assert office.works() == ([], [])

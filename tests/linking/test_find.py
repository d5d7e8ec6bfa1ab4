"""Many calls at once: the order does not matter, nothing is compared in vain, and who speaks for whom."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.linking import CallLink, Index, LinkKind, card, clusters, find, judge, needed, rows
from pipeline.models import Call, Kind
from tests.builders import NOW, stored
from tests.linking import samples as s
from tests.linking.samples import PLACES, TOPIC, cascade, ends, of, to, topic

IDS = [TOPIC, f"{TOPIC[:-1]}2", "SMP-COSME-2024-CLUSTER-01", "HORIZON-CL5-2027-01"]
TITLES = [
    "Cold climate testing of electric trucks",
    "Cold climate tests of electric trucks",
    "Green steel vouchers",
]
URLS = [f"{s.PAGES}/topic-details/{name.lower()}" for name in IDS] + [f"{s.PAGES}/competitive-calls-cs/15001"]


@st.composite
def calls(draw: st.DrawFn) -> list[Call]:
    """Calls of several portals that share few names, titles and days."""
    made: dict[str, Call] = {}
    for number in range(draw(st.integers(1, 9))):
        portal = draw(st.sampled_from([s.FT, s.ECCP, s.EURO, s.NEWS]))
        fields: dict[str, Any] = {
            "title": draw(st.sampled_from(TITLES)),
            "deadlines": ends(draw(st.sampled_from([20, 21, 40]))),
            "text": draw(st.sampled_from(["", *IDS, "competitive-calls-cs/15001"])),
            "links": to(*draw(st.lists(st.sampled_from(URLS), max_size=2))),
        }
        if portal == s.FT:
            one = topic(draw(st.sampled_from(IDS[:3])), **fields) if draw(st.booleans()) else cascade(**fields)
        else:
            kind = draw(st.sampled_from([Kind.TOPIC, Kind.CASCADE])) if portal == s.ECCP else None
            one = of(portal, str(number), **fields, **({"kind": kind} if kind else {}))
        made[one.id] = one
    return list(made.values())


@given(calls(), st.randoms(use_true_random=False))
def test_the_order_does_not_matter_and_every_pair_that_has_a_link_is_met(found: list[Call], dice: Any) -> None:
    expected = {
        link
        for one in found
        for other in found
        if one.id < other.id and (link := judge(card(one, PLACES), card(other, PLACES), NOW))
    }
    shuffled = list(found)
    dice.shuffle(shuffled)
    assert set(find(found, PLACES, NOW)) == set(find(shuffled, PLACES, NOW)) == expected


@given(calls())
def test_no_two_calls_of_one_portal_are_one_and_each_has_one_speaker(found: list[Call]) -> None:
    links = find(found, PLACES, NOW)
    made = clusters(links, {call.id: stored(call) for call in found}, PLACES)
    for call_id, speaker in made.speaker.items():
        assert speaker not in made.speaker
        assert call_id.partition(":")[0] != speaker.partition(":")[0]
        assert speaker in made.kin[call_id]
        assert PLACES[speaker.partition(":")[0]].rank <= PLACES[call_id.partition(":")[0]].rank


def test_a_thousand_calls_among_twenty_thousand_are_linked_in_linear_time() -> None:
    def many(portal: str, start: int, count: int) -> list[Call]:
        return [
            of(
                portal,
                f"N{number}",
                title=f"Funding of innovative measure{number} for enterprises in area{number % 977}",
                deadlines=ends(30 + number % 90),
            )
            for number in range(start, start + count)
        ]

    old = [row for call in many(s.FT, 0, 20_000) for row in rows(card(call, PLACES))]
    index = Index(old)
    compared = []
    for count in (250, 500, 1_000):
        before = index.compared
        fresh = [row for call in many(s.EURO, 5_000, count) for row in rows(card(call, PLACES))]
        assert index.partners(fresh)
        assert len(needed(fresh)) <= 3 * len(fresh)
        compared.append(index.compared - before)
    assert compared[-1] <= 20 * 1_000
    assert compared[2] < 5 * compared[0]


def same(one: Call, other: Call, kind: LinkKind = LinkKind.SAME) -> CallLink:
    return CallLink(call_id=one.id, other_id=other.id, kind=kind, rule="r", evidence="e")


KIC_CALL, FT_CALL, DIRECTORY, ARTICLE = of(s.KIC), topic(), of(s.EURO), of(s.NEWS)


def test_the_programmes_own_page_speaks_then_the_portal_then_others() -> None:
    known = {call.id: stored(call) for call in (KIC_CALL, FT_CALL, DIRECTORY, ARTICLE)}
    links = [same(DIRECTORY, FT_CALL), same(FT_CALL, KIC_CALL), same(ARTICLE, DIRECTORY, LinkKind.NEWS)]
    for given_links in (links, links[::-1]):
        made = clusters(given_links, known, PLACES)
        assert made.speaker == {FT_CALL.id: KIC_CALL.id, DIRECTORY.id: KIC_CALL.id}
        assert made.beside[KIC_CALL.id] == (FT_CALL.id, DIRECTORY.id)
        assert made.news_of == {ARTICLE.id: (KIC_CALL.id,)}


@pytest.mark.parametrize(
    ("gone", "speaker"),
    [(KIC_CALL, {DIRECTORY.id: FT_CALL.id}), (DIRECTORY, {FT_CALL.id: KIC_CALL.id, DIRECTORY.id: KIC_CALL.id})],
)
def test_one_that_its_portal_withdrew_has_its_own_say_if_it_spoke_for_others(
    gone: Call, speaker: dict[str, str]
) -> None:
    known = {c.id: stored(c, gone_since=NOW if c is gone else None) for c in (KIC_CALL, FT_CALL, DIRECTORY)}
    assert clusters([same(DIRECTORY, FT_CALL), same(FT_CALL, KIC_CALL)], known, PLACES).speaker == speaker


def test_two_calls_of_one_portal_are_never_folded_into_one() -> None:
    other = topic(f"{TOPIC[:-1]}2")
    known = {call.id: stored(call) for call in (FT_CALL, other, DIRECTORY)}
    made = clusters([same(DIRECTORY, FT_CALL), same(DIRECTORY, other)], known, PLACES)
    assert made.speaker == {}
    assert set(made.beside[DIRECTORY.id]) == {FT_CALL.id, other.id}

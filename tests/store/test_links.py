"""Links in the store: each pair once, a person's word for good, and only what is new is read."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.linking import CallLink, Index, LinkKind, LinkState, card, needed, rows
from pipeline.models import Call, EventKind
from pipeline.outbox import StoredCall
from pipeline.relate import Linker, decide, relate
from pipeline.store import Store, calls, events, links
from pipeline.store.calls import CallRow
from tests.builders import NOW, at, stored
from tests.linking import samples as s
from tests.linking.samples import PLACES, TOPIC, cascade, of, to, topic

ENTRY = of(s.EURO, links=to(f"{s.PAGES}/topic-details/{TOPIC.lower()}"))
ALIKE = of(s.EURO, "2", title="Vouchers for greener steel", kind=cascade().kind)


def keep(store: Store, *some: Call, version: int = 1) -> None:
    with store.begin() as conn:
        rows = [CallRow(stored(call, version=version), f"{call.title} {version}", True) for call in some]
        calls.save(conn, rows, "run", NOW)


def kept(store: Store, **wanted: LinkState) -> list[tuple[str, str, str]]:
    with store.read() as conn:
        return [(link.call_id, link.other_id, link.state.value) for link in links.query(conn, **wanted)]


def linked_at_hand(store: Store, some: Iterable[Call]) -> None:
    """As a harvest does it: with the calls that it has just stored."""
    linker = Linker(store, PLACES, lambda: NOW)
    linker.take({call.id: stored(call) for call in some})
    linker.flush()


def test_what_another_process_keeps_a_harvest_from_linking_is_made_up(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.relate.WAIT", 0.05)
    monkeypatch.setattr("pipeline.relate.CHUNK", 1)
    keep(store, topic(), ENTRY)
    linker = Linker(store, PLACES, lambda: NOW)
    with store.lock("links"):
        linker.take({topic().id: stored(topic())})
    linker.take({ENTRY.id: stored(ENTRY)})
    linker.flush()
    assert kept(store) == []
    assert relate(store, PLACES, NOW).looked_at == 2
    assert kept(store) == [(topic().id, ENTRY.id, "linked")]


def test_calls_of_two_portals_are_linked_when_the_second_one_comes(store: Store) -> None:
    keep(store, topic())
    assert relate(store, PLACES, NOW).linked == 0
    keep(store, ENTRY)
    done = relate(store, PLACES, at(1))
    assert (done.looked_at, done.judged, done.linked, done.proposed) == (1, 1, 1, 0)
    assert kept(store) == [(topic().id, ENTRY.id, "linked")]
    with store.read() as conn:
        (link,) = links.query(conn, call_ids=[ENTRY.id])
        happened = [event for _, event in events.since(conn)]
    assert (link.id, link.kind, link.rule, link.by, link.at) == (1, LinkKind.SAME, "identifier", "rule", at(1))
    assert link.evidence.startswith("link: https://")
    assert [(e.call_id, e.kind, e.key) for e in happened] == [(topic().id, EventKind.NEW, f"also {ENTRY.id}")]
    assert relate(store, PLACES, at(2)).looked_at == 0
    assert relate(store, PLACES, at(2), afresh=True).linked == 0


def test_only_what_has_changed_is_read_again(store: Store) -> None:
    keep(store, topic(), of(s.EURO), of(s.ECCP))
    assert relate(store, PLACES, NOW).looked_at == 3
    keep(store, ENTRY, version=2)
    assert (relate(store, PLACES, NOW).looked_at, kept(store)) == (1, [(topic().id, ENTRY.id, "linked")])


def test_a_cascade_call_is_part_of_its_topic_and_no_news(store: Store) -> None:
    keep(store, cascade(), topic("SMP-COSME-2024-CLUSTER-01"))
    assert relate(store, PLACES, NOW).linked == 1
    with store.read() as conn:
        assert events.since(conn) == []


def test_a_proposal_waits_for_a_person(store: Store) -> None:
    keep(store, cascade(), ALIKE)
    assert relate(store, PLACES, NOW).proposed == 1
    with store.read() as conn:
        (proposal,) = links.query(conn, state=LinkState.PROPOSED)
        assert events.since(conn) == []
    assert decide(store, proposal.id, LinkState.LINKED, PLACES, at(1)) == proposal
    with store.read() as conn:
        (link,) = links.query(conn, state=LinkState.LINKED)
        assert [event.call_id for _, event in events.since(conn)] == [cascade().id]
    assert (link.by, link.at) == ("operator", at(1))


def test_what_is_found_for_certain_later_is_no_proposal_any_more(store: Store) -> None:
    keep(store, cascade(), ALIKE)
    relate(store, PLACES, NOW)
    sure = of(s.EURO, "2", title=ALIKE.title, kind=ALIKE.kind, links=to(cascade().url))
    keep(store, sure, version=2)
    assert relate(store, PLACES, at(1)).linked == 1
    assert kept(store) == [(cascade().id, ALIKE.id, "linked")]


@pytest.mark.parametrize("state", [LinkState.REJECTED, LinkState.UNDONE])
def test_what_a_person_refused_is_never_found_again(store: Store, state: LinkState) -> None:
    keep(store, cascade(), ALIKE, topic(), ENTRY)
    relate(store, PLACES, NOW)
    first = LinkState.PROPOSED if state is LinkState.REJECTED else LinkState.LINKED
    with store.read() as conn:
        (link,) = links.query(conn, state=first)
    decide(store, link.id, state, PLACES, at(1))
    keep(store, *(of(s.EURO, "2", title=ALIKE.title, kind=ALIKE.kind, links=to(cascade().url)), ENTRY), version=2)
    relate(store, PLACES, at(2))
    relate(store, PLACES, at(3), afresh=True)
    with store.read() as conn:
        assert [each.id for each in links.query(conn, state=state)] == [link.id]
    decide(store, link.id, LinkState.LINKED, PLACES, at(4))


def test_undone_both_are_told_on_their_own(store: Store) -> None:
    keep(store, topic(), ENTRY)
    relate(store, PLACES, at(1))
    decide(store, 1, LinkState.UNDONE, PLACES, at(2))
    with store.read() as conn:
        told = {event.call_id: event.after for _, event in events.since(conn, at(2))}
    assert told == {
        topic().id: {"status": "open"},
        ENTRY.id: {"status": "open", "silent_since": at(1).isoformat()},
    }


def test_a_decision_that_makes_no_sense_names_the_remedy(store: Store) -> None:
    keep(store, topic(), ENTRY)
    relate(store, PLACES, NOW)
    with pytest.raises(ConfigError, match=r"no link 7; `callwatch links list`"):
        decide(store, 7, LinkState.UNDONE, PLACES, NOW)
    with pytest.raises(ConfigError, match=r"link 1 is linked: .*callwatch links undo"):
        decide(store, 1, LinkState.REJECTED, PLACES, NOW)
    with pytest.raises(ConfigError, match="stands already"):
        decide(store, 1, LinkState.LINKED, PLACES, NOW)
    decide(store, 1, LinkState.UNDONE, PLACES, NOW)
    with pytest.raises(ConfigError, match="only a link that stands"):
        decide(store, 1, LinkState.UNDONE, PLACES, NOW)


def test_a_pair_has_one_link_whichever_way_it_is_read(store: Store) -> None:
    keep(store, topic(), ENTRY)
    one = CallLink(call_id=topic().id, other_id=ENTRY.id, kind=LinkKind.SAME, rule="a", evidence="b")
    back = CallLink(call_id=ENTRY.id, other_id=topic().id, kind=LinkKind.PART_OF, rule="a", evidence="b")
    with store.begin() as conn:
        assert links.save(conn, [one], NOW) == [one]
        assert links.save(conn, [back], NOW) == []
    assert kept(store) == [(topic().id, ENTRY.id, "linked")]


@settings(max_examples=15, deadline=None)
@given(
    order=st.permutations([topic(), ENTRY, cascade(), ALIKE, topic("SMP-COSME-2024-CLUSTER-01")]),
    size=st.integers(1, 5),
    at_hand=st.booleans(),
)
def test_in_any_order_and_any_parts_the_same_links_are_found(order: list[Call], size: int, at_hand: bool) -> None:
    with Store.open("sqlite://") as store:
        for start in range(0, len(order), size):
            part = order[start : start + size]
            keep(store, *part)
            if at_hand:
                linked_at_hand(store, part)
            else:
                relate(store, PLACES, NOW)
        assert relate(store, PLACES, NOW).looked_at == 0
        assert sorted(kept(store)) == [
            (cascade().id, topic("SMP-COSME-2024-CLUSTER-01").id, "linked"),
            (cascade().id, ALIKE.id, "proposed"),
            (topic().id, ENTRY.id, "linked"),
        ]


def test_many_calls_are_read_in_parts(store: Store) -> None:
    many: list[StoredCall] = [stored(of(s.EURO, str(n))) for n in range(1_100)]
    with store.begin() as conn:
        calls.save(conn, [CallRow(each, "x", True) for each in many], "run", NOW)
    assert relate(store, PLACES, NOW).looked_at == 1_100


def test_what_calls_of_one_portal_share_is_not_read_for_each_other(store: Store) -> None:
    near = [topic(f"SMP-COSME-2024-CLUSTER-0{n}") for n in range(1, 6)]
    keep(store, *near, cascade(), ALIKE)
    relate(store, PLACES, NOW)
    fresh = [row for call in near for row in rows(card(call, PLACES))]
    with store.read() as conn:
        everything = links.named(conn, needed(fresh))
        fewer = links.named(conn, needed(fresh), within=near[0].portal)
    assert {row.role for row in everything if row.portal == near[0].portal} > {"own", "named"}
    assert {row.role for row in fewer if row.portal == near[0].portal} == {"own", "named"}
    assert [row for row in everything if row.portal != near[0].portal] == [r for r in fewer if r.portal == s.EURO]
    assert Index(fewer).partners(fresh) == Index(everything).partners(fresh)
    assert (cascade().id, near[0].id) in Index(fewer).partners(fresh)


def test_calls_are_read_from_an_id_on(store: Store) -> None:
    keep(store, *(of(s.EURO, str(n)) for n in range(5)))
    with store.read() as conn:
        first = list(links.unread(conn, 3))
        assert list(links.unread(conn, 3, after=first[-1])) == [of(s.EURO, "3").id, of(s.EURO, "4").id]

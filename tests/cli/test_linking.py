"""The commands about links, as an operator runs them, and what show and calls say of them."""

from __future__ import annotations

import pytest

from pipeline.store import Store, calls
from pipeline.store.calls import CallRow
from tests.builders import NOW, deadline, stored
from tests.cli.conftest import RENAMED
from tests.harvest.commands import Callwatch, Done
from tests.harvest.conftest import callwatch, zygote
from tests.harvest.days import days
from tests.linking import samples as s
from tests.linking.samples import TOPIC, cascade, of, to, topic

__all__ = ["callwatch", "zygote"]

ENTRY = of(s.VINNOVA, links=to(f"{s.PAGES}/topic-details/{TOPIC.lower()}"), deadlines=(deadline(50),))
ALIKE = of(s.FORMAS, "2", title="Vouchers for greener steel", kind=cascade().kind)


def test_a_harvest_links_what_it_brings(callwatch: Callwatch) -> None:
    entry = of(s.VINNOVA, links=to(f"{s.PAGES}/topic-details/{RENAMED.lower()}"))
    with Store.open(f"sqlite:///{callwatch.folder / 'callwatch.db'}") as store, store.begin() as conn:
        calls.save(conn, [CallRow(stored(entry), entry.title, True)], "run", NOW)
    with days(callwatch) as portal:
        portal.harvest()
    (link,) = fine(run(callwatch, "links", "list", "--call", RENAMED, "--format", "json")).json
    assert [end["id"] for end in link["calls"]] == [f"eu_funding_tenders:{RENAMED}", entry.id]


@pytest.fixture
def linked(callwatch: Callwatch) -> Callwatch:
    """A database with one link and one proposal."""
    with Store.open(f"sqlite:///{callwatch.folder / 'callwatch.db'}") as store, store.begin() as conn:
        rows = [CallRow(stored(call), call.title, True) for call in (topic(), ENTRY, cascade(), ALIKE)]
        calls.save(conn, rows, "run", stored(topic()).first_seen)
    done = run(callwatch, "links", "find")
    assert "4 calls looked at, 2 pairs compared: 1 new links, 1 proposals" in done.out
    return callwatch


def run(callwatch: Callwatch, *arguments: str) -> Done:
    return callwatch(*arguments, at=NOW)


def fine(done: Done) -> Done:
    assert (done.code, [line for line in done.err.splitlines() if "links: calls" not in line]) == (0, []), done.err
    return done


def ids(done: Done) -> list[tuple[int, str, str]]:
    return [(link["id"], link["kind"], link["state"]) for link in fine(done).json]


def test_a_proposal_is_reviewed_and_decided(linked: Callwatch) -> None:
    ((number, kind, _),) = ids(run(linked, "links", "review", "--format", "json"))
    assert kind == "same"
    assert "title and deadline" in fine(run(linked, "links", "review")).out
    assert fine(run(linked, "links", "accept", str(number))).out.startswith(f"{number} linked: ")
    assert ids(run(linked, "links", "review", "--format", "json")) == []
    assert len(ids(run(linked, "links", "list", "--state", "linked", "--format", "json"))) == 2
    fine(run(linked, "links", "undo", str(number)))
    fine(run(linked, "links", "find"))
    assert (number, "same", "undone") in ids(run(linked, "links", "list", "--format", "json"))


def test_a_rejected_pair_is_not_proposed_again(linked: Callwatch) -> None:
    ((number, _, _),) = ids(run(linked, "links", "review", "--format", "json"))
    fine(run(linked, "links", "reject", str(number)))
    fine(run(linked, "links", "find", "--format", "json"))
    assert ids(run(linked, "links", "review", "--format", "json")) == []
    wrong = run(linked, "links", "undo", str(number))
    assert (wrong.code, "only a link that stands" in wrong.err) == (2, True)


def test_links_of_one_call_as_a_table_and_for_a_call_that_is_not_there(linked: Callwatch) -> None:
    assert fine(run(linked, "links", "list", "--call", TOPIC)).out.strip().endswith("1 links")
    assert fine(run(linked, "links", "list", "--format", "csv")).out.startswith(
        "id,kind,state,rule,call,other,evidence"
    )
    wrong = run(linked, "links", "list", "--call", "NOPE")
    assert (wrong.code, "NOPE" in wrong.err) == (2, True)


def test_show_says_where_else_a_call_stands_and_what_is_said_there(linked: Callwatch) -> None:
    shown = fine(run(linked, "show", TOPIC)).out
    assert "same linked: vinnova" in shown
    assert "because of identifier, link: https://ec.europa.eu/" in shown
    assert "Differs:    Vinnova says 2026-05-30 11:00 Brussels" in shown
    assert f"Told as:    {topic().id}" in fine(run(linked, "show", ENTRY.id)).out
    found = fine(run(linked, "show", TOPIC, "--format", "json")).json
    assert [(link["rule"], [end["id"] for end in link["calls"]]) for link in found["links"]] == [
        ("identifier", [topic().id, ENTRY.id])
    ]
    assert [conflict["name"] for conflict in found["conflicts"]] == ["Vinnova"]
    assert found["told_as"] is None


def test_calls_name_linked_pages_among_their_sources(linked: Callwatch) -> None:
    listed = {call["id"]: call["sources"] for call in fine(run(linked, "calls", "--format", "json")).json}
    assert listed[topic().id] == [f"vinnova {ENTRY.url}"]
    assert listed[ENTRY.id] == [f"eu_funding_tenders {topic().url}"]
    assert listed[cascade().id] == []

"""Feeds over HTTP: what matches, moves, is muted or withdrawn; nothing is made or sent twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import feedparser
import msgspec
import vobject

from alerts.links import Bearer, Purpose
from callwatch.web import feeding
from callwatch.web.shelf import Latest, Shelf
from pipeline.links import CallLink, LinkKind, LinkState
from pipeline.models import Event, EventKind
from pipeline.people import Choice, Chosen
from pipeline.relate import decide
from pipeline.store import calls, feeds, links, people
from tests.web.conftest import (
    ASA,
    BO,
    EVIL,
    FERRIES,
    NOW,
    TRUCKS,
    Answer,
    Served,
    at,
    call,
    deadline,
    happened,
    keep,
    stored,
)


def calendar(served: Served, bearer: Bearer = ASA, token: str = "", **headers: str) -> Answer:
    return served("GET", f"/feed/{token or served.token(Purpose.FEED, bearer)}/deadlines.ics", **headers)


def atom(served: Served, bearer: Bearer = ASA, token: str = "", **headers: str) -> Answer:
    return served("GET", f"/feed/{token or served.token(Purpose.FEED, bearer)}/events.atom", **headers)


def entries(answer: Answer) -> list[Any]:
    assert answer.status == 200
    return list(getattr(vobject.readOne(answer.text), "vevent_list", []))


def titles(answer: Answer) -> list[str]:
    found = feedparser.parse(answer.body)
    assert not found.bozo
    return [entry.title for entry in found.entries]


def choose(served: Served, contact: str, call_id: str, choice: Choice) -> None:
    with served.store.begin() as conn:
        people.choose(conn, Chosen(contact, call_id, choice, NOW, "link"))


def test_a_calendar_of_the_calls_that_match(served: Served) -> None:
    answer = calendar(served)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    first, second = entries(answer)
    assert first.summary.value == "Deadline, stage 1: Cold climate testing of electric trucks"
    assert (first.dtstart.value, second.dtstart.value) == (at("2027-03-17"), at("2027-09-16"))
    assert first.uid.value.endswith("@callwatch.example")
    assert first.last_modified.value == NOW - timedelta(days=2)
    summaries = [e.summary.value for e in entries(calendar(served, BO))]
    assert summaries[0] == "Öppnar: Ferries"
    assert "Sista ansökningsdag, steg 1: Elektriska lastbilar i kyla" in summaries


def test_a_moved_deadline_moves_in_the_feed(served: Served) -> None:
    token = served.token(Purpose.FEED)
    before = entries(calendar(served, token=token))[0]
    stages = (deadline("2027-04-21", "stage 1"), deadline("2027-09-16", "stage 2"))
    keep(served.store, stored(call("TRUCKS-1", deadlines=stages), version=2), when=NOW)
    after = entries(calendar(served, token=token))[0]
    assert after.uid.value == before.uid.value
    assert (before.sequence.value, after.sequence.value) == ("1", "2")
    assert after.dtstart.value == at("2027-04-21")
    assert after.last_modified.value == NOW


def test_withdrawn_calls_are_cancelled(served: Served) -> None:
    with served.store.begin() as conn:
        known = feeds.by_id(conn, [TRUCKS])[TRUCKS]
        calls.set_absence(conn, [msgspec.structs.replace(known, gone_since=NOW)])
    found = entries(calendar(served))
    assert {e.status.value for e in found} == {"CANCELLED"}
    assert {e.last_modified.value for e in found} == {NOW}


def test_muted_calls_are_left_out_and_followed_ones_come_in(served: Served) -> None:
    token = served.token(Purpose.FEED)
    assert len(titles(atom(served, token=token))) == 1
    choose(served, "asa", TRUCKS, Choice.MUTED)
    assert entries(calendar(served, token=token)) == []
    assert titles(atom(served, token=token)) == []
    choose(served, "asa", FERRIES, Choice.FOLLOWED)
    assert {e.summary.value for e in entries(calendar(served))} == {"Opens: Ferries", "Deadline: Ferries"}
    assert titles(atom(served, token=token)) == ["New call: Ferries"]
    choose(served, "asa", FERRIES, Choice.IRRELEVANT)
    assert entries(calendar(served)) == []


def test_an_atom_feed_of_what_happened(served: Served) -> None:
    answer = atom(served, BO)
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert len(titles(answer)) == 2
    assert titles(answer)[0].endswith(": Elektriska lastbilar i kyla")
    happened(served.store, Event(TRUCKS, EventKind.BUDGET_CHANGED, NOW))
    assert len(titles(atom(served, BO))) == 3


def test_who_has_the_latest_gets_nothing_again(served: Served) -> None:
    for fetch in (calendar, atom):
        token = served.token(Purpose.FEED)
        first = fetch(served, token=token)
        tag = first.headers["ETag"]
        for sent in (tag, f'"x", W/{tag}'):
            again = fetch(served, token=token, If_None_Match=sent)
            assert (again.status, again.body) == (304, b"")
            assert again.headers["ETag"] == tag
        assert fetch(served, token=token, If_None_Match='"x"').body == first.body
        choose(served, "asa", FERRIES, Choice.FOLLOWED)
        changed = fetch(served, token=token, If_None_Match=tag)
        assert changed.status == 200
        assert changed.headers["ETag"] != tag
        choose(served, "asa", FERRIES, Choice.MUTED)


def test_a_feed_is_made_once_for_each_state(served: Served, monkeypatch: Any) -> None:
    made = []
    genuine = feeding.calendar.feed
    monkeypatch.setattr(feeding.calendar, "feed", lambda *given: made.append(1) or genuine(*given))
    token = served.token(Purpose.FEED)
    for _ in range(3):
        calendar(served, token=token)
    assert len(made) == 1
    happened(served.store, Event(TRUCKS, EventKind.BUDGET_CHANGED, NOW))
    calendar(served, token=token)
    assert len(made) == 2


def test_hostile_titles_break_no_feed(served: Served) -> None:
    evil = stored(call("EVIL-1", title=EVIL, identifier=EVIL, url="javascript:alert(1)"))
    keep(served.store, evil)
    happened(served.store, Event(evil.call.id, EventKind.NEW, NOW))
    assert len(entries(calendar(served))) == 3
    written = atom(served)
    assert len(titles(written)) == 2
    assert b"javascript:" not in calendar(served).body + written.body


def test_the_shelf_keeps_what_was_asked_for_last() -> None:
    shelf, asked = Shelf(limit=10), []

    def get(name: str, state: str = "1", size: int = 4) -> bytes:
        return shelf.get(name, state, lambda: asked.append(name) or b"x" * size).body

    get("a")
    get("b")
    get("a")
    get("c")
    assert asked == ["a", "b", "c"]
    get("a")
    get("b")
    assert asked == ["a", "b", "c", "b"]
    get("huge", size=100)
    get("huge", size=100)
    assert asked[-1] == "huge"
    assert asked.count("huge") == 1


def test_the_latest_state_is_kept() -> None:
    latest = Latest[list[int]]()
    first = latest.get("1", lambda: [1])
    assert latest.get("1", lambda: [2]) is first
    assert latest.get("2", lambda: [3]) == [3]


def test_one_call_of_two_portals_is_one_entry_and_undoing_that_makes_two(served: Served) -> None:
    other = stored(call("OTHER", portal="euroaccess", url="https://euro.example/1"))
    keep(served.store, other)
    happened(served.store, Event(other.call.id, EventKind.NEW, NOW))
    apart = len(entries(calendar(served))), len(titles(atom(served)))
    link = CallLink(call_id=other.call.id, other_id=TRUCKS, kind=LinkKind.SAME, rule="r", evidence="e")
    with served.store.begin() as conn:
        links.save(conn, [link], NOW)
    assert (len(entries(calendar(served))), len(titles(atom(served)))) == (apart[0] - 1, apart[1] - 1)
    with served.store.read() as conn:
        (kept,) = links.query(conn)
    decide(served.store, kept.id, LinkState.UNDONE, {}, NOW + timedelta(seconds=1))
    assert (len(entries(calendar(served))), len(titles(atom(served)))) == apart

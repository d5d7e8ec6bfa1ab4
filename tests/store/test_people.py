"""Choices, stops, consents, suppressions, bounces and contacts on both databases, and what an erasure leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import inspect, text

from pipeline.errors import Busy
from pipeline.outbox import MessageState
from pipeline.people import Bounce, Choice, Chosen, Consent, ConsentEntry, Erased, Listed, Stop, Suppression
from pipeline.store import Connection, Outbox, Store, bounces, conditions, contacts, people
from tests.builders import NOW, at
from tests.store.samples import message, planned, with_events

ASA, BO = "Asa@cluster.example", "bo@cluster.example"
MINUTE = timedelta(minutes=1)


def test_a_choice_takes_the_place_of_the_earlier_one(store: Store) -> None:
    with store.begin() as conn:
        people.choose(conn, Chosen("asa", "p:1", Choice.MUTED, NOW, "link"))
        people.choose(conn, Chosen("asa", "p:1", Choice.FOLLOWED, at(1), "slack"))
        people.choose(conn, Chosen("bo", "p:2", Choice.IRRELEVANT, NOW, "link"))
    with store.read() as conn:
        assert people.choices_of(conn) == {"asa": {"p:1": Choice.FOLLOWED}, "bo": {"p:2": Choice.IRRELEVANT}}
        assert people.choices_of(conn, ["asa", "ci"]) == {"asa": {"p:1": Choice.FOLLOWED}}
        assert people.chosen(conn, "asa") == [Chosen("asa", "p:1", Choice.FOLLOWED, at(1), "slack")]
    with store.begin() as conn:
        assert (people.unchoose(conn, "asa", "p:1"), people.unchoose(conn, "asa", "p:1")) == (True, False)


def test_the_first_stop_and_the_first_reason_stay_on_record(store: Store) -> None:
    first, dead = Stop("a", "asa", NOW, "link"), Suppression("email", "hash", "5.1.1", NOW)
    with store.begin() as conn:
        assert [people.stop(conn, first), people.stop(conn, Stop("a", "asa", at(1), "mail"))] == [True, False]
        assert [people.suppress(conn, dead), people.suppress(conn, Suppression("email", "hash", "x", at(1)))] == [
            True,
            False,
        ]
    with store.read() as conn:
        assert people.stopped(conn) == {"a": first}
        assert people.suppressed(conn) == people.suppressed(conn, NOW) == [dead]
        assert people.suppressed(conn, at(1)) == []
        assert people.suppression(conn, "email", "hash") == dead
        assert people.suppression(conn, "slack", "hash") is None
    with store.begin() as conn:
        assert (people.resume(conn, "a"), people.resume(conn, "a")) == (True, False)
        assert [people.unsuppress(conn, "email", "hash") for _ in range(2)] == [True, False]


def test_hashes_are_keyed_by_database_and_channel_whatever_the_case(store: Store) -> None:
    with store.read() as conn:
        assert people.address_hashes(conn, "email", [ASA]) == {}
    with store.begin() as conn:
        hashed = people.address_hash(conn, "email", ASA)
        assert hashed == people.address_hash(conn, "email", f" {ASA.lower()} ")
        assert hashed != people.address_hash(conn, "slack", ASA)
        assert len(hashed) == 64
    with store.read() as conn:
        assert people.address_hashes(conn, "email", [ASA, BO])[ASA] == hashed
    with Store.open("sqlite://") as other, other.begin() as conn:
        assert people.address_hash(conn, "email", ASA) != hashed


def test_consents_grow(store: Store) -> None:
    lines = [ConsentEntry("asa", "h1", what, at(n), "plan", "v1") for n, what in enumerate(Consent)]
    other = ConsentEntry("bo", "h2", Consent.GIVEN, NOW, "link")
    with store.begin() as conn:
        for entry in [*lines, other]:
            people.note_consent(conn, entry)
    with store.read() as conn:
        assert people.consents_of(conn, "h1") == people.consents_about(conn, "asa") == lines
        assert people.consents_of(conn, "h3") == []
        many = (f"h{n}" for n in range(1200))
        assert people.consents_by(conn, many) == {"h1": lines, "h2": [other]}


def test_contacts_are_put_found_and_removed(store: Store) -> None:
    asa, bo = Listed("asa", '{"name":"Åsa"}', "[]", NOW, "a.csv"), Listed("bo", "{}", "[]", NOW, "a.csv")
    changed = Listed("asa", "{}", '[{"key":"a"}]', at(1), "b.yml")
    with store.begin() as conn:
        contacts.put(conn, [bo, asa])
        contacts.put(conn, [changed])
        contacts.put(conn, [])
        assert contacts.listed(conn) == [changed, bo]
        assert (contacts.find(conn, "asa"), contacts.find(conn, "ci")) == (changed, None)
        assert contacts.remove(conn, ["bo", "ci"]) == 1


def test_a_question_is_put_once_with_its_line(store: Store, outbox: Outbox) -> None:
    question = message("q1", kind="confirmation", channel="email", target=ASA)
    line = ConsentEntry("anna", "h1", Consent.ASKED, NOW, "plan")
    with store.begin() as conn:
        assert contacts.ask(conn, [(question, line)]) == [question]
        assert contacts.ask(conn, [(question, line)]) == []
        assert people.consents_of(conn, "h1") == [line]
    assert [entry.message.id for entry in outbox.messages()] == ["q1"]


def test_bounces_count_once_by_day_until_they_are_forgiven(store: Store, outbox: Outbox) -> None:
    outbox.commit_plan("s", [message(name) for name in "abc"], planned())
    with store.begin() as conn:
        for name, days in (("a", 0), ("b", 0.1), ("c", 3)):
            bounce = Bounce(name, "h1", "5.2.2", at(days), at(9))
            assert [bounces.note(conn, bounce), bounces.note(conn, bounce)] == [True, False]
        assert bounces.days(conn, "h1", NOW) == {at(0).date(), at(3).date()}
        assert bounces.days(conn, "h1", at(1)) == {at(3).date()}
        assert bounces.days(conn, "h2", NOW) == set()
        assert (bounces.forgive(conn, "h1"), bounces.forgive(conn, "h1")) == (3, 0)
        assert bounces.days(conn, "h1", NOW) == set()
        assert bounces.note(conn, Bounce("a", "h1", "5.2.2", NOW, NOW)) is False


def everything(conn: Connection) -> str:
    """All rows of all tables as one text."""
    names = inspect(conn).get_table_names()
    rows = (row for name in names for row in conn.execute(text(f"SELECT * FROM {name}")))
    return "\n".join(str(tuple(row)) for row in rows)


def tell(store: Store, outbox: Outbox) -> int:
    """Two mails and two posts for asa (one waits), one post for bo, and all else one can hold.

    Returns the event that was told.
    """
    (event,) = with_events(store, 1)
    mail, post = {"channel": "email", "target": ASA}, {"channel": "slack", "target": "#forest"}
    asa, bo = {"contact": "asa", "subscription": "own"}, {"contact": "bo", "subscription": "bos"}
    outbox.commit_plan("own", [message("m1", event, **asa, **mail)], planned())
    for number, fields in ((2, asa | mail), (3, asa | post), (4, bo | post), (5, asa | post)):
        one = message(f"m{number}", not_before=at(number), **fields)
        outbox.commit_plan(fields["subscription"], [one], planned())
    (leased,) = outbox.claim(NOW, 9, MINUTE)
    with store.begin() as conn, pytest.raises(Busy, match="asa is being sent at this moment"):
        contacts.erase(conn, "asa", ["own"], {}, NOW, "command")
    outbox.sent(leased, "<m1@x>", NOW, (1, "<m1@x>", ("p:1",)))
    for number in (2, 3, 4):
        (leased,) = outbox.claim(at(number), 9, MINUTE)
        if number != 2:
            outbox.posted(leased, 1, f"C1:{number}", (f"p:{number}",), at(number))
        outbox.failed(leased, f"550 {ASA} unknown" if number == 2 else "archived", at(number))
    with store.begin() as conn:
        contacts.put(conn, [Listed("asa", f'{{"email":"{ASA}"}}', "[]", NOW, "a.csv")])
        people.choose(conn, Chosen("asa", "p:1", Choice.MUTED, NOW, "link"))
        people.stop(conn, Stop("own", "asa", NOW, "link"))
        people.suppress(conn, Suppression("email", people.address_hash(conn, "email", ASA), "5.1.1", NOW))
        conditions.begin(conn, {"email to asa": f"550 {ASA} unknown", "email to bo": "550"}, NOW)
    return event


def test_after_an_erasure_no_word_and_no_address_is_left(store: Store, outbox: Outbox) -> None:
    tell(store, outbox)
    with store.begin() as conn:
        assert ASA in everything(conn)
        assert contacts.erase(conn, "asa", ["own"], {"email": ASA}, at(4), "command") == Erased(True, 4, 1, 1)
        assert ASA.lower() not in everything(conn).lower()
        assert people.consents_about(conn, "asa")[-1].what is Consent.ERASED
        assert people.suppression(conn, "email", people.address_hash(conn, "email", ASA)) is not None
        assert (people.stopped(conn), people.chosen(conn, "asa")) == ({}, [])
    entries = {entry.message.id: entry for entry in outbox.messages()}
    states = {name: entry.state.value for name, entry in entries.items()}
    assert states == {"m1": "sent", "m2": "failed", "m3": "failed", "m4": "failed", "m5": "discarded"}
    assert [name for name, entry in entries.items() if entry.message.payload] == ["m4"]
    assert [d.detail for d in outbox.deliveries("m1")] == ["<m1@x>"]
    assert [d.detail for d in outbox.deliveries("m2")] == [""]
    assert outbox.threads("slack", "#forest", ["p:3", "p:4"]) == {"p:4": "C1:4"}
    assert outbox.claim(at(99), 9, MINUTE) == []


def test_what_was_told_to_an_erased_contact_stays_told(store: Store, outbox: Outbox) -> None:
    event = tell(store, outbox)
    with store.begin() as conn:
        contacts.erase(conn, "asa", ["own"], {"email": ASA}, at(4), "command")
    memory = outbox.memory(["own", "bos"], [event])
    assert (set(memory.states), memory.told.get("own")) == ({"bos"}, {event})
    assert outbox.posted_as("<m1@x>") is not None


def test_stops_of_subscriptions_that_go_on_are_kept(store: Store, outbox: Outbox) -> None:
    outbox.commit_plan("file", [message("m1", subscription="file", contact="asa")], planned())
    with store.begin() as conn:
        people.stop(conn, Stop("file", "asa", NOW, "link"))
        assert contacts.erase(conn, "asa", [], {}, NOW, "command") == Erased(False, 1, 0, 0)
        assert set(people.stopped(conn)) == {"file"}
        assert contacts.erase(conn, "asa", [], {}, NOW, "command") == Erased(False, 0, 0, 0)
    assert set(outbox.memory(["file"], []).states) == {"file"}
    assert outbox.counts()[MessageState.DISCARDED.value] == 1

"""Nobody gets mail who has not agreed: who waits, who is asked and how often, and what a link may confirm."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from alerts.contact import Contact
from alerts.links import Bearer, Purpose
from alerts.message import MessageKind, decode
from alerts.subscription import Subscription, Subscriptions
from callwatch.confirming import TEXT, ask, confirm, unconfirmed
from callwatch.contacts import effective
from callwatch.wiring import Wiring
from pipeline.outbox import NewMessage
from pipeline.people import Consent, ConsentEntry, Stop, Suppression
from pipeline.store import Outbox, Store, people
from tests.alerts.samples import KNOWN
from tests.builders import NOW, at
from tests.people.conftest import FILE, Make, sqlite_only

ASA = "asa@cluster.example"


def asked(wiring: Wiring, store: Store, when: datetime = NOW) -> list[NewMessage]:
    return ask(wiring, store, effective(wiring, store), when)


def waiting(wiring: Wiring, store: Store) -> set[str]:
    return unconfirmed(store, effective(wiring, store))


def bearer(wiring: Wiring, message: NewMessage) -> Bearer:
    """What the link in a question says."""
    (link,) = decode(message.payload).lines
    assert link.startswith("https://calls.example/confirm/")
    assert wiring.tokens is not None
    return wiring.tokens.read(Purpose.CONFIRM, link.rsplit("/", 1)[1])


def record(store: Store, address: str = ASA) -> list[ConsentEntry]:
    with store.begin() as conn:
        return people.consents_of(conn, people.address_hash(conn, "email", address))


def note(store: Store, what: Consent, when: datetime = NOW) -> None:
    with store.begin() as conn:
        hashed = people.address_hash(conn, "email", ASA)
        people.note_consent(conn, ConsentEntry("asa", hashed, what, when, "test"))


def test_a_new_address_is_asked_once_and_its_answer_ends_the_wait(wiring: Wiring, store: Store) -> None:
    assert waiting(wiring, store) == {"asa"}
    (question,) = asked(wiring, store)
    shown = decode(question.payload)
    assert (question.kind, question.channel, question.target) == ("confirmation", "email", ASA)
    assert (shown.kind, shown.contact, shown.language) == (MessageKind.CONFIRMATION, "Åsa", "sv")
    assert (shown.subscription, shown.subscription_name) == ("asa-weekly", "Veckobrev, asa-daily")
    assert asked(wiring, store) == []
    assert waiting(wiring, store) == {"asa"}
    link = bearer(wiring, question)
    assert confirm(wiring, store, link, at(1), "link") is True
    assert confirm(wiring, store, link, at(2), "link") is False
    assert waiting(wiring, store) == set()
    assert [(e.what, e.source, e.detail) for e in record(store)] == [
        (Consent.ASKED, "plan", TEXT),
        (Consent.GIVEN, "link", TEXT),
    ]
    assert asked(wiring, store, at(99)) == []
    assert len(Outbox(store).messages()) == 1


def test_without_an_answer_it_is_asked_once_more_after_a_week_and_never_again(
    wiring: Wiring, store: Store
) -> None:
    assert [len(asked(wiring, store, at(days))) for days in (0, 6.9, 7, 14, 400)] == [1, 0, 1, 0, 0]
    first, second = Outbox(store).messages()
    assert first.message.id != second.message.id
    assert bearer(wiring, first.message) == bearer(wiring, second.message)


@pytest.mark.parametrize("what", [Consent.WITHDRAWN, Consent.ERASED])
def test_who_has_said_no_waits_and_is_not_asked(wiring: Wiring, store: Store, what: Consent) -> None:
    note(store, Consent.GIVEN)
    assert waiting(wiring, store) == set()
    note(store, what)
    assert waiting(wiring, store) == {"asa"}
    assert asked(wiring, store, at(99)) == []


@sqlite_only
def test_who_stopped_everything_or_is_dead_is_not_asked(wiring: Wiring, store: Store) -> None:
    with store.begin() as conn:
        people.stop(conn, Stop("asa-weekly", "asa", NOW, "command"))
        people.stop(conn, Stop("asa-daily", "asa", NOW, "command"))
    assert asked(wiring, store) == []
    with store.begin() as conn:
        people.resume(conn, "asa-daily")
        people.suppress(conn, Suppression("email", people.address_hash(conn, "email", ASA), "dead", NOW))
    assert asked(wiring, store) == []
    with store.begin() as conn:
        people.unsuppress(conn, "email", people.address_hash(conn, "email", ASA))
    (question,) = asked(wiring, store)
    assert question.subscription == "asa-daily"


@sqlite_only
def test_vouched_contacts_and_other_channels_need_no_word(make: Make, store: Store) -> None:
    wiring = make(FILE.replace("    language: sv", "    language: sv\n    vouched: true"))
    assert (waiting(wiring, store), asked(wiring, store)) == (set(), [])
    wiring = make(FILE.replace("contacts:", "vouched: true\ncontacts:"))
    assert (waiting(wiring, store), asked(wiring, store)) == (set(), [])
    slack = FILE.replace("    email: ops", "    vouched: false\n    email: ops").replace("    vouched: true\n", "")
    assert waiting(make(slack.replace("contact: ops, channel: email", "contact: ops, channel: file")), store) == {
        "asa"
    }


@sqlite_only
def test_an_address_that_two_contacts_share_is_asked_once_and_answers_for_both(make: Make, store: Store) -> None:
    two = FILE.replace("    vouched: true\n", "").replace("ops@", "ASA@")
    wiring = make(two)
    assert waiting(wiring, store) == {"asa", "ops"}
    (question,) = asked(wiring, store)
    assert confirm(wiring, store, bearer(wiring, question), NOW, "link")
    assert waiting(wiring, store) == set()


def test_a_link_confirms_only_the_address_it_was_sent_to(make: Make, store: Store) -> None:
    wiring = make()
    link = bearer(wiring, asked(wiring, store)[0])
    moved = make(FILE.replace("asa@cluster", "victim@cluster"))
    assert confirm(moved, store, link, NOW, "link") is False
    assert waiting(moved, store) == {"asa"}
    for other in (Bearer("asa", ""), Bearer("asa", "asa-weekly"), Bearer("nobody", link.subscription)):
        assert confirm(moved, store, other, NOW, "link") is False
    assert len(asked(moved, store)) == 1
    assert confirm(make(), store, link, NOW, "link") is True


@sqlite_only
def test_without_a_public_address_there_is_no_link(make: Make, store: Store) -> None:
    (question,) = asked(make(public_url="", secret_key=None), store)
    assert decode(question.payload).lines == ("",)


def test_the_id_of_a_question_cannot_be_guessed_from_the_address(make: Make, store: Store) -> None:
    (question,) = asked(make(), store)
    with Store.open("sqlite://") as other:
        (same,) = asked(make(), other)
    assert question.id != same.id
    assert question.target == same.target


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    said: list[str] = []

    def note(*given: Any) -> None:
        said.append(given[2])

    event.listen(store.engine, "before_cursor_execute", note)
    yield said
    event.remove(store.engine, "before_cursor_execute", note)


def test_many_contacts_cost_few_questions_to_the_database(wiring: Wiring, store: Store) -> None:
    keys = [f"c{n}" for n in range(1_200)]
    many = Subscriptions(
        {key: Contact(name=key, email=f"{key}@cluster.example") for key in keys},
        tuple(Subscription(key=key, contact=key, channel="email", cadence="daily") for key in keys),
        KNOWN,
    )
    assert len(ask(wiring, store, many, NOW)) == 1_200
    with statements(store) as said:
        assert len(unconfirmed(store, many)) == 1_200
        assert len([one for one in said if one.startswith("SELECT")]) == 4  # the key, and 500 addresses at a time
        assert ask(wiring, store, many, NOW + timedelta(days=1)) == []
    assert len(said) < 25

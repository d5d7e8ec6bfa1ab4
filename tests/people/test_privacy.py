"""What is held about one person comes out whole, and goes when it has to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.message import encode
from callwatch.confirming import ask
from callwatch.contacts import effective
from callwatch.privacy import entries, erase, export, mailbox, same_mailbox
from callwatch.wiring import Wiring
from pipeline.errors import ConfigError
from pipeline.people import Choice, Chosen, Consent, ConsentEntry, Erased, Listed, Stop, Suppression
from pipeline.store import Outbox, Store, contacts, people
from tests.alerts.samples import message as shown
from tests.builders import NOW
from tests.people.conftest import FILE, Make, sqlite_only
from tests.store.samples import message, planned

MILL = "info@mill.example"
OWN = '[{"key":"mill-all","contact":"mill","channel":"email","cadence":"at_once"}]'


@pytest.fixture
def mill(store: Store, outbox: Outbox) -> None:
    """A contact of the database with all that can be held about one."""
    with store.begin() as conn:
        contacts.put(conn, [Listed("mill", f'{{"name":"Mill","email":"{MILL}"}}', OWN, NOW, "a.csv")])
        people.choose(conn, Chosen("mill", "p:1", Choice.MUTED, NOW, "link"))
        people.stop(conn, Stop("mill-all", "mill", NOW, "link"))
        hashed = people.address_hash(conn, "email", MILL)
        people.note_consent(conn, ConsentEntry("mill", hashed, Consent.GIVEN, NOW, "link", "v1"))
        people.note_consent(conn, ConsentEntry("miller", hashed, Consent.GIVEN, NOW, "link", "v1"))
        people.suppress(conn, Suppression("email", hashed, "the mailbox does not exist (5.1.1)", NOW))
    told = {"contact": "mill", "subscription": "mill-all", "channel": "email", "target": MILL}
    outbox.commit_plan("mill-all", [message("m1", payload=encode(shown()), **told)], planned())
    (leased,) = outbox.claim(NOW, 1, timedelta(minutes=1))
    outbox.failed(leased, f"550 {MILL} unknown", NOW)


@pytest.mark.usefixtures("mill")
def test_an_export_holds_everything(wiring: Wiring, store: Store) -> None:
    found = export(wiring, store, "mill")
    assert found["contact"] == {"key": "mill", "name": "Mill", "email": MILL}
    assert [one["key"] for one in found["subscriptions"]] == ["mill-all"]
    assert [one["choice"] for one in found["choices"]] == ["muted"]
    assert [one["subscription"] for one in found["stops"]] == ["mill-all"]
    assert [(one["contact"], one["what"]) for one in found["consents"]] == [("mill", "given"), ("miller", "given")]
    assert [one["reason"] for one in found["suppressions"]] == ["the mailbox does not exist (5.1.1)"]
    (told,) = found["messages"]
    assert (told["target"], told["state"], told["reason"]) == (MILL, "failed", f"550 {MILL} unknown")
    assert shown().items[0].title in " ".join(told["text"].split())
    assert [attempt["outcome"] for attempt in told["attempts"]] == ["failed"]


@pytest.mark.usefixtures("mill")
def test_after_an_erasure_the_export_holds_the_record_alone(wiring: Wiring, store: Store) -> None:
    assert erase(wiring, store, "mill", NOW) == Erased(True, 1, 1, 1)
    assert "mill" not in effective(wiring, store).contacts
    found = export(wiring, store, "mill")
    assert (found["contact"], found["subscriptions"], found["choices"], found["stops"]) == (None, [], [], [])
    assert [one["what"] for one in found["consents"]] == ["given", "erased"]
    assert MILL not in str(found)
    assert found["messages"][0]["text"] == ""
    assert erase(wiring, store, "mill", NOW) == Erased(False, 0, 0, 0)


def test_a_contact_of_the_file_is_refused_when_its_data_is_gone(wiring: Wiring, store: Store) -> None:
    ask(wiring, store, effective(wiring, store), NOW)
    with store.begin() as conn:
        people.choose(conn, Chosen("asa", "p:1", Choice.FOLLOWED, NOW, "link"))
        people.stop(conn, Stop("asa-daily", "asa", NOW, "link"))
    with pytest.raises(ConfigError, match=r'"asa" stands in subscriptions.yml: remove .*1 messages, 1 choices'):
        erase(wiring, store, "asa", NOW)
    found = export(wiring, store, "asa")
    assert (found["choices"], found["messages"][0]["state"]) == ([], "discarded")
    assert [one["what"] for one in found["consents"]] == ["asked", "erased"]
    assert [one["subscription"] for one in found["stops"]] == ["asa-daily"]


def test_a_contact_that_was_taken_out_of_the_file_leaves_nothing(make: Make, store: Store, outbox: Outbox) -> None:
    told = {"contact": "asa", "subscription": "asa-weekly", "channel": "email", "target": "asa@cluster.example"}
    outbox.commit_plan("asa-weekly", [message("m1", **told)], planned())
    outbox.commit_plan("ops-all", [message("m2", contact="ops", subscription="ops-all")], planned())
    with store.begin() as conn:
        people.stop(conn, Stop("asa-daily", "asa", NOW, "link"))
        people.stop(conn, Stop("ops-all", "asa", NOW, "link"))
    without = "\n".join(line for line in FILE.splitlines() if "asa" not in line and "Åsa" not in line)
    wiring = make(without.replace("    language: sv\n", ""))
    assert erase(wiring, store, "asa", NOW) == Erased(False, 1, 0, 1)
    with store.read() as conn:
        assert set(people.stopped(conn)) == {"ops-all"}
    assert set(outbox.memory(["asa-weekly", "ops-all"], []).states) == {"ops-all"}


@sqlite_only
@pytest.mark.parametrize("act", [export, lambda *given: erase(*given, NOW)])
def test_nothing_held_is_said_with_the_nearest_key(wiring: Wiring, store: Store, act) -> None:
    with pytest.raises(ConfigError, match=r'nothing is held about "asaa". Did you mean "asa"\?'):
        act(wiring, store, "asaa")


def state_of(wiring: Wiring, store: Store, key: str = "asa") -> str:
    return next(entry.state for entry in entries(wiring, store) if entry.key == key)


def test_the_list_says_how_each_address_stands(make: Make, store: Store) -> None:
    wiring = make(FILE.replace("  ops:", "  bo: {name: Bo}\n  ops:"))
    assert [state_of(wiring, store, key) for key in ("asa", "bo", "ops")] == ["not asked yet", "", "vouched"]
    ask(wiring, store, effective(wiring, store), NOW)
    assert state_of(wiring, store) == "waiting"
    with store.begin() as conn:
        hashed = people.address_hash(conn, "email", "asa@cluster.example")
        people.stop(conn, Stop("asa-daily", "asa", NOW, "mail"))
    for what, said in ((Consent.GIVEN, "confirmed"), (Consent.WITHDRAWN, "withdrawn"), (Consent.ERASED, "erased")):
        with store.begin() as conn:
            people.note_consent(conn, ConsentEntry("asa", hashed, what, NOW, "test"))
        assert state_of(wiring, store) == said
    with store.begin() as conn:
        people.suppress(conn, Suppression("email", hashed, "the mailbox does not exist (5.1.1)", NOW))
    (asa,) = (entry for entry in entries(wiring, store) if entry.key == "asa")
    assert asa.state == "suppressed: the mailbox does not exist (5.1.1)"
    assert (asa.place, asa.channels, asa.subscriptions, asa.stopped) == (
        "file",
        ("email",),
        ("asa-weekly", "asa-daily"),
        ("asa-daily",),
    )


@sqlite_only
@pytest.mark.usefixtures("mill")
def test_contacts_of_the_database_are_listed_as_such(wiring: Wiring, store: Store) -> None:
    assert {entry.key: entry.place for entry in entries(wiring, store)} == {
        "asa": "file",
        "mill": "database",
        "ops": "file",
    }


@sqlite_only
def test_who_shares_a_mailbox(make: Make, store: Store) -> None:
    wiring = make(FILE.replace("ops@", "ASA@").replace("  ops:", "  bo: {name: Bo}\n  ops:"))
    found = effective(wiring, store)
    assert (same_mailbox(found, "asa"), same_mailbox(found, "bo"), same_mailbox(found, "x")) == (["ops"], [], [])
    assert mailbox(wiring, store, "asa") == "asa@cluster.example"
    with pytest.raises(ConfigError, match='"bo" has no e-mail address'):
        mailbox(wiring, store, "bo")
    with pytest.raises(ConfigError, match=r'unknown contact "assa". Did you mean "asa"\?'):
        mailbox(wiring, store, "assa")

"""The commands about people, as an operator runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.store import Outbox, Store, people
from tests.builders import NOW
from tests.harvest.commands import Callwatch, Done
from tests.people.conftest import FILE
from tests.people.imap_server import PASSWORD, imap_server
from tests.people.reports import letter, report
from tests.people.test_bounces import sent

MEMBERS = """\
key,name,email,language,subscription,channel,cadence,ecosystems
mill,The sawmill,info@mill.example,sv,mill-weekly,email,weekly,construction
mill,,,,mill-urgent,email,at_once,
quay,The quay,,,quay-all,file,daily,mobility;agrifood
"""


@pytest.fixture
def people_of(callwatch: Callwatch, tmp_path: Path) -> Callwatch:
    """The command line over a folder with `FILE` as subscriptions.yml, and an empty database."""
    Store.open(callwatch.url).close()
    (tmp_path / "subscriptions.yml").write_text(FILE, encoding="utf-8")
    (callwatch.folder / "members.csv").write_text(MEMBERS, encoding="utf-8")
    callwatch.env["CALLWATCH_CONFIG"] = str(tmp_path)
    return callwatch


def fine(done: Done) -> Done:
    assert (done.code, done.err) == (0, "")
    return done


def lines(done: Done) -> list[str]:
    return fine(done).out.splitlines()


def test_members_are_imported_listed_and_removed(people_of: Callwatch) -> None:
    assert lines(people_of("contacts", "import", "members.csv", "--dry-run"))[-1] == (
        "2 new, 0 changed, 0 unchanged, 0 removed (nothing was stored)."
    )
    assert lines(people_of("contacts", "import", "members.csv")) == [
        "new      mill",
        "new      quay",
        "2 new, 0 changed, 0 unchanged, 0 removed.",
        "To be asked to confirm the e-mail address before the first alert: 1.",
    ]
    assert lines(people_of("contacts", "import", "members.csv"))[-1] == "0 new, 0 changed, 2 unchanged, 0 removed."
    listed = people_of("contacts", "list", "--format", "json").json
    assert [(one["key"], one["place"], one["state"]) for one in listed] == [
        ("asa", "file", "not asked yet"),
        ("mill", "database", "not asked yet"),
        ("ops", "file", "vouched"),
        ("quay", "database", ""),
    ]
    assert lines(people_of("contacts", "list", "--format", "csv"))[2] == (
        'mill,The sawmill,database,sv,email,"mill-weekly, mill-urgent",,not asked yet'
    )
    assert lines(people_of("contacts", "list"))[-1] == "4 contacts"
    (people_of.folder / "members.csv").write_text(MEMBERS.replace("quay", "pier"), encoding="utf-8")
    assert lines(people_of("contacts", "import", "members.csv", "--replace"))[:3] == [
        "new      pier",
        "removed  quay",
        "1 new, 0 changed, 1 unchanged, 1 removed.",
    ]


def test_a_mistake_in_a_file_stores_nothing(people_of: Callwatch) -> None:
    bad = MEMBERS.replace("agrifood", "agri-food").replace("weekly,construction", "weekley,construction")
    (people_of.folder / "members.csv").write_text(bad, encoding="utf-8")
    done = people_of("contacts", "import", "members.csv")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        'callwatch: members.csv:2: cadence: unknown cadence "weekley". Did you mean "weekly"?',
        'members.csv:4: ecosystems: unknown ecosystem "agri-food". Did you mean "agrifood"?',
    ]
    assert len(people_of("contacts", "list", "--format", "json").json) == 2


def test_one_contact_is_added_once(people_of: Callwatch) -> None:
    add = ["contacts", "add", "mill", "--name", "Mill", "--email", "info@mill.example", "--region", "north-sweden"]
    more = [
        "--subscription",
        "mill-weekly",
        "--channel",
        "email",
        "--cadence",
        "weekly",
        "--ecosystem",
        "mobility",
    ]
    assert lines(people_of(*add, *more)) == [
        "mill: stored, with its subscription.",
        "To be asked to confirm the e-mail address before the first alert: 1.",
    ]
    again = people_of(*add)
    assert (again.code, again.out) == (2, "")
    assert 'the contact "mill" is there already' in again.err
    add[2] = "mill2"
    wrong = people_of(*add, *more, "--ecosystem", "mobilty", "--weekday", "fridy")
    assert wrong.code == 2
    assert '--ecosystem: unknown ecosystem "mobilty". Did you mean "mobility"?' in wrong.err
    assert '--weekday: unknown weekday "fridy". Did you mean "friday"?' in wrong.err
    wrong = people_of(*add, *more)
    assert wrong.code == 2
    assert 'contact "mill2" (command, ' in wrong.err
    assert ': key: two subscriptions have the key "mill-weekly"' in wrong.err


@pytest.mark.slow
def test_an_operator_confirms_stops_resumes_and_allows(people_of: Callwatch) -> None:
    fine(people_of("contacts", "import", "members.csv"))
    assert lines(people_of("contacts", "confirm", "mill")) == ["mill: confirmed."]
    assert lines(people_of("contacts", "confirm", "mill")) == ["mill: was confirmed before."]
    assert lines(people_of("contacts", "stop", "mill-weekly")) == ["mill-weekly: stopped."]
    assert lines(people_of("contacts", "stop", "mill-weekly")) == ["mill-weekly: was stopped before."]
    (mill,) = (one for one in people_of("contacts", "list", "--format", "json").json if one["key"] == "mill")
    assert (mill["state"], mill["stopped"]) == ("confirmed", ["mill-weekly"])
    assert lines(people_of("contacts", "resume", "mill-weekly")) == ["mill-weekly: goes on."]
    assert lines(people_of("contacts", "resume", "mill-weekly")) == ["mill-weekly: was not stopped."]
    assert lines(people_of("contacts", "allow", "mill")) == ["mill: nothing held mail back."]
    for arguments, said in (
        (("confirm", "quay"), '"quay" has no e-mail address.'),
        (("allow", "mil"), 'unknown contact "mil". Did you mean "mill"?'),
        (("stop", "mill-weekyl"), 'unknown subscription "mill-weekyl". Did you mean "mill-weekly"?'),
        (("resume", "x"), 'unknown subscription "x".'),
    ):
        done = people_of("contacts", *arguments)
        assert (done.code, done.out) == (2, "")
        assert said in done.err


def test_what_is_held_is_exported_and_erased(people_of: Callwatch) -> None:
    fine(people_of("contacts", "import", "members.csv"))
    with people_of.store() as store:
        sent(Outbox(store), "m1", contact="mill", subscription="mill-weekly", target="info@mill.example")
    found = people_of("contacts", "export", "mill").json
    assert found["contact"]["email"] == "info@mill.example"
    assert [one["key"] for one in found["subscriptions"]] == ["mill-weekly", "mill-urgent"]
    assert [one["state"] for one in found["messages"]] == ["sent"]
    asked = people_of("contacts", "erase", "mill")
    assert (asked.code, asked.out) == (2, "")
    assert "say --yes" in asked.err
    assert lines(people_of("contacts", "erase", "mill", "--yes")) == [
        "Erased: 1 messages, 0 choices, 1 e-mail addresses."
    ]
    database = people_of.folder / "callwatch.db"
    assert people_of("contacts", "export", "mill").json["contact"] is None
    with people_of.store() as store, store.read() as conn:
        assert people.consents_about(conn, "mill")[-1].source == "command"
    assert database.exists()
    assert lines(people_of("contacts", "import", "members.csv"))[-1] == (
        "mill: erased; gets no mail until `callwatch contacts confirm mill`."
    )
    file = people_of("contacts", "erase", "asa", "--yes")
    assert (file.code, file.out) == (2, "")
    assert '"asa" stands in subscriptions.yml: remove the contact' in file.err
    nobody = people_of("contacts", "erase", "nobody", "--yes")
    assert (nobody.code, 'nothing is held about "nobody"' in nobody.err) == (2, True)


@pytest.mark.slow
def test_bounces_of_a_folder(people_of: Callwatch) -> None:
    folder = people_of.folder / "returned"
    folder.mkdir()
    with people_of.store() as store:
        mail = sent(Outbox(store), "m1")
    (folder / "1.eml").write_bytes(report(mail))
    (folder / "2.eml").write_bytes(letter("stop asa-daily"))
    (folder / "3.eml").write_bytes(letter("hello\x1b[2J"))
    (folder / "4.eml").write_bytes(report("<other@x>"))
    assert lines(people_of("bounces", "returned", at=NOW)) == [
        "suppressed asa: 5.1.1, 550 5.1.1 <asa@cluster.example>: Recipient address rejected: User unknown [1.eml]",
        "stopped    asa-daily: asked for by mail [2.eml]",
        'ignored    neither a delivery report nor a "stop" (hello[2J) [3.eml]',
        "ignored    <other@x> is not the Message-ID of a mail of ours [4.eml]",
        "4 mails read.",
    ]
    again = fine(people_of("bounces", "returned", "--format", "json", at=NOW)).json
    assert [one["outcomes"][0]["did"] for one in again] == ["known", "known", "ignored", "ignored"]
    (asa, _) = people_of("contacts", "list", "--format", "json").json
    assert asa["state"] == "suppressed: the mailbox does not exist (5.1.1)"
    assert lines(people_of("contacts", "confirm", "asa")) == [
        "asa: confirmed.",
        "Nothing is sent there all the same: the mailbox does not exist (5.1.1). See `callwatch contacts allow`.",
    ]
    assert lines(people_of("contacts", "allow", "asa")) == ["asa: mail is sent again."]
    fine(people_of("bounces", "returned"))
    (asa, _) = people_of("contacts", "list", "--format", "json").json
    assert asa["state"] == "confirmed"


def test_bounces_of_a_mailbox_are_marked_when_they_are_stored(people_of: Callwatch) -> None:
    with people_of.store() as store:
        mail = sent(Outbox(store), "m1")
    with imap_server() as (box, address):
        box.mails = {1: letter("hello"), 2: report(mail), 3: report(mail).replace(b"rfc822; asa", b"x400; asa")}
        done = people_of("bounces", address, CALLWATCH_IMAP_PASSWORD=PASSWORD)
        assert (done.code, done.err) == (3, "")
        assert [line.split()[0] for line in done.out.splitlines()] == ["ignored", "suppressed", "trouble", "3"]
        assert box.seen == {2}
        box.drop_at, box.mails[4] = "UID FETCH 4", letter("stop asa-daily")
        done = people_of("bounces", address, CALLWATCH_IMAP_PASSWORD=PASSWORD)
        assert (done.code, "cannot be read" in done.err) == (3, True)
        box.drop_at = "UID STORE"
        assert people_of("bounces", address, CALLWATCH_IMAP_PASSWORD=PASSWORD).code == 3
        assert box.seen == {2}
        box.drop_at = ""
        done = people_of("bounces", address, "--format", "json", CALLWATCH_IMAP_PASSWORD=PASSWORD)
        assert [one["outcomes"][0]["did"] for one in done.json] == ["ignored", "trouble", "known"]
        assert box.seen == {2, 4}
    wrong = people_of("bounces", "imaps://asa:secret@mail.example/INBOX")
    assert (wrong.code, "secret" in wrong.err) == (2, False)


def test_a_mail_from_standard_input(people_of: Callwatch) -> None:
    done = people_of("bounces", "-", stdin=letter("stop asa-daily").decode())
    assert lines(done) == ["stopped    asa-daily: asked for by mail [-]", "1 mails read."]

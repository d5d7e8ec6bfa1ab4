"""Portals that publish lists, harvested by the real command from a strict server on loopback."""

from __future__ import annotations

import pytest

from pipeline.models import EventKind
from pipeline.store import raw
from tests.conftest import ROOT
from tests.harvest.commands import Callwatch
from tests.harvest.lists import KEY, NOW, everything, harvest
from tests.harvest.state import all_events, stored_calls
from tests.portals.facts import answer
from tests.portals.list_server import ListServer

PERSONS = ("Testsson", "Testman", "08-000 00 01")


def test_what_is_looked_into_is_all_that_was_stored(callwatch: Callwatch, vinnova: ListServer) -> None:
    harvest(callwatch, vinnova)
    left = everything(callwatch)
    assert '"Diarienummer":"2026-90001"' in left, "a raw record"
    assert "fossilfria isbrytare" in left, "a call"
    assert "/api/ansokningsomgangar/2024-01-01" in left, "an address"


def test_vinnova_from_the_first_day_on_and_then_what_changed(callwatch: Callwatch, vinnova: ListServer) -> None:
    first = harvest(callwatch, vinnova)
    assert (first.code, first.report["verdict"], first.report["new"]) == (0, "complete", 4)
    assert (first.report["seen"], first.report["expected"]) == (5, 5)
    again = harvest(callwatch, vinnova, days=1)
    assert (again.code, again.report["new"], again.report["changed"], again.report["unchanged"]) == (0, 0, 0, 4)
    assert vinnova.asked == ["/api/ansokningsomgangar/2024-01-01", "/api/ansokningsomgangar/2026-11-12"]
    assert vinnova.faults == []
    calls = stored_calls(callwatch)
    assert sorted(calls) == ["2026-90001", "2026-90002", "2026-90004", "2026-90005"]
    assert {stored.version for stored in calls.values()} == {1}
    told = sorted((event.call_id[-5:], event.kind) for event in all_events(callwatch))
    assert told == [(number, EventKind.NEW) for number in ("90001", "90002", "90004")], "a closed one tells nobody"


def test_what_is_not_listed_is_as_it_was_and_opens_in_time(callwatch: Callwatch, vinnova: ListServer) -> None:
    opening = answer("vinnova")[0] | {"Oppningsdatum": "2026-12-01T00:00:00"}
    other = answer("vinnova")[3]
    vinnova.rows = [opening, other]
    harvest(callwatch, vinnova)
    vinnova.rows = [other]
    for day in (2, 4, 8, 9):
        assert harvest(callwatch, vinnova, days=day).code == 0
    kinds = [event.kind for event in all_events(callwatch) if event.call_id == "vinnova:2026-90001"]
    assert kinds == [EventKind.NEW, EventKind.OPENED]
    stored = stored_calls(callwatch)["2026-90001"]
    assert (stored.misses, stored.gone_since) == (0, None)


def test_an_announced_round_gets_its_dates(callwatch: Callwatch, vinnova: ListServer) -> None:
    harvest(callwatch, vinnova)
    vinnova.rows = [answer("vinnova")[1] | {"Stangningsdatum": "2027-11-02T14:00:00"}]
    assert harvest(callwatch, vinnova, days=1).report["changed"] == 1
    added = [event for event in all_events(callwatch) if event.kind is EventKind.DEADLINE_ADDED]
    assert [event.call_id for event in added] == ["vinnova:2026-90002"]


def test_persons_are_never_stored(callwatch: Callwatch, vinnova: ListServer) -> None:
    assert harvest(callwatch, vinnova).code == 0
    with callwatch.store() as store, store.read() as conn:
        documents = raw.load(conn, "vinnova", sorted(stored_calls(callwatch)))
    bodies = [document.body for found in documents.values() for document in found]
    assert len(bodies) == 4
    assert not any(word.encode() in body for word in (*PERSONS, "KontaktLista") for body in bodies)
    vinnova.rows = [answer("vinnova")[0] | {"KontaktLista": [{"Namn": "Another Testsson"}]}]
    assert harvest(callwatch, vinnova, days=1).report["changed"] == 0, "who answers the telephone is no change"
    assert not any(word in everything(callwatch) for word in PERSONS)


def test_formas_whole_and_again(callwatch: Callwatch, formas: ListServer) -> None:
    first = harvest(callwatch, formas)
    assert (first.code, first.report["verdict"], first.report["new"]) == (0, "complete", 3)
    assert "k3y" not in everything(callwatch)
    assert "2018-80004 status: no status and no closing date" in first.problems
    again = harvest(callwatch, formas, days=1)
    assert (again.code, again.report["new"], again.report["changed"], again.report["unchanged"]) == (0, 0, 0, 3)
    assert len(all_events(callwatch)) == 2
    assert (formas.faults, formas.most_at_once) == ([], 1)
    listed = callwatch("calls", "--portal", "formas", "--format", "json", at=NOW).json
    open_call = next(call for call in listed if call["reference"] == "2026-80001")
    assert (open_call["status"], open_call["programme"]) == ("open", "FORMAS")
    assert open_call["budget"]["currency"] == "SEK"


def test_a_call_that_formas_no_longer_lists_is_gone_in_time(callwatch: Callwatch, formas: ListServer) -> None:
    formas.rows = [*answer("formas"), *(answer("formas")[0] | {"diarienummer": f"2020-1{n:04}"} for n in range(9))]
    harvest(callwatch, formas)
    formas.rows = formas.rows[1:]
    for day in (1, 2, 4):
        assert harvest(callwatch, formas, days=day).report["verdict"] == "complete"
    assert stored_calls(callwatch)["2026-80001"].gone_since


@pytest.mark.parametrize(
    ("mood", "verdict", "told"),
    [
        ("login", "failed", 'a web page instead of JSON: "Logga in"'),
        ("broken", "failed", "no whole JSON"),
        ("object", "failed", "JSON of another shape"),
        ("redirect", "failed", "redirected to login.example.org; redirects are not followed"),
        ("down", "failed", "HTTP 503"),
        ("short", "failed", "calls: "),
        ("reset", "failed", "calls: "),
    ],
)
def test_a_bad_day_has_a_verdict_a_message_and_no_key(
    callwatch: Callwatch, formas: ListServer, mood: str, verdict: str, told: str
) -> None:
    harvest(callwatch, formas)
    formas.mood = mood
    done = harvest(callwatch, formas, days=1, tamper={"retries": 1})
    assert (done.code, done.report["verdict"]) == (3, verdict)
    assert told in done.problems
    assert "not one page was answered" in done.problems
    assert {stored.misses for stored in stored_calls(callwatch).values()} == {0}
    left = everything(callwatch)
    assert KEY not in left
    assert "k3y" not in left


def own_config(callwatch: Callwatch, name: str, old: str, new: str) -> str:
    """A folder of configuration in which one value of a portal is another."""
    folder = callwatch.folder / "own" / "portals"
    folder.mkdir(parents=True)
    text = (ROOT / "config" / "portals" / f"{name}.yml").read_text(encoding="utf-8")
    assert old in text
    (folder / f"{name}.yml").write_text(text.replace(old, new), encoding="utf-8")
    return str(folder.parent)


@pytest.mark.parametrize(
    ("old", "new", "told"), [("timeout: 90", "timeout: 0.3", "took longer"), ("body_mib: 32", "body_mib: 1", "")]
)
def test_what_the_downloader_says_names_no_key(
    callwatch: Callwatch, formas: ListServer, old: str, new: str, told: str
) -> None:
    config = own_config(callwatch, "formas", old, new)
    formas.delay = 0.8 if told else 0
    formas.rows = [*answer("formas"), "x" * (2 << 20)]
    done = harvest(callwatch, formas, CALLWATCH_CONFIG=config, tamper={"retries": 0})
    assert (done.code, done.report["verdict"]) == (3, "failed")
    assert told in done.problems
    assert "[secret]" in done.problems + done.err
    assert "k3y" not in everything(callwatch)


def test_an_empty_list_is_partial(callwatch: Callwatch, formas: ListServer, vinnova: ListServer) -> None:
    harvest(callwatch, formas)
    formas.rows = vinnova.rows = []
    for server in (formas, vinnova):
        done = harvest(callwatch, server, days=1)
        assert (done.code, done.report["verdict"]) == (3, "partial")
        assert "only 0 calls, at least 1 expected" in done.problems
    assert {stored.misses for stored in stored_calls(callwatch).values()} == {0}


def test_twice_the_same_is_partial_and_another_funder_is_told(callwatch: Callwatch, formas: ListServer) -> None:
    foreign = answer("forte")[0]
    formas.rows = [*answer("formas"), answer("formas")[0], foreign]
    done = harvest(callwatch, formas)
    assert (done.code, done.report["verdict"], done.report["new"]) == (3, "partial", 3)
    assert "1 of 6 items stand in the list twice" in done.problems
    assert "another funder's record" in done.problems


def test_more_than_can_be_is_refused(callwatch: Callwatch, vinnova: ListServer) -> None:
    vinnova.rows = [answer("vinnova")[0] | {"Diarienummer": f"2020-{n:05}"} for n in range(5001)]
    done = harvest(callwatch, vinnova)
    assert (done.code, done.report["verdict"]) == (3, "failed")
    assert "rounds: 5001 items, at most 5000 expected" in done.problems
    assert stored_calls(callwatch) == {}


def test_robots_are_obeyed(callwatch: Callwatch, formas: ListServer) -> None:
    formas.robots = "User-agent: callwatch\nDisallow: /\n"
    done = harvest(callwatch, formas)
    assert (done.code, done.report["verdict"], formas.asked) == (3, "failed", [])


def test_a_limit_proves_nothing_and_closed_calls_come_along(callwatch: Callwatch, formas: ListServer) -> None:
    done = harvest(callwatch, formas, "--limit", "2")
    assert (done.code, done.report["verdict"], done.report["new"]) == (3, "partial", 2)
    done = harvest(callwatch, formas, "--closed")
    assert (done.code, done.report["verdict"]) == (0, "complete")
    assert "lists open and closed calls together" in done.problems


def test_without_a_key(callwatch: Callwatch, vinnova: ListServer) -> None:
    alone = callwatch("harvest", "formas", at=NOW)
    assert (alone.code, alone.out) == (2, "")
    assert "formas: set CALLWATCH_FORMAS_KEY to the key" in alone.err
    folder = callwatch.folder / "config" / "portals"
    folder.mkdir(parents=True)
    (folder.parent / "subscriptions.yml").write_text("contacts: {}\nsubscriptions: []\n")
    for name in ("vinnova", "formas", "forte"):
        (folder / f"{name}.yml").write_text((ROOT / "config" / "portals" / f"{name}.yml").read_text())
    env = {"CALLWATCH_CONFIG": str(folder.parent), "CALLWATCH_VINNOVA_BASE_URL": vinnova.base_url}
    for command in (("harvest", "--all"), ("tick",)):
        done = callwatch(*command, at=NOW, CALLWATCH_FORMAS_KEY=" ", **env)
        assert done.code == 0, done.err
        skipped = [line for line in done.err.splitlines() if "skipped" in line]
        assert skipped == [
            "formas: skipped, because CALLWATCH_FORMAS_KEY is not set.",
            "forte: skipped, because CALLWATCH_FORTE_KEY is not set.",
        ]

"""Interreg portals over several days, by the real command: what moves is told once, what breaks tells nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.harvest.commands import Callwatch
from tests.harvest.conftest import callwatch, zygote
from tests.harvest.state import all_events, kinds, never_new, stored_calls
from tests.portals.site_server import SiteServer, site, site_server
from tests.portals.sites import NOW, harvest, hosts

pytestmark = pytest.mark.slow

__all__ = ["callwatch", "zygote"]

AURORA = "https://www.interregaurora.eu/projects/calls-for-applications/"
AURORA_FILE = "https://www.interregaurora.eu/wp-content/uploads/2026/10/planned-calls.xlsx"
NPA = "https://www.interreg-npa.eu/for-applicants/main-project-calls"
NPA_FILE = "https://www.interreg-npa.eu/media/x7k2/planned-calls.csv"
NPA_NEWS = "https://www.interreg-npa.eu/news/"


@pytest.fixture
def npa(callwatch: Callwatch) -> Iterator[SiteServer]:
    with site_server(site("interreg_npa"), hosts=hosts("interreg_npa")) as server:
        assert harvest(callwatch, "interreg_npa", server).report["verdict"] == "complete"
        yield server


@pytest.fixture
def aurora(callwatch: Callwatch) -> Iterator[SiteServer]:
    with site_server(site("interreg_aurora"), hosts=hosts("interreg_aurora")) as server:
        assert harvest(callwatch, "interreg_aurora", server).report["verdict"] == "complete"
        yield server


def shown(server: SiteServer, url: str) -> str:
    return server.answers[server.place(url, server.hosts)].body.decode()


def change(server: SiteServer, url: str, *words: tuple[str, str]) -> None:
    text = shown(server, url)
    for old, new in words:
        assert old in text
        text = text.replace(old, new)
    server.change(url, body=text.encode())


def test_a_call_that_is_planned_and_stands_on_the_page_is_told_once(callwatch: Callwatch, npa: SiteServer) -> None:
    new = [event.call_id for event in all_events(callwatch)]
    assert sorted(new) == [
        "interreg_npa:call-7",
        "interreg_npa:call-8",
        "interreg_npa:call-for-clustering-projects",
    ], "and those that are over are told to nobody"
    posts = stored_calls(callwatch)["call-7"].call.latest
    assert [post.text.splitlines()[0] for post in posts] == ["Seventh Call opens in January"]


def test_a_planned_call_that_comes_onto_the_page_is_no_new_one(callwatch: Callwatch, npa: SiteServer) -> None:
    words = "The Eighth Call opens on 25 October 2027 and closes on 6 December 2027 at 12:00 CET."
    section = f"<h2>8th Call</h2><p>{words}</p>"
    change(npa, NPA, ("<h2>7th Call", f"{section}<h2>7th Call"))
    done = harvest(callwatch, "interreg_npa", npa, at=NOW + timedelta(days=1))
    assert done.report["new"] == 0
    told = never_new(all_events(callwatch))
    assert ("call-8", "deadline_extended") in kinds(told)
    assert [event.kind.value for event in told].count("deadline_extended") == 1
    assert any("the list of planned calls says" in issue["problem"] for issue in done.report["issues"])
    call = stored_calls(callwatch)["call-8"].call
    assert [deadline.at.isoformat() for deadline in call.deadlines] == ["2027-12-06T11:00:00+00:00"]
    assert call.budget is not None, "what the page does not say comes from the list"


def test_a_refreshed_list_under_a_new_address_tells_only_what_moved(callwatch: Callwatch, npa: SiteServer) -> None:
    head, seventh, eighth = shown(npa, NPA_FILE).strip().splitlines()
    rows = [head, eighth.replace("29 November 2027", "6 December 2027"), seventh]
    moved = "https://www.interreg-npa.eu/media/q9z1/planned-calls-2.csv"
    change(npa, NPA, ("/media/x7k2/planned-calls.csv", "/media/q9z1/planned-calls-2.csv"))
    npa.change(moved, body="\n".join(rows).encode(), kind="text/csv")
    done = harvest(callwatch, "interreg_npa", npa, at=NOW + timedelta(days=1))
    assert (done.report["verdict"], done.report["new"]) == ("complete", 0)
    moves = [e for e in never_new(all_events(callwatch)) if e.kind.value.startswith("deadline")]
    assert [(e.call_id, e.kind.value) for e in moves] == [("interreg_npa:call-8", "deadline_extended")]
    harvest(callwatch, "interreg_npa", npa, at=NOW + timedelta(days=2))
    again = [e for e in never_new(all_events(callwatch)) if e.kind.value.startswith("deadline")]
    assert again == moves, "told once"


def test_a_page_without_a_list_is_complete_and_says_so(callwatch: Callwatch, npa: SiteServer) -> None:
    change(npa, NPA, ('<a href="/media/x7k2/planned-calls.csv">Planned calls as a file</a>', ""))
    done = harvest(callwatch, "interreg_npa", npa, at=NOW + timedelta(days=1))
    assert done.report["verdict"] == "complete"
    assert {"reference": "", "field": "planned", "problem": "the page leads to no file"} in done.report["issues"]


@pytest.mark.parametrize(
    ("url", "body"),
    [
        (AURORA, b"<html lang=en><title>Calls</title><main><div>Call 9 REG 16 November 2026</div></main>"),
        (AURORA, b""),
        (AURORA, b"<html><title>503 Service Unavailable</title><h1>Sorry</h1></html>"),
        (AURORA_FILE, b"%PDF-1.7 planned calls"),
        (AURORA_FILE, b"Call;Specific objective\nCall 9 REG;SO 4.1\n"),
        (AURORA_FILE, b"<html><title>Moved</title></html>"),
    ],
)
def test_a_changed_site_takes_no_call_away(
    url: str, body: bytes, callwatch: Callwatch, aurora: SiteServer
) -> None:
    before = stored_calls(callwatch)
    aurora.change(url, body=body)
    done = harvest(callwatch, "interreg_aurora", aurora, at=NOW + timedelta(days=1))
    assert done.report["verdict"] in ("partial", "failed")
    assert done.code == 3
    after = stored_calls(callwatch)
    assert {name: (stored.call, stored.misses) for name, stored in after.items()} == {
        name: (stored.call, 0) for name, stored in before.items()
    }


def test_a_post_that_scrolls_off_is_not_withdrawn_but_a_call_that_goes_is(
    callwatch: Callwatch, npa: SiteServer
) -> None:
    text = shown(npa, NPA_NEWS)
    npa.change(NPA_NEWS, body=text.replace("new-call-for-clustering-projects", "partners-wanted").encode())
    section = shown(npa, NPA).split("<h2>Call for clustering projects</h2>")
    npa.change(NPA, body=(section[0] + "<h2>7th Call" + section[1].split("<h2>7th Call")[1]).encode())
    for day in range(1, 6):
        done = harvest(callwatch, "interreg_npa", npa, at=NOW + timedelta(days=day))
        assert done.report["verdict"] == "complete", done.report
    gone = {pair for pair in kinds(never_new(all_events(callwatch))) if pair[1] == "withdrawn"}
    assert gone == {("call-for-clustering-projects", "withdrawn")}

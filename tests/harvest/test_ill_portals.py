"""Bad days of portals of pages, with the real command: verdict, what is said, nothing lost."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.store import raw
from tests.harvest.commands import Callwatch, Done, Zygote
from tests.harvest.ill_portals import (
    FEED,
    HOST,
    ILL,
    LIST,
    NEW,
    PAGE,
    PAGES,
    PORTAL,
    SOURCES,
    config,
    good,
    html,
    rows,
)
from tests.harvest.state import all_events, never_new, pending, state, stored_calls
from tests.portals.site_server import SiteServer, site_server
from tests.portals.sites import NOW

MEMORY = 500


def harvest(callwatch: Callwatch, server: SiteServer, by: str, days: float = 0) -> Done:
    env = {f"CALLWATCH_{PORTAL.upper()}_BASE_URL": server.base_url}
    env["CALLWATCH_CONFIG"] = str(config(callwatch.folder, by))
    tamper = {"retries": 0, "memory_more_at_most": MEMORY}
    return callwatch("harvest", PORTAL, "--json", at=NOW + timedelta(days), tamper=tamper, **env)


@pytest.fixture(scope="module")
def good_days(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Done]]:
    """The database after a good day, and what was said then, by the way in which the calls are named."""
    found = {}
    for by in SOURCES:
        callwatch = Callwatch(zygote, tmp_path_factory.mktemp(by))
        with site_server(good(by)) as server:
            found[by] = callwatch.folder / "callwatch.db", harvest(callwatch, server, by)
    return found


RARELY = {"a page of 50 MB", "an answer that does not come", "a web page instead of the feed", "no sitemap"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in RARELY else ()) for name in ILL]
)
def test_an_ill_portal_is_told_and_harms_nothing(
    callwatch: Callwatch, good_days: dict[str, tuple[Path, Done]], name: str
) -> None:
    by, verdict, told, change = ILL[name]
    database, first = good_days[by]
    shutil.copy(database, callwatch.folder)
    before = state(callwatch)
    if by not in ("bulk_file", "embedded"):  # their rows are no calls of this portal
        assert (first.code, first.report["verdict"], len(before.calls)) == (0, "complete", 4), first.problems
    with site_server(good(by)) as server:
        change(server)
        done = harvest(callwatch, server, by, 1)
    assert (done.code, done.report["verdict"]) == (3, verdict), done.problems
    assert told in done.problems
    assert "calls: " in done.problems, "the source is named"
    assert "Traceback" not in done.err
    assert "root:" not in done.out
    assert pending(callwatch) == []
    assert all(stored.misses == 0 for stored in stored_calls(callwatch).values())
    assert never_new(all_events(callwatch)) == []
    with site_server(good(by)) as server:
        again = harvest(callwatch, server, by, 2)
    assert again.report["verdict"] == first.report["verdict"]
    assert state(callwatch).calls.keys() == before.calls.keys()
    assert (again.report["new"], again.report["changed"]) == (0, 0)


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (html("A", "<main><h1>Ny\x00 utlysning</h1>Norrbotten &#0; text</main>"), "Ny� utlysning"),
        (html("A", "<main><h1>Ny utlysning</h1>Norrbotten " + "ord " * 250_000 + "</main>"), "Ny utlysning"),
        (
            b"<title>A</title><main><h1>Ny f\xc3\xb6r \xe4lvar</h1>Norrbotten</main>",
            "Ny för älvar",
        ),
    ],
    ids=["a NUL in the title", "a megabyte in one line", "two encodings in one page"],
)
def test_an_odd_page_is_a_call_all_the_same(callwatch: Callwatch, body: bytes, title: str) -> None:
    with site_server(good("listing")) as server:
        server.change(LIST, body=rows(*PAGES, NEW))
        server.change(NEW, body=body)
        done = harvest(callwatch, server, "listing")
    found = stored_calls(callwatch)["90099"].call
    assert (done.code, " ".join(found.title.split())) == (0, title)
    assert "\x00" not in found.text


def test_a_page_that_is_really_gone_is_withdrawn_in_time(callwatch: Callwatch) -> None:
    with site_server(good("listing")) as server:
        harvest(callwatch, server, "listing")
        server.change(LIST, body=rows(*[url for url in PAGES if url != PAGE]))
        for day in (1, 2, 4):
            assert harvest(callwatch, server, "listing", day).report["verdict"] == "complete"
    assert stored_calls(callwatch)["90001"].gone_since


def test_what_a_failed_harvest_brought_is_read_again(callwatch: Callwatch) -> None:
    """Nothing is remembered of pages whose documents were taken back."""
    with site_server(good("listing")) as server:
        server.change(LIST, body=rows(*PAGES, more='<a class="next" href="/list2.html">2</a>'))
        server.change(f"{HOST}/list2.html", body=rows(*(f"{HOST}/c.{n}.html" for n in range(400))))
        assert harvest(callwatch, server, "listing").report["verdict"] == "failed"
        assert stored_calls(callwatch) == {}
        server.change(LIST, body=rows(*PAGES))
        assert harvest(callwatch, server, "listing", 1).report["new"] == 4


def test_another_way_of_reading_reads_again(callwatch: Callwatch, tmp_path: Path) -> None:
    with site_server(good("listing")) as server:
        harvest(callwatch, server, "listing")
        path = config(callwatch.folder, "listing") / "portals" / f"{PORTAL}.yml"
        server.answered.clear()
        harvest(callwatch, server, "listing", 1)
        assert {status for where, status in server.answered if "robots" not in where} == {304}
        server.answered.clear()
        env = {f"CALLWATCH_{PORTAL.upper()}_BASE_URL": server.base_url, "CALLWATCH_CONFIG": str(path.parents[1])}
        path.write_text(path.read_text().replace("keep: main", "keep: body"))
        callwatch("harvest", PORTAL, "--json", at=NOW + timedelta(2), **env)
        assert {status for where, status in server.answered if "robots" not in where} == {200}


def test_pages_that_a_list_no_longer_repeats_keep_what_it_said(callwatch: Callwatch) -> None:
    """A feed names only what is new: its word on an older page stays; the page is looked at while it is live."""
    with site_server(good("feed")) as server:
        harvest(callwatch, server, "feed")
        whole = server.answers[server.place(FEED, 1)].body.decode()
        first, _, rest = whole.partition("<item>")
        items = rest.split("<item>")
        server.change(FEED, body=(first + "<item>" + "<item>".join(items[1:])).encode())
        server.change(PAGE, validators=False)
        server.asked.clear()
        done = harvest(callwatch, server, "feed", 1)
        assert server.place(PAGE, 1) in server.asked
    assert (done.report["verdict"], done.report["changed"], done.report["new"]) == ("complete", 0, 0)
    with callwatch.store() as store, store.read() as conn:
        assert raw.counts(conn, PORTAL)["raw_records"] == 4

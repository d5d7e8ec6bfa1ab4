"""Directories of calls on bad days: changed markup, empty lists, log-in pages; and calls that stand twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.harvest.commands import Callwatch, Done
from tests.harvest.conftest import callwatch, zygote
from tests.harvest.state import all_events, stored_calls
from tests.portals.site_server import SiteServer, site, site_server
from tests.portals.sites import NOW, harvest, hosts

pytestmark = pytest.mark.slow

__all__ = ["callwatch", "zygote"]

LISTS = {
    "eccp": "https://www.clustercollaboration.eu/sitemap.xml",
    "cascade_funding_hub": "https://cascadefunding.eu/open-calls/",
    "eit": "https://www.eit.europa.eu/our-activities/opportunities",
    "euroaccess": "https://www.euro-access.eu/en/calls?keyword=&submit=&sent=search",
}
WOOD = "https://www.clustercollaboration.eu/content/second-open-call-of-woodnord"
STREETS = "https://www.eiturbanmobility.eu/call-for-proposals/quiet-streets-2027/"
HYDROGEN = "https://www.euro-access.eu/en/calls/90301/Hydrogen-from-wind-in-the-north"
LOGIN = b'<title>Log in |</title><main><form><input type="password"></form></main>'
EMPTY_SITEMAP = b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>'


def after(callwatch: Callwatch, portal: str, change: Callable[[SiteServer], None]) -> tuple[Done, Done]:
    """A good harvest, and one four days later when the portal has changed."""
    with site_server(site(portal), hosts=hosts(portal)) as server:
        good = harvest(callwatch, portal, server)
        change(server)
        return good, harvest(callwatch, portal, server, at=NOW + timedelta(days=4))


def swap(url: str, *words: tuple[str, str]) -> Callable[[SiteServer], None]:
    def change(server: SiteServer) -> None:
        body = server.answers[server.place(url, server.hosts)].body
        for old, new in words:
            assert old.encode() in body
            body = body.replace(old.encode(), new.encode())
        server.change(url, body=body)

    return change


def whole(url: str, body: bytes) -> Callable[[SiteServer], None]:
    return lambda server: server.change(url, body=body)


@pytest.mark.parametrize(
    ("portal", "change", "named"),
    [
        (
            "cascade_funding_hub",
            swap(LISTS["cascade_funding_hub"], ("dataProposals", "openCalls")),
            "dataProposals",
        ),
        ("eit", swap(LISTS["eit"], ("views-row", "card")), ".views-row"),
        ("eit", swap(STREETS, ("<main>", "<div>"), ("</main>", "</div>")), "main, #main, #content, article"),
        ("euroaccess", swap(LISTS["euroaccess"], ("calls-overview", "overview")), "table#calls-overview"),
        ("euroaccess", swap(HYDROGEN, ('id="calldata"', 'id="facts"')), "#calldata .tr:has("),
    ],
)
def test_changed_markup_is_partial_and_names_the_selector(
    portal: str, change: Callable[[SiteServer], None], named: str, callwatch: Callwatch
) -> None:
    good, bad = after(callwatch, portal, change)
    assert (good.report["verdict"], bad.code) == ("complete", 3)
    assert bad.report["verdict"] in ("partial", "failed"), "failed where the only list says nothing"
    assert "selector found nothing" in bad.problems
    assert named in bad.problems
    assert (bad.report["new"], bad.report["changed"]) == (0, 0)
    assert not [event for event in all_events(callwatch) if event.kind.value in ("withdrawn", "deadline_removed")]


def test_a_page_of_eccp_in_another_markup_is_partial_and_keeps_what_was_known(callwatch: Callwatch) -> None:
    def change(server: SiteServer) -> None:
        server.change(
            LISTS["eccp"] + "?page=1", body=_sitemap(server).replace(b"2026-10-05T08:00Z", b"2026-11-28T08:00Z")
        )
        swap(
            WOOD,
            ('<main role="main"', "<div"),
            ("</main", "</div"),
            ("<article data-history-node-id", "<div data-id"),
        )(server)

    good, bad = after(callwatch, "eccp", change)
    assert (good.report["verdict"], bad.report["verdict"]) == ("complete", "partial")
    assert "selector found nothing: main, [role=main], article[data-history-node-id]" in bad.problems
    assert len(stored_calls(callwatch)["90102"].call.deadlines) == 1


def _sitemap(server: SiteServer) -> bytes:
    return server.answers[server.place(LISTS["eccp"] + "?page=1", server.hosts)].body


@pytest.mark.parametrize(
    ("portal", "change"),
    [
        ("eccp", whole(LISTS["eccp"], EMPTY_SITEMAP)),
        (
            "cascade_funding_hub",
            whole(LISTS["cascade_funding_hub"], b"<script>const dataProposals = [];</script>"),
        ),
        ("eit", whole(LISTS["eit"], b"<main><h1>Opportunities</h1><p>No results.</p></main>")),
        ("euroaccess", whole(LISTS["euroaccess"], b'<table id="calls-overview"><tbody></tbody></table>')),
        *((portal, whole(url, LOGIN)) for portal, url in LISTS.items()),
    ],
)
def test_an_empty_list_and_a_log_in_page_in_its_place_withdraw_nothing(
    portal: str, change: Callable[[SiteServer], None], callwatch: Callwatch
) -> None:
    good, bad = after(callwatch, portal, change)
    assert (good.report["verdict"], bad.code) == ("complete", 3)
    assert bad.report["verdict"] in ("partial", "failed"), "failed where the only list says nothing"
    assert all(stored.gone_since is None for stored in stored_calls(callwatch).values())


@pytest.mark.parametrize(("portal", "url"), [("eit", STREETS), ("euroaccess", HYDROGEN)])
def test_a_page_that_now_wants_a_log_in_leaves_its_call_as_it_was(
    portal: str, url: str, callwatch: Callwatch
) -> None:
    with site_server(site(portal), hosts=hosts(portal)) as server:
        harvest(callwatch, portal, server)
        known = {name: stored.call for name, stored in stored_calls(callwatch).items()}
        server.change(url, body=LOGIN)
        again = harvest(callwatch, portal, server, at=NOW + timedelta(days=1))
    assert again.report["verdict"] == "partial", "a page that was read before is missing"
    assert {name: stored.call for name, stored in stored_calls(callwatch).items()} == known


def test_when_the_script_is_gone_the_feed_serves_and_nothing_is_told_twice(callwatch: Callwatch) -> None:
    url = LISTS["cascade_funding_hub"]
    with site_server(site("cascade_funding_hub")) as server:
        swap(url, ("dataProposals", "openCalls"))(server)
        first = harvest(callwatch, "cascade_funding_hub", server)
        assert (first.report["verdict"], sorted(stored_calls(callwatch))) == (
            "partial",
            ["icelogic-first-open-call", "tideheat-open-call"],
        )
        swap(url, ("openCalls", "dataProposals"))(server)
        second = harvest(callwatch, "cascade_funding_hub", server, at=NOW + timedelta(days=1))
    assert (second.report["verdict"], second.report["new"]) == ("complete", 2)
    told = [event.call_id.partition(":")[2] for event in all_events(callwatch) if event.kind.value == "new"]
    assert sorted(told) == ["90203", "icelogic-first-open-call", "soilbot-robots", "tideheat-open-call"]
    icelogic = stored_calls(callwatch)["icelogic-first-open-call"].call
    assert (str(icelogic.budget and icelogic.budget.total), icelogic.applicants) == ("1200000", "SMEs, Start-ups")


def test_a_call_of_eccp_keeps_its_key_when_the_node_is_no_longer_shown(callwatch: Callwatch) -> None:
    def change(server: SiteServer) -> None:
        server.change(
            LISTS["eccp"] + "?page=1", body=_sitemap(server).replace(b"2026-10-05T08:00Z", b"2026-11-28T08:00Z")
        )
        swap(WOOD, ("data-history-node-id", "data-id"))(server)

    good, other = after(callwatch, "eccp", change)
    assert (good.report["new"], other.report["new"], other.report["verdict"]) == (5, 0, "complete")
    assert "second-open-call-of-woodnord" not in stored_calls(callwatch)


def test_eccp_asks_for_pages_that_have_moved_only_and_never_again_for_private_ones(callwatch: Callwatch) -> None:
    with site_server(site("eccp"), hosts=hosts("eccp")) as server:
        harvest(callwatch, "eccp", server)
        first = [path for path in server.asked if "/open-calls/" in path or "/content/" in path]
        server.asked.clear()
        harvest(callwatch, "eccp", server, at=NOW + timedelta(days=1))
    assert len(first) == len(set(first)), "no page is asked for twice, though two lists name it"
    again = [path for path in server.asked if "/open-calls/" in path or "/content/" in path]
    assert [path.rpartition("/")[2] for path in again] == ["robots-in-small-series-open-call"], (
        "the feed has no lastmod"
    )


def test_a_kic_that_moves_its_deadline_is_an_event_though_the_directory_stands_still(callwatch: Callwatch) -> None:
    _, later = after(callwatch, "eit", swap(STREETS, ("16 February 2027", "23 February 2027")))
    assert (later.report["new"], later.report["changed"]) == (0, 1)
    told = {event.kind.value for event in all_events(callwatch)}
    assert told == {"new", "deadline_extended", "text_changed"}
    assert stored_calls(callwatch)["quiet-streets"].call.remarks == (
        "The EIT directory says 8 February 2027, the KIC's page 23 February 2027 17:00.",
    )


@pytest.mark.parametrize(("day", "said"), [("16/02/2027", ()), ("10/02/2027", ("10 February 2027",))])
def test_a_day_that_only_the_list_changes_is_seen_though_no_page_has_moved(
    day: str, said: tuple[str, ...], callwatch: Callwatch
) -> None:
    after(callwatch, "eit", swap(LISTS["eit"], ("08/02/2027", day)))
    remarks = stored_calls(callwatch)["quiet-streets"].call.remarks
    assert len(remarks) == len(said)
    assert all(words in remark for words, remark in zip(said, remarks, strict=True))


def test_nothing_of_the_texts_of_euroaccess_is_stored(callwatch: Callwatch) -> None:
    from tests.harvest.test_lists import everything

    with site_server(site("euroaccess")) as server:
        harvest(callwatch, "euroaccess", server)
    left = everything(callwatch)
    assert "HORIZON-CL5-2027-01-D2-90" in left
    assert "of the firm" not in left
    assert "2099" not in left, "the old table in a comment"

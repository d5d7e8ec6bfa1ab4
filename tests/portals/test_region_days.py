"""Regional offices' pages and ESF-rådet's plan over several days: a window that moves is one event of one call."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.harvest.commands import Callwatch
from tests.harvest.conftest import callwatch, zygote
from tests.harvest.state import all_events, kinds, never_new, stored_calls
from tests.portals.site_server import SiteServer, site, site_server
from tests.portals.sites import NOW, harvest, hosts

pytestmark = pytest.mark.slow

__all__ = ["callwatch", "zygote"]

PAGES = {
    "region_vasterbotten": "https://regionvasterbotten.se/foretags-och-projektfinansiering/regionala-projektmedel"
    "/ansok-om-projektmedel",
    "region_vasternorrland": "https://www.rvn.se/en/v1/in-english/startpage/in-english/areas-of-activity"
    "/regional-development/business-grants/project-grants-growth/",
    "region_jamtland_harjedalen": "https://regionjh.se/regionalutveckling/foretagsochprojektstod/projektstod"
    "/ansokommedfinansiering.4.61342ea415bcfb5172028e34.html",
    "region_norrbotten": "https://utvecklanorrbotten.se/projektstod/ide-till-ett-trivsamt-norrbotten/",
    "esf_radet": "https://www.esf.se/utlysningar/utlysningsplan/",
}


def two_days(callwatch: Callwatch, portal: str, *words: tuple[str, str]) -> list[tuple[str, str]]:
    """What is told on the day after the page of that portal changed, and on no further day."""
    with site_server(site(portal), hosts=hosts(portal)) as server:
        assert harvest(callwatch, portal, server).report["verdict"] == "complete"
        change(server, PAGES[portal], *words)
        done = harvest(callwatch, portal, server, at=NOW + timedelta(days=1))
        assert (done.report["verdict"], done.report["new"]) == ("complete", 0)
        told = never_new(all_events(callwatch))
        harvest(callwatch, portal, server, at=NOW + timedelta(days=2))
        assert never_new(all_events(callwatch)) == told
    return [(event.call_id.partition(":")[2], event.kind.value) for event in told if event.kind.value[0] != "t"]


def change(server: SiteServer, url: str, *words: tuple[str, str]) -> None:
    text = server.answers[server.place(url, server.hosts)].body.decode()
    for old, new in words:
        assert old in text
        text = text.replace(old, new)
    server.change(url, body=text.encode())


LARGE = "ansok-om-projektmedel--ansokningar-som-overstiger-1-200-000-kr"


@pytest.mark.parametrize(
    ("portal", "words", "expected"),
    [
        (
            "region_vasterbotten",
            ("2026-09-29--2026-12-14 (vecka 39-50)", "2026-09-29--2026-12-21 (vecka 39-51)"),
            (LARGE, "deadline_extended"),
        ),
        ("region_vasterbotten", ("den 19 mars 2027", "den 5 mars 2027"), (LARGE, "deadline_brought_forward")),
        (
            "region_jamtland_harjedalen",
            ("2026-12-23", "2027-01-08"),
            ("ansokommedfinansiering", "deadline_extended"),
        ),
        (
            "region_norrbotten",
            ("21 november-12 december", "21 november-11 januari 2027"),
            ("ide-till-ett-trivsamt-norrbotten", "deadline_extended"),
        ),
        (
            "region_vasternorrland",
            ("The dates of the next call are not yet decided.", "Apply from 11 January to 5 March 2027."),
            ("project-grants-growth", "deadline_added"),
        ),
        (
            "esf_radet",
            (
                "<p>Öppnar: Maj 2027</p><p>Stänger: Ej bestämt</p>",
                "<p>Öppnar: 3 maj 2027</p><p>Stänger: 7 juni 2027</p>",
            ),
            ("plan-ovre-norrland-d-forstudier-om-arbetskraft-i-glesbygd-2027h1", "deadline_added"),
        ),
    ],
)
def test_a_window_that_moves_is_one_event_of_the_same_call(
    portal: str, words: tuple[str, str], expected: tuple[str, str], callwatch: Callwatch
) -> None:
    assert two_days(callwatch, portal, words) == [expected]


def test_a_call_that_opens_stays_the_same_whatever_its_heading_says(callwatch: Callwatch) -> None:
    words = (
        ("<h3>Pågående utlysning</h3><p>2026-09-29--2026-12-14 (vecka 39-50), beslut i februari 2027.</p>", ""),
        ("<h3>Kommande utlysning</h3>", "<h3>Pågående utlysning</h3>"),
    )
    assert two_days(callwatch, "region_vasterbotten", *words) == [(LARGE, "deadline_removed")]


@pytest.mark.parametrize("portal", ["region_vasterbotten", "esf_radet"])
@pytest.mark.parametrize(
    "body", [b"", b"<html lang=sv><title>Ny webbplats</title><main><p>Vi flyttar.</p></main>"]
)
def test_a_changed_page_takes_no_call_away(portal: str, body: bytes, callwatch: Callwatch) -> None:
    with site_server(site(portal), hosts=hosts(portal)) as server:
        harvest(callwatch, portal, server)
        before = stored_calls(callwatch)
        server.change(PAGES[portal], body=body)
        done = harvest(callwatch, portal, server, at=NOW + timedelta(days=1))
    assert done.report["verdict"] in ("partial", "failed")
    after = stored_calls(callwatch)
    assert {name: (stored.call, stored.misses) for name, stored in after.items()} == {
        name: (stored.call, 0) for name, stored in before.items()
    }


def test_a_planned_call_that_gets_a_page_is_no_new_one(callwatch: Callwatch) -> None:
    portal, page = "esf_radet", "https://www.esf.se/utlysningar/social-innovation/"
    link = f'<h3><a href="{page}">Social innovation</a></h3>'
    with site_server(site(portal), hosts=hosts(portal)) as server:
        harvest(callwatch, portal, server)
        change(server, PAGES[portal], ("<h3>Social innovation</h3>", link))
        for day in range(1, 5):
            done = harvest(callwatch, portal, server, at=NOW + timedelta(days=day))
            assert (done.report["verdict"], done.report["new"]) == ("complete", 0)
    assert "social-innovation" not in stored_calls(callwatch), "it keeps the key under which readers know it"
    assert "withdrawn" not in {kind for _, kind in kinds(all_events(callwatch))}

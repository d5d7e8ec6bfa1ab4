"""Feeds on bad days: another encoding than declared, a web page in their place, nothing in them."""

from __future__ import annotations

from typing import Any

from tests.harvest.commands import Callwatch
from tests.harvest.conftest import callwatch, zygote
from tests.harvest.state import stored_calls
from tests.portals.site_server import TYPES, Answer, site, site_server
from tests.portals.sites import harvest, hosts

__all__ = ["callwatch", "zygote"]

NAME = "commission_news"
FEED = "https://new-european-bauhaus.europa.eu/node/2/rss_en"
POST = "https://new-european-bauhaus.europa.eu/news/neb-small-towns-call-2026-11-11_en"
EMPTY = b'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title></channel></rss>'
BAD_DAYS: dict[str, Any] = {
    "eismea": Answer(b"<!DOCTYPE html><html><title>News</title><main>News</main></html>"),
    "cinea": Answer(b"", TYPES[".xml"]),
    "hadea": Answer(b"<title>Not found</title>", status=404),
    "eic": Answer(EMPTY, TYPES[".xml"]),
}


def test_bad_feeds_are_told_and_the_others_are_read(callwatch: Callwatch) -> None:
    bad = {f"https://{name}.ec.europa.eu/node/2/rss_en": answer for name, answer in BAD_DAYS.items()}
    with site_server(site(NAME) | bad, hosts=hosts(NAME)) as server:
        done = harvest(callwatch, NAME, server)
    assert (done.code, done.report["verdict"]) == (3, "partial")
    for name in ("eismea", "cinea"):
        assert f"{name}: https://{name}.ec.europa.eu/node/2/rss_en: neither RSS nor Atom" in done.problems
    assert "hadea.ec.europa.eu/node/2/rss_en: HTTP 404" in done.problems
    assert "eic: only 0 items, at least 1 expected" in done.problems
    assert {reference.partition("-")[0] for reference in stored_calls(callwatch)} == {"neb", "clima"}


def test_latin_1_that_calls_itself_utf_8(callwatch: Callwatch) -> None:
    answers = site(NAME)
    feed = answers[FEED].body.decode().replace("call for small towns", "call for småstäder")
    page = answers[POST].body.decode().replace("call for small towns", "call for småstäder")
    page = page.replace("<head>", '<head><meta charset="utf-8">')
    answers |= {
        FEED: Answer(feed.encode("latin-1"), "application/rss+xml; charset=utf-8"),
        POST: Answer(page.encode("latin-1"), "text/html"),
    }
    with site_server(answers, hosts=hosts(NAME)) as server:
        done = harvest(callwatch, NAME, server)
    assert done.report["verdict"] == "complete"
    call = stored_calls(callwatch)["neb-neb-small-towns-call-2026-11-11"].call
    assert call.title == "New European Bauhaus: call for småstäder launched"


def test_every_post_on_its_own_hosts_is_counted_and_calls_are_kept(callwatch: Callwatch) -> None:
    with site_server(site(NAME), hosts=hosts(NAME)) as server:
        done = harvest(callwatch, NAME, server)
    posts = [path for path in server.asked if "/news/" in path]
    assert len(posts) == 10
    assert done.report["seen"] == 10
    assert done.report["stored"] == done.report["new"] == 6
    assert not any("presscorner" in path for path in server.asked)
    assert server.faults == []

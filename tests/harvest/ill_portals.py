"""Bad days of a portal of pages: what its site answers then, and what an operator reads."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.conftest import ROOT
from tests.portals.site_server import TYPES, Answer, SiteServer, site

PORTAL = "tillvaxtverket"
HOST = "https://tillvaxtverket.se"
PAGES = {url: answer for url, answer in site(PORTAL).items() if url.endswith(".html")}
(FEED,) = set(site(PORTAL)) - set(PAGES)
PAGE = next(iter(PAGES))
LIST, MAP, FILE = (f"{HOST}/{name}" for name in ("list.html", "sitemap.xml", "calls.xlsx"))
PROSE = {"details": True, "keep": "main", "private": "/logga-in/", "at_least": 2}
SOURCES: dict[str, dict[str, Any]] = {
    "feed": {"by": "feed", "url": FEED, **PROSE},
    "listing": {
        "by": "listing",
        "url": LIST,
        "rows": "li.call",
        "fields": {"title": "a"},
        "next": "a.next",
        **PROSE,
    },
    "sitemap": {"by": "sitemap", "url": MAP, "only": "/utlysningar/", "pages": 5, **PROSE},
    "bulk_file": {"by": "bulk_file", "url": FILE, "at_least": 1},
    "embedded": {"by": "embedded", "url": LIST, "variable": "calls", "at_least": 1},
}
LOL = '<!DOCTYPE z [<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
EXTERNAL = '<!DOCTYPE z [<!ENTITY f SYSTEM "file:///etc/passwd">]>'


def html(title: str, body: str) -> bytes:
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>".encode()


def rows(*urls: str, more: str = "") -> bytes:
    lines = "".join(f'<li class="call"><a href="{url}">Call {n}</a></li>' for n, url in enumerate(urls))
    return html("Calls", f"<ul>{lines}</ul>{more}")


def places(*urls: str, head: str = "", more: str = "") -> bytes:
    lines = "".join(f"<url><loc>{url}</loc><lastmod>2026-11-01</lastmod></url>" for url in urls)
    return f'<?xml version="1.0"?>{head}<urlset>{more}{lines}</urlset>'.encode()


def index(*urls: str) -> bytes:
    lines = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return f"<sitemapindex>{lines}</sitemapindex>".encode()


def good(by: str) -> dict[str, Answer]:
    """The site on a good day, its calls named in that way."""
    lists = {
        "listing": {LIST: Answer(rows(*PAGES))},
        "sitemap": {MAP: Answer(places(*PAGES), TYPES[".xml"])},
        "bulk_file": {FILE: Answer(b"Title;Cost\nA;1\n", TYPES[".csv"])},
        "embedded": {LIST: Answer(b'<script>calls = [{"title": "A"}]</script>')},
    }
    return lists[by] | PAGES if by in lists else site(PORTAL)


def config(folder: Path, by: str) -> Path:
    """A folder with the portal alone, read in that way."""
    portal = yaml.safe_load((ROOT / "config" / "portals" / f"{PORTAL}.yml").read_text(encoding="utf-8"))
    portal["harvest"]["sources"] = [{"name": "calls", **SOURCES[by]}]
    portal["partial_view"] = False
    portal["requests"] |= {"body_mib": 16, "timeout": 2}
    path = folder / f"config-{by}" / "portals" / f"{PORTAL}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(portal), encoding="utf-8")
    (path.parents[1] / "subscriptions.yml").write_text("contacts: {}\nsubscriptions: []\n")
    return path.parents[1]


class Ill(NamedTuple):
    """A bad day: how the calls are named, what is different, and what comes of it."""

    by: str
    verdict: str
    told: str
    change: Callable[[SiteServer], None]


def says(url: str, body: bytes, kind: str = TYPES[".html"], **more: Any) -> Callable[[SiteServer], None]:
    """That address answers something else."""
    return lambda server: server.change(url, body=body, kind=kind, **more)


def sends(url: str, to: str) -> Callable[[SiteServer], None]:
    """That address redirects."""
    return lambda server: server.change(url, body=b"", status=302, headers={"Location": to})


def sets(**values: Any) -> Callable[[SiteServer], None]:
    """The whole server behaves otherwise."""
    return lambda server: vars(server).update(values)


def packed(url: str, body: bytes, cut: int | None = None) -> Callable[[SiteServer], None]:
    """That address answers with gzip, which may lack its end."""
    more = {"headers": {"Content-Encoding": "gzip"}, "validators": False}
    return lambda server: server.change(url, body=gzip.compress(body)[:cut], **more)


def wants_login(server: SiteServer) -> None:
    sends(LIST, "/logga-in/?to=list")(server)
    server.change(f"{HOST}/logga-in/?to=list", body=html("Konto", "x"))


def to_front(server: SiteServer) -> None:
    sends(PAGE, "/")(server)
    server.change(f"{HOST}/", body=html("Hem", "x"))


def all_gone(server: SiteServer) -> None:
    for url in PAGES:
        server.change(url, status=410)


def many_parts(server: SiteServer) -> None:
    parts = [f"{HOST}/s{number}.xml" for number in range(50)]
    server.change(MAP, body=index(*parts))
    for part in parts[:5]:
        server.change(part, body=places(*PAGES), kind=XML)


def bomb() -> bytes:
    """A workbook of 300 MB, packed into 300 KB."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/worksheets/sheet1.xml", b" " * (300 << 20))
    return whole.getvalue()


XML, XLSX = TYPES[".xml"], TYPES[".xlsx"]
DEEP = b"[" * 100_000
NEW = f"{HOST}/utlysningar/ny.90099.html"
MANY = [f"{HOST}/utlysningar/c.{n}.html" for n in range(100_000)]
TOO_MANY = "calls: more than 300 items (harvest: max_items)"
TOO_FEW = "only 0 items, at least 2 expected (sources: at_least)"
FORBIDDEN = "User-agent: *\nDisallow: /\n"


def entities(head: str, use: str) -> bytes:
    """A feed whose one post is made of an entity."""
    item = f"<channel><item><title>{use}</title></item></channel>"
    return f"<?xml version='1.0'?>{head}<rss version='2.0'>{item}</rss>".encode()


def ill_feeds() -> dict[str, Ill]:
    half = site(PORTAL)[FEED].body[:-400]
    empty = b"<rss version='2.0'><channel/></rss>"
    return {
        "the feed is empty": Ill("feed", "partial", TOO_FEW, says(FEED, empty, XML)),
        "the feed ends in the middle": Ill("feed", "partial", "ends in the middle", says(FEED, half, XML)),
        "a web page instead of the feed": Ill(
            "feed", "failed", "neither RSS nor Atom", says(FEED, html("Hej", "x"))
        ),
        "entities that multiply": Ill(
            "feed", "partial", "calls: ", says(FEED, entities(LOL + "]>", "&a11;"), XML)
        ),
    }


def ill_lists() -> dict[str, Ill]:
    moved = f"selector found nothing: li.call (0 found, at least 1 expected), at {LIST}"
    elsewhere = "refused to ask https://elsewhere.example:443: not an address of this portal"
    strange = "1 links lead to elsewhere.example, which is not among hosts"
    return {
        "changed markup of the list": Ill("listing", "failed", moved, says(LIST, html("Calls", "<p>A"))),
        "fewer rows than ever": Ill("listing", "partial", "only 1 items, at least 2", says(LIST, rows(PAGE))),
        "rows lead elsewhere": Ill("listing", "partial", strange, says(LIST, rows("https://elsewhere.example/x"))),
        "the list wants a log-in": Ill("listing", "failed", f"{LIST}: asks for a log-in", wants_login),
        "redirected to another host": Ill(
            "listing", "failed", elsewhere, sends(LIST, "https://elsewhere.example/")
        ),
        "redirected without end": Ill("listing", "failed", "max redirections reached", sends(LIST, "/list.html")),
        "broken gzip": Ill("listing", "failed", "broken gzip", packed(LIST, rows(*PAGES) * 50, -30)),
        "an answer that does not come": Ill("listing", "failed", f"{LIST}: ", sets(delay=3.0)),
        "100,000 links": Ill("listing", "failed", TOO_MANY, says(LIST, rows(*MANY))),
        "robots.txt forbids": Ill("listing", "failed", "robots.txt forbids it", sets(robots=FORBIDDEN)),
        "robots.txt is down": Ill("listing", "failed", "/robots.txt answers HTTP 503", sets(robots_status=503)),
    }


def ill_pages() -> dict[str, Ill]:
    moved = f"selector found nothing: main (0 found, at least 1 expected), at {PAGE}"
    error, login = html("Sidan kunde inte hittas", "<main>x"), html("Logga in", "<input type=password>")
    scripts = html("A", "<main><script>go()</script></main>")
    inside = sends(PAGE, "http://169.254.169.254/latest/")
    return {
        "changed markup of the pages": Ill("listing", "partial", moved, says(PAGE, html("A", "<div>x"))),
        "a page that only scripts fill": Ill("listing", "partial", "main (without text)", says(PAGE, scripts)),
        "a page that reports an error": Ill(
            "listing", "partial", "a page that reports an error", says(PAGE, error)
        ),
        "a known page wants a log-in": Ill("listing", "partial", f"{PAGE}: asks for a log-in", says(PAGE, login)),
        "redirected into our network": Ill("listing", "partial", "refused to ask http://169.254.169.254", inside),
        "redirected to the front page": Ill(
            "listing", "partial", f"{PAGE}: redirected to the front page", to_front
        ),
        "a page of 50 MB": Ill("listing", "partial", "DownloadCancelledError", says(PAGE, b"x" * (50 << 20))),
        "50 MB in 50 KB": Ill("listing", "partial", "IgnoreRequest", packed(PAGE, b" " * (50 << 20))),
        "no longer there, all of it": Ill("listing", "partial", "no longer there (HTTP 410)", all_gone),
    }


def ill_sitemaps() -> dict[str, Ill]:
    lol, outside = places("&a11;", head=LOL + "]>"), places("&f;", head=EXTERNAL)
    return {
        "no sitemap": Ill("sitemap", "failed", f"{MAP}: no sitemap, but <html>", says(MAP, html("Hej", "x"))),
        "a sitemap index of itself": Ill("sitemap", "partial", TOO_FEW, says(MAP, index(MAP, MAP), XML)),
        "a sitemap of too many parts": Ill("sitemap", "partial", "more than 5 pages (sources: pages)", many_parts),
        "a sitemap with 100,000 links": Ill("sitemap", "failed", TOO_MANY, says(MAP, places(*MANY), XML)),
        "a sitemap that multiplies": Ill("sitemap", "partial", "calls: ", says(MAP, lol, XML)),
        "a sitemap with a file of ours": Ill("sitemap", "partial", "calls: ", says(MAP, outside, XML)),
    }


def ill_files() -> dict[str, Ill]:
    gone = "selector found nothing: script variable calls"
    login = 'a web page instead of a file: "Logga in"'
    script = b"<script>var calls = " + DEEP
    return {
        "an XLSX that unpacks to gigabytes": Ill("bulk_file", "failed", "MiB unpacked", says(FILE, bomb(), XLSX)),
        "an XLSX that is none": Ill("bulk_file", "failed", "no readable XLSX", says(FILE, b"PK\x03\x04 no", XLSX)),
        "a web page instead of the file": Ill("bulk_file", "failed", login, says(FILE, html("Logga in", "x"))),
        "JSON 100,000 deep": Ill("bulk_file", "failed", "no whole JSON", says(FILE, DEEP, TYPES[".json"])),
        "a script 100,000 deep": Ill("embedded", "failed", "calls: no whole JSON", says(LIST, script)),
        "a script that is gone": Ill("embedded", "failed", gone, says(LIST, html("Calls", "x"))),
    }


ILL = {**ill_feeds(), **ill_lists(), **ill_pages(), **ill_sitemaps(), **ill_files()}
"""By what happened."""

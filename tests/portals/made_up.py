"""Made-up portals, one for each base: what they answer, in the form of real ones."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from tests.portals.site_server import TYPES, Answer

NAMES = {
    "hydrogen-ferries": ("Hydrogen ferries for short routes", "15 March 2027", "EUR 2 million"),
    "wood-in-cities": ("Building with wood in cities", "30 April 2027", "EUR 900,000"),
    "smart-mines": ("Robots in deep mines", "2 June 2027", "EUR 1.5 million"),
    "circular-textiles": ("Circular textiles from old uniforms", "1 September 2027", "EUR 600,000"),
    "second-life": ("A second life for batteries", "12 May 2027", "EUR 3 million"),
}
PERSON = "anna.test@northsea.example"


@dataclass
class MadeUp:
    """A portal: where it is, what it answers by address, and how many calls it has."""

    url: str
    answers: dict[str, Answer]
    calls: int = len(NAMES)
    pages: int = field(default=3)


def html(title: str, main: str, more: str = "") -> Answer:
    """A page with menus and a footer."""
    links = "".join(
        f'<li><a href="/{name}">{name}</a></li>' for name in ("home", "about", "news", "people", "jobs")
    )
    head = f'<title>{title} | North Sea Fund</title><meta property="og:site_name" content="North Sea Fund">{more}'
    foot = f'<footer><ul>{links}</ul><a href="mailto:{PERSON}">{PERSON}</a></footer>'
    body = f"<header><nav><ul>{links}</ul></nav></header><main>{main}</main>{foot}"
    return Answer(f'<!doctype html><html lang="en-GB"><head>{head}</head><body>{body}</body></html>'.encode())


def prose(key: str) -> str:
    """What the page of a call says."""
    title, day, money = NAMES[key]
    return (
        f"<h1>{title}</h1><p>The fund pays for trials of this kind at the coast. The total budget is {money}.</p>"
        f"<p>Deadline: {day}, 17:00 CET.</p><h2>Who can apply</h2><p>Companies, towns and universities.</p>"
        f'<h2>Contact</h2><p><a href="mailto:{PERSON}">Anna Test</a>, {PERSON}</p>'
    )


def pages(site: str, folder: str = "calls") -> dict[str, Answer]:
    """The pages of all calls."""
    return {f"{site}/{folder}/{key}": html(NAMES[key][0], prose(key)) for key in NAMES}


def listing() -> MadeUp:
    """Cards with a picture that links before the heading does, tabs above them."""
    site = "https://cards.example"
    cards = "".join(
        f'<div class="col-md-6"><article class="card" id="node-{n}"><a class="card-image" href="/img/{key}.jpg">'
        f'<img src="/x.jpg"></a><h3><a href="/calls/{key}">{title}</a></h3>'
        f'<p class="date"><time datetime="2026-11-1{n}">1{n} Nov 2026</time></p>'
        f"<p>Apply until {day}.</p></article></div>"
        for n, (key, (title, day, _)) in enumerate(NAMES.items())
    )
    tabs = '<ul class="tabs"><li><a href="/calls?open">Open</a></li><li><a href="/calls?over">Over</a></li></ul>'
    feed = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    main = html("Open calls", f"<h1>Open calls</h1>{tabs}<div class='row'>{cards}</div>", feed)
    return MadeUp(f"{site}/calls", {f"{site}/calls": main, **pages(site)})


def feed() -> MadeUp:
    """RSS with the names of those who wrote."""
    site = "https://feed.example"
    items = "".join(
        f"<item><title>{title}</title><link>{site}/calls/{key}?utm_source=rss</link><guid>{key}</guid>"
        f"<author>{PERSON} (Anna Test)</author><pubDate>Tue, 10 Nov 2026 08:00:00 +0100</pubDate></item>"
        for key, (title, _, _) in NAMES.items()
    )
    channel = f"<channel><title>Calls of the North Sea Fund</title><language>en-gb</language>{items}</channel>"
    body = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0">{channel}</rss>'.encode()
    named = {f"{url}?utm_source=rss": page for url, page in pages(site).items()}
    return MadeUp(f"{site}/feed.xml", {f"{site}/feed.xml": Answer(body, TYPES[".xml"]), **named})


def sitemap() -> MadeUp:
    """All pages of a site, some of which are calls."""
    site = "https://map.example"
    others = [f"{site}/{name}" for name in ("", "about", "news/a", "news/b", "people/anna")]
    urls = [*others, *(f"{site}/calls/{key}" for key in NAMES)]
    days = [f"2026-11-{number:02}" for number, _ in enumerate(urls, 1)]
    entries = "".join(
        f"<url><loc>{u}</loc><lastmod>{day}</lastmod></url>" for u, day in zip(urls, days, strict=True)
    )
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    body = f'<?xml version="1.0"?><urlset xmlns="{space}">{entries}</urlset>'.encode()
    return MadeUp(f"{site}/sitemap.xml", {f"{site}/sitemap.xml": Answer(body, TYPES[".xml"]), **pages(site)})


def page_watch() -> MadeUp:
    """One page, one call."""
    url = "https://one.example/funding/current"
    return MadeUp(url, {url: html("The call", prose("smart-mines"))}, calls=1)


def embedded() -> MadeUp:
    """An array in a script; its items have no pages."""
    url = "https://script.example/open"
    items = [
        {"id": 40 + number, "name": title, "text": f"<p>Deadline: {day}. In all {money}.</p>", "tags": ["a", "b"]}
        for number, (title, day, money) in enumerate(NAMES.values())
    ]
    script = f'<script>var menu = [{{"x": 1}}];\nwindow.grants = {json.dumps(items)};</script>'
    return MadeUp(url, {url: html("Grants", "<div id='grants'></div>", script)})


def bulk_file() -> MadeUp:
    """A CSV file with a note above its header."""
    url = "https://file.example/calls.csv"
    rows = [f"NSF-{n};{title};{day};{money}" for n, (title, day, money) in enumerate(NAMES.values())]
    text = "\n".join(["Calls of the fund;;;", "Call ID;Call title;Deadline;Total budget", *rows])
    return MadeUp(url, {url: Answer(text.encode(), TYPES[".csv"])})


def json_list() -> MadeUp:
    """An array with a contact in each record."""
    url = "https://list.example/api/calls"
    rows = [
        {"callId": f"NSF-{n}", "title": title, "closes": f"Deadline: {day}", "money": money, "mail": PERSON}
        for n, (title, day, money) in enumerate(NAMES.values())
    ]
    return MadeUp(url, {url: Answer(json.dumps(rows).encode(), TYPES[".json"])})


ALL = {made.__name__: made for made in (listing, feed, sitemap, page_watch, embedded, bulk_file, json_list)}
"""By base."""

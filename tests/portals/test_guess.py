"""What the scaffold guesses of pages and records."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from callwatch.scaffold import guess
from callwatch.scaffold.keys import Columns, columns, segments
from callwatch.scaffold.site import Reply, clean
from pipeline.normalise.keys import key_of
from pipeline.normalise.pages import Page
from pipeline.source_pages import Source
from spiders.base import listing
from spiders.base.entries import Entry

URL = "https://fund.example/calls"
CARDS = "".join(f'<a class="card" href="/c/{n}"><h4>Call {n}</h4><p>Some words on it.</p></a>' for n in range(4))
TABLE = "".join(f'<tr><td><a href="/c?id={n}">Call {n}</a></td><td>2027-01-0{n}</td></tr>' for n in range(1, 5))
YEARS = {
    y: "".join(f"<li><a href=/c/{y}-{n}>A call of some length, {y}</a></li>" for n in range(4)) for y in (1, 2)
}
NESTED = "".join(f"<section><h2>Year {y}</h2><ul>{items}</ul></section>" for y, items in YEARS.items())


def tree(main: str) -> BeautifulSoup:
    menu = "".join(f'<li><a href="/menu/{n}">A menu with many words {n}</a></li>' for n in range(20))
    nav = f"<nav><ul>{menu}</ul></nav><div class='breadcrumbs'><ul>{menu}</ul></div>"
    return BeautifulSoup(
        f"<html><body>{nav}<main>{main}</main><footer><ul>{menu}</ul></footer></body></html>", "lxml"
    )


@pytest.mark.parametrize(
    ("main", "rows", "urls"),
    [
        (f"<div class='grid'>{CARDS}</div>", "a.card", [f"https://fund.example/c/{n}" for n in range(4)]),
        (
            f"<table><tr><th>Name</th></tr>{TABLE}</table>",
            None,
            [f"https://fund.example/c?id={n}" for n in range(1, 5)],
        ),
        (NESTED, None, [f"https://fund.example/c/{y}-{n}" for y in (1, 2) for n in range(4)]),
    ],
)
def test_rows(main: str, rows: str | None, urls: list[str]) -> None:
    page = tree(main)
    found = guess.rows(page)
    assert found
    assert rows in (None, found.rows)
    given = {"link": found.link} if found.link else {}
    source = Source(name="calls", by="listing", url=URL, rows=found.rows, fields=found.fields, **given)
    listed = listing.read(str(page), URL, source)
    assert [entry.url for entry in listed.entries] == urls
    assert all("all" in entry.fields["title"] for entry in listed.entries)


@pytest.mark.parametrize("main", ["", "<p>Nothing yet.</p>", "<p><a href='/one'>One link</a></p>"])
def test_no_rows(main: str) -> None:
    assert guess.rows(tree(main)) is None


@given(st.text(alphabet='<>/ahrefliup="1 ', max_size=120))
def test_any_markup_gives_rows_that_can_be_read_or_none(main: str) -> None:
    page = tree(main)
    found = guess.rows(page)
    if found:
        source = Source(name="calls", by="listing", url=URL, rows=found.rows, fields=found.fields)
        assert len(listing.read(str(page), URL, source).entries) >= 2


def test_next_keep_and_about() -> None:
    page = tree("<p>" + "words " * 40 + "</p><a rel='next' href='?page=2'>More</a>")
    assert guess.keep([page, page]) == "main"
    assert guess.keep([page, BeautifulSoup("<p>x</p>", "lxml")]) == guess.keep([]) == "body"
    listed = guess.rows(tree(f"{CARDS}<a rel='next' href='?page=2'>More</a>"))
    assert listed
    assert listed.next == 'a[rel~="next"]'
    titled = BeautifulSoup("<html lang='sv-SE'><title>Utlysningar | Norrfonden</title></html>", "lxml")
    assert guess.about(titled, URL) == guess.About("Norrfonden", "sv")
    assert guess.about(BeautifulSoup("", "lxml"), URL) == guess.About("fund.example", "")


def test_the_largest_array_and_the_addresses_of_calls() -> None:
    assert guess.variable("var a = [{}]; window.calls = [{'x': 'long enough'}];") == "calls"
    assert guess.variable("no array") == ""
    urls = [f"https://x.example/en/open-calls/{n}" for n in "abc"] + ["https://x.example/funded/a"]
    assert guess.only(urls) == "/open-calls/."
    assert guess.only(["https://x.example/about"]) == ""


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([{"id": "1", "title": "A b", "url": "https://x.example/1"}], Columns("id", "title", "url")),
        ([{"Name": "A b c", "n": "x"}, {"Name": "D e f", "n": "y"}], Columns("Name", "Name", "")),
        (
            [{"kind": "x", "Ref": "7", "words": "a b c d"}, {"kind": "x", "Ref": "8", "words": "e"}],
            Columns("Ref", "words", ""),
        ),
    ],
)
def test_columns(rows: list[dict[str, str]], found: Columns) -> None:
    assert columns(rows) == found


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://x.example/calls/green-2027.html", "green-2027"),
        ("https://x.example/calls/green/?utm_source=feed&id=7", "green?id=7"),
        ("https://x.example/?p=12", "?p=12"),
        ("https://x.example/utlysningar/gr%C3%B6n", "grön"),
        ("https://x.example/", ""),
        ("", ""),
        ("https://[broken", ""),
    ],
)
def test_key_of_an_address(url: str, key: str) -> None:
    assert key_of(Page("", url)) == key


def test_so_many_segments_as_tell_pages_apart() -> None:
    assert segments([Entry("https://x.example/a/1"), Entry("https://x.example/a/2")]) == 1
    assert segments([Entry("https://x.example/a/view"), Entry("https://x.example/b/view")]) == 2
    assert key_of(Page("", "https://x.example/a/view", part="s1"), 2) == "a/view#s1"


@given(st.text(max_size=40), st.text(max_size=10))
def test_a_key_can_be_stored(path: str, query: str) -> None:
    key = key_of(Page("", f"https://x.example/{path}?q={query}"))
    assert len(key) <= 300
    assert key.isprintable()


def test_what_is_kept_of_a_feed_and_a_page() -> None:
    source = Source(name="calls", by="feed", url="https://x.example/feed", details=True)
    item = "<item><title>{0}</title><link>https://x.example/{0}</link><author>a@b.example (A B)</author></item>"
    channel = f"<channel><managingEditor>C</managingEditor>{item.format(1)}{item.format(2)}</channel>"
    text = f"<?xml version='1.0'?><rss>{channel}</rss>"
    body = clean(Reply(source.url, text.encode(), text, source), {"https://x.example/2"}).decode()
    assert body == (
        "<?xml version='1.0'?><rss><channel><item><title>2</title><link>https://x.example/2</link></item>"
        "</channel></rss>"
    )
    mail = "<a href='mailto:a@b.example'>A B</a>"
    page = f"<main><!-- c --><style>x</style><p class='y'>Call a@b.example</p>{mail}</main>"
    body = clean(Reply("https://x.example/1", page.encode(), page, source, page=True), ()).decode()
    assert '<p class="y">Call </p>' in body
    assert not any(word in body for word in ("A B", "@", "style", "<!-- c"))


def test_an_atom_feed_is_cut_and_so_is_the_way_to_a_next_page() -> None:
    source = Source(name="calls", by="feed", url="https://x.example/feed", details=True)
    entry = '<entry><id>t:{0}</id><link rel="alternate" href="/{0}"/><author><name>A B</name></author></entry>'
    text = f"<feed><title>T</title>{entry.format(1)}{entry.format(2)}</feed>"
    body = clean(Reply(source.url, text.encode(), text, source), {"https://x.example/2"}).decode()
    assert body == '<feed><title>T</title><entry><id>t:2</id><link rel="alternate" href="/2"/></entry></feed>'
    source = Source(name="calls", by="listing", url=URL, rows="li", next="a[rel=next]", details=True)
    text = "<ul><li><a href='/1'>a</a></li><li><a href='/2'>b</a></li></ul><a rel='next' href='?p=2'>more</a>"
    reply = Reply(URL, text.encode(), text, source)
    cut = clean(reply, {"https://fund.example/2"}, {URL}).decode()
    assert [word in cut for word in ("/1", "/2", "more")] == [False, True, False]
    assert "more" in clean(reply, (), {URL, f"{URL}?p=2"}).decode()

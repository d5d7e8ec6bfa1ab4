"""What lists are read as: rows, posts, places, scripts and files; and that nothing a portal sends ends a crawl."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.source_pages import Source
from spiders.base import bulk_file, embedded, feed, listing, sitemap
from spiders.base.entries import Entry, Listed, absolute, wanted
from spiders.base.envelope import NotAnAnswer
from spiders.base.persons import without_addresses
from spiders.select import NothingFound, many

URL = "https://portal.example/calls/list"
POST = "<item><title>{}</title><link>{}</link><description>{}</description></item>"
RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{}</channel></rss>'
MAP = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'
LOL = '<!DOCTYPE z [<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))


def source(by: str, **given: Any) -> Source:
    needed = {"listing": {"rows": "li"}, "embedded": {"variable": "calls"}}.get(by, {})
    return Source(**{"name": "calls", "by": by, "url": URL, **needed, **given})


def urls(listed: Listed) -> list[str]:
    return [entry.url for entry in listed.entries]


def test_rows_with_their_links_and_the_next_page() -> None:
    page = """<base href="/other/"><ul><li><a href="a?b=1#top"> One <b>call</b></a><time datetime="2026-12-01">x
    </time><li class="x y"><a href="mailto:a@b.example">no link</a></ul><a class="next" href="?page=2">on</a>"""
    fields = {"title": "a", "day": "time@datetime", "classes": "b@class", "lost": "h3"}
    listed = listing.read(page, URL, source("listing", fields=fields, next="a.next"))
    assert listed.entries == (
        Entry("https://portal.example/other/a?b=1", {"title": "One call", "day": "2026-12-01"}),
        Entry(URL, {"title": "no link"}),
    )
    assert listed.more == ("https://portal.example/other/?page=2",)
    assert [issue.field for issue in listed.issues] == ["classes", "lost"]
    assert all(issue.is_miss for issue in listed.issues)


def test_a_list_without_rows_has_changed_unless_it_may_be_empty() -> None:
    with pytest.raises(NothingFound, match="li"):
        listing.read("<ul></ul>", URL, source("listing", at_least=10))
    assert listing.read("<ul></ul>", URL, source("listing", at_least=0)) == Listed()


def test_a_page_of_a_list_need_not_hold_what_the_whole_list_must() -> None:
    assert len(listing.read('<li><a href="/a">a</a>', URL, source("listing", at_least=10)).entries) == 1


def test_matches_inside_other_matches_are_no_items() -> None:
    from bs4 import BeautifulSoup

    tree = BeautifulSoup("<ul><li id=a><ul><li id=b></ul><li id=c></ul><p><li id=d>", "lxml")
    assert [tag["id"] for tag in many(tree, "li")] == ["a", "c", "d"]


def test_posts_behind_something_else_and_in_another_encoding() -> None:
    body = RSS.format(POST.format("Utlysning för älvar", "/a", "text") + POST.format("Two", "", "t"))
    listed = feed.read(b"\n<!-- cached -->\n" + body.encode(), URL, source("feed"))
    assert urls(listed) == ["https://portal.example/a", URL]
    assert listed.entries[0].fields["title"] == "Utlysning för älvar"
    old = body.replace('"1.0"?', '"1.0" encoding="iso-8859-1"?').encode("latin-1")
    assert feed.read(old, URL, source("feed")).entries[0].fields["title"] == "Utlysning för älvar"


def test_a_feed_that_ends_in_the_middle_is_not_whole() -> None:
    whole = RSS.format(POST.format("One", "/a", "t") + POST.format("Two", "/b", "t")).encode()
    assert feed.read(whole, URL, source("feed")).whole
    half = feed.read(whole[: whole.index(b"<title>Two")], URL, source("feed"))
    assert not half.whole
    assert urls(half)[0] == "https://portal.example/a"
    assert any("ends in the middle" in issue.problem for issue in half.issues)


def test_places_packed_or_not_with_their_last_change() -> None:
    body = MAP.format(
        "<url><loc> /a </loc><lastmod>2026-11-01</lastmod></url><url><loc>ftp://x/</loc></url><url/>"
    ).encode()
    assert sitemap.read(body, URL, source("sitemap")).entries == (
        Entry("https://portal.example/a", {}, "2026-11-01"),
    )
    assert sitemap.read(gzip.compress(body), URL, source("sitemap")) == sitemap.read(body, URL, source("sitemap"))
    index = b"<sitemapindex><sitemap><loc>https://portal.example/1.xml</loc></sitemap></sitemapindex>"
    assert sitemap.read(index, URL, source("sitemap")).more == ("https://portal.example/1.xml",)
    assert not sitemap.read(body[:-20], URL, source("sitemap")).whole


@pytest.mark.parametrize("read", [feed.read, sitemap.read])
def test_entities_are_neither_multiplied_nor_fetched(read: Callable[..., Listed]) -> None:
    entities = LOL + '<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    for name in ("a11", "f"):
        for whole in (
            RSS.format(POST.format(f"&{name};", f"/&{name};", "t")),
            MAP.format(f"<url><loc>/&{name};</loc></url>"),
        ):
            try:
                found = read(whole.replace("?>", f"?>{entities}", 1).encode(), URL, source("feed"))
            except NotAnAnswer:
                continue
            assert "root:" not in repr(found)
            assert len(repr(found)) < 5_000


def test_a_script_is_read_up_to_the_end_of_its_array() -> None:
    page = 'var calls = [{"title": "A\tb", "url": "/a", "n": NaN}, 7, {"x": [1]}]; var y = [];'
    listed = embedded.read(page, URL, source("embedded"))
    assert urls(listed) == ["https://portal.example/a", URL]
    assert json.loads(listed.entries[0].fields["item"]) == {"title": "A\tb", "url": "/a", "n": None}
    with pytest.raises(NothingFound, match="calls"):
        embedded.read("recalls = []", URL, source("embedded"))
    for broken in ('calls = [{"a": ', "calls = " + "[" * 100_000, "calls = [" + "9" * 5000 + "]"):
        with pytest.raises(NotAnAnswer, match="calls: no whole JSON"):
            embedded.read(broken, URL, source("embedded"))


def test_addresses_are_whole_or_none() -> None:
    assert absolute(URL, " ../x y/å?q=ö#z ") == "https://portal.example/x y/å?q=ö"
    assert (
        absolute("https://portal.example/", "http://portal.example:80/a\x00\ud800")
        == "https://portal.example/a%00%3F"
    )
    assert absolute(URL, "/a", "other.example") == "https://other.example/a"
    none = (
        "javascript:alert(1)",
        "data:,x",
        "https://[::1",
        "https://h:99999/",
        "//user:pw@h/",
        "/?to=a@b.example",
    )
    assert [absolute(URL, href) for href in (*none, "/" + "a" * 3000)] == [""] * (len(none) + 1)


def test_only_what_is_wanted() -> None:
    entries = [
        Entry("https://h/call/1", {"title": "Result"}),
        Entry("https://h/news/2", {"title": "Call"}),
        Entry("https://h/x"),
    ]
    assert [e.url for e in wanted(entries, source("feed", only="call", skip="result"))] == ["https://h/news/2"]


@pytest.mark.parametrize(
    "hidden",
    ["anna.b+c@mail.example", "anna&#64;mail.example", "anna&#x40;mail.example", "anna&commat;mail.example",
     "&#97;&#110;&#110;&#97;&#64;mail&#46;example", "anna<span>@</span>mail.example",
     "<b>anna</b><i>@</i><b>mail.example</b>"],
)  # fmt: skip
def test_no_address_of_a_person_is_kept(hidden: str) -> None:
    left = without_addresses(f"Ask {hidden} &amp; read &#8211; on &#60;")
    assert "anna" not in left.replace("&#97;", "a").replace("&#110;", "n")
    assert left.startswith("Ask ")
    assert left.endswith(" &amp; read &#8211; on &#60;")


JUNK = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")),
    st.lists(
        st.sampled_from(
            [b"<?xml version='1.0' encoding='rot13'?>", b"<rss version='2.0'>", b"<item>", b"<link>",
             b"//[", b"</rss>", b"<urlset>", b"<sitemapindex>", b"<loc>", b"<!-- x -->", b"<?pi?>",
             b"<!DOCTYPE a [", b"&x;", b"PK\x03\x04", b"\x1f\x8b", b"[{", b'"a":', b"\xff\xfe", b"\x00",
             b";", b"\n", b'"', b"calls = [", b"<li>", b"<a href='", b"'>", b"\xed\xa0\x80",
             b"&#xD800;", b'"\\ud800"', b"}]", b"<feed>", b"<entry>", b"a@b.example",
             b"<link href='x'/>"]
        ),
        max_size=14,
    ).map(b"".join),
)  # fmt: skip


@given(JUNK)
def test_whatever_comes_is_read_or_refused_and_read_alike_twice(body: bytes) -> None:
    text = body.decode("utf-8", "surrogatepass" if b"\xed\xa0" in body else "replace") if _decodes(body) else ""
    for by, read in {"feed": feed.read, "sitemap": sitemap.read, "bulk_file": bulk_file.read}.items():
        assert _read(read, body, by) == _read(read, body, by)
    for by, read_text in {"listing": listing.read, "embedded": embedded.read}.items():
        assert _read(read_text, text, by) == _read(read_text, text, by)


def _decodes(body: bytes) -> bool:
    try:
        body.decode("utf-8", "surrogatepass" if b"\xed\xa0" in body else "replace")
    except UnicodeDecodeError:
        return False
    return True


def _read(read: Callable[..., Listed], body: Any, by: str) -> Any:
    try:
        listed = read(body, URL, source(by, at_least=0))
    except (NotAnAnswer, NothingFound) as problem:
        return str(problem)
    for entry in listed.entries:
        assert entry.url.startswith("https://")
        assert entry.url.isprintable()
        assert "@b.example" not in "".join(map(without_addresses, entry.fields.values()))
    return listed

"""A page as an item: the part that matters, the same bytes each time, nothing of persons; errors are told."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import HtmlResponse, Response, TextResponse

from pipeline.source_pages import Source
from spiders.base import page
from spiders.base.entries import Entry
from spiders.base.envelope import NotAnAnswer
from spiders.base.frontier import Ask
from spiders.select import NothingFound

URL = "https://portal.example/calls/1"
PAGE = "<html><head><title>{}</title></head><body><h1>{}</h1><main>{}</main></body></html>"


def source(**given: Any) -> Source:
    return Source(
        **{"name": "calls", "by": "sitemap", "url": "https://portal.example/calls", "details": True, **given}
    )


def items(text: str, **given: Any) -> list[dict[str, Any]]:
    return list(page.items(text, Entry(URL, {"title": "from the list"}), source(**given)))


def test_only_content_is_kept() -> None:
    body = """<p class="a" style="x" onclick="y()" data-token="8f3" id="b">One <a href="/d.pdf" rel="n">two</a></p>
    <!-- 09:41 -->    <script>t=1</script><form>f</form><p hidden>h</p><div class="ad">a</div>
    <a href="mailto:anna@mail.example">Anna</a> ask&#58; bo@mail.example"""
    (item,) = items(PAGE.format("T", "H", body), drop=(".ad",))
    assert (item["source"], item["url"], item["title"], item["fields"]) == (
        "calls",
        URL,
        "H",
        {"title": "from the list"},
    )
    assert item["html"].startswith(
        '<main><p class="a" id="b">One <a href="https://portal.example/d.pdf">two</a></p>'
    )
    assert all(
        word not in item["html"] for word in ("09:41", "script", "form", "hidden", ">a<", "anna", "Anna", "bo@")
    )


def test_what_changes_with_each_visit_changes_nothing() -> None:
    one, two = (f'<p data-n="{n}">x</p><!-- {n} --><script>n={n}</script><input value="{n}">' for n in (1, 2))
    assert page.packed(items(PAGE.format("T", "H", one))[0]) == page.packed(items(PAGE.format("T", "H", two))[0])


def test_several_items_on_one_page() -> None:
    body = '<div class="c" id="x"><h3>One</h3></div><div class="c"><a href="/2">Two</a>'
    body += '<div class="c">in it</div></div>'
    found = items(PAGE.format("T", "H", body), items="div.c")
    assert [(item["title"], item["part"]) for item in found] == [("One", "x"), ("Two", "2")]
    with pytest.raises(NothingFound, match=r"div\.d \(0 found"):
        items(PAGE.format("T", "H", body), items="div.d")
    assert items(PAGE.format("T", "H", body), items="div.d", by="page_watch", at_least=0) == []
    with pytest.raises(NothingFound, match=r"\(2 found, at least 3"):
        items(PAGE.format("T", "H", body), items="div.c", by="page_watch", at_least=3)


def test_a_page_about_something_else_is_no_item() -> None:
    assert items(PAGE.format("T", "H", "Stockholm"), about="Norrbotten|Jämtland") == []
    assert len(items(PAGE.format("T", "H", "I JÄMTLAND"), about="Norrbotten|Jämtland")) == 1


@pytest.mark.parametrize("text", ["", "<main></main>", "<main> <script>render()</script></main>", "no main"])
def test_a_page_without_its_content_has_changed(text: str) -> None:
    with pytest.raises(NothingFound, match="selector found nothing: main"):
        items(f"<title>T</title>{text}")


@pytest.mark.parametrize(
    "title",
    ["404", "404 - Sidan", "Error 503", "HTTP 500 Internal", "Page not found | Agency", "Sidan kunde inte hittas",
     "Under maintenance", "Just a moment...", "403 Forbidden"],
)  # fmt: skip
def test_an_error_that_says_200_is_no_page(title: str) -> None:
    with pytest.raises(NotAnAnswer, match="a page that reports an error"):
        items(PAGE.format(title, "H", "sorry"))


@pytest.mark.parametrize(
    "title", ["500 miljoner kronor till elbussar", "404 projects funded", "Foundations", "5000 SEK"]
)
def test_a_title_that_begins_with_a_number_is_a_title(title: str) -> None:
    assert len(items(PAGE.format(title, title, "text"))) == 1


def test_a_page_that_wants_a_password_is_not_for_us() -> None:
    with pytest.raises(page.Private):
        items(PAGE.format("Logga in", "H", '<form><input type="password"></form>'))
    assert len(items(PAGE.format("How to log in to the application system", "H", "text"))) == 1


@pytest.mark.parametrize(
    ("landed", "own", "back"),
    [("/calls/1", False, False), ("/en/calls/1", False, False), ("/calls", False, True), ("/calls", True, False)],
)
def test_where_redirects_lead(landed: str, own: bool, back: bool) -> None:
    ask = Ask(source(), source().url if own else URL, None if own else Entry(URL))
    assert page.leads_back(ask.url, f"https://portal.example{landed}", ask, source().url) is back


def test_redirects_to_a_log_in_and_to_the_front_page() -> None:
    ask = Ask(source(private="/konto/"), URL, Entry(URL))
    with pytest.raises(page.Private):
        page.leads_back(URL, "https://portal.example/Konto/?to=1", ask, source().url)
    with pytest.raises(NotAnAnswer, match="front page"):
        page.leads_back(URL, "https://portal.example/", ask, source().url)


def test_text_in_the_encoding_that_it_has() -> None:
    mixed = "<p>å är fel</p>".encode() + "<p>älv</p>".encode("cp1252")
    said = HtmlResponse(URL, body=mixed, headers={"Content-Type": "text/html; charset=utf-8"})
    assert page.text_of(said) == "<p>å är fel</p><p>älv</p>"
    old = HtmlResponse(
        URL, body="<p>älv</p>".encode("latin-1"), headers={"Content-Type": "text/html; charset=iso-8859-1"}
    )
    assert page.text_of(old) == "<p>älv</p>"
    with pytest.raises(NotAnAnswer, match=r"no text \(application/pdf\)"):
        page.text_of(Response(URL, body=b"%PDF", headers={"Content-Type": "application/pdf"}))


def test_a_megabyte_in_one_line_is_read_at_once() -> None:
    (item,) = items(PAGE.format("T", "H", "word." * 200_000 + "bo@mail.example" + "<b>" * 10_000))
    assert "@" not in item["html"]
    assert len(item["html"]) > 1_000_000


MARKUP = st.lists(
    st.sampled_from(
        ["<main>", "</main>", "<p>", "<div class=c>", "</div>", "text ", "bo@mail.example",
         "<!-- x -->", "<title>", "404", "\x00", "&#64;", "bo&#64;mail.example", "<script>",
         "<template>", "<svg>", "\ud800", "<![CDATA[", "<h1>", "&", "<table><tr><td>", "<form>",
         "<input type=password>", "Log in", "<a href='mailto:bo@mail.example'>", "<noscript>",
         "<select><option>"]
    ),
    max_size=25,
).map("".join)  # fmt: skip


@given(MARKUP, st.sampled_from([None, ".c", "p"]))
def test_whatever_comes_is_an_item_or_refused(text: str, parts: str | None) -> None:
    try:
        found = items(text, items=parts, at_least=0)
    except (NotAnAnswer, NothingFound, page.Private):
        return
    packed = [page.packed(item) for item in found]
    assert not re.search(rb"[\w.+-]@[\w-]+\.", b"".join(packed))
    assert packed == [page.packed(item) for item in items(text, items=parts, at_least=0)]
    assert all(orjson.loads(each)["url"] == URL for each in packed)


@given(st.binary(max_size=200))
def test_any_bytes_are_some_text(body: bytes) -> None:
    response = TextResponse(URL, body=body, headers={"Content-Type": "text/html; charset=utf-8"})
    assert isinstance(page.text_of(response), str)

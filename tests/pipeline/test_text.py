"""Foreign text stays text: no mark-up that runs, no characters that hide or turn round, no odd addresses."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from pipeline.text import _KEPT_TAGS, MAX_TAGS, clean, html_to_text, safe_url, sanitise, text_and_html

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
PIECES = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "<b>",
            "</div>",
            "<br>",
            "<td>",
            "<table>",
            "<a href='",
            "'>",
            '">',
            "<li",
            ">",
            "<!--",
            "&",
        ),
        *(
            "-->",
            "<script>",
            "</script>",
            "<svg onload=1>",
            "<style>",
            "&lt;",
            "&#0;",
            "&#x202e;",
            "&nbsp;",
            "&amp;",
        ),
        *(
            "javascript:alert(1)",
            "https://example.org/a b",
            "//example.org",
            "\x00",
            "\u202e",
            "\ud800",
            "\n",
            "\x0c",
        ),
        *("  ", "ö", "text", "<template>", "</", "<h4 onclick=x>", "<img src=x onerror=y>", "<xmp>", "&#55296;"),
    ]
)
HTML = st.lists(PIECES | st.text(max_size=8), max_size=30).map("".join)


def unwanted(text: str) -> list[str]:
    bad = {"Cc", "Cs"}
    return [c for c in text if (unicodedata.category(c) in bad and c != "\n") or c in BIDI]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One <b>b</b>old&nbsp;word</p><p>Two</p>", "One bold word\nTwo"),
        ("<ul><li>a</li><li><p>b</p></li></ul>c", "a\nb\nc"),
        ("one<br/>two<BR>three", "one\ntwo\nthree"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><th>3</th></tr></table>", "1 2\n3"),
        ("a<script>x()</script><style>p{}</style><!-- c -->b", "ab"),
        ("raw\nlines <i>are</i>\tspaces", "raw lines are spaces"),
        ("plain\r\nlines &amp; stay\n\n", "plain\nlines & stay"),
        ("plain\nwithout marks", "plain\nwithout marks"),
        ("5 &lt; 6 &#38; 7", "5 < 6 & 7"),
        ("zero\u200bwidth \u202eturned\u202c &#x202e;&#1;x", "zerowidth turned x"),
        ('<div class="eui-u-mt-l>"><h4>Heading</h4><p>body</p>', "Heading\nbody"),
        ("", ""),
    ],
)
def test_html_to_text(html: str, text: str) -> None:
    assert html_to_text(html) == text
    if "<" in html or "\n" not in html:
        assert text_and_html(html)[0] == text


@pytest.mark.parametrize(
    ("html", "safe"),
    [
        ('<div class="eui-u-mt-l>"><h4 onclick="x()">Heading</h4></div>', "<div><h4>Heading</h4></div>"),
        ('<img src=x onerror=y>a<span style="color:red">b</span>', "ab"),
        ("<script>x()</script><iframe src=//e></iframe><svg><text>y</text></svg>z", "z"),
        ("<!-- [if gte mso 9]><xml></xml> -->a", "a"),
        ("<o:p>word</o:p>", "word"),
        ("a\u202eb\x00c", "abc"),
        ("<p>half \ud800 character</p>", "<p>half  character</p>"),
    ],
)
def test_sanitise(html: str, safe: str) -> None:
    assert sanitise(html) == safe
    assert text_and_html(html)[1] == safe


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://ec.europa.eu/a", "https://ec.europa.eu/a"),
        ("//ec.europa.eu/a", "https://ec.europa.eu/a"),
        ("HTTP://example.org/", "HTTP://example.org/"),
        *((bad, "") for bad in ("javascript:alert(1)", "#fn1", "/relative", "data:text/html,x", "mailto:a@b.se")),
        *((bad, "") for bad in ("java\tscript:alert(1)", "&#106;avascript:alert(1)", "vbscript:x", "file:///etc")),
    ],
)
def test_only_http_links_survive(address: str, kept: str) -> None:
    safe = sanitise(f'<a href="{address}" target="_blank" onclick="x()">go</a>')
    href = f'href="{kept}" ' if kept else ""
    assert safe == f'<a {href}rel="noopener noreferrer nofollow">go</a>'


@pytest.mark.parametrize(
    ("written", "url"),
    [
        (" https://ec.europa.eu/a file.pdf ", "https://ec.europa.eu/a%20file.pdf"),
        ("HTTPS://Example.ORG:8443/%20x?q=ä&r=1#top", "https://example.org:8443/%20x?q=%C3%A4&r=1#top"),
        ("http://münchen.example/", "http://xn--mnchen-3ya.example/"),
        ("https://example.org/<x>|y'\"`", "https://example.org/%3Cx%3E%7Cy%27%22%60"),
        ("https://example.org", "https://example.org"),
        *((bad, "") for bad in ("", "javascript:alert(1)", "//example.org", "ftp://example.org", "https://", "x")),
        *(
            (bad, "")
            for bad in ("https://user@example.org", "https://a:b@example.org", "https://example.org:99999/")
        ),
        *(
            (bad, "")
            for bad in ("https://exa mple.org", "https://example.org\\@evil.org", "https://[::1", "http://a..b")
        ),
        ("https://example.org/" + "a" * 2000, ""),
        ("https://exam\u202eple.org/\x00a", "https://example.org/a"),
    ],
)
def test_safe_url(written: str, url: str) -> None:
    assert safe_url(written) == url


def test_clean_is_one_line_of_limited_length() -> None:
    assert clean(" a\n b\u00a0\u202ec\x00 \ufeff") == "a b c"
    assert clean("abcdef", 4) == "abc…"
    assert clean("abcd", 4) == "abcd"


def test_absurd_nesting_is_cut_off_instead_of_parsed_for_minutes() -> None:
    absurd = "<p>start</p>" + "<b>" * (MAX_TAGS * 3) + "end"
    assert html_to_text(absurd) == "start"
    assert sanitise(absurd).startswith("<p>start</p>")


KEPT = {
    *((tag, "") for tag in _KEPT_TAGS.split()),
    *((tag, name) for tag in ("td", "th") for name in ("colspan", "rowspan")),
    ("a", "href"),
    ("a", "rel"),
}


def elements(html: str) -> set[tuple[str, str]]:
    """Each element and attribute that a browser makes of a fragment, as (element, attribute or nothing)."""
    found = LexborHTMLParser(f"<body>{html}").css("body *")
    return {(node.tag or "", name) for node in found for name in ("", *node.attributes)}


@given(HTML)
@example("<td>a</td>")
@example("<p> a <b> b </b> c</p>")
@example("<a href='https://e.org/?a=>&quot;<'>x</a>")
@example("<h4 onclick=x><table><h4 onclick=x>")
@example("<p><button><img onerror=x>")
def test_nothing_harmful_comes_through(html: str) -> None:
    text, safe = text_and_html(html)
    assert safe == sanitise(html)
    assert text == html_to_text(safe) or "<" not in safe
    assert (
        unwanted(html_to_text(html))
        == unwanted(text)
        == unwanted(safe.replace("\t", " ").replace("\r", " "))
        == []
    )
    for read in (safe, sanitise(safe)):
        tags = "".join(re.findall(r"<[^>]*>", read))
        assert not re.search(r'<(?:script|img|style|svg|iframe|template)|\son\w+=|href="(?!https?://)', tags, re.I)
    assert elements(safe) <= KEPT, "what a browser makes of it, however it repairs headings within headings"


@given(st.text())
def test_lines_are_clean_and_none_is_empty(text: str) -> None:
    for line in html_to_text(text).split("\n"):
        assert line == clean(line)
    assert unwanted(clean(text)) == []


@given(st.text(max_size=50) | st.from_regex(r"https?://[a-z.:@\[\]/?#\\ 0-9]{0,40}", fullmatch=True))
def test_addresses_are_absolute_and_inert(text: str) -> None:
    url = safe_url(text)
    if url:
        assert urlsplit(url).scheme in ("http", "https")
        assert urlsplit(url).hostname
        assert not set(url) & set("<>\"'`\\| ")
        assert url.isascii()
        assert safe_url(url) == url

"""Foreign text made safe: plain text, sanitised HTML, addresses. Pure; nothing here raises on any text.

What is taken out everywhere: control characters, the marks that change the direction of writing or hide text, and
halves of characters, so that no portal's text can rearrange or break a reader's line.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

import nh3
from selectolax.lexbor import LexborHTMLParser

_HIDDEN = "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff"
_UNWANTED = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_HIDDEN}]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ASCII = bytes(range(0x20, 0x7F))
_BREAK = "\x0c"
"""Marks the edge of a block while HTML becomes text: white space to a parser, so it stays where it is put."""

MAX_TAGS = 20_000
"""Of each fragment; the rest is cut off. Parsers need time quadratic in depth; real texts have under 2,000."""

_BLOCK = re.compile(
    r"<(?=/?(?:p|div|li|ul|ol|br|h[1-6]|tr|table|dl|dt|dd|section|article|header|footer|blockquote|pre|hr)[\s/>])",
    re.IGNORECASE,
)
_SAFE_BLOCK = re.compile(
    r"</?(?:p|div|li|ul|ol|h[1-6r]|tr|table|dl|dt|dd|blockquote|pre|thead|tbody|tfoot|caption|br)>"
)
_SAFE_TAG = re.compile(r"<[^>\n]*>")
"""Blocks and tags as nh3 writes them: lower case, no comments, and `>` nowhere but at their end."""

_CELL = re.compile(r"<(?=t[dh][\s/>])", re.IGNORECASE)
_NOT_TEXT_TAGS = """
script style title template noscript iframe object embed svg math textarea select xmp noembed noframes
"""
_KEPT_TAGS = """
p br div h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table thead tbody tfoot tr th td caption blockquote pre hr
a strong b em i u s sub sup
"""
_NOT_TEXT = _NOT_TEXT_TAGS.split()
_HAS_NOT_TEXT = re.compile(rf"<(?:{'|'.join(_NOT_TEXT)})\b", re.IGNORECASE)

_PLAIN_URL = re.compile(r"https?://(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{1,63}(?:/[A-Za-z0-9/?#:;,.=&%+@!$*~()_-]*)?")
"""What nearly all addresses of portals look like: nothing in them has to be changed."""

_CLEANER = nh3.Cleaner(
    tags=set(_KEPT_TAGS.split()),
    clean_content_tags=set(_NOT_TEXT),
    attributes={"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
    url_schemes={"http", "https"},
    url_relative=lambda url: f"https:{url}" if url.startswith("//") else None,
    link_rel="noopener noreferrer nofollow",
    strip_comments=True,
)


def clean(text: str, limit: int | None = None) -> str:
    """One line: runs of white space are one space, unwanted characters are gone, at most `limit` characters."""
    line = " ".join(text.split())
    if not line.isprintable():
        line = " ".join(_UNWANTED.sub("", line).split())
    if limit is None or len(line) <= limit:
        return line
    return line[: limit - 1].rstrip() + "…"


def html_to_text(html: str) -> str:
    """The text of an HTML fragment: one line for each block, no blank lines, nothing that is not text.

    Without any tag it is plain text, whose own lines are kept.
    """
    if "<" not in html and "&" not in html:
        return _lines(html, "\n")
    source = _bounded(_SURROGATE.sub("", html)).replace(_BREAK, " ")
    marked = _BLOCK.sub(f"{_BREAK}<", source) if "<" in source else source.replace("\n", _BREAK)
    if "<t" in marked or "<T" in marked:
        marked = _CELL.sub(" <", marked)
    tree = LexborHTMLParser(marked)
    if _HAS_NOT_TEXT.search(marked):
        tree.strip_tags(_NOT_TEXT, recursive=True)
    return _lines(tree.text(), _BREAK)


def sanitise(html: str) -> str:
    """The fragment with plain formatting and links to http(s) addresses only; no images, styles or scripts.

    A browser may still repair it (a heading within a heading becomes two); it finds no other elements in it.
    """
    return _UNWANTED.sub("", _cleaned(html)).strip()


def text_and_html(html: str) -> tuple[str, str]:
    """(`html_to_text`, `sanitise`) of a fragment for the price of the second.

    The text is taken from what nh3 wrote, which is regular enough to need no second parser.
    """
    safe = _cleaned(html).strip()
    lines, is_clean = _safe_lines(safe)
    if not is_clean:
        safe = _UNWANTED.sub("", safe).strip()
        lines, _ = _safe_lines(safe)
    text = "\n".join(lines)
    if "&" in text:
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return text, safe


def _safe_lines(safe: str) -> tuple[list[str], bool]:
    """The blocks of sanitised HTML as lines of text, and whether it is free of unwanted characters.

    Looks at blocks with their tags, so that addresses in links are covered. Works on the whole fragment at once:
    a line break marks the edge of a block, and costs far less than a step for each block.
    """
    source = safe.replace("\n", " ")
    if "&" in source:
        source = source.replace("&nbsp;", " ")
    if "</tr>" in source:  # nh3 writes no cell outside a row
        source = source.replace("<td", " <td").replace("<th", " <th")
    is_tidy = _printable(source)
    is_clean = is_tidy or not _UNWANTED.search(source)
    source = _SAFE_TAG.sub("", _SAFE_BLOCK.sub("\n", source))
    blocks = source.split("\n")
    if not is_tidy or "  " in source:
        blocks = [" ".join(block.split()) for block in blocks]
    return list(filter(None, map(str.strip, blocks))), is_clean


def _printable(text: str) -> bool:
    """`str.isprintable` for long texts that are mostly ASCII, in a fifth of the time."""
    odd = text.encode().translate(None, _ASCII)
    return not odd or odd.decode().isprintable()


def safe_url(text: str) -> str:
    """An absolute http(s) address that can stand in HTML, Markdown and Slack; empty when it is not one.

    Refused: other schemes, no host, a user name in front of the host, and anything beyond 2,000 characters.
    """
    if _PLAIN_URL.fullmatch(text) and len(text) <= 2000:
        return text
    url = clean(text)
    if not url.lower().startswith(("http://", "https://")) or len(url) > 2000 or "\\" in url:
        return ""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port else ""
    except (ValueError, UnicodeError):
        return ""
    if not re.fullmatch(r"[\w.-]+", host, re.ASCII) or "@" in parts.netloc:
        return ""
    tail = url[url.index("//") + 2 + len(parts.netloc) :]
    return f"{parts.scheme}://{host}{port}{quote(tail, safe='/?#:;,.=&%+@!$*~()-_[]')}"


def _cleaned(html: str) -> str:
    try:
        return _CLEANER.clean(_bounded(html))
    except UnicodeEncodeError:
        return _CLEANER.clean(_bounded(_SURROGATE.sub("", html)))


def _bounded(html: str) -> str:
    """Not so many tags that nesting makes a parser crawl."""
    return "<".join(html.split("<", MAX_TAGS)[:MAX_TAGS]) if html.count("<") > MAX_TAGS else html


def _lines(text: str, separator: str) -> str:
    """Clean lines, without the empty ones."""
    lines = (" ".join(part.split()) for part in text.split(separator))
    return "\n".join(line if line.isprintable() else clean(line) for line in lines if line)

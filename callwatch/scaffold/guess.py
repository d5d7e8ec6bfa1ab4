"""Guesses about a web page: which of its parts is the list, how a row is read, what is content. Pure.

A guess is where somebody starts who looks at the page; it is written down with a comment that says so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

import msgspec
from bs4 import BeautifulSoup, Tag

from pipeline.text import clean
from spiders.select import value

CONTENT = ("main", '[role="main"]', "#main", "#content", "article", "#main-content", ".content")
NOT_CONTENT = re.compile(
    r"breadcrumb|pagination|pager|\bmenu|navbar|share|social|cookie|skip|footer|sidebar|filter", re.I
)
OUTSIDE = ("nav", "header", "footer", "aside", "form", "script", "style", "noscript", "template")
FLEETING = re.compile(r"^(first|last|odd|even|active|current|is-|has-|js-)|\d{2}|^.{31,}$|[^\w-]")
TITLES = ("h2", "h3", "h4", "h5", '[class*="title"]', "a[href]")
NEXT = ('a[rel~="next"]', 'link[rel~="next"]', "a.next", ".next a[href]", '[class*="pagination"] a[class*="next"]')
ENOUGH_TEXT = 150
"""Characters of text without which a part of a page is no content."""
LONGEST_ROW = 300


class Rows(msgspec.Struct, frozen=True):
    """How the rows of a list are read, in the words of a portal's YAML."""

    rows: str
    link: str = ""
    fields: dict[str, str] = {}
    next: str = ""


class About(msgspec.Struct, frozen=True):
    """What a page says of itself."""

    publisher: str
    language: str


def about(tree: BeautifulSoup, url: str) -> About:
    """Publisher and language of a page, as far as it says them."""
    title = clean(tree.title.get_text(" "), 200) if tree.title else ""
    named = value(tree, 'meta[property="og:site_name"]@content')
    pieces = [piece.strip() for piece in re.split(r"\s[|–—»·-]\s", title) if piece.strip()]
    host = urlsplit(url).hostname or url
    language = value(tree, "html@lang")[:2].lower()
    publisher = clean(named or (pieces[-1] if pieces else host), 80)
    return About(publisher, language if re.fullmatch("[a-z]{2}", language) else "")


def feeds(tree: BeautifulSoup) -> list[str]:
    """Addresses of feeds that a page names."""
    kinds = ("application/rss+xml", "application/atom+xml")
    return [str(tag["href"]) for kind in kinds for tag in tree.select(f'link[type="{kind}"][href]')]


def keep(pages: Sequence[BeautifulSoup]) -> str:
    """The selector of the content that all these pages share; `body` if there is none."""
    fitting = (css for css in CONTENT if pages and all(_has_text(page, css) for page in pages))
    return next(fitting, "body")


def rows(tree: BeautifulSoup) -> Rows | None:
    """The list of a page: of all structures that repeat and hold links, the one with the most to read."""
    groups: dict[tuple[str, ...], list[Tag]] = defaultdict(list)
    for tag in _root(tree).find_all(True):
        if _link(tag) is not None and not _outside(tag):
            above = [parent for parent in tag.parents if parent.name != "[document]"][:2]
            groups[_css(tag), *map(_css, above)].append(tag)
    found = max((group for group in groups.values() if _is_list(group)), key=_weight, default=None)
    if found is None:
        return None
    own = all(tag.name == "a" for tag in found)
    return Rows(_selector(tree, found), "@href" if own else _heading_link(found), _fields(found), _next(tree))


def _root(tree: BeautifulSoup) -> Tag:
    return next((tag for css in CONTENT[:4] if (tag := tree.select_one(css))), tree.body or tree)


def _outside(tag: Tag) -> bool:
    """Whether it stands in a part of the page that is there on every page."""
    for each in (tag, *tag.parents):
        if each.name in OUTSIDE and each.name != "[document]":
            return True
        if each.name not in ("body", "html", "main") and NOT_CONTENT.search(
            f"{' '.join(_classes(each))} {each.get('id', '')}"
        ):
            return True
    return False


def _link(tag: Tag) -> Tag | None:
    return tag if tag.name == "a" and tag.get("href") else tag.select_one("a[href]")


def _is_list(group: Sequence[Tag]) -> bool:
    """At least two, nearly all leading to different places, none inside another."""
    links = {str(link["href"]) for tag in group if (link := _link(tag))}
    nested = any(id(parent) in set(map(id, group)) for tag in group for parent in tag.parents)
    return len(group) >= 2 and len(links) >= 0.8 * len(group) and not nested


def _weight(group: Sequence[Tag]) -> float:
    """How much there is to read; headings and dates speak for a list of calls."""
    text = sum(min(len(tag.get_text(" ", strip=True)), LONGEST_ROW) for tag in group)
    headed = all(tag.select_one("h2, h3, h4, h5") for tag in group)
    dated = sum(bool(re.search(r"\b20\d\d\b", tag.get_text(" ")) or tag.select_one("time")) for tag in group)
    return text * (1.5 if headed else 1) * (1 + dated / len(group)) * min(len(group), 5)


def _selector(tree: BeautifulSoup, group: Sequence[Tag]) -> str:
    """The shortest selector that finds just these tags; else the one that comes nearest."""
    wanted = set(map(id, group))
    first = group[0]
    above = [_css(parent, ids=True) for parent in first.parents if parent.name not in ("[document]", "html")]
    own = _css(first)
    chains = [own, *(" > ".join((*reversed(above[:n]), own)) for n in range(1, min(4, len(above)) + 1))]
    chains += [f"main {own}", f"main {chains[1]}"] if len(chains) > 1 and tree.select_one("main") else []
    candidates = [each + more for each in chains for more in ("", ":has(a[href])")]
    misses = {css: len({id(tag) for tag in tree.select(css)} ^ wanted) for css in candidates}
    return min(candidates, key=lambda css: (misses[css], len(css)))


def _css(tag: Tag, *, ids: bool = False) -> str:
    """A tag by its name and up to two classes that look lasting, or by its id."""
    name = str(tag.get("id") or "")
    if ids and name and not FLEETING.search(name):
        return f"#{name}"
    return ".".join((tag.name, *[each for each in _classes(tag) if not FLEETING.search(each)][:2]))


def _classes(tag: Tag) -> list[str]:
    given = tag.get("class")
    return list(given) if isinstance(given, list) else []


def _fields(group: Sequence[Tag]) -> dict[str, str]:
    """Selectors of title, date and summary, where most rows have them."""
    dated = any(tag.select_one("p:first-of-type time, p[class*=date]:first-of-type") for tag in group)
    wishes: dict[str, Iterable[str]] = {
        "title": TITLES,
        "published": ("time@datetime", "time", '[class*="date"]'),
        "summary": ("p:not(:has(time), [class*=date])",) if dated else ("p",),
    }
    shares = {"title": 0.8, "published": 0.5, "summary": 0.5}
    chosen = ((name, _first(group, css, shares[name])) for name, css in wishes.items())
    return {name: css for name, css in chosen if css}


def _first(group: Sequence[Tag], selectors: Iterable[str], share: float) -> str:
    for css in selectors:
        if sum(bool(value(tag, css)) for tag in group) >= share * len(group):
            return css
    return ""


def _heading_link(group: Sequence[Tag]) -> str:
    """The link of the heading, where another one stands before it."""
    for css in (f"{heading} a[href]@href" for heading in TITLES[:4]):
        found = [(value(tag, css), value(tag, "a[href]@href")) for tag in group]
        if all(heading for heading, _ in found) and any(heading != first for heading, first in found):
            return css
    return ""


def _next(tree: BeautifulSoup) -> str:
    return next((css for css in NEXT if value(tree, f"{css}@href")), "")


def _has_text(tree: BeautifulSoup, css: str) -> bool:
    return any(len(tag.get_text(" ", strip=True)) >= ENOUGH_TEXT for tag in tree.select(css))


def variable(body: str) -> str:
    """The name of the largest array of objects in the scripts of a page; empty if there is none."""
    found = list(re.finditer(r"([A-Za-z_$][\w$]*)\s*=\s*\[\s*\{", body))
    ends = [*(match.start() for match in found[1:]), len(body)]
    sizes = {match[1]: end - match.start() for match, end in zip(found, ends, strict=False)}
    return max(sizes, key=lambda name: sizes[name], default="")


def only(urls: Sequence[str]) -> str:
    """A pattern of the addresses in a sitemap that speak of calls; empty if none does."""
    calls = re.compile(r"/(?:[\w-]*(?:call|utlys|grant|fund|tender|opportunit|ausschreib|appel)[\w-]*)/", re.I)
    counted: dict[str, int] = defaultdict(int)
    for url in urls:
        if match := calls.search(urlsplit(url).path):
            counted[match[0]] += 1
    best = max(counted, key=lambda part: counted[part], default="")
    return re.escape(best).replace("\\-", "-") + "." if best else ""

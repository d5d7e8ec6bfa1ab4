"""Several items on one page: headings with what follows them, or rows, each with words and a date of its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import msgspec
from bs4 import Tag

from pipeline.source_pages import Split
from pipeline.text import clean
from spiders.select import many, tree_of

LEVELS = ["h1", "h2", "h3", "h4", "h5", "h6"]
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "summary"})
LONGEST_KEY = 80
_CUT, _END = "\ue000cut\ue000", "\ue000end\ue000"
_NOT_A_WORD = re.compile(r"[\W_]+")


class Part(msgspec.Struct, frozen=True):
    """One item of a page. `key` is made of the words of its heading, so that it stays when others come and go."""

    key: str
    title: str
    tags: list[Tag]


def parts(kept: list[Tag], split: Split) -> list[Part]:
    """The items of a page, two at least; none where the page as a whole is the item."""
    marks = [mark for tag in kept for mark in tag.select(split.at)]
    edges = {id(mark) for mark in marks}
    found = [(_title(mark), list(_section(mark, edges))) for mark in marks]
    chosen = [(title, tags) for title, tags in found if _fits(title, tags, split)]
    if len(chosen) < 2:
        return []
    seen: Counter[str] = Counter()
    made = []
    for title, tags in chosen:
        key = _NOT_A_WORD.sub("-", title.casefold()).strip("-")[:LONGEST_KEY] or "part"
        seen[key] += 1
        made.append(Part(key if seen[key] == 1 else f"{key}-{seen[key]}", title, tags))
    return made


def _title(mark: Tag) -> str:
    """The words of a heading; of a row those of its first cell."""
    first = mark if mark.name in HEADINGS else mark.find(["th", "td", "h2", "h3", "h4", "a", "strong"]) or mark
    return clean(first.get_text(" "), 300)


def _section(mark: Tag, edges: set[int]) -> Iterator[Tag]:
    """A heading and its following neighbours up to the next heading; a row alone."""
    yield mark
    for neighbour in mark.next_siblings if mark.name in HEADINGS else ():
        if not isinstance(neighbour, Tag):
            continue
        if id(neighbour) in edges or any(id(inner) in edges for inner in neighbour.find_all(True)):
            return
        yield neighbour


def _fits(title: str, tags: list[Tag], split: Split) -> bool:
    text = " ".join(tag.get_text(" ") for tag in tags)
    return bool(re.search(split.title, title, re.IGNORECASE) and re.search(split.where, text, re.IGNORECASE))


def sections(tag: Tag, selector: str) -> list[tuple[Tag, str]]:
    """The parts of `tag` that begin with such a heading and end before the next one as high, each with the higher
    heading that it stands under; modifies the tree."""
    headings = many(tag, selector, at_least=0)
    above = [_above(heading) for heading in headings]
    chosen = {id(heading) for heading in headings}
    lowest = max((LEVELS.index(heading.name) for heading in headings if heading.name in LEVELS), default=-1)
    for heading in headings:
        heading.insert_before(_CUT)
    for heading in tag.find_all(LEVELS[: lowest + 1]):
        if id(heading) not in chosen:
            heading.insert_before(_END)
    pieces = [piece.split(_END)[0] for piece in str(tag).split(_CUT)[1:]]
    bodies = [tree_of(piece).body for piece in pieces]
    return [(body, under) for body, under in zip(bodies, above, strict=True) if body]


def _above(heading: Tag) -> str:
    """The nearest heading before this one that is higher, the title of the page aside; empty without any."""
    higher = LEVELS[1 : LEVELS.index(heading.name)] if heading.name in LEVELS else []
    found = heading.find_previous(higher) if higher else None
    return clean(found.get_text(" "), 300) if found else ""

"""Selectors that say how many elements they expect: a page that has changed is told, never read as empty."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag

from pipeline.harvest import NOTHING_FOUND

Tree = BeautifulSoup | Tag


class NothingFound(ValueError):
    """A selector that no longer fits the page."""


def many(tree: Tree, selector: str, *, at_least: int = 1) -> list[Tag]:
    """The elements that match, in the order of the page, none inside another one. Raises NothingFound."""
    found = list(tree.select(selector))
    inside = {id(inner) for tag in found for inner in tag.find_all(True)}
    outer = [tag for tag in found if id(tag) not in inside]
    if len(outer) < at_least:
        raise NothingFound(f"{NOTHING_FOUND}: {selector} ({len(outer)} found, at least {at_least} expected)")
    return outer


def one(tree: Tree, selector: str) -> Tag:
    """The first element that matches. Raises NothingFound."""
    return many(tree, selector)[0]


def value(tree: Tree, selector: str) -> str:
    """The text of the first match, or with `selector@attribute` that attribute; empty where there is none.

    `@attribute` alone is that of `tree` itself.
    """
    css, _, attribute = selector.partition("@")
    tag = tree.select_one(css) if css else tree
    if tag is None:
        return ""
    return str(tag.get(attribute, "")).strip() if attribute else " ".join(tag.get_text(" ").split())

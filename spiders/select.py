"""Selectors that say how many elements they expect: a page that has changed is told, never read as empty."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from pipeline.harvest import NOTHING_FOUND

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

    Tree = BeautifulSoup | Tag


class NothingFound(ValueError):
    """A selector that no longer fits the page."""


def tree_of(page: str | bytes) -> BeautifulSoup:
    """A web page, however broken; whatever comes. Raises NothingFound for what no parser takes."""
    from bs4 import BeautifulSoup, UnusualUsageWarning  # costs more to import than a page to read
    from bs4.exceptions import ParserRejectedMarkup

    sound = page.encode("utf-8", "replace").decode() if isinstance(page, str) else page
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnusualUsageWarning)
        try:
            return BeautifulSoup(sound, "lxml")
        except ParserRejectedMarkup as error:
            raise NothingFound(f"{NOTHING_FOUND}: no markup") from error


def many(tree: Tree, selector: str, *, at_least: int = 1) -> list[Tag]:
    """The elements that match, in the order of the page, none inside another one. Raises NothingFound."""
    found = list(tree.select(selector))
    chosen = {id(tag) for tag in found}
    outer = [tag for tag in found if not any(id(parent) in chosen for parent in tag.parents)]
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
    if not attribute:
        return " ".join(tag.get_text(" ").split())
    found = tag.get(attribute) or ""
    return (found if isinstance(found, str) else " ".join(found)).strip()

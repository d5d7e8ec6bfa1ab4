"""Rows of a file, of an array in a script or of a JSON list as pages: a title, a link, and a line for each other
field. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from pipeline.harvest import Issue
from pipeline.normalise import Document
from pipeline.normalise.pages import Page
from pipeline.normalise.shared import decode, newest_item, scalar, strings

Row = dict[str, str]


def row_of(item: Mapping[str, Any]) -> Row:
    """The texts of an item by the names of their fields; lists are joined by commas, objects left out."""
    fields = item.get("fields")
    found: Mapping[str, Any] = fields if isinstance(fields, dict) and "source" in item else item
    if set(found) == {"item"}:
        try:
            inner = decode(scalar(found["item"]))
        except ValueError:
            return {}
        found = inner if isinstance(inner, dict) else {}
    texts = ((str(name), ", ".join(strings(value))) for name, value in found.items())
    return {name: text for name, text in texts if text}


def newest_row(documents: Sequence[Document]) -> Row | Issue:
    """The row in the document that was fetched last."""
    item = newest_item(documents)
    return item if isinstance(item, Issue) else row_of(item)


def page_of_row(row: Row, *, title: str, url: str) -> Page:
    """A row as a page; `title` is the name of the field that holds its title."""
    lines = [f"<p>{escape(name)}: {text}</p>" for name, text in row.items() if name != title]
    return Page("", url, {}, row.get(title, ""), "\n".join(lines))

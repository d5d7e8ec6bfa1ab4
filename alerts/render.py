"""A message in the form of each medium: subject, plain text, HTML, Slack blocks. The same content in all of them.

`now` is when it is read; days left are counted from it. Without it they are counted from when it was written.
"""

from __future__ import annotations

import textwrap
from datetime import datetime
from functools import cache
from pathlib import Path

import css_inline
import jinja2

from alerts.message import Message
from alerts.slack_blocks import SlackPart, slack
from alerts.view import View, view

__all__ = ["SlackPart", "html", "slack", "subject", "text"]

TEMPLATES = Path(__file__).parent / "templates"
HTML_LIMIT = 95_000
"""Bytes. Mail programs cut a message off at about 102,000, in the middle of whatever stands there."""
FULL = (25, 12, 6, 3, 0)
"""How many calls are shown in full, tried one after the other until the page is small enough."""
WIDTH = 78


def subject(message: Message, now: datetime | None = None) -> str:
    """One line of at most 120 characters."""
    return view(message, now or message.at, 0).subject


def text(message: Message, now: datetime | None = None) -> str:
    """Plain text in lines of at most 78 characters (links may be longer)."""
    page: str = _plain().get_template("message.txt.j2").render(v=view(message, now or message.at, FULL[0]))
    return page.strip() + "\n"


def html(message: Message, now: datetime | None = None) -> str:
    """A whole HTML page below `HTML_LIMIT` bytes."""
    page = ""
    for full in FULL:
        page = _page(view(message, now or message.at, full))
        if len(page.encode()) < HTML_LIMIT:
            break
    return page


def _page(shown: View) -> str:
    page: str = _hypertext().get_template("message.html.j2").render(v=shown)
    return page


@cache
def _plain() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701 - plain text, where escaping would be shown
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["fold"] = fold
    return environment


@cache
def _hypertext() -> jinja2.Environment:
    """The template is a page as it stands: its statements are comments, so that its CSS can be inlined once."""
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_inlined),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        block_start_string="<!--%",
        block_end_string="%-->",
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _inlined(name: str) -> str:
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True, minify_css=True)
    page: str = inliner.inline((TEMPLATES / name).read_text(encoding="utf-8"))
    return page


def fold(line: str, first: str = "", others: str = "") -> str:
    """`line` broken at `WIDTH`; `first` stands before its first line, `others` before the following ones."""
    return textwrap.fill(
        line,
        WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )

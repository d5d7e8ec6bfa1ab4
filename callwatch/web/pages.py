"""One page in words, and the template that lays it out. All text is escaped; the style is known by its hash."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import jinja2
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from alerts.wording import LANGUAGES, Wording
from pipeline.models import Precision
from pipeline.outbox import StoredCall
from pipeline.text import clean, safe_url

TEMPLATES = Path(__file__).parent / "templates"
STYLE = (TEMPLATES / "page.css").read_text(encoding="utf-8")
POLICY = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of every answer: no scripts, pictures or frames, and no style but ours."""


@dataclass(frozen=True)
class Button:
    """A form with nothing but its button. `tone` is main or quiet; `about` tells equal buttons of a list apart."""

    label: str
    action: str
    tone: str = "main"
    about: str = ""


@dataclass(frozen=True)
class Row:
    """A call or an address: text, perhaps a link, a note below it and a button."""

    text: str
    url: str = ""
    note: str = ""
    button: Button | None = None


@dataclass(frozen=True)
class Section:
    """A part of a page with a heading of its own."""

    heading: str
    lines: tuple[str, ...] = ()
    addresses: tuple[Row, ...] = ()
    rows: tuple[Row, ...] = ()
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class Page:
    """What a page says, in the order in which it stands there."""

    language: str
    heading: str
    lines: tuple[str, ...] = ()
    call: Row | None = None
    buttons: tuple[Button, ...] = ()
    sections: tuple[Section, ...] = ()
    more: Row | None = None


def render(page: Page, status: int = 200) -> HTMLResponse:
    """The answer with this page."""
    return HTMLResponse(_template().render(p=page), status)


def call_row(stored: StoredCall, words: Wording, now: datetime, button: Button | None = None) -> Row:
    """A call with its next deadline (the hour only where the portal names it), in the reader's language."""
    call = stored.call
    title = clean(call.titles.get(words.language) or call.title, 240) or clean(call.identifier, 240)
    deadline = call.next_deadline(now)
    if stored.gone_since is not None:
        note = words.t("Withdrawn")
    elif deadline is None:
        note = words.t("closed") if call.deadlines else words.t("no deadline stated")
    else:
        exact = deadline.precision is Precision.EXACT
        moment = words.moment(deadline.at) if exact else words.day(deadline.at)
        note = f"{words.t('Deadline')}: {moment}, {words.left(deadline, now)}"
    return Row(title, safe_url(call.url), note, button)


def stranger(request: Request) -> Wording:
    """Speaks to somebody whom we do not know, in the first of our languages that their program asks for."""
    asked = request.headers.get("accept-language", "")[:200].lower().split(",")
    wanted = (part.split(";")[0].strip()[:2] for part in asked)
    return Wording(next((language for language in wanted if language in LANGUAGES), "en"), ZoneInfo("UTC"))


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["style"] = Markup(STYLE)  # noqa: S704 - our own file
    return environment.get_template("page.html.j2")

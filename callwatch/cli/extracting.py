"""The command that reads facts out of announcements: extract."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callwatch.cli import output

if TYPE_CHECKING:
    from callwatch.wiring import Wiring
    from pipeline.extract import Extraction
    from pipeline.models import Call

_LARGEST = 5_000_000
"""Bytes that are read of a file; an announcement has under 200,000."""


class Form(StrEnum):
    """How the facts are printed."""

    JSON = "json"
    TABLE = "table"


def register(app: typer.Typer) -> None:
    """Add the command of this file to `app`."""
    app.command()(extract)


def extract(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="Text or HTML page; - reads stdin.")],
    published: Annotated[
        str | None, typer.Option(help="Day the page was published, for years not written, e.g. 2021-09-30.")
    ] = None,
    language: Annotated[str, typer.Option(help="Language of the text, e.g. sv; found out when not given.")] = "",
    form: Annotated[Form, typer.Option("--format", help="json or table.")] = Form.JSON,
) -> None:
    """Read title, budget, deadlines, opening, programme and identifiers out of an announcement written as prose.

    A fact the text does not state stays empty. Needs no database; with one, the call it belongs to is looked up.

    Example: callwatch extract notice.html --published 2021-09-30
    """
    from callwatch.cli import facts
    from callwatch.wiring import Wiring

    page_date, spoken = _day(published), _spoken(language)
    found = read(_source(file), Wiring(), page_date, spoken)
    if form is Form.JSON:
        output.json_document(facts.as_json(found))
    else:
        output.table(("fact", "value", "words it rests on"), facts.rows(found))


def read(source: str, wiring: Wiring, published: date | None, language: str) -> Extraction:
    """The facts of `source`, with the profiles and the store of `wiring`."""
    from pipeline.extract import extract as facts_of
    from pipeline.extract.known import identify

    profiles = wiring.profiles
    names = {key: tuple(ecosystem.name.values()) for key, ecosystem in profiles.ecosystems.items()}

    def label(title: str, text: str) -> tuple[str, ...]:
        return tuple(one.id for one in wiring.classifier.classify_text(title=title, text=text).ecosystems)

    return facts_of(
        source,
        published=published,
        spoken=language,
        names=names,
        label=label,
        lookup=lambda facts: identify(facts, _stored(wiring)),
    )


def _stored(wiring: Wiring) -> list[Call]:
    """All stored calls; none where there is no database yet (this command makes none)."""
    from pipeline.store import calls
    from pipeline.store.connect import parse_url, sqlite_path

    path = sqlite_path(parse_url(wiring.settings.database_url.get_secret_value()))
    if path is not None and not path.is_file():
        return []
    with wiring.store(upgrade=False) as store, store.read() as conn:
        return [stored.call for stored in calls.query(conn)]


def _source(file: str) -> str:
    if file == "-":
        return _decoded(sys.stdin.buffer.read(_LARGEST))
    try:
        with Path(file).open("rb") as opened:
            return _decoded(opened.read(_LARGEST))
    except OSError as error:
        raise typer.BadParameter(f"cannot read {file}: {error.strerror}.", param_hint="FILE") from None


def _decoded(raw: bytes) -> str:
    """UTF-8, with or without its mark; what is not, is read as Windows-1252."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        problem = f'"{text}" is not a day like 2021-09-30.'
        raise typer.BadParameter(problem, param_hint="--published") from None


def _spoken(language: str) -> str:
    from pipeline.extract.months import LANGUAGES

    asked = {"nb": "no", "nn": "no"}.get(language.lower(), language.lower())
    if asked and asked not in LANGUAGES:
        raise typer.BadParameter(f'"{language}" is none of {", ".join(LANGUAGES)}.', param_hint="--language")
    return asked

"""The command that says how good the labels, and the facts read from prose, are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from callwatch.cli import output
from callwatch.cli.output import Format

TextsOption = Annotated[
    list[Path] | None, typer.Option("--texts", help="File or folder with texts of calls, besides the store.")
]


def register(app: typer.Typer) -> None:
    """Add the command of this file to `app`."""
    app.command()(evaluate)


def evaluate(
    sets: Annotated[
        list[Path] | None, typer.Argument(metavar="[SET]...", help="Labelled sets; else those of the checkout.")
    ] = None,
    texts: TextsOption = None,
    form: Annotated[Format, typer.Option("--format", help="table or json.")] = Format.TABLE,
    picture: Annotated[
        Path | None, typer.Option(help="Write which class is taken for which, as SVG, to this file.")
    ] = None,
    worst: Annotated[
        int | None, typer.Option(min=0, help="So many of the worst mistakes of each kind, with reasons.")
    ] = None,
    extract: Annotated[
        Path | None, typer.Option(help="Judge facts read from prose instead: folder of texts and facts.csv.")
    ] = None,
    predictions: Annotated[
        Path | None, typer.Option(help="With --extract: JSON {file: facts} to be judged instead of ours.")
    ] = None,
) -> None:
    """Say how good the labels are, by sets of calls that people labelled: figures with 95 % intervals, mistakes.

    Example: callwatch evaluate labels.jsonl --texts calls.jsonl --picture confusion.svg
    """
    if form is Format.CSV:
        raise typer.BadParameter("take table or json.", param_hint="--format")
    if extract is not None:
        _extract(extract, predictions, form, worst)
    else:
        _labels(_sets(sets), texts or [], form, picture, worst)


def _sets(given: list[Path] | None) -> list[Path]:
    from callwatch.paths import PACKAGE

    found = given or sorted((PACKAGE.parent / "tests" / "evaluate" / "sets").glob("*.jsonl"))
    if not found:
        raise typer.BadParameter(
            "name a file of labelled calls: this is no checkout that has some.", param_hint="SET"
        )
    return found


def _labels(sets: list[Path], texts: list[Path], form: Format, picture: Path | None, worst: int | None) -> None:
    from callwatch.cli import figures
    from callwatch.evaluating import evaluate as judge
    from callwatch.evaluating.picture import draw
    from callwatch.evaluating.texts import Library
    from callwatch.wiring import Wiring

    wiring = Wiring()
    library = Library(wiring.programmes)
    for source in texts:
        library.add(source)
    with wiring.store() as store:
        library.add_store(store)
    names = list(wiring.profiles.ecosystems)
    found = [judge(path, library, wiring.classifier, names, worst) for path in sets]
    if picture is not None:
        picture.write_text(
            draw([(each.name, each.confusion) for each in found], wiring.profiles), encoding="utf-8"
        )
    if form is Format.JSON:
        output.json_document([msgspec.to_builtins(each) for each in found])
    else:
        for each in found:
            figures.show(each)


def _extract(folder: Path, predictions: Path | None, form: Format, worst: int | None) -> None:
    from callwatch.cli import figures
    from callwatch.evaluating.prose import judge_folder, read_predictions

    reader = read_predictions(predictions) if predictions else _read_by_us
    judgements, fields = judge_folder(folder, reader)
    if form is Format.JSON:
        document: dict[str, Any] = {"fields": fields, "judgements": judgements}
        output.json_document(msgspec.to_builtins(document))
    else:
        figures.show_fields(fields, judgements, worst)


def _read_by_us(file: str, text: str, published: date | None, language: str | None) -> Mapping[str, Any]:
    from callwatch.cli.facts import as_json
    from pipeline.extract import extract

    return as_json(extract(text, published=published, spoken=language or ""))

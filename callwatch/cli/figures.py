"""Figures of an evaluation on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import typer

from callwatch.cli import output, sheet
from callwatch.evaluating import Evaluation
from pipeline.evaluate.facts import FieldFigures, Judgement, Verdict
from pipeline.evaluate.figures import ClassFigures
from pipeline.evaluate.mistakes import Mistake

NAMED = 10
_TITLES = {
    "wrong": "Given, and wrong; the surest first",
    "missed": "Labelled, and not given",
    "s3": "S3 relevance, furthest off first",
}


def show(found: Evaluation) -> None:
    """Print everything about one set."""
    typer.echo(f"\n{found.name}: {found.calls} calls of {found.families} call families")
    if found.missing:
        named = ", ".join(map(output.printable, found.missing[:NAMED]))
        more = f" and {len(found.missing) - NAMED} more" if len(found.missing) > NAMED else ""
        typer.echo(f"No text of {len(found.missing)} labelled calls: {named}{more}. Give --texts or harvest them.")
    if not found.calls:
        return
    output.table(("figure", "value", "95 %", "readers"), _main(found))
    typer.echo("")
    output.table(("class", "precision", "recall", "F1", "labelled", "given", "readers' kappa"), _classes(found))
    typer.echo("\nScores of labels against the share that is right:")
    output.table(("score", "labels", "mean", "right"), _bins(found))
    for region, matrix in found.s3.items():
        typer.echo(f"\nS3 {region}, labelled score by ours (0 to 3):")
        output.table(("", "0", "1", "2", "3", ""), _matrix(matrix))
    if found.agreement:
        _readers(found)
    for line in _mistakes(found.mistakes):
        typer.echo(line)


def show_fields(fields: Sequence[FieldFigures], judgements: Sequence[Judgement], worst: int | None) -> None:
    """Print how well facts were read; `worst` mistakes at most, all if None."""
    columns = ("field", "stated", "exact", "missing", "wrong", "invented", "right of stated", "wrong of all", "")
    output.table(columns, (_field(each) for each in fields))
    bad = [j for j in judgements if j.verdict not in (Verdict.EXACT, Verdict.EMPTY)]
    bad.sort(key=lambda j: j.verdict is Verdict.MISSING)
    for each in bad[:worst]:
        stated, found = output.printable(each.stated) or "nothing", output.printable(each.found) or "nothing"
        typer.echo(f"{each.verdict.value:<9} {each.field}: stated {stated}; found {found} ({each.file})")


def _main(found: Evaluation) -> Iterator[list[str]]:
    readers = found.agreement.figures if found.agreement else {}
    for name, value in found.figures.items():
        low, high = found.intervals.get(name, (value, value))
        by_readers = f"{readers[name]:.3f}" if name in readers else ""
        yield [name, f"{value:.3f}", f"{low:.3f} to {high:.3f}", by_readers]


def _classes(found: Evaluation) -> Iterator[list[str]]:
    kappas = found.agreement.kappas if found.agreement else {}
    for each in found.classes:
        kappa = f"{kappas[each.name]:.2f}" if each.name in kappas else ""
        yield [*_row(each), kappa]


def _row(each: ClassFigures) -> list[str]:
    shares = [f"{share:.2f}" for share in (each.precision, each.recall, each.f1)]
    return [each.name, *shares, str(each.support), str(each.given)]


def _bins(found: Evaluation) -> Iterator[list[str]]:
    for each in found.reliability:
        yield [f"{each.low:.1f} to {each.high:.1f}", str(each.n), f"{each.score:.2f}", f"{each.right:.2f}"]


def _matrix(matrix: Sequence[Sequence[float]]) -> Iterator[list[str]]:
    for score, row in enumerate(matrix):
        yield [f"labelled {score}", *(f"{count:.0f}" for count in row), ""]


def _readers(found: Evaluation) -> None:
    agreed = found.agreement
    if agreed:
        alpha = "undefined" if agreed.alpha is None else f"{agreed.alpha:.3f}"
        typer.echo(
            f"\nTwo readers of {agreed.calls} calls: Krippendorff's alpha (MASI) {alpha}; more under readers."
        )


def _mistakes(mistakes: Sequence[Mistake]) -> Iterator[str]:
    for kind, title in _TITLES.items():
        mine = [mistake for mistake in mistakes if mistake.kind == kind]
        if mine:
            yield f"\n{title}:"
        for each in mine:
            name, said = output.printable(f"{each.identifier} {each.title}"[:110]), sheet.reasons(each.because)
            yield f"  {each.label}: {name}"
            yield f"      labelled {each.truth}; ours {each.ours}"
            if said:
                yield f"      {output.printable(said)}"


def _field(each: FieldFigures) -> list[str]:
    counts = (each.stated, each.exact, each.missing, each.wrong, each.invented)
    right = "" if each.right is None else f"{each.right:.1%}"
    return [each.name, *map(str, counts), right, f"{each.harm:.1%}", ""]

"""Commands for those who change profiles: check, try, new-region."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from callwatch.cli import output
from callwatch.cli.output import Format

if TYPE_CHECKING:
    from pipeline.evaluate.difference import Change

FolderOption = Annotated[
    Path | None, typer.Option("--folder", help="Folder with changed profiles; else those in use.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="table or json.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    group = typer.Typer(help="Definitions of ecosystems and regions.", no_args_is_help=True)
    group.command("check")(check)
    group.command("try")(try_)
    group.command("new-region")(new_region)
    app.add_typer(group, name="profiles")


def check(folder: FolderOption = None, form: FormatOption = Format.TABLE) -> None:
    """Say what is wrong with the profiles, each mistake with file, line and remedy, or what they hold.

    Example: callwatch profiles check
    """
    from callwatch import profiling
    from callwatch.wiring import Wiring
    from pipeline.classify import Classifier
    from pipeline.errors import ConfigError
    from pipeline.profile import load_folder

    used = profiling.folder_of(folder) if folder else Wiring().config("profiles") / "profiles"
    if said := profiling.mistakes(used):
        raise ConfigError("\n".join(["", *said, f"{len(said)} mistake{'s' * (len(said) > 1)} in {used}."]))
    profiles = load_folder(used)
    Classifier(profiles)
    held = profiling.counts(profiles)
    if form is Format.JSON:
        output.json_document(held)
        return
    by_language = ", ".join(f"{language} {number}" for language, number in held.terms.items())
    by_status = ", ".join(f"{number} {status}" for status, number in held.priorities.items())
    typer.echo(f"{held.ecosystems} ecosystems with {sum(held.terms.values())} terms ({by_language});")
    typer.echo(f"{held.vetoes} vetoes, {held.priors} priors;")
    typer.echo(f"{held.regions} regions with {sum(held.priorities.values())} priorities ({by_status})")
    typer.echo(f"and {held.regions_terms} words, {held.groups} groups. No mistakes in {used}.")


def try_(
    folder: FolderOption = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many calls of each class or region.")] = 5,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show what changed profiles would do to the labels of all stored calls; nothing is stored.

    Without --folder: the labels as they are stored against the profiles in use.

    Example: callwatch profiles try --folder ./changed
    """
    from callwatch import profiling
    from callwatch.wiring import Wiring

    wiring = Wiring()
    with wiring.store() as store:
        calls, balances, changes = profiling.compare(wiring, store, folder)
    if form is Format.JSON:
        document = {"calls": calls, "balance": balances, "changes": changes}
        output.json_document(msgspec.to_builtins(document))
        return
    if not changes:
        typer.echo(f"No label of {calls} stored calls would change.")
        return
    rows = [[b.kind, b.name, str(b.before), str(b.after), f"+{b.gained}", f"-{b.lost}", ""] for b in balances]
    output.table(("", "of", "calls before", "after", "gained", "lost", ""), rows)
    for each in balances:
        mine = [change for change in changes if (change.kind, change.name) == (each.kind, each.name)]
        _list(f"{each.kind} {each.name}", mine, limit)
    typer.echo(f"\n{len({change.call_id for change in changes})} of {calls} stored calls would change.")


def new_region(
    nuts: Annotated[str, typer.Argument(metavar="NUTS", help="NUTS code of the region, e.g. SE224.")],
    name: Annotated[str, typer.Option(help="What readers call it.")] = "",
) -> None:
    """Write the empty profile of a region, with comments, to be filled in.

    Example: callwatch profiles new-region SE110 --name "Stockholm"
    """
    from callwatch import profiling
    from callwatch.wiring import Wiring

    path = profiling.new_region(Wiring(), nuts, output.printable(name))
    typer.echo(f"{path}: written. Fill in its priorities, then: callwatch profiles check, callwatch profiles try.")


def _list(title: str, changes: Sequence[Change], limit: int) -> None:
    from callwatch.cli import sheet

    if not limit:
        return
    typer.echo(f"\n{title}")
    for change in changes[:limit]:
        sign = "+" if change.gained else "-"
        named = output.printable(f"{change.identifier} {change.title}"[:110])
        typer.echo(f"  {sign} {named} ({change.before:g} -> {change.after:g})")
        if words := sheet.reasons(change.because):
            typer.echo(f"      {output.printable(words)}")
    if len(changes) > limit:
        typer.echo(f"  and {len(changes) - limit} more (--limit)")

"""Commands about portals: list, new, record, check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from callwatch import keys
from callwatch.cli import output
from callwatch.cli.output import Format

if TYPE_CHECKING:
    from callwatch.checking import Probe
    from callwatch.wiring import Wiring

FormatOption = Annotated[Format, typer.Option("--format")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    portals = typer.Typer(help="The portals callwatch knows.", no_args_is_help=True)
    portals.command("list")(list_)
    portals.command("check")(check)
    app.add_typer(portals, name="portals")


def list_(form: FormatOption = Format.TABLE) -> None:
    """List the portals that callwatch can harvest: which need a key that is not set, and which are unproven.

    Unproven: made from its description or its saved answers; no harvest of the real one has been seen yet.

    Example: callwatch portals list
    """
    from callwatch.wiring import Wiring

    portals = Wiring().portals.values()
    columns = ("name", "publisher", "url", "note")
    rows = [(p.name, p.publisher, p.url, keys.note(p)) for p in portals]
    if form is Format.JSON:
        output.json_document([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        (output.csv_lines if form is Format.CSV else output.table)(columns, rows)


def check(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="All portals, if none.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Ask portals one question each, and compare the shape of the answer with the recorded one. Stores nothing.

    Of all portals, those that are off or lack their key are skipped with a line. Exit 3 when something differs or
    cannot be read.

    Example: callwatch portals check vinnova tillvaxtverket
    """
    from callwatch.checking import probe
    from callwatch.wiring import Wiring

    wiring = Wiring()
    chosen = [keys.insist(wiring.portal(name)) for name in dict.fromkeys(names)] if names else _every(wiring)
    probes = probe(wiring, chosen)
    if form is Format.JSON:
        output.json_document({"portals": [_plain(wiring, each) for each in probes]})
    elif form is Format.CSV:
        output.csv_lines(("portal", "state", "field", "problem", "remedy"), _rows(wiring, probes))
    else:
        for each in probes:
            _say(wiring, each)
    if any(each.differences for each in probes):
        raise typer.Exit(3)


def _every(wiring: Wiring) -> list[str]:
    for portal in wiring.portals.values():
        if portal.off:
            typer.echo(f"{portal.name}: skipped, because it is off: {output.printable(portal.off)}", err=True)
    return keys.with_key(wiring.portals.values())


def _plain(wiring: Wiring, probe: Probe) -> dict[str, Any]:
    from callwatch.checking import remedy

    portal = wiring.portal(probe.portal)
    found = [
        {"field": each.field, "problem": each.problem, "remedy": remedy(portal, each)}
        for each in probe.differences
    ]
    return {
        "name": probe.portal,
        "state": probe.state,
        "part": probe.part,
        "entries": probe.entries,
        "differences": found,
        "new_fields": probe.news,
    }


def _rows(wiring: Wiring, probes: list[Probe]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for each in (_plain(wiring, probe) for probe in probes):
        state = (each["name"], each["state"])
        rows += [(*state, *found.values()) for found in each["differences"]] or [(*state, "", "", "")]
    return rows


def _say(wiring: Wiring, probe: Probe) -> None:
    said = _plain(wiring, probe)
    what = f" ({probe.entries} entries in {output.printable(probe.part)})" if probe.part else ""
    typer.echo(f"{probe.portal}: {probe.state}{what}")
    for each in said["differences"]:
        typer.echo(f"  {output.printable(each['field'])}: {output.printable(each['problem'])}")
        typer.echo(f"    -> {each['remedy']}")
    if probe.news:
        typer.echo(f"  new, and not read: {output.printable(', '.join(probe.news))}")

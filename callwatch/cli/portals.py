"""Commands about portals: list, new, record, check."""

from __future__ import annotations

import os
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
    portals.command("new")(new)
    portals.command("record")(record)
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


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the spider and all else: small letters and _.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="The list, feed, sitemap, page, or file.")],
    like: Annotated[
        str, typer.Option(help="json_list, listing, feed, sitemap, page_watch, embedded or bulk_file.")
    ],
    pages: Annotated[int, typer.Option(min=0, max=10, help="Read at most so many pages of calls.")] = 3,
) -> None:
    """Look at a portal once, and write the first version of all its parts into this checkout.

    The parts: YAML, spider, normaliser, test folder with what came. Existing files are never written over.

    Example: callwatch portals new vaxthub https://vaxthub.example/utlysningar --like listing
    """
    from callwatch import scaffold
    from callwatch.wiring import Wiring

    base_url = os.environ.get(f"CALLWATCH_{name.upper()}_BASE_URL", "")
    made = scaffold.new(Wiring(), name, url, like, pages, base_url)
    typer.echo(f"{name}: {made.found}; written:")
    for place in made.files:
        typer.echo(f"  {place}")
    for remark in made.remarks:
        typer.echo(f"  {output.printable(remark)}")
    site = "facts" if like == "json_list" else "sites"
    typer.echo(
        f"""Next (docs/how-to/add-a-portal.md):
  1. callwatch harvest {name} --dry-run --limit 20   # then read and mend config/portals/{name}.yml
  2. put your own words into tests/portals/{name}/ where the licence allows no copy
  3. python -m tests.portals.{site} {name}   # writes expected.json: check it by eye; mend the normaliser
  4. the row in docs/operations.md and the line in config/programmes.yml: say what the portal holds
  5. make test"""
    )


def record(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A portal; see `callwatch portals list`.")],
    pages: Annotated[int, typer.Option(min=1, max=20, help="So many pages of calls, of each list.")] = 3,
    shape_only: Annotated[
        bool, typer.Option("--shape-only", help="One question, and nothing kept but the shape of the answer.")
    ] = False,
) -> None:
    """Ask a portal, and put what came in the place of its test site and of its recorded shape.

    Of a portal of lists or a search only the shape is recorded: names and kinds of fields, no text.

    Example: callwatch portals record tillvaxtverket --pages 5
    """
    from callwatch import recording
    from callwatch.wiring import Wiring

    wiring = Wiring()
    keys.insist(wiring.portal(name))
    recorded = recording.record(wiring, name, pages, shape_only=shape_only)
    typer.echo(f"{name}: the shape was recorded in config/shapes/{name}.json")
    for line in recorded.shape:
        typer.echo(f"  {output.printable(line)}")
    for line in recorded.files:
        typer.echo(output.printable(line))
    for line in recorded.issues:
        typer.echo(f"  issue: {output.printable(line)}")
    if recorded.files:
        typer.echo(
            f"These are the portal's own words. Its licence, by config/portals/{name}.yml: "
            f"{output.printable(wiring.portal(name).licence)}. Where that allows no copy, put your own words in "
            f"their place. Then: python -m tests.portals.sites {name}, and check expected.json by eye."
        )


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

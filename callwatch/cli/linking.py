"""Commands about links: which calls of different portals are one, and what a person says of it."""

from __future__ import annotations

from typing import Annotated

import typer

from callwatch.cli import output
from callwatch.cli.output import Format
from pipeline.links import LinkState

FormatOption = Annotated[Format, typer.Option("--format", help="table, json or csv.")]
NumbersArgument = Annotated[list[int], typer.Argument(metavar="ID...", help="Numbers of links.")]
COLUMNS = ("id", "kind", "state", "rule", "call", "other", "evidence")


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    links = typer.Typer(help="Calls of different portals that are one, or belong together.", no_args_is_help=True)
    for name, command in (
        *(("find", find), ("review", review), ("list", list_links)),
        *(("accept", accept), ("reject", reject), ("undo", undo)),
    ):
        links.command(name)(command)
    app.add_typer(links, name="links")


def find(form: FormatOption = Format.TABLE) -> None:
    """Look at every stored call again and link what belongs together. Every harvest does so for what is new.

    Example: callwatch links find
    """
    import msgspec

    from callwatch.wiring import Wiring
    from pipeline.relate import relate

    wiring = Wiring()
    with wiring.store() as store, output.progress() as advance:
        done = relate(store, wiring.places, wiring.clock(), afresh=True, advance=advance)
    if form is Format.JSON:
        output.json_document(msgspec.to_builtins(done))
        return
    typer.echo(
        f"{done.looked_at} calls looked at, {done.judged} pairs compared: {done.linked} new links, "
        f"{done.proposed} proposals (callwatch links review)."
    )


def review(form: FormatOption = Format.TABLE) -> None:
    """List the proposals: pairs that look like one call. `links accept ID` or `links reject ID` decides.

    Example: callwatch links review
    """
    _listed(LinkState.PROPOSED, None, form)


def list_links(
    call: Annotated[str | None, typer.Option(help="Only those of this call: id, reference or identifier.")] = None,
    state: Annotated[LinkState | None, typer.Option(help="Only those in this state.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List links with the reason for each.

    Example: callwatch links list --call HORIZON-CL5-2027-01-D5-01
    """
    _listed(state, call, form)


def accept(numbers: NumbersArgument) -> None:
    """Make links of proposals, or of what was rejected or undone before.

    Example: callwatch links accept 12 15
    """
    _decide(numbers, LinkState.LINKED)


def reject(numbers: NumbersArgument) -> None:
    """Reject proposals for good: the pair is never proposed or linked again by itself.

    Example: callwatch links reject 13
    """
    _decide(numbers, LinkState.REJECTED)


def undo(numbers: NumbersArgument) -> None:
    """Take links back: both calls are told on their own again, and the pair is never linked again by itself.

    Example: callwatch links undo 7
    """
    _decide(numbers, LinkState.UNDONE)


def _decide(numbers: list[int], state: LinkState) -> None:
    from callwatch.wiring import Wiring
    from pipeline.relate import decide

    wiring = Wiring()
    with wiring.store() as store:
        for number in dict.fromkeys(numbers):
            link = decide(store, number, state, wiring.places, wiring.clock())
            typer.echo(f"{number} {state.value}: {link.call_id} and {link.other_id} ({link.kind.value})")


def _listed(state: LinkState | None, call: str | None, form: Format) -> None:
    from callwatch.cli import views
    from callwatch.wiring import Wiring
    from pipeline.store import calls, feeds, links

    with Wiring().store() as store, store.read() as conn:
        stored = calls.get(conn, call) if call else None
        if call and stored is None:
            raise typer.BadParameter(f'no call "{call}"; try `callwatch calls --word`.', param_hint="--call")
        found = links.query(conn, state=state, call_ids=[stored.call.id] if stored else None)
        ends = feeds.by_id(conn, sorted({end for link in found for end in link.pair}))
    if form is Format.JSON:
        output.json_document([views.link_json(link, ends) for link in found])
        return
    rows = [
        (
            *(str(link.id), link.kind.value, link.state.value, link.rule),
            *(f"{end}: {ends[end].call.title}" for end in (link.call_id, link.other_id)),
            link.evidence,
        )
        for link in found
    ]
    (output.csv_lines if form is Format.CSV else output.table)(COLUMNS, rows)
    if form is Format.TABLE:
        typer.echo(f"{len(found)} links")

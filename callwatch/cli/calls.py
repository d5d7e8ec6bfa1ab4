"""Commands that read: calls, show, events, classify."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from callwatch.cli import outbox, output, running
from callwatch.cli.output import Format
from pipeline.models import EventKind, Kind, Status

FormatOption = Annotated[Format, typer.Option("--format", help="table, json or csv.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    for command in (calls, show, events, classify):
        app.command()(command)


def calls(
    portal: Annotated[str | None, typer.Option(help="Only this portal.")] = None,
    programme: Annotated[str | None, typer.Option(help="Only this programme, e.g. HORIZON.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Only this kind.")] = None,
    status: Annotated[Status | None, typer.Option(help="Only this status.")] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Only open and forthcoming calls that are not gone.")
    ] = False,
    ecosystem: Annotated[str | None, typer.Option(help="Only this ecosystem, e.g. mobility.")] = None,
    region: Annotated[str | None, typer.Option(help="Only S3-relevant for this region, e.g. SE332.")] = None,
    least: Annotated[int, typer.Option(min=1, max=3, help="Least S3 score with --region.")] = 1,
    word: Annotated[
        str | None, typer.Option(help="Only with this text in identifier, title or description.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most this many.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List calls, nearest deadline first.

    Example: callwatch calls --live --ecosystem mobility --format json
    """
    from callwatch.cli import views
    from callwatch.kinship import addresses, kin_of
    from callwatch.selection import Selection
    from callwatch.wiring import Wiring

    wiring = Wiring()
    now = wiring.clock()
    profiles = wiring.profiles
    wanted = Selection(
        _known(portal, wiring.portals, "--portal"),
        _known(programme, {short for short, _ in wiring.programmes.values()}, "--programme"),
        kind,
        status,
        live,
        _known(ecosystem, profiles.ecosystems, "--ecosystem"),
        _known(region, profiles.regions, "--region"),
        least,
        word,
    )
    with wiring.store() as store:
        found = wanted.of(store, now, limit)
        kin = kin_of(wiring, store)
    if form is Format.JSON:
        output.json_document([views.call_json(stored, now, addresses(kin, stored.call.id)) for stored in found])
    elif form is Format.CSV:
        output.csv_lines(views.CSV_COLUMNS, (views.csv_row(stored, now) for stored in found))
    else:
        output.table(views.CALL_COLUMNS, (views.call_row(stored, now) for stored in found))
        typer.echo(f"{len(found)} calls")


def show(
    needle: Annotated[
        str, typer.Argument(metavar="ID", help="Id, reference or identifier of a call; id of a message or a run.")
    ],
    form: FormatOption = Format.TABLE,
) -> None:
    """Show everything known about one call: fields, other sources and what they say otherwise, labels with
    reasons, and its history; one message as its reader saw it; or one harvest with all its issues.

    Example: callwatch show SMP-COSME-2021-CLUSTER-01
    """
    from callwatch.cli import linked, sheet, views
    from callwatch.wiring import Wiring
    from pipeline.store import calls as stored_calls
    from pipeline.store import events as stored_events

    _not_csv(form)
    wiring = Wiring()
    now = wiring.clock()
    with wiring.store() as store, store.read() as conn:
        if outbox.show_message(store, needle, form) or running.show_run(conn, needle, form):
            return
        stored = stored_calls.get(conn, needle)
        if stored is None:
            raise typer.BadParameter(
                f'no call, message or harvest "{needle}" in the store; try `callwatch calls --word`, '
                "`callwatch messages` or `callwatch runs`, whose numbers have to be whole.",
                param_hint="ID",
            )
        happened = [event for _, event in stored_events.since(conn, call_id=stored.call.id)]
        found = linked.of_call(wiring, conn, stored.call.id, now)
    if form is Format.TABLE:
        typer.echo(sheet.text(stored, happened, now, linked.lines(found)))
    else:
        whole = {**views.plain_call_json(stored.call), **views.call_json(stored, now, found.addresses)}
        history = [views.event_json(event) for event in happened]
        output.json_document({**whole, **linked.as_json(found), "events": history})


def events(
    since: Annotated[str | None, typer.Option(help="Only since this day or instant (ISO 8601, UTC).")] = None,
    kind: Annotated[EventKind | None, typer.Option(help="Only this kind.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most this many, newest kept.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List what has changed, oldest first.

    Example: callwatch events --since 2026-04-01 --kind deadline_extended
    """
    from callwatch.cli import views
    from callwatch.wiring import Wiring
    from pipeline.store import events as stored_events

    with Wiring().store() as store, store.read() as conn:
        kinds = [kind] if kind else None
        found = [event for _, event in stored_events.since(conn, _instant(since), kinds=kinds)]
    found = found[-limit:] if limit else found
    if form is Format.JSON:
        output.json_document([views.event_json(event) for event in found])
    else:
        columns = ("at", "kind", "call", "before", "after")
        rows = [
            (
                f"{e.at:%Y-%m-%d %H:%M}",
                e.kind.value,
                e.call_id.partition(":")[2],
                _brief(e.before),
                _brief(e.after),
            )
            for e in found
        ]
        (output.csv_lines if form is Format.CSV else output.table)(columns, rows)


def classify(
    identifier: Annotated[str, typer.Option(help="Topic identifier, if known.")] = "",
    title: Annotated[str, typer.Option(help="Title of the call.")] = "",
    text: Annotated[str, typer.Option(help="Text, or the path of a file with it; - reads stdin.")] = "",
    language: Annotated[str, typer.Option(help="Language of the text, e.g. en or sv.")] = "en",
    form: FormatOption = Format.TABLE,
) -> None:
    """Say which ecosystems and S3 priorities a text belongs to, and why. Needs no database.

    Example: callwatch classify --title "Fossil-free steel" --text notice.txt
    """
    from callwatch.cli import sheet, views
    from callwatch.wiring import Wiring

    _not_csv(form)
    if not (identifier or title or text):
        raise typer.BadParameter("give --identifier, --title or --text.")
    labels = Wiring().classifier.classify_text(
        identifier=identifier, title=title, text=_text_or_file(text), language=language
    )
    if form is Format.TABLE:
        typer.echo("\n".join(sheet.labels(labels)) or "No ecosystem and no region.")
    else:
        output.json_document(views.labels_json(labels))


def _text_or_file(text: str) -> str:
    if text == "-":
        return sys.stdin.read()
    try:
        path = Path(text)
        return path.read_text(encoding="utf-8", errors="replace") if text and path.is_file() else text
    except OSError:  # a long text is no file name
        return text


def _instant(text: str | None) -> Any:
    from datetime import UTC, datetime

    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        problem = f'"{text}" is not a day or instant like 2026-01-31 or 2026-01-31T08:00+01:00.'
        raise typer.BadParameter(problem, param_hint="--since") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _brief(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_brief(part)}" for key, part in value.items())
    return "" if value is None else str(value)


def _known(word: str | None, known: Iterable[str], option: str) -> str | None:
    """`word` as callwatch writes it, given in any case; raises BadParameter with the nearest one if unknown."""
    from pipeline.yaml_data import nearest

    if not word:
        return None
    names = {name.casefold(): name for name in known}
    if word.casefold() not in names:
        raise typer.BadParameter(f'unknown "{word}".{nearest(word, list(names.values()))}', param_hint=option)
    return names[word.casefold()]


def _not_csv(form: Format) -> None:
    if form is Format.CSV:
        raise typer.BadParameter("csv is for lists; take table or json.", param_hint="--format")

"""Commands that tell people: subscriptions, plan, deliver, digest, messages."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import msgspec
import typer

from callwatch.cli import output
from callwatch.cli.output import Format

FormatOption = Annotated[Format, typer.Option("--format", help="table, json or csv.")]
KeyArgument = Annotated[str | None, typer.Argument(metavar="SUBSCRIPTION", help="Key of a subscription.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    for command in (plan, deliver, digest, messages):
        app.command()(command)
    subscriptions = typer.Typer(help="Who is told what.", no_args_is_help=True)
    subscriptions.command("check")(subscriptions_check)
    subscriptions.command("preview")(subscriptions_preview)
    app.add_typer(subscriptions, name="subscriptions")


def plan(form: FormatOption = Format.TABLE) -> None:
    """Write what is to be told into the outbox; nothing is sent yet. Saying it twice says nothing twice.

    Example: callwatch plan
    """
    from callwatch.telling import plan_messages
    from callwatch.wiring import Wiring
    from pipeline.outbox import MessageState, OutboxMessage

    wiring = Wiring()
    with wiring.store() as store:
        written = plan_messages(wiring, store, wiring.clock())
    _list([OutboxMessage(message=message, state=MessageState.PENDING) for message in written], form)


def deliver(form: FormatOption = Format.TABLE) -> None:
    """Send what is due in the outbox. Exit 3 when something could not be sent.

    Example: callwatch deliver
    """
    from callwatch.telling import deliver_messages
    from callwatch.wiring import Wiring

    wiring = Wiring()
    with wiring.store() as store:
        report = deliver_messages(wiring, store, wiring.clock())
    if form is Format.JSON:
        output.json_document(msgspec.to_builtins(report))
    else:
        for detail in report.details:
            typer.echo(
                f"{detail.outcome:<8} {detail.channel:<8} {detail.contact}: {output.printable(detail.note)}"
            )
        typer.echo(f"{report.sent} sent, {report.retried} to be tried again, {report.failed} failed for good.")
    if report.retried or report.failed:
        raise typer.Exit(3)


def digest(
    weekly: Annotated[bool, typer.Option("--weekly", help="Weekly subscriptions (both without --daily).")] = False,
    daily: Annotated[bool, typer.Option("--daily", help="Daily subscriptions.")] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="Print the next digest, store and send nothing.")
    ] = False,
    form: FormatOption = Format.TABLE,
) -> None:
    """Write the digests that are due into the outbox, or show what the next ones would say.

    Example: callwatch digest --weekly --preview
    """
    from callwatch.telling import draft
    from callwatch.wiring import Wiring

    if not preview:
        plan(form)
        return
    wiring = Wiring()
    wanted = {name for name, chosen in (("weekly", weekly), ("daily", daily)) if chosen} or {"weekly", "daily"}
    keys = {s.key for s in wiring.subscriptions.subscriptions if s.cadence in wanted}
    span = timedelta(days=7 if "weekly" in wanted else 1)
    with wiring.store() as store:
        drafts = draft(wiring, store, wiring.clock() + span)
    _show([message for planned in drafts if planned.subscription in keys for message in planned.messages], form)


def messages(
    contact: Annotated[str | None, typer.Option(help="Only of this contact.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many, newest kept.")] = 50,
    form: FormatOption = Format.TABLE,
) -> None:
    """List the messages of the outbox and what became of them.

    Example: callwatch messages --contact university
    """
    from callwatch.wiring import Wiring
    from pipeline.store import Outbox

    with Wiring().store() as store:
        found = Outbox(store).messages(contact=contact)
    _list(found[-limit:], form)


def subscriptions_check() -> None:
    """Check config/subscriptions.yml; exit 2 names file, line and remedy.

    Example: callwatch subscriptions check
    """
    from callwatch.wiring import Wiring

    found = Wiring().subscriptions
    typer.echo(f"{len(found.contacts)} contacts and {len(found.subscriptions)} subscriptions, all in order.")


def subscriptions_preview(key: KeyArgument = None, form: FormatOption = Format.TABLE) -> None:
    """Show what subscriptions would be told if they began now: every live call that suits them.

    Example: callwatch subscriptions preview mobility-weekly
    """
    from callwatch.telling import draft
    from callwatch.wiring import Wiring
    from pipeline.yaml_data import nearest

    wiring = Wiring()
    known = [subscription.key for subscription in wiring.subscriptions.subscriptions]
    if key and key not in known:
        raise typer.BadParameter(f'unknown subscription "{key}".{nearest(key, known)}', param_hint="SUBSCRIPTION")
    with wiring.store() as store:
        drafts = draft(wiring, store, wiring.clock(), afresh=True)
    _show([m for planned in drafts if key in (None, planned.subscription) for m in planned.messages], form)


def _list(entries: list[Any], form: Format) -> None:
    from callwatch.cli import views

    rows = [views.message_json(entry) for entry in entries]
    if form is Format.JSON:
        output.json_document(rows)
        return
    columns = ("contact", "subscription", "channel", "kind", "calls", "state", "attempts", "reason")
    cells = [
        [str(len(row["call_ids"]) if column == "calls" else row[column]) for column in columns[:-1]]
        + [entry.last_error]
        for row, entry in zip(rows, entries, strict=True)
    ]
    (output.csv_lines if form is Format.CSV else output.table)(columns, cells)
    if form is Format.TABLE:
        typer.echo(f"{len(rows)} messages")


def _show(written: list[Any], form: Format) -> None:
    from alerts.message import decode
    from alerts.render import subject, text

    if form is Format.JSON:
        output.json_document([msgspec.to_builtins(decode(message.payload)) for message in written])
        return
    for message in written:
        shown = decode(message.payload)
        typer.echo(f"{subject(shown)}\n{text(shown)}\n")
    if not written:
        typer.echo("Nothing to tell.")

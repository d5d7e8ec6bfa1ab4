"""Commands that tell people: subscriptions, plan, deliver, digest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from callwatch.cli import output
from callwatch.cli.outbox import listed
from callwatch.cli.output import Format

if TYPE_CHECKING:
    from callwatch.wiring import Wiring
    from pipeline.store import Store

FormatOption = Annotated[Format, typer.Option("--format", help="table, json or csv.")]
KeyArgument = Annotated[str | None, typer.Argument(metavar="SUBSCRIPTION", help="Key of a subscription.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    for command in (plan, deliver, digest):
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
    listed([OutboxMessage(message=message, state=MessageState.PENDING) for message in written], form)


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


def subscriptions_check() -> None:
    """Check config/subscriptions.yml; exit 2 names file, line and remedy.

    Example: callwatch subscriptions check
    """
    from callwatch.wiring import Wiring

    found = Wiring().subscriptions
    typer.echo(f"{len(found.contacts)} contacts and {len(found.subscriptions)} subscriptions, all in order.")


def subscriptions_preview(
    key: KeyArgument = None,
    since: Annotated[
        str | None, typer.Option(help="What would have been sent since then: 90d, or a day like 2026-09-01.")
    ] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show what subscriptions would be told if they began now, or what they would have sent since some day.

    Example: callwatch subscriptions preview mobility-weekly --since 90d
    """
    from callwatch.contacts import effective
    from callwatch.telling import draft
    from callwatch.wiring import Wiring
    from pipeline.yaml_data import nearest

    wiring = Wiring()
    with wiring.store() as store:
        known = [subscription.key for subscription in effective(wiring, store).subscriptions]
        if key and key not in known:
            problem = f'unknown subscription "{key}".{nearest(key, known)}'
            raise typer.BadParameter(problem, param_hint="SUBSCRIPTION")
        if since:
            _history(wiring, store, key, since, form)
            return
        drafts = draft(wiring, store, wiring.clock(), afresh=True)
    _show([m for planned in drafts if key in (None, planned.subscription) for m in planned.messages], form)


def _history(wiring: Wiring, store: Store, key: str | None, since: str, form: Format) -> None:
    from callwatch.history import history

    now = wiring.clock()
    found = history(wiring, store, _moment(since, now), now, key)
    if form is Format.JSON:
        output.json_document({name: msgspec.to_builtins(weeks) for name, weeks in found.items()})
        return
    columns = ("subscription", "week", "messages", "calls")
    rows = [
        (name, week.week, str(week.messages), ", ".join(f"{n} {kind}" for kind, n in week.calls.items()))
        for name, weeks in found.items()
        for week in weeks
    ]
    (output.csv_lines if form is Format.CSV else output.table)(columns, rows)


def _moment(text: str, now: datetime) -> datetime:
    """`90d`, or a day or instant as ISO 8601 (UTC where it says nothing else)."""
    if text.endswith("d") and text[:-1].isdigit():
        return now - timedelta(days=min(int(text[:-1]), 3650))
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        problem = f'"{text}" is neither a number of days like 90d nor a day like 2026-09-01.'
        raise typer.BadParameter(problem, param_hint="--since") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


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
